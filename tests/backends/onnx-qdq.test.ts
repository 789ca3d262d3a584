/** QDQ export: every requantised value of the file is the integer graph's, within one level, given the same operands. */
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { exportOnnx } from "../../src/backends/onnx/index.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, isParam, mainGraph, type Node, type Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { bind } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { printGraph } from "../../src/ir/print.js";
import { isInteger, storages } from "../../src/ir/storage.js";
import { type Tensor, tensor } from "../../src/ir/tensor.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { suite } from "../harness.js";
import { decoded, exported, exposed, onRuntime, readBack } from "./onnx-export.js";
import { drawFrom, drawTensor } from "./random-draw.js";
import { scaledNetwork } from "./random-scaled.js";

const test = suite("onnx qdq export");

const parse = async (text: string): Promise<Graph> =>
  mainGraph(unwrap(await parseModule(text, { file: "test.pir", ops })));

const isStored = (v: Value): boolean => isInteger(v.type.storage) && v.type.storage !== "i32";

/** One node by the specification. */
function evaluate({ op, operands, attrs, result }: Node, of: (v: Value) => Tensor): Tensor {
  return {
    type: result.type,
    data: op.int!(bind(op, operands.map(of)) as never, attrs as never, result.type),
  };
}

/** The largest distance, in levels, between a stored value of the runtime and what its stored operands make of it. */
function worst(
  graph: Graph,
  found: ReadonlyMap<string, Tensor>,
  inputs: readonly Tensor[],
): [number, string] {
  const sums = new Map<Value, Tensor>();
  const of = (v: Value): Tensor => {
    if (isParam(v)) return { type: v.type, data: v.data };
    const at = graph.inputs.indexOf(v);
    if (at >= 0) return inputs[at]!;
    return sums.get(v) ?? { type: v.type, data: found.get(v.name)!.data };
  };
  let most: [number, string] = [0, ""];
  for (const node of graph.nodes) {
    const meant = evaluate(node, of);
    if (!isStored(node.result)) sums.set(node.result, meant);
    else
      for (const [i, v] of found.get(node.result.name)!.data.entries()) {
        const apart = Math.abs(Number(v) - Number(meant.data[i]));
        if (apart > most[0]) most = [apart, `%${node.result.name}[${i}]: ${v}, not ${meant.data[i]}`];
      }
  }
  return most;
}

const scaledCase = fc.gen().map((g) => {
  const d = drawFrom(g);
  const graph = scaledNetwork(d);
  const inputs = graph.inputs.map((v) => drawTensor(d, v.type));
  return { graph, inputs, opset: d.pick([13, 17, 21]), [fc.toStringMethod]: () => printGraph(graph) };
});

test("random integer networks: every value within one level on onnxruntime", () =>
  fc.assert(
    fc.asyncProperty(scaledCase, async ({ graph, inputs, opset }) => {
      const shown = exposed(graph);
      const bytes = await exported(shown, { dialect: "qdq", opset });
      const { outputs } = await onRuntime(bytes, shown, inputs);
      const [apart, where] = worst(graph, outputs, inputs);
      assert.ok(apart <= 1, where);
    }),
    { numRuns: 60, endOnFailure: true },
  ));

/** Reading back knows no Gather by computed indices, which tables are written as. */
const readable = (graph: Graph): boolean => graph.nodes.every((n) => n.op.name !== "lut");

test("random integer networks, read back on engine float: every value within one level", () =>
  fc.assert(
    fc.asyncProperty(scaledCase, async ({ graph, inputs }) => {
      if (!readable(graph)) return;
      const shown = exposed(graph);
      const list = await readBack(await exported(shown, { dialect: "qdq" }), shown, inputs);
      const found = new Map(shown.outputs.map((v, i) => [v.name, list[i]!]));
      const [apart, where] = worst(graph, found, inputs);
      assert.ok(apart <= 1, where);
    }),
    { numRuns: 60, endOnFailure: true },
  ));

test("examples of quantised graphs come true within one level", async () => {
  const shown: string[] = [];
  for (const op of ops)
    for (const { text, inputs, output } of op.examples) {
      const graph = await parse(text);
      if (graph.stage !== "quantised") continue;
      const given = graph.inputs.map((v, i) => tensor(v.type, inputs[i]!));
      const { list } = await onRuntime(await exported(graph, { dialect: "qdq" }), graph, given);
      for (const [i, v] of output.entries())
        assert.ok(Math.abs(Number(list[0]!.data[i]) - v) <= 1, `${op.name}, element ${i}`);
      shown.push(op.name);
    }
  assert.equal(shown, ["dequantize", "quantize"]);
});

const classifier = `param @add : i64[1] = [32768]
param @b : i32[4] = [1, 2, 3, 4]
param @mul : i32[1] = [819]
param @mul2 : i32[1] = [1024]
param @s : f32[2] = [1, 0.5]
param @w : i8[2x3x2] * 0.05 * @s axis 0 = [1, 2, 3, 4, 5, 6, -7, 8, 9, 10, 11, 12]
param @w2 : i8[4x16] * 0.05 = #w2
param @mulc : i32[2] = [819, 410]

graph @main(%x: u8[1x8x2] * 0.5) -> (%z: u8[1x4] * 3.2) stage integer {
  %sum = conv %x, @w {pads = [1, 1]} : i32[1x8x2] * 0.025 * @s axis 2
  %y = requant %sum, @mulc, @add {shift = 16} : u8[1x8x2] * 2
  %f = flatten %y : u8[1x16] * 2
  %z0 = linear %f, @w2, @b : i32[1x4] * 0.1
  %z = requant %z0, @mul2, @add {shift = 15} : u8[1x4] * 3.2
}
`;

