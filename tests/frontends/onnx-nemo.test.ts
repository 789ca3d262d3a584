import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { suite } from "../harness.js";
import { agrees, imported, opsOf, run } from "./onnx-check.js";
import { bytes, clip, f32, node, scalar, type TestModel, type TestNode, weights } from "./onnx-model.js";

const test = suite("onnx: NEMO");

const batchNorm = (x: string, y: string, m: number, div: number): TestNode[] => [
  node("Mul", ["kappa", x], `${y}.a`),
  node("Add", [`${y}.a`, "bn.lamda"], `${y}.b`),
  node("Cast", [`${y}.b`], `${y}.c`, { to: 7 }),
  node("Constant", [], `${y}.m`, { value: { tensor: { shape: [1], data: [m], type: "i64" } } }),
  node("Mul", [`${y}.c`, `${y}.m`], `${y}.d`),
  node("Constant", [], `${y}.n`, { value: { tensor: { shape: [], data: [div], type: "i64" } } }),
  node("Div", [`${y}.d`, `${y}.n`], `${y}.e`),
  node("Cast", [`${y}.e`], `${y}.f`, { to: 7 }),
  node("Cast", [`${y}.f`], `${y}.g`, { to: 1 }),
  clip(`${y}.g`, y, 0, 255),
];

test("NEMO: batch norm, relu and rescaling are one requant", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { x: [1, 2, 6] },
    outputs: ["y"],
    initialisers: {
      w: f32([3, 2, 3], weights(18)),
      kappa: f32([1, 3, 1], [2047, 1454, 960]),
      "bn.lamda": f32([1, 3, 1], [-500000, 30000, 7]),
    },
    nodes: [node("Conv", ["x", "w"], "c"), ...batchNorm("c", "y", 20, 2 ** 21)],
  };
  const found = await agrees(model, { x: f32([1, 2, 6], bytes(12)) });
  assert.is(found.dialect, "nemo");
  assert.equal(opsOf(found), ["conv", "requant"]);
  assert.equal(found.notes, []);
});

test("NEMO: 2^n - 1 is read as 2^n, and told once", async () => {
  const chain = (div: number): TestModel => ({
    opset: 9,
    inputs: { x: [1, 1, 4] },
    outputs: ["y"],
    initialisers: { kappa: f32([1, 1, 1], [3]), "bn.lamda": f32([1, 1, 1], [5]) },
    nodes: batchNorm("x", "y", 40000, div),
  });
  const [odd, even] = [await imported(chain(2 ** 19 - 1)), await imported(chain(2 ** 19))];
  assert.is(printGraph(mainGraph(odd.module)), printGraph(mainGraph(even.module)));
  assert.equal(
    odd.notes.map((n) => n.id),
    ["onnx/assumed-input", "onnx/rounded-divisor"],
  );
});

test("NEMO: a residual sum keeps its factors in the add; Floor, times m, over m joins the Clip", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { a: [1, 2, 5], b: [1, 2, 5] },
    outputs: ["y"],
    initialisers: { m1: scalar(40), m2: scalar(64), d: scalar(64), m: scalar(32, "i64") },
    nodes: [
      node("Mul", ["a", "m1"], "p"),
      node("Mul", ["b", "m2"], "q"),
      node("Add", ["p", "q"], "s"),
      node("Div", ["s", "d"], "t"),
      node("Floor", ["t"], "u"),
      node("Cast", ["u"], "v", { to: 7 }),
      node("Mul", ["v", "m"], "w"),
      node("Div", ["w", "m"], "z"),
      node("Cast", ["z"], "z1", { to: 1 }),
      clip("z1", "y", 0, 255),
    ],
  };
  const found = await agrees(model, { a: f32([1, 2, 5], bytes(10)), b: f32([1, 2, 5], bytes(10, 2)) });
  assert.equal(opsOf(found), ["add", "requant"]);
  assert.equal(mainGraph(found.module).nodes[0]!.attrs.mul, [5, 8]);
});

