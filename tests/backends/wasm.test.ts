import * as assert from "uvu/assert";
import { compileWasm, kernels, type Manifest, sectionName, wasmEngine } from "../../src/backends/wasm/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { defineOp } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { activationStorages } from "../../src/ir/storage.js";
import { bytesOf, type Tensor, tensor } from "../../src/ir/tensor.js";
import { sizes, tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { op } from "./random-ops.js";

const test = suite("wasm engine");

/** An op no backend has heard of: every row reversed, plus its position. */
const reversed = defineOp({
  name: "reversed",
  summary: "Elements in reverse order, each plus its position.",
  operands: { x: { storage: activationStorages } },
  attrs: {},
  traits: [],
  infer: ({ x }) => tensorType("i32", x.shape),
  int: ({ x }) => Int32Array.from(x.data as Int8Array).reverse().map((v, i) => v + i),
  examples: [],
});

const wide = defineOp({ ...reversed, name: "wide", infer: ({ x }) => tensorType("i32", [sizes(x)[0]!, 2 ** 15, 2 ** 15]) });
const floatOnly = ops.find((o) => !o.int && o.name === "sigmoid")!;

/** conv - requant - relu, twice; the second convolution may be replaced. */
function network(between: (b: GraphBuilder, x: Value) => Value = (_, x) => x): Graph {
  const b = new GraphBuilder("net", "integer");
  let x: Value = b.input("x", tensorType("u8", [1, 8, 2]));
  for (let i = 0; i < 2; i++) {
    const w = b.param("w", tensorType("i8", [2, 3, 2]), Int8Array.from([1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12]));
    const acc = between(b, b.add(op("conv"), [x, w], { pads: [1, 1] }));
    const [mul, add] = [b.param("mul", tensorType("i32", [1]), Int32Array.of(3)), b.param("add", tensorType("i64", [1]), BigInt64Array.of(8n))];
    x = b.add(op("requant"), [acc, mul, add], { shift: [4] }, { type: tensorType("u8", [1, 8, 2]) });
  }
  return b.finish([x]);
}
const ramp: Tensor = tensor(tensorType("u8", [1, 8, 2]), Array.from({ length: 16 }, (_, i) => i * 17));

async function sameAsSpecification(graph: Graph, inputs: readonly Tensor[]): Promise<void> {
  const [expected, session] = [await interpret(graph).run(inputs), await wasmEngine.prepare(graph)];
  const found = await session.run(inputs);
  for (const [name, { data }] of expected) assert.equal([...found.get(name)!.data], [...data], name);
}

test("an op without a kernel is evaluated by the host, with memory reused or not", async () => {
  const graph = network((b, x) => b.add(reversed, [b.add(op("clip"), [b.add(op("lut"), [asByte(b, x), identity(b)])])]));
  await sameAsSpecification(graph, [ramp]);
  const session = await wasmEngine.prepare(graph, { expose: "outputs" });
  const expected = (await interpret(graph).run([ramp])).get(graph.outputs[0]!.name)!;
  assert.equal((await session.run([ramp])).get(graph.outputs[0]!.name)!.data, expected.data);
  const { manifest } = await compileWasm(graph);
  assert.equal(manifest.host.map((n) => [n.index, n.op]), graph.nodes.flatMap((n, i) => (n.op === reversed ? [[i, "reversed"]] : [])));
});

const asByte = (b: GraphBuilder, x: Value): Value => {
  const [mul, add] = [b.param("mul", tensorType("i32", [1]), Int32Array.of(1)), b.param("add", tensorType("i64", [1]), BigInt64Array.of(0n))];
  return b.add(op("requant"), [x, mul, add], { shift: [5] }, { type: tensorType("i8", [1, 8, 2]) });
};
const identity = (b: GraphBuilder): Value => b.param("table", tensorType("i8", [256]), Int8Array.from({ length: 256 }, (_, i) => i - 128));

test("every op runs on the host as well as in its kernel", async () => {
  const graph = network();
  const { manifest } = await compileWasm(graph, { kernels: [] });
  assert.is(manifest.host.length, graph.nodes.length);
});

test("every op with an integer meaning has a kernel, but for quantised borders", () => {
  const without = ops.filter((o) => o.int && !kernels.some((k) => k.op === o)).map((o) => o.name);
  assert.equal(without, []);
});
test.run();