test("onnxruntime runs convolutions and fully connected layers as integer kernels", async () => {
  const w2 = Array.from({ length: 64 }, (_, i) => ((i * 53) % 17) - 8);
  const graph = await parse(classifier.replace("#w2", `[${w2.join(", ")}]`));
  const bytes = await exported(graph, { dialect: "qdq" });
  await inTemporaryFolder(async (dir) => {
    const ort = await import("onnxruntime-node");
    const optimizedModelFilePath = path.join(dir, "optimised.onnx");
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, optimizedModelFilePath });
    await session.release();
    const { nodes } = await decoded(readFileSync(optimizedModelFilePath));
    const kernels = nodes.map((n) => n.op);
    for (const kernel of ["QLinearConv", "QGemm"]) assert.ok(kernels.includes(kernel), kernels.join(" "));
    assert.not.ok(kernels.includes("Conv") || kernels.includes("Gemm"), kernels.join(" "));
  });
});

test("4-bit weights are packed from opset 21 on; 16-bit values need it", async () => {
  const text = (storage: string) => `param @w : i4[1x2] * 0.5 = [-8, 7]

graph @main(%x: ${storage}[1x2] * 0.5) -> (%z: i32[1x1] * 0.25) stage integer {
  %z = linear %x, @w : i32[1x1] * 0.25
}
`;
  const weights = async (opset?: number, storage = "u8") => {
    const graph = await parse(text(storage));
    const bytes = await exported(graph, { dialect: "qdq", ...(opset === undefined ? {} : { opset }) });
    const model = await decoded(bytes);
    const { list } = await onRuntime(bytes, graph, [tensor(graph.inputs[0]!.type, [3, 5])]);
    assert.equal([...list[0]!.data], [0.25 * (3 * -8 + 5 * 7)]);
    return `${model.initialisers.get("w")!.type} in opset ${model.opset}`;
  };
  assert.is(await weights(), "i8 in opset 17");
  assert.is(await weights(21), "i4 in opset 21");
  assert.is(await weights(undefined, "i16"), "i4 in opset 21");
  const module = { graphs: [await parse(text("i16"))], meta: {} };
  const { diagnostics } = await exportOnnx(module, { dialect: "qdq", opset: 17 });
  assert.is(diagnostics[0]!.id, "export/opset");
  assert.match(diagnostics[0]!.expected!, "opset 21 to");
});

/** A table in front of a layer and one behind it, which is an output. */
const tables = (x: "i8" | "u8") => `param @add : i64[1] = [32]
param @mul : i32[1] = [16]
param @t : u8[256] = [${Array.from({ length: 256 }, (_, i) => (i * 37) % 256).join(", ")}]
param @u : i8[256] = [${Array.from({ length: 256 }, (_, i) => ((i * 73) % 256) - 128).join(", ")}]
param @w : i8[1x1x2] * 0.5 = [3, -2]

graph @main(%x: (${x}[1x128x2] - 3) * 0.5) -> (%y: i8[1x128x1] * 1) stage integer {
  %a = lut %x, @t : (u8[1x128x2] - 7) * 0.5
  %sum = conv %a, @w : i32[1x128x1] * 0.25
  %z = requant %sum, @mul, @add {shift = 6} : ${x}[1x128x1] * 1
  %y = lut %z, @u : i8[1x128x1] * 1
}
`;

for (const storage of ["i8", "u8"] as const)
  test(`tables of ${storage} come back as tables`, async () => {
    const graph = await parse(tables(storage));
    const bytes = await exported(graph, { dialect: "qdq" });
    const { module } = unwrap(await importOnnx(bytes, { file: "test.onnx" }));
    const again = mainGraph(module);
    assert.equal(
      again.nodes.map((n) => n.op.name),
      ["lut", "conv", "requant", "lut"],
    );
    const { min } = storages[storage];
    const all = tensor(
      graph.inputs[0]!.type,
      Array.from({ length: 256 }, (_, i) => i + min),
    );
    const output = async (g: Graph) => [...(await interpret(g).run([all])).get("y")!.data];
    assert.equal(await output(again), await output(graph));
  });

test("everything that cannot be written is told at once", async () => {
  const graph = await parse(`param @add : i64[1] = [0]
param @mul : i32[1] = [1]
param @s : f32[2] = [1, 0.5]

graph @main(%x: i8[1x2x2] * 0.5 * @s axis 2) -> (%p: i8[1x3x2] * 0.5 * @s axis 2, %z: i32[1x2x2] * 0.5 * @s axis 2) stage integer {
  %p = pad %x {pads = [1, 0], value = 3} : i8[1x3x2] * 0.5 * @s axis 2
  %c = clip %x {lo = 1} : i8[1x2x2] * 0.5 * @s axis 2
  %z = requant %c, @mul, @add {shift = 0} : i32[1x2x2] * 0.5 * @s axis 2
}
`);
  const { diagnostics } = await exportOnnx({ graphs: [graph], meta: {} }, { dialect: "qdq" });
  assert.equal(
    diagnostics.map((d) => `${d.id} ${d.text}`),
    [
      "export/unsupported %p: pad cannot be written: its value stands for another number in every channel",
      "export/unsupported %c: clip cannot be written: its limits stand for another number in every channel",
      "export/unsupported %z: requant cannot be written: QuantizeLinear gives no 32-bit integers",
    ],
  );
});

test.run();
