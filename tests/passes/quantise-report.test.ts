/** What the report of a quantisation says is what can be measured otherwise. */
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph, paramsOf } from "../../src/ir/graph.js";
import { intEngine } from "../../src/ir/interpreter.js";
import { ops } from "../../src/ir/ops/index.js";
import { packedBytes } from "../../src/ir/storage.js";
import { atBatch, elements } from "../../src/ir/type.js";
import {
  allPasses,
  parsePipeline,
  pipelines,
  quantisationReport,
  realValues,
  referenceOf,
  runPasses,
  storedBytes,
  storedTensor,
  type Widths,
  weightedLayers,
} from "../../src/passes/index.js";
import { suite } from "../harness.js";

const test = suite("report of a quantisation");

const source = `model net {
  input x: [32, 2]
  a = x |> conv(out: 4, kernel: 3, pad: same) |> batchnorm |> relu
  b = a |> conv(out: 4, kernel: 3, pad: same)
  output y = a + b |> relu |> global_avgpool |> flatten |> linear(3)
}
`;

async function prepared() {
  const { module } = unwrap(await parsePulse(source, { file: "net.pulse", ops }));
  const input = mainGraph(module).inputs[0]!;
  const samples = [1, 2, 3, 4].map((s) => [randomTensor(atBatch(input.type, 1), s)]);
  const run = async (on: typeof module, text: string) =>
    unwrap(
      await runPasses(on, unwrap(parsePipeline(text, allPasses(ops), pipelines)), {
        samples,
        engine: async () => floatEngine,
      }),
    );
  const calibrated = await run(module, "fold,calibrate");
  const integer = async (layers: string): Promise<Graph> =>
    mainGraph(await run(calibrated, `to-integer{layers="${layers}"},canonicalise,dead-code`));
  const reference = (await referenceOf(mainGraph(calibrated), samples, floatEngine))!;
  return { samples, reference, integer };
}

async function reported(layers: string) {
  const { samples, reference, integer } = await prepared();
  const graph = await integer(layers);
  const bits = new Map(layers.split(",").map((t) => t.split("=") as [string, string]));
  const widths: Widths = new Map(
    weightedLayers(reference.graph).map((l) => [l, Number(bits.get(l) ?? 8) as 8 | 4 | 2]),
  );
  const report = await quantisationReport({
    reference,
    integer: graph,
    of: "samples",
    widths,
    engine: intEngine,
    detail: "all",
    requantised: (w) => integer([...w].map(([l, b]) => `${l}=${b}`).join(",")),
  });
  return { report, samples, reference, graph, integer };
}

test("rows: inputs and sums in order, bits, bytes that add up, noise as measured by hand", async () => {
  const { report, samples, reference, graph } = await reported("b=4");
  assert.equal(
    report.layers.map((l) => [l.op, l.weightBits]),
    [
      ["input", undefined],
      ["conv", 8],
      ["conv", 4],
      ["add", undefined],
      ["global_avgpool", undefined],
      ["linear", 8],
    ],
  );
  assert.is(
    report.layers.reduce((sum, l) => sum + l.bytes, 0),
    report.bytes,
  );
  const params = paramsOf([graph]).filter((p) => p.type.storage !== "f32");
  const shifts = graph.nodes.reduce(
    (n, { attrs }) => n + ((attrs.shift as number[] | undefined)?.length ?? 0),
    0,
  );
  assert.is(
    report.bytes,
    shifts + params.reduce((n, { type }) => n + packedBytes(type.storage, elements(type)), 0),
  );
  const session = await intEngine.prepare(graph);
  let [signal, noise] = [0, 0];
  for (const [s, sample] of samples.entries()) {
    const values = await session.run([storedTensor(sample[0]!, graph.inputs[0]!.type)]);
    const real = realValues(values.get("y")!);
    for (const [i, f] of (reference.values[s]!.get("y")!.data as Float32Array).entries()) {
      signal += f ** 2;
      noise += (f - real[i]!) ** 2;
    }
  }
  const snr = 10 * Math.log10(signal / noise);
  assert.ok(Math.abs(report.snr - snr) < 1e-6);
  assert.ok(Math.abs(report.layers.at(-1)!.snr - snr) < 1e-6);
  assert.ok(report.layers.every((l) => l.multiplierError < 1e-4 && l.clipped < 0.05));
});

test("the layer that is coarsest by far is named; shares add up to 1; its cost alone is most of the whole", async () => {
  const { report } = await reported("b=2");
  assert.is(report.costliest, "b");
  assert.ok(Math.abs(report.layers.reduce((sum, l) => sum + l.share!, 0) - 1) < 1e-9);
  const alone = report.layers.find((l) => l.name === "b")!.alone!;
  const whole = 10 ** (-report.snr / 10);
  assert.ok(alone > whole / 2 && alone < whole * 2, `${alone} of ${whole}`);
});

test("what if: every layer with weights at fewer bits, as quantising so would give", async () => {
  const { report, integer, graph } = await reported("b=4");
  assert.equal(
    report.whatIf.map((w) => `${w.layer}=${w.bits}`),
    ["a=4", "a=2", "b=2", "y=4", "y=2"],
  );
  const other = await integer("a=2,b=4");
  assert.is(report.whatIf[1]!.bytesSaved, storedBytes(graph.nodes) - storedBytes(other.nodes));
  assert.ok(report.whatIf[1]!.snr < report.whatIf[0]!.snr);
});

test.run();
