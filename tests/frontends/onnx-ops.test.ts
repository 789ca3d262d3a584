import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { agrees, output } from "./onnx-check.js";
import { bytes, f32, i64, node, type TestModel, type TestNode, weights } from "./onnx-model.js";

const test = suite("onnx: operators");

test("auto_pad places the odd element", async () => {
  const conv = async (auto_pad: string) => {
    const model = {
      initialisers: { w: f32([1, 1, 3], [1, 10, 100]) },
      nodes: [node("Conv", ["x", "w"], "y", { auto_pad, strides: [2] })],
    };
    return (await output(model, [1, 1, 4], [1, 2, 3, 4])).y;
  };
  assert.equal(await conv("SAME_UPPER"), [321, 43]);
  assert.equal(await conv("SAME_LOWER"), [210, 432]);
  assert.equal(await conv("VALID"), [321]);
});

test("Pad as attribute and as input, on named axes, with values and modes; nothing to pad vanishes", async () => {
  const pad = (
    attributes: TestNode["attributes"],
    inputs: readonly string[] = [],
    initialisers: TestModel["initialisers"] = {},
  ) =>
    output({ initialisers, nodes: [node("Pad", ["x", ...inputs], "y", attributes)] }, [1, 1, 3], [1, 2, 3]);
  assert.equal((await pad({ pads: [0, 0, 1, 0, 0, 2] })).y, [0, 1, 2, 3, 0, 0]);
  assert.equal((await pad({}, ["p", "v"], { p: i64(0, 0, 1, 0, 0, 0), v: f32([], [9]) })).y, [9, 1, 2, 3]);
  assert.equal((await pad({}, ["p", "", "a"], { p: i64(2, -1), a: i64(-1) })).y, [0, 0, 1, 2]);
  assert.equal((await pad({ mode: "reflect", pads: [0, 0, 2, 0, 0, 0] })).y, [3, 2, 1, 2, 3]);
  assert.equal((await pad({ mode: "edge", pads: [0, 0, 0, 0, 0, 2] })).y, [1, 2, 3, 3, 3]);
  assert.equal((await pad({ pads: [0, 1, 0, 0, 0, 0] })).y, [0, 0, 0, 1, 2, 3]);
  assert.equal((await pad({ pads: [0, 0, 0, 0, 0, 0] })).ops, []);
});

test("MaxPool with ceil_mode reaches beyond the end", async () => {
  const pool = async (ceil_mode: number) =>
    (
      await output(
        { nodes: [node("MaxPool", ["x"], "y", { kernel_shape: [3], strides: [2], ceil_mode })] },
        [1, 1, 6],
        [1, 5, 2, 3, 9, 4],
      )
    ).y;
  assert.equal(await pool(0), [5, 9]);
  assert.equal(await pool(1), [5, 9, 9]);
});

test("two examples that meet in a sum share one storage; integer element types speak for themselves", async () => {
  const model: TestModel = {
    inputs: { a: [1, 2], b: [1, 2] },
    outputs: ["y"],
    nodes: [node("Add", ["a", "b"], "y")],
  };
  const found = await agrees(model, { a: f32([1, 2], [1, 2]), b: f32([1, 2], [-3, 100]) });
  assert.equal(
    mainGraph(found.module).inputs.map((v) => v.type.storage),
    ["i8", "i8"],
  );
});

test("ConvTranspose with groups, output_padding and output_shape", async () => {
  const w = f32([2, 2, 3], weights(12));
  const plain = await output(
    {
      initialisers: { w },
      nodes: [
        node("ConvTranspose", ["x", "w"], "y", { strides: [2], group: 2, pads: [1, 0], output_padding: [1] }),
      ],
    },
    [1, 2, 2],
    [1, 2, 3, 4],
  );
  // Scattered by hand: channel g of x times the two filters of its group.
  const expected: number[] = [];
  for (let o = 0; o < 4; o++) {
    const full = new Array(6).fill(0);
    const g = Math.floor(o / 2);
    for (let i = 0; i < 2; i++)
      for (let t = 0; t < 3; t++)
        full[i * 2 + t] += [1, 2, 3, 4][g * 2 + i]! * w.data[(g * 2 + (o % 2)) * 3 + t]!;
    expected.push(...full.slice(1));
  }
  assert.equal(plain.y, expected);
  const shaped = await output(
    {
      initialisers: { w: f32([1, 1, 3], [1, 10, 100]) },
      nodes: [node("ConvTranspose", ["x", "w"], "y", { strides: [2], output_shape: [4] })],
    },
    [1, 1, 2],
    [1, 2],
  );
  assert.equal(shaped.y, [10, 102, 20, 200]);
});

