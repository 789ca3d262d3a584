import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { agrees, opsOf, output } from "./onnx-check.js";
import {
  bytes,
  f32,
  i64,
  node,
  type TestModel,
  type TestNode,
  type TestTensor,
  weights,
} from "./onnx-model.js";

const test = suite("onnx: shapes and axis orders");

test("reshapes before a product move the weights, not the data", async () => {
  for (const middle of [
    [node("Flatten", ["x"], "f")],
    [node("Reshape", ["x", "to"], "f")],
    [node("Transpose", ["x"], "t", { perm: [0, 2, 1] }), node("Flatten", ["t"], "f")],
  ]) {
    const model: TestModel = {
      inputs: { in: [1, 3, 5] },
      outputs: ["y"],
      initialisers: { c: f32([2, 3, 1], [1, 2, 3, 4, 5, 6]), w: f32([10, 4], weights(40)), to: i64(1, -1) },
      nodes: [
        node("Conv", ["in", "c"], "a"),
        node("Clip", ["a"], "x", { min: { float: 0 }, max: { float: 255 } }),
        ...middle,
        node("MatMul", ["f", "w"], "y"),
      ],
    };
    const found = await agrees({ ...model, opset: 9 }, { in: f32([1, 3, 5], bytes(15)) });
    assert.equal(
      mainGraph(found.module).nodes.map((n) => n.op.name),
      ["conv", "requant", "flatten", "linear"],
    );
  }
});

test("what cannot stay a view is one transpose", async () => {
  const model: TestModel = {
    opset: 13,
    inputs: { x: [1, 2, 3] },
    outputs: ["y"],
    initialisers: { w: f32([2, 2, 1], [1, 2, 3, 4]), to: i64(1, 3, 2) },
    nodes: [node("Conv", ["x", "w"], "c"), node("Reshape", ["c", "to"], "y")],
  };
  const found = await agrees(model, { x: f32([1, 2, 3], [1, 2, 3, 4, 5, 6]) });
  assert.is(mainGraph(found.module).nodes.filter((n) => n.op.name === "transpose").length, 1);
});

test("shape arithmetic on constants and static shapes is evaluated", async () => {
  const { y, ops } = await output(
    {
      initialisers: {
        w: f32([8, 2], weights(16)),
        minus: i64(-1),
        zero: { shape: [], data: [0], type: "i64" },
      },
      nodes: [
        node("Shape", ["x"], "s"),
        node("Gather", ["s", "zero"], "n"),
        node("Unsqueeze", ["n"], "n1", { axes: [0] }),
        node("Concat", ["n1", "minus"], "to", { axis: 0 }),
        node("Reshape", ["x", "to"], "f"),
        node("MatMul", ["f", "w"], "y"),
      ],
      opset: 9,
    },
    [1, 2, 4],
    [1, 0, 0, 0, 0, 0, 0, 0],
  );
  assert.equal(y, weights(16).slice(0, 2));
  assert.equal(ops, ["flatten", "linear"]);
});

test("every form of Constant", async () => {
  const forms: TestNode["attributes"][] = [
    { value_int: 3 },
    { value_float: { float: 3 } },
    { value_ints: [3] },
    { value: { tensor: f32([], [3]) } },
  ];
  for (const attributes of forms) {
    const { y } = await output(
      { nodes: [node("Constant", [], "c", attributes), node("Mul", ["x", "c"], "y")] },
      [1, 1, 2],
      [5, 7],
    );
    assert.equal(y, [15, 21]);
  }
});

