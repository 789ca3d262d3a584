/** What DORY's export writes is what the graph computes: read back, run again, compared with DORY's own goldens. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { exportDory } from "../../src/backends/onnx/dory/index.js";
import { readGoldenFiles, runGoldens, sampleArrays, setsFor } from "../../src/cli/goldens.js";
import { loadModel } from "../../src/cli/model.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { toTensor } from "../../src/data/tensor-files/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { removeDead } from "../../src/ir/rewrite.js";
import { permute, type Tensor } from "../../src/ir/tensor.js";
import { sizes } from "../../src/ir/type.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { seed, sharedPath, suite } from "../harness.js";
import { type Files, graphHash, moduleOf, numbersIn, readBack, sameValues, text } from "./dory-files.js";
import { randomDoryGraph } from "./random-dory.js";

const test = suite("export: dory");

interface Fixture {
  readonly folder: string;
  readonly layers: number;
  /** Sums that Quantlab's Add holds inside: the IR's own name for them is not in the file. */
  readonly sums?: readonly string[];
  /** Goldens that lie channels first. */
  readonly channelsFirst?: true;
}
const fixtures: readonly Fixture[] = [
  { folder: "DVS_CNN_9inputs", layers: 10 },
  { folder: "Residual_connection_test_2", layers: 9, sums: ["v130"] },
  { folder: "TCN_T", layers: 12, sums: ["v111", "v148", "v185"] },
  { folder: "dscnn_test", layers: 11, channelsFirst: true },
  { folder: "eegnetDW_1d_8b_1xW", layers: 7 },
  { folder: "eegnet_1d_8b_1xW", layers: 7 },
];

/** The numbers as the fixture's files have them. */
function inFileOrder({ type, data }: Tensor, channelsFirst: boolean): number[] {
  const shape = sizes(type);
  if (!channelsFirst || shape.length < 3) return Array.from(data, Number);
  const perm = [0, shape.length - 1, ...shape.slice(2).map((_, i) => i + 1)];
  return Array.from(permute(data, shape, perm), Number);
}

for (const { folder, layers, sums = [], channelsFirst = false } of fixtures) {
  const dir = sharedPath("fixtures", "dory", folder);
  (dir ? test : test.skip)(
    `${folder}: there and back, and the same goldens under the same numbers`,
    async () => {
      const found = readGoldenFiles(dir!);
      const model = await loadModel(
        path.join(dir!, readdirSync(dir!).find((f) => f.endsWith(".onnx"))!),
        undefined,
        sampleArrays(found),
      );
      const sets = setsFor(model, found);
      const { type } = model.graph.inputs[0]!;
      const inputs = sets.map((set) => unwrap(toTensor(set.inputs[0]!, type)));
      const files = unwrap(await exportDory(model.module, { name: "net", inputs }));
      const back = await readBack(files, "net");
      assert.equal(await sameValues(model.graph, back, inputs[0]!), sums);
      if (sums.length === 0) assert.is(graphHash(back), graphHash(model.graph));
      const again = unwrap(await exportDory(moduleOf(back), { name: "net", inputs: [inputs[0]!] }));
      assert.is(graphHash(await readBack(again, "net")), graphHash(back));
      await sameGoldens(files, found, { graph: model.graph, layers, sets: sets.length, channelsFirst });
      await theirGoldens(files, dir!, sets.length);
    },
  );
}

/** Every file that the fixture has beside its model, with the same integers in it. */
async function sameGoldens(
  files: Files,
  found: ReadonlyMap<string, Uint8Array>,
  is: { graph: Graph; layers: number; sets: number; channelsFirst: boolean },
): Promise<void> {
  const own = /^(input|out)(_\d+)?(_layer\d+)?\.txt$/;
  const theirs = [...found.keys()].filter((f) => own.test(f) && !(is.sets > 1 && f === "input.txt"));
  assert.is([...files.keys()].filter((f) => own.test(f)).length, theirs.length);
  assert.is(theirs.length, is.sets * (is.layers + 1));
  const shapes = new Map(
    [...is.graph.inputs, ...is.graph.nodes.map((n) => n.result)].map((v): [string, Value] => [v.name, v]),
  );
  for (const file of theirs) {
    const content = text(files, file);
    const { type } = shapes.get(/^# (\S+) /.exec(content)![1]!)!;
    const data = Int32Array.from(numbersIn(file, content));
    assert.equal(inFileOrder({ type, data }, is.channelsFirst), numbersIn(file, found.get(file)!), file);
  }
}

/** `verify --against` takes the written model with the fixture's goldens. */
async function theirGoldens(files: Files, dir: string, count: number): Promise<void> {
  await inTemporaryFolder(async (out) => {
    mkdirSync(out, { recursive: true });
    for (const [name, content] of files) writeFileSync(path.join(out, name), content);
    const model = await loadModel(path.join(out, "net.onnx"));
    const sets = setsFor(model, readGoldenFiles(dir));
    assert.is(sets.length, count);
    for (const set of sets) {
      const { report } = await runGoldens(model, set);
      assert.ok(report.ok, `${set.name}: ${JSON.stringify(report.divergence)}`);
    }
  });
}

test("random networks come back with the same numbers", async () => {
  let [written, refusals] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.nat(2 ** 30), fc.integer({ min: 1, max: 7 }), async (number, length) => {
      const graph = randomDoryGraph(number, length);
      const input = randomTensor(graph.inputs[0]!.type, number);
      const result = await exportDory(moduleOf(graph), { inputs: [input] });
      // An operand of an Add may turn out to have another sign than its type: DORY has no word for that.
      if (!result.ok && result.diagnostics.every((d) => /requantises only behind/.test(d.text))) {
        refusals++;
        return;
      }
      const back = await readBack(unwrap(result), "net");
      const lost = await sameValues(graph, back, input);
      // Sums, and requants that an Add takes along.
      const kept = removeDead(graph).nodes.filter((n) => !["add", "requant"].includes(n.op.name));
      assert.equal(
        kept.map((n) => n.result.name).filter((name) => lost.includes(name)),
        [],
      );
      written++;
    }),
    { numRuns: 150, seed },
  );
  assert.ok(written > 10 * refusals, `${refusals} of ${written + refusals} were refused`);
});

test.run();
