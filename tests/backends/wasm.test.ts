import * as assert from "uvu/assert";
import {
  compileWasm,
  kernels,
  type Manifest,
  sectionName,
  wasmEngine,
  wasmSession,
} from "../../src/backends/wasm/index.js";
import { GraphBuilder } from "../../src/ir/build.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { defineOp } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { integerStorages } from "../../src/ir/storage.js";
import { bytesOf, type Tensor, tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";
import { op } from "./random-sums.js";

declare const WebAssembly: {
  Module: {
    new (binary: Uint8Array): object;
    customSections(module: object, name: string): readonly ArrayBuffer[];
    imports(module: object): readonly object[];
  };
  Instance: new (module: object) => { exports: { memory: { buffer: ArrayBuffer }; run(): void } };
};

const test = suite("wasm engine");

/** An op no backend has heard of. */
const reversed = defineOp({
  name: "reversed",
  summary: "Elements in reverse order, each plus its position.",
  operands: { x: { storage: integerStorages } },
  attrs: {},
  traits: [],
  infer: ({ x }) => tensorType("i32", x.shape),
  int: ({ x }) =>
    Int32Array.from(x.data as Int8Array)
      .reverse()
      .map((v, i) => v + i),
  examples: [],
});

/** Two convolutions of three taps, each brought back to u8; `between` may put nodes before the requants. */
function network(between: (b: GraphBuilder, acc: Value) => Value = (_, acc) => acc): Graph {
  const b = new GraphBuilder("net", "integer");
  let x: Value = b.input("x", tensorType("u8", [1, 8, 2]));
  for (let i = 0; i < 2; i++) {
    const w = b.param(
      "w",
      tensorType("i8", [2, 3, 2]),
      Int8Array.from({ length: 12 }, (_, k) => (k % 2 === 0 ? 9 - k : k)),
    );
    const acc = between(b, b.add(op("conv"), [x, w], { pads: [1, 1] }));
    const mul = b.param("mul", tensorType("i32", [1]), Int32Array.of(3));
    const add = b.param("add", tensorType("i64", [1]), BigInt64Array.of(8n));
    x = b.add(op("requant"), [acc, mul, add], { shift: [6] }, { type: tensorType("u8", [1, 8, 2]) });
  }
  return b.finish([x]);
}
const ramp: Tensor = tensor(
  tensorType("u8", [1, 8, 2]),
  Array.from({ length: 16 }, (_, i) => i * 17),
);

const data = (values: ReadonlyMap<string, Tensor>) => [...values].map(([name, t]) => [name, ...t.data]);
const specification = async (graph: Graph, inputs: readonly Tensor[]) => interpret(graph).run(inputs);

async function refusal(run: () => Promise<unknown>): Promise<Refusal> {
  const thrown = await run().then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(thrown instanceof Refusal)) throw new Error(`a refusal was expected, not ${thrown}`);
  return thrown;
}

test("every op that an integer graph may hold has a kernel", () => {
  const borders = ["quantize", "dequantize"];
  const without = ops.filter((o) => o.int && !borders.includes(o.name) && !kernels.some((k) => k.op === o));
  assert.equal(
    without.map((o) => o.name),
    [],
  );
});

test("an op without a kernel is evaluated by the host", async () => {
  const graph = network((b, acc) => b.add(reversed, [acc]));
  const expected = data(await specification(graph, [ramp]));
  assert.equal(data(await (await wasmEngine.prepare(graph)).run([ramp])), expected);
  const { manifest } = await compileWasm(graph);
  assert.equal(
    manifest.host.map((n) => [n.index, n.op, n.operands.map((o) => o.name)]),
    [
      [1, "reversed", ["conv"]],
      [4, "reversed", ["conv_1"]],
    ],
  );
});

test("inputs come back although their memory is reused", async () => {
  const found = await (await wasmEngine.prepare(network(), { expose: "outputs" })).run([ramp]);
  assert.equal([...found.keys()], ["x", "requant_1"]);
  assert.equal(found.get("x")!.data, ramp.data);
});

test("a module runs without pulsec: its manifest is in a custom section", async () => {
  const graph = network();
  const { binary } = await compileWasm(graph, { expose: "outputs" });
  const module = new WebAssembly.Module(binary);
  assert.equal(WebAssembly.Module.imports(module), [], "nothing is imported where every node has a kernel");
  const [section] = WebAssembly.Module.customSections(module, sectionName);
  const manifest = JSON.parse(new TextDecoder().decode(section)) as Manifest;
  const { memory, run } = new WebAssembly.Instance(module).exports;
  const place = (name: string) => manifest.values.find((v) => v.name === name)!;
  new Uint8Array(memory.buffer).set(bytesOf(ramp.data), place(manifest.inputs[0]!).offset);
  run();
  const { name, offset, bytes, storage, shape } = place(manifest.outputs[0]!);
  const expected = (await specification(graph, [ramp])).get(name)!;
  assert.equal([storage, shape], ["u8", [1, 8, 2]]);
  assert.equal(new Uint8Array(memory.buffer, offset, bytes), expected.data as Uint8Array);
});