test("NEMO: an average's area cancels, and without it division is exact", async () => {
  const model = (area: number[]): TestModel => ({
    opset: 9,
    inputs: { x: [1, 3, 5, 5] },
    outputs: ["y"],
    initialisers: { area: scalar(area[0] ?? 1), m: scalar(33), d: scalar(64) },
    nodes: [
      node("AveragePool", ["x"], "p", { kernel_shape: [5, 5] }),
      ...(area.length > 0 ? [node("Mul", ["p", "area"], "q")] : [node("Identity", ["p"], "q")]),
      node("Mul", ["q", "m"], "r"),
      node("Div", ["r", "d"], "s"),
      node("Floor", ["s"], "t"),
      node("Flatten", ["t"], "y"),
    ],
  });
  const input = f32([1, 3, 5, 5], bytes(75));
  const cancelled = await agrees(model([25]), { x: input });
  assert.equal(mainGraph(cancelled.module).nodes[1]!.attrs.shift, [6]);
  await agrees(model([]), { x: input });
});

test("NEMO: Mul, Div, Clip without a Floor is floored, and told", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { x: [1, 1, 4] },
    outputs: ["y"],
    initialisers: { "k.kappa": scalar(5), d: scalar(8) },
    nodes: [node("Mul", ["x", "k.kappa"], "a"), node("Div", ["a", "d"], "b"), clip("b", "y", 0, 255)],
  };
  const found = await imported(model, { inputTypes: new Map([["*", "u8"]]) });
  assert.equal([...(await run(found, { x: f32([1, 1, 4], [0, 3, 100, 255]) })).get("y")!], [0, 1, 62, 159]);
  assert.equal(
    found.notes.map((n) => n.id),
    ["onnx/implicit-floor"],
  );
});

test("a negative quotient of integers is floored, and told where the file truncates", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { x: [1, 1, 3] },
    outputs: ["y"],
    initialisers: { off: scalar(-10), d: scalar(4, "i64") },
    nodes: [
      node("Add", ["x", "off"], "a"),
      node("Cast", ["a"], "b", { to: 7 }),
      node("Div", ["b", "d"], "c"),
      clip("c", "y", -128, 127),
    ],
  };
  const found = await imported(model, { inputTypes: new Map([["x", "u8"]]) });
  assert.equal([...(await run(found, { x: f32([1, 1, 3], [0, 9, 14]) })).get("y")!], [-3, -1, 1]);
  assert.equal(
    found.notes.map((n) => n.id),
    ["onnx/truncation"],
  );
});

test("float tails become a graph of their own, after the last integer value", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { x: [1, 2, 2] },
    outputs: ["steer", "p"],
    initialisers: {
      "k.kappa": scalar(1),
      w: f32([4, 3], weights(12)),
      v: f32([4, 1], [1, 2, 3, 4]),
      scale: scalar(0.1),
    },
    nodes: [
      node("Flatten", ["x"], "f"),
      node("MatMul", ["f", "w"], "logits"),
      node("MatMul", ["f", "v"], "raw"),
      node("Mul", ["raw", "scale"], "steer"),
      node("LogSoftmax", ["logits"], "p", { axis: 1 }),
    ],
  };
  const found = await imported(model, { inputTypes: new Map([["x", "u8"]]) });
  assert.equal(
    found.module.graphs.map((g) => [g.name, g.stage]),
    [
      ["main", "integer"],
      ["tail", "float"],
    ],
  );
  assert.equal(
    found.outputs.map((o) => o.onnxName),
    ["raw", "logits"],
  );
  assert.equal(
    found.tailOutputs!.map((o) => o.onnxName),
    ["steer", "p"],
  );
  assert.equal(
    found.module.graphs[1]!.inputs.map((v) => v.name),
    found.outputs.map((o) => o.name),
  );
  assert.equal(
    found.notes.map((n) => n.id),
    ["onnx/float-tail"],
  );
  const y = await run(found, { x: f32([1, 2, 2], [1, 2, 3, 4]) });
  assert.equal(y.get("raw"), [30]);
});

test.run();