test("Upsample and Resize by whole factors, in the forms of opsets 9, 10 and 13", async () => {
  const scales = f32([3], [1, 1, 2]);
  const forms: [number, TestNode][] = [
    [9, node("Upsample", ["x", "s"], "y", { mode: "nearest" })],
    [10, node("Resize", ["x", "s"], "y", { mode: "nearest" })],
    [
      13,
      node("Resize", ["x", "", "s"], "y", {
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      }),
    ],
    [
      13,
      node("Resize", ["x", "", "", "z"], "y", {
        coordinate_transformation_mode: "half_pixel",
        nearest_mode: "round_prefer_floor",
      }),
    ],
  ];
  for (const [opset, resize] of forms) {
    const { y } = await output(
      { opset, initialisers: { s: scales, z: i64(1, 1, 6) }, nodes: [resize] },
      [1, 1, 3],
      [7, 8, 9],
    );
    assert.equal(y, [7, 7, 8, 8, 9, 9]);
  }
});

test("Gemm with scales, a row bias and a transposed first operand", async () => {
  const model: TestModel = {
    opset: 11,
    inputs: { x: [3, 2] },
    outputs: ["y"],
    initialisers: { w: f32([3, 4], weights(12)), c: f32([2, 4], weights(8)) },
    nodes: [node("Gemm", ["x", "w", "c"], "y", { alpha: { float: 2 }, beta: { float: 3 }, transA: 1 })],
  };
  await agrees(model, { x: f32([3, 2], bytes(6)) });
});

test("products of two tensors, batched, and of a tensor with batched weights", async () => {
  const two: TestModel = {
    inputs: { a: [2, 3, 4], b: [2, 4, 2] },
    outputs: ["y"],
    nodes: [node("MatMul", ["a", "b"], "y")],
  };
  await agrees(two, { a: f32([2, 3, 4], bytes(24)), b: f32([2, 4, 2], weights(16)) });
  const one: TestModel = {
    inputs: { a: [2, 3, 4] },
    outputs: ["y"],
    initialisers: { b: f32([2, 4, 2], weights(16)) },
    nodes: [node("MatMul", ["a", "b"], "y")],
  };
  await agrees(one, { a: f32([2, 3, 4], bytes(24)) });
});

test("products and sums of tensors with constants that vary along several axes", async () => {
  const c = f32([1, 2, 3], [1, -2, 3, -4, 5, -6]);
  for (const op of ["Add", "Sub", "Mul"]) {
    const { y } = await output(
      { initialisers: { c }, nodes: [node(op, ["x", "c"], "y")] },
      [1, 2, 3],
      [1, 2, 3, 4, 5, 6],
    );
    const f = {
      Add: (a: number, b: number) => a + b,
      Sub: (a: number, b: number) => a - b,
      Mul: (a: number, b: number) => a * b,
    }[op]!;
    assert.equal(
      y,
      c.data.map((v, i) => f(i + 1, v)),
    );
  }
});

test("a constant minus a tensor, and its negative", async () => {
  const nodes = [node("Sub", ["c", "x"], "s"), node("Neg", ["s"], "y")];
  const { y } = await output({ initialisers: { c: f32([2, 1], [10, 20]) }, nodes }, [1, 2, 2], [1, 2, 3, 4]);
  assert.equal(y, [-9, -8, -17, -16]);
});

test("clamps between integers, and a relu that is negated", async () => {
  const between = await output(
    { nodes: [node("Clip", ["x"], "y", { min: { float: 2.5 }, max: { float: 6.5 } })] },
    [1, 1, 3],
    [1, 5, 9],
  );
  assert.equal(between.y, [3, 5, 6]);
  const initialisers = { off: f32([], [-4]), minus: f32([], [-2]) };
  const nodes = [node("Add", ["x", "off"], "a"), node("Relu", ["a"], "r"), node("Mul", ["r", "minus"], "y")];
  assert.equal((await output({ initialisers, nodes }, [1, 1, 3], [1, 5, 9])).y, [0, -2, -10]);
});

test("Relu alone is a relu, before a scale it joins the requant", async () => {
  const w = f32([2, 1, 1], [1, -1]);
  const alone = await output(
    { initialisers: { w }, nodes: [node("Conv", ["x", "w"], "c"), node("Relu", ["c"], "y")] },
    [1, 1, 2],
    [3, 4],
  );
  assert.equal(
    [alone.y, alone.ops],
    [
      [3, 4, 0, 0],
      ["conv", "relu"],
    ],
  );
  const nodes = [
    node("Conv", ["x", "w"], "c"),
    node("Relu", ["c"], "r"),
    node("Mul", ["r", "m"], "s"),
    node("Div", ["s", "d"], "t"),
    node("Floor", ["t"], "y"),
  ];
  const scaled = await output(
    { initialisers: { w, m: f32([], [3]), d: f32([], [4]) }, nodes },
    [1, 1, 2],
    [3, 4],
  );
  assert.equal(
    [scaled.y, scaled.ops],
    [
      [2, 3, 0, 0],
      ["conv", "requant"],
    ],
  );
});

test.run();