test("passes leave the function as it is", async () => {
  const passes = ["simplify-locals", "coalesce-locals", "precompute-propagate", "vacuum"];
  const [graph, small] = [network(), (await compileWasm(network(), { passes })).binary.length];
  const found = await (await wasmSession(graph, { passes })).run([ramp]);
  assert.equal(data(found), data(await specification(graph, [ramp])));
  assert.ok(small < (await compileWasm(graph)).binary.length);
});

test("memory is reused only where nobody looks", async () => {
  const [all, outputs] = [
    (await compileWasm(network())).manifest,
    (await compileWasm(network(), { expose: "outputs" })).manifest,
  ];
  assert.equal(
    all.values.map((v) => v.name),
    ["x", "conv", "requant", "conv_1", "requant_1"],
  );
  assert.equal(
    outputs.values.map((v) => v.name),
    ["x", "requant_1"],
  );
  assert.ok(outputs.memory.total < all.memory.total, `${outputs.memory.total} < ${all.memory.total}`);
  assert.ok(outputs.memory.lowerBound <= outputs.memory.total);
  const ends = all.values.map((v) => v.offset + v.bytes);
  const starts = all.values.map((v) => v.offset);
  for (const [i, end] of ends.entries())
    for (const [j, start] of starts.entries())
      assert.ok(i === j || end <= start || starts[i]! >= ends[j]!, `${i} and ${j} share bytes`);
});

test("sums that only a requant reads have no memory where nobody looks", async () => {
  const bytes = async (between?: (b: GraphBuilder, acc: Value) => Value) =>
    (await compileWasm(network(between), { expose: "outputs" })).manifest.memory.total;
  const [fused, read] = [await bytes(), await bytes((b, acc) => b.add(op("relu"), [acc]))];
  assert.ok(read - fused >= 8 * 2 * 4, `${read} - ${fused} bytes`);
});

test("what a session returns is a copy", async () => {
  const session = await wasmEngine.prepare(network());
  const first = await session.run([ramp]);
  const before = data(first);
  await session.run([tensor(ramp.type, new Array<number>(16).fill(255))]);
  assert.equal(data(first), before);
});

test("inputs that do not fit are refused with what was expected", async () => {
  const session = await wasmEngine.prepare(network());
  const none = await refusal(() => session.run([]));
  assert.is(none.diagnostics[0]!.id, "engine/input-count");
  assert.is(none.diagnostics[0]!.expected, "%x: u8[1x8x2]");
  const short = tensor(tensorType("u8", [1, 4]), [1, 2, 3, 4]);
  const signed = { type: ramp.type, data: new Int8Array(16) };
  for (const wrong of [short, signed, tensor(tensorType("i8", [1, 8, 2]), new Array<number>(16).fill(0))])
    assert.match((await refusal(() => session.run([wrong]))).diagnostics[0]!.expected!, /^u8\[1x8x2\]$/);
});

test("graphs that cannot be compiled are refused", () => {
  assert.equal(wasmEngine.refuses(network()), []);
  assert.match(wasmEngine.refuses({ ...network(), stage: "float" })[0]!, "stage float");
  const { int: _, ...rest } = reversed;
  const meaningless = defineOp({ ...rest, name: "meaningless" });
  assert.match(
    wasmEngine.refuses(network((b, acc) => b.add(meaningless, [acc])))[0]!,
    "meaningless has no integer meaning",
  );
  const b = new GraphBuilder("huge", "integer");
  const huge = b.finish([b.add(op("relu"), [b.input("x", tensorType("i8", [2 ** 15, 2 ** 16]))])]);
  assert.match(wasmEngine.refuses(huge)[0] ?? "", "at most 2147483648");
});

test("a param may stand where a value is expected", async () => {
  const b = new GraphBuilder("params", "integer");
  const x = b.input("x", tensorType("i8", [2, 2]));
  const p = b.param("p", tensorType("i8", [1, 4]), Int8Array.of(1, -2, 3, -4));
  const graph = b.finish([b.add(op("add"), [x, b.add(op("reshape"), [p], { shape: [2, 2] })])]);
  const found = await (await wasmEngine.prepare(graph)).run([tensor(x.type, [10, 20, 30, 40])]);
  assert.equal([...found.get("add")!.data], [11, 18, 33, 36]);
});

test("a requant whose zero point carries limits out of 32 bits clamps in 64", async () => {
  const b = new GraphBuilder("far", "integer");
  const x = b.input("x", tensorType("i16", [1, 1, 1]));
  const [mul, add] = [
    b.param("mul", tensorType("i32", [1]), Int32Array.of(-16110)),
    b.param("add", tensorType("i64", [1]), BigInt64Array.of(-1055784664n)),
  ];
  const type = tensorType("i32", [1, 1, 1], { scale: 1, zero: -(2 ** 31) });
  const graph = b.finish([b.add(op("requant"), [x, mul, add], { shift: [0], lo: 0, hi: 100 }, { type })]);
  const found = await (await wasmEngine.prepare(graph)).run([tensor(x.type, [-32220])]);
  assert.equal([...found.get("requant")!.data], [0]);
});

test.run();
