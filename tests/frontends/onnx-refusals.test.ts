import * as assert from "uvu/assert";
import { describePlace, renderDiagnostic } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { imported, refusal } from "./onnx-check.js";
import { f32, node, type TestModel, type TestNode } from "./onnx-model.js";

const test = suite("onnx: refusals");

const model = (nodes: readonly TestNode[], more: Partial<TestModel> = {}): TestModel => ({
  opset: 13,
  inputs: { x: [1, 2, 4] },
  outputs: ["y"],
  nodes,
  ...more,
});

test("all unsupported nodes are one message, with their names", async () => {
  const nodes = [
    { ...node("BatchNormalization", ["x", "a", "a", "a", "a"], "b"), name: "norm" },
    node("Erf", ["b"], "c"),
    { ...node("iSoftmax", ["c"], "d"), domain: "PACTOps" },
    node("Erf", ["d"], "y"),
    node("Loop", ["x"], "unused"),
  ];
  const found = await refusal(model(nodes, { initialisers: { a: f32([2], [1, 1]) } }));
  assert.is(found.length, 1);
  assert.is(found[0]!.id, "onnx/unsupported");
  assert.match(found[0]!.text, "4 of 4 nodes");
  assert.match(
    found[0]!.text,
    "BatchNormalization (norm); Erf (Erf#1, Erf#3); PACTOps.iSoftmax (iSoftmax#2)",
  );
});

test("a float network is no integer network, for its first fraction", async () => {
  const found = await refusal(
    model([node("Conv", ["x", "w"], "c"), node("Erf", ["c"], "y")], {
      initialisers: { w: f32([1, 2, 1], [3, 0.25]) },
    }),
    { network: "integer" },
  );
  assert.equal([found.length, found[0]!.id, found[0]!.found], [1, "onnx/float-network", "0.25 at element 1"]);
});

test("a scale that is no fixed-point number, in the middle of a network", async () => {
  const initialisers = { w: f32([2, 2, 1], [1, 2, 3, 4]), s: f32([], [0.123]) };
  const found = await refusal(
    model([node("Conv", ["x", "w"], "c"), node("Mul", ["c", "s"], "m"), node("Conv", ["m", "w"], "y")], {
      initialisers,
    }),
  );
  assert.equal(
    found.map((d) => d.id),
    ["onnx/float-network"],
  );
});

test("independent refusals come together, dependent ones stay silent", async () => {
  const nodes = [
    node("Conv", ["x", "x"], "a"),
    node("Relu", ["a"], "b"),
    node("MaxPool", ["x"], "c"),
    node("Add", ["b", "c"], "y"),
  ];
  const found = await refusal(model(nodes));
  assert.equal(
    found.map((d) => [d.id, describePlace(d.place!)]),
    [
      ["onnx/dynamic-weights", "test.onnx: Conv#0 (x: u8[1x2x4], x: u8[1x2x4])"],
      ["onnx/attribute", "test.onnx: MaxPool#2 (x: u8[1x2x4])"],
    ],
  );
});

test("sizes that nobody knows; a symbolic batch is 1", async () => {
  const relu = [node("Relu", ["x"], "y")];
  assert.is((await refusal(model(relu, { inputs: { x: ["N", 2, "time"] } })))[0]!.found, "time");
  assert.is((await refusal(model([node("Reshape", ["x", "x"], "y")])))[0]!.id, "onnx/dynamic-shape");
  const found = await imported(model(relu, { inputs: { x: ["N", 2, 4] } }));
  assert.equal(mainGraph(found.module).inputs[0]!.type.shape, [1, 4, 2]);
});

test("tensors that nothing defines, and outputs that are constants", async () => {
  assert.is((await refusal(model([node("Relu", ["z"], "y")])))[0]!.id, "onnx/undefined-tensor");
  assert.is((await refusal(model([node("Relu", ["x"], "z")])))[0]!.id, "onnx/output");
  assert.is(
    (await refusal(model([node("Identity", ["c"], "y")], { initialisers: { c: f32([1], [1]) } })))[0]!.id,
    "onnx/output",
  );
});

test("operands wider than 16 bits need a requantisation", async () => {
  const initialisers = { w: f32([2, 2, 1], [99, 99, 99, 99]), big: f32([], [4000]) };
  const nodes = [node("Mul", ["x", "big"], "m"), node("Conv", ["m", "w"], "y")];
  const [found] = await refusal(model(nodes, { initialisers }));
  assert.is(found!.id, "onnx/wide-operand");
  assert.match(found!.found!, "1020000");
});