test("Squeeze, Unsqueeze, Split and Gather along any axis", async () => {
  const axes = {
    initialisers: { a: i64(2), half: i64(1, 1), one: { shape: [], data: [1], type: "i64" } as TestTensor },
  };
  const split: TestNode = {
    op: "Split",
    inputs: ["x", "half"],
    outputs: ["p", "q"],
    attributes: { axis: 1 },
  };
  const { y } = await output(
    { ...axes, nodes: [split, node("Unsqueeze", ["q", "a"], "u"), node("Squeeze", ["u", "a"], "y")] },
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(y, [4, 5, 6]);
  const gathered = await output(
    { ...axes, nodes: [node("Gather", ["x", "one"], "y", { axis: 2 })] },
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(gathered.y, [2, 5]);
  assert.equal(gathered.found.outputs[0]!.onnxShape, [1, 2]);
});

test("Concat gives all operands the narrowest storage that holds them", async () => {
  const model: TestModel = {
    opset: 9,
    inputs: { a: [1, 2, 2], b: [1, 2, 2] },
    outputs: ["y"],
    nodes: [
      node("Clip", ["a"], "c", { min: { float: 0 }, max: { float: 255 } }),
      node("Clip", ["b"], "d", { min: { float: -9 }, max: { float: 9 } }),
      node("Concat", ["c", "d"], "y", { axis: 1 }),
    ],
  };
  const found = await agrees(model, {
    a: f32([1, 2, 2], [1, 2, 3, 255]),
    b: f32([1, 2, 2], [-128, 5, 6, 7]),
  });
  assert.is(mainGraph(found.module).outputs[0]!.type.storage, "i16");
});

test("Concat takes constants, in whatever storage the whole needs", async () => {
  const joined = (c: readonly number[]) =>
    output(
      { initialisers: { c: f32([1, 1, 2], c) }, nodes: [node("Concat", ["x", "c", "x"], "y", { axis: 1 })] },
      [1, 1, 2],
      [5, 6],
    );
  assert.equal((await joined([7, 8])).y, [5, 6, 7, 8, 5, 6]);
  assert.equal((await joined([7, -8])).y, [5, 6, 7, -8, 5, 6]);
});

test("a sum without axes is over all of them", async () => {
  const { y, found } = await output(
    { nodes: [node("ReduceSum", ["x"], "y", { keepdims: 0 })] },
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal([y, found.outputs[0]!.onnxShape], [[21], []]);
});

test("constants per element of a flattened tensor follow the order in which it lies", async () => {
  const initialisers = {
    w: f32([2, 2, 1], [1, 2, 3, 4]),
    m: f32([6], [1, 2, 3, 4, 5, 6]),
    o: f32([1, 6], [10, 20, 30, 40, 50, 60]),
    v: f32([6, 1], [1, 10, 100, 1000, 1e4, 2e4]),
  };
  const clip = (x: string, y: string) => node("Clip", [x], y, { min: { float: 0 }, max: { float: 255 } });
  const model: TestModel = {
    opset: 9,
    inputs: { x: [1, 2, 3] },
    outputs: ["y"],
    initialisers,
    nodes: [
      node("Conv", ["x", "w"], "c"),
      clip("c", "d"),
      node("Flatten", ["d"], "f"),
      node("Mul", ["f", "m"], "g"),
      node("Add", ["g", "o"], "h"),
      clip("h", "i"),
      node("MatMul", ["i", "v"], "y"),
    ],
  };
  await agrees(model, { x: f32([1, 2, 3], [1, 2, 3, 4, 5, 6]) });
});

test("a channel shuffle is a view; constants per channel follow it", async () => {
  const nodes = [
    node("Conv", ["x", "w"], "c"),
    node("Reshape", ["c", "groups"], "r"),
    node("Transpose", ["r"], "t", { perm: [0, 2, 1, 3] }),
    node("Reshape", ["t", "back"], "s"),
    node("Mul", ["s", "m"], "p"),
    node("Add", ["p", "o"], "q"),
    node("Div", ["q", "d"], "e"),
    node("Floor", ["e"], "y"),
  ];
  const initialisers = {
    w: f32([6, 6, 1], weights(36)),
    groups: i64(1, 2, 3, 4),
    back: i64(1, 6, 4),
    m: f32([6, 1], [1, 2, 3, 4, 5, 6]),
    o: f32([6, 1], [6, 5, 4, 3, 2, 1]),
    d: f32([], [4]),
  };
  const model: TestModel = { opset: 13, inputs: { x: [1, 6, 4] }, outputs: ["y"], initialisers, nodes };
  const found = await agrees(model, { x: f32([1, 6, 4], bytes(24)) });
  assert.equal(mainGraph(found.module).nodes.filter((n) => n.op.name === "requant").length, 1);
});

test("a shuffled channel axis with constants pending on it, summed with a tensor in ONNX's order", async () => {
  const nodes = [
    node("MatMul", ["x", "v"], "a"),
    node("Conv", ["x", "w"], "c"),
    node("Reshape", ["c", "groups"], "r"),
    node("Transpose", ["r"], "t", { perm: [0, 2, 1, 3] }),
    node("Reshape", ["t", "back"], "s"),
    node("Add", ["s", "o"], "q"),
    node("Sub", ["a", "q"], "y"),
  ];
  const initialisers = {
    v: f32([4, 4], weights(16)),
    w: f32([6, 6, 1], weights(36)),
    groups: i64(1, 2, 3, 4),
    back: i64(1, 6, 4),
    o: f32([6, 1], [60, 50, 40, 30, 20, 10]),
  };
  await agrees(
    { opset: 13, inputs: { x: [1, 6, 4] }, outputs: ["y"], initialisers, nodes },
    { x: f32([1, 6, 4], bytes(24)) },
  );
});

test("pending constants per channel move with the axes of a tensor", async () => {
  for (const first of ["p", "q"]) {
    const nodes = [
      node("MatMul", ["x", "v"], "p"),
      node("Conv", ["x", "w"], "c"),
      node("Add", ["c", "o"], "q"),
      node("Sub", first === "p" ? ["p", "q"] : ["q", "p"], "y"),
    ];
    const initialisers = {
      v: f32([4, 4], weights(16)),
      w: f32([3, 3, 1], weights(9)),
      o: f32([3, 1], [100, -200, 300]),
    };
    await agrees(
      { opset: 13, inputs: { x: [1, 3, 4] }, outputs: ["y"], initialisers, nodes },
      { x: f32([1, 3, 4], bytes(12)) },
    );
  }
});

test("an output that other nodes read is computed once", async () => {
  const initialisers = { w: f32([2, 1, 1], [9, 7]), d: f32([], [4]) };
  const nodes = [
    node("Conv", ["x", "w"], "c"),
    node("Div", ["c", "d"], "e"),
    node("Floor", ["e"], "p"),
    node("MaxPool", ["p"], "y", { kernel_shape: [2] }),
  ];
  const model: TestModel = { opset: 13, inputs: { x: [1, 1, 4] }, outputs: ["p", "y"], initialisers, nodes };
  const found = await agrees(model, { x: f32([1, 1, 4], bytes(4)) });
  assert.equal(opsOf(found), ["conv", "requant", "maxpool"]);
});

test("provenance: values and params carry the ONNX node, values their ONNX name and axis order", async () => {
  const { found } = await output(
    {
      initialisers: { w: f32([2, 1, 1], [1, 2]) },
      nodes: [{ ...node("Conv", ["x", "w"], "y"), name: "first" }],
    },
    [1, 1, 4],
  );
  const [conv] = mainGraph(found.module).nodes;
  assert.equal(conv!.result.places, [{ file: "test.onnx", node: "first" }]);
  assert.equal(conv!.operands[1]!.places, [{ file: "test.onnx", node: "first" }]);
  assert.equal(
    found.values.map((v) => [v.onnxName, v.perm]),
    [
      ["x", [0, 2, 1]],
      ["y", [0, 2, 1]],
    ],
  );
  assert.equal(found.module.meta, { producer: "tests", dialect: "integer", opset: "13" });
});

test.run();
