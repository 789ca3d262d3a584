import * as assert from "uvu/assert";
import type { ImportOptions } from "../../src/frontends/onnx/index.js";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { agrees, imported, run } from "./onnx-check.js";
import type { TestModel, TestNode, TestTensor } from "./onnx-model.js";

const test = suite("onnx: operators");

const f32 = (shape: readonly number[], data: readonly number[]): TestTensor => ({ shape, data });
const i64 = (...data: number[]): TestTensor => ({ shape: [data.length], data, type: "i64" });
const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: TestNode["attributes"] = {},
): TestNode => ({ op, inputs, outputs: [output], attributes });
const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 89 + 37) % 256);
const weights = (n: number): number[] => Array.from({ length: n }, (_, i) => ((i * 53) % 17) - 8);
const u8: Partial<ImportOptions> = { inputTypes: new Map([["*", "u8"]]) };

/** The output `y` of a network of one input `x`, in ONNX's order. */
async function output(
  model: Omit<TestModel, "outputs" | "inputs">,
  shape: readonly number[],
  data = ramp(shape.reduce((a, b) => a * b, 1)),
) {
  const found = await imported({ inputs: { x: shape }, outputs: ["y"], ...model }, u8);
  return {
    y: (await run(found, { x: f32(shape, data) })).get("y")!,
    found,
    ops: mainGraph(found.module).nodes.map((n) => n.op.name),
  };
}

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
    const found = await agrees({ ...model, opset: 9 }, { in: f32([1, 3, 5], ramp(15)) });
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
  await agrees(model, { x: f32([3, 2], ramp(6)) });
});

test("products of two tensors, batched, and of a tensor with batched weights", async () => {
  const two: TestModel = {
    inputs: { a: [2, 3, 4], b: [2, 4, 2] },
    outputs: ["y"],
    nodes: [node("MatMul", ["a", "b"], "y")],
  };
  await agrees(two, { a: f32([2, 3, 4], ramp(24)), b: f32([2, 4, 2], weights(16)) });
  const one: TestModel = {
    inputs: { a: [2, 3, 4] },
    outputs: ["y"],
    initialisers: { b: f32([2, 4, 2], weights(16)) },
    nodes: [node("MatMul", ["a", "b"], "y")],
  };
  await agrees(one, { a: f32([2, 3, 4], ramp(24)) });
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
  const initialisers = { w: f32([6, 6, 1], weights(36)), groups: i64(1, 2, 3, 4), back: i64(1, 6, 4), m: f32([6, 1], [1, 2, 3, 4, 5, 6]), o: f32([6, 1], [6, 5, 4, 3, 2, 1]), d: f32([], [4]) };
  const model: TestModel = { opset: 13, inputs: { x: [1, 6, 4] }, outputs: ["y"], initialisers, nodes };
  const found = await agrees(model, { x: f32([1, 6, 4], ramp(24)) });
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
  const initialisers = { v: f32([4, 4], weights(16)), w: f32([6, 6, 1], weights(36)), groups: i64(1, 2, 3, 4), back: i64(1, 6, 4), o: f32([6, 1], [60, 50, 40, 30, 20, 10]) };
  await agrees({ opset: 13, inputs: { x: [1, 6, 4] }, outputs: ["y"], initialisers, nodes }, { x: f32([1, 6, 4], ramp(24)) });
});

test("pending constants per channel move with the axes of a tensor", async () => {
  for (const first of ["p", "q"]) {
    const nodes = [
      node("MatMul", ["x", "v"], "p"),
      node("Conv", ["x", "w"], "c"),
      node("Add", ["c", "o"], "q"),
      node("Sub", first === "p" ? ["p", "q"] : ["q", "p"], "y"),
    ];
    const initialisers = { v: f32([4, 4], weights(16)), w: f32([3, 3, 1], weights(9)), o: f32([3, 1], [100, -200, 300]) };
    await agrees({ opset: 13, inputs: { x: [1, 3, 4] }, outputs: ["y"], initialisers, nodes }, { x: f32([1, 3, 4], ramp(12)) });
  }
});

test("clamps between integers, and a relu that is negated", async () => {
  const between = await output({ nodes: [node("Clip", ["x"], "y", { min: { float: 2.5 }, max: { float: 6.5 } })] }, [1, 1, 3], [1, 5, 9]);
  assert.equal(between.y, [3, 5, 6]);
  const initialisers = { off: f32([], [-4]), minus: f32([], [-2]) };
  const nodes = [node("Add", ["x", "off"], "a"), node("Relu", ["a"], "r"), node("Mul", ["r", "minus"], "y")];
  assert.equal((await output({ initialisers, nodes }, [1, 1, 3], [1, 5, 9])).y, [0, -2, -10]);
});

test("a sum without axes is over all of them", async () => {
  const { y, found } = await output(
    { nodes: [node("ReduceSum", ["x"], "y", { keepdims: 0 })] },
    [1, 2, 3],
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal([y, found.outputs[0]!.onnxShape], [[21], []]);
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