test("divisions without an exact multiply and shift, by zero, and by tensors", async () => {
  const div = (d: number, mul = 1) =>
    refusal(
      model([node("Mul", ["x", "m"], "a"), node("Div", ["a", "d"], "b"), node("Floor", ["b"], "y")], {
        initialisers: { m: f32([], [mul]), d: f32([], [d]) },
      }),
    );
  assert.is((await div(0))[0]!.id, "onnx/division-by-zero");
  assert.is((await refusal(model([node("Div", ["x", "x"], "y")])))[0]!.id, "onnx/divisor");
  const wide = { inputTypes: new Map([["x", "i32" as const]]) };
  const exact = model(
    [node("Mul", ["x", "m"], "a"), node("Div", ["a", "d"], "b"), node("Floor", ["b"], "y")],
    { initialisers: { m: f32([], [16777199]), d: f32([], [16777213]) } },
  );
  assert.is((await refusal(exact, wide))[0]!.id, "onnx/inexact-division");
});

test("casts whose result ONNX leaves open", async () => {
  const cast = (to: number) =>
    model([node("Mul", ["x", "two"], "m"), node("Cast", ["m"], "y", { to })], {
      initialisers: { two: f32([], [2]) },
    });
  assert.is((await refusal(cast(2)))[0]!.id, "onnx/cast");
  assert.ok(await imported(cast(5)));
  assert.is((await refusal(cast(8)))[0]!.id, "onnx/cast");
});

test("constants out of range", async () => {
  const conv = (w: number) =>
    model([node("Conv", ["x", "w"], "y")], { initialisers: { w: f32([1, 2, 1], [w, 0]) } });
  assert.is((await refusal(conv(40000)))[0]!.id, "onnx/constant-range");
  const storage = async (w: number) =>
    mainGraph((await imported(conv(w))).module).nodes[0]!.operands[1]!.type.storage;
  assert.equal([await storage(127), await storage(200)], ["i8", "i16"]);
});

test("hints that make no sense", async () => {
  const relu = model([node("Relu", ["x"], "y")]);
  assert.is((await refusal(relu, { config: { input_bits: 7 } }))[0]!.id, "onnx/config");
  assert.is(
    (await refusal(relu, { samples: new Map([["x", { shape: [1], data: [0.5] }]]) }))[0]!.id,
    "onnx/sample",
  );
  assert.is(
    (await refusal(relu, { samples: new Map([["x", { shape: [1], data: [2 ** 33] }]]) }))[0]!.id,
    "onnx/sample",
  );
});

test("ranks, shapes and windows that have no meaning here", async () => {
  const one = { w: f32([1, 2, 1], [1, 1]), m: f32([3, 2], [1, 2, 3, 4, 5, 6]) };
  const id = async (nodes: readonly TestNode[], inputs: TestModel["inputs"] = { x: [1, 2, 4] }) =>
    (await refusal(model(nodes, { inputs, initialisers: one })))[0]!.id;
  assert.is(await id([node("Conv", ["x", "w"], "y")], { x: [1, 2, 4, 4, 4] }), "onnx/rank");
  assert.is(await id([node("MatMul", ["x", "m"], "y")]), "onnx/shape");
  assert.is(await id([node("Flatten", ["x"], "y", { axis: 9 })]), "onnx/shape");
  assert.is(await id([node("Conv", ["x", "w"], "y", { group: 3 })]), "onnx/operands");
  assert.is(
    await id([node("AveragePool", ["x"], "y", { kernel_shape: [3], strides: [2], ceil_mode: 1 })]),
    "onnx/ceil-mode",
  );
});

test("a hostile file neither allocates without end nor overflows the stack", async () => {
  const i64 = (...data: number[]) => ({ shape: [data.length], data, type: "i64" as const });
  const huge = [node("ConstantOfShape", ["s"], "c"), node("Add", ["x", "c"], "y")];
  assert.is(
    (await refusal(model(huge, { initialisers: { s: i64(2 ** 20, 2 ** 20) } })))[0]!.id,
    "onnx/shape",
  );
  const wide = [node("Expand", ["one", "s"], "c"), node("Add", ["x", "c"], "y")];
  const initialisers = { s: i64(2 ** 20, 2 ** 20), one: f32([1], [1]) };
  assert.is((await refusal(model(wide, { initialisers })))[0]!.id, "onnx/shape");
  const chain = Array.from({ length: 6000 }, (_, i) => [
    node("Mul", [`t${i}`, "half"], `m${i}`),
    node("Floor", [`m${i}`], `t${i + 1}`),
  ]).flat();
  const long = model([node("Relu", ["x"], "t0"), ...chain, node("Relu", ["t6000"], "y")], {
    initialisers: { half: f32([], [0.5]) },
  });
  assert.ok(await imported(long));
});

test("a refusal reads as found, expected, way out", async () => {
  const [found] = await refusal(
    model([node("Mul", ["x", "big"], "m"), node("Conv", ["m", "w"], "y")], {
      initialisers: { w: f32([2, 2, 1], [1, 1, 1, 1]), big: f32([], [4000]) },
    }),
  );
  assert.is(
    renderDiagnostic(found!),
    `error[onnx/wide-operand]: Conv: its operand m may need more than 16 bits
  --> test.onnx: Conv#1 (m: integer[1x2x4], w: f32[2x2x1])
  found: [0, 1020000]
  expected: an i16 or narrower
  help: requantise it before this node (Clip, or RequantShift)`,
  );
});

test.run();
