import fc from "fast-check";
import * as assert from "uvu/assert";
import { matrixOf } from "../../src/frontends/onnx/float/interpolation.js";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { refusal } from "./onnx-check.js";
import { importedFloat, near, runFloatModel } from "./onnx-float-check.js";
import { f32, i64, node, scalar, type TestModel, type TestNode, type TestTensor } from "./onnx-model.js";
import { randomNetwork } from "./onnx-random.js";
import { evaluate } from "./onnx-reference.js";

const test = suite("onnx: float networks");

/** An integer network with fractions for weights and nothing rounded. */
function asFloat(model: TestModel): TestModel {
  const divisors = new Set(model.nodes.filter((n) => n.op === "Div").map((n) => n.inputs[1]!));
  const initialisers = Object.fromEntries(
    Object.entries(model.initialisers ?? {}).map(([name, t]) => [
      name,
      t.type === "i64" || divisors.has(name) ? t : { ...t, data: t.data.map((v) => v * 0.0371) },
    ]),
  );
  const nodes = model.nodes.map((n) => (n.op === "Floor" ? { ...n, op: "Identity" } : n));
  return { ...model, initialisers, nodes };
}

test("a random float network equals the reference evaluator", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 8 }), async (seed, length) => {
      const { model, input } = randomNetwork(seed, length);
      const float = asFloat(model);
      const [found] = await runFloatModel(await importedFloat(float), { x: input });
      const expected = evaluate(float, { x: input }).get(model.outputs[0]!)!;
      assert.equal(found!.shape, expected.shape);
      near(found!.data, expected.data, "", 1e-4);
    }),
    { numRuns: 120 },
  );
});

test("with a symbolic batch, every sample is computed as if it were alone", async () => {
  let open = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 6 }), async (seed, length) => {
      const { model, input } = randomNetwork(seed, length);
      const float = asFloat({ ...model, inputs: { x: ["N", ...input.shape.slice(1)] } });
      const found = await importedFloat(float);
      if (mainGraph(found.module).inputs[0]!.type.shape[0] !== "N") {
        assert.ok(found.notes.some((n) => n.id === "onnx/fixed-batch"));
        return;
      }
      // A network may end with its batch elsewhere than in front.
      if ((found.outputs[0]!.perm ?? [0])[0] !== 0) return;
      open++;
      const samples = [1, 0.25, -1.5].map((f) => ({ ...input, data: input.data.map((v) => v * f) }));
      const batch = { shape: [3, ...input.shape.slice(1)], data: samples.flatMap((s) => s.data) };
      const [together] = await runFloatModel(found, { x: batch });
      const alone = samples.map((x) => evaluate(float, { x }).get(model.outputs[0]!)!.data);
      near(together!.data, alone.flat(), "", 1e-4);
    }),
    { numRuns: 100 },
  );
  assert.ok(open > 20, `${open} networks kept their batch`);
});

const x24 = f32([1, 2, 4], [-3, -1, 0, 0.5, 2, 4, -0.25, 8]);

/** What one operator makes of x24, with the constants a, b, ... */
async function result(nodes: readonly TestNode[], constants: Record<string, TestTensor> = {}, more = {}) {
  const model = {
    opset: 13,
    inputs: { x: x24.shape },
    outputs: ["y"],
    nodes,
    initialisers: constants,
    ...more,
  };
  const [y] = await runFloatModel(await importedFloat(model), { x: x24 });
  return y!;
}
const one = (op: string, inputs = ["x"], attributes: TestNode["attributes"] = {}) => [
  node(op, inputs, "y", attributes),
];
const each = (f: (v: number, i: number) => number): number[] => x24.data.map(f);

const elementwise: readonly (readonly [
  string,
  readonly TestNode[],
  (v: number, i: number) => number,
  Record<string, TestTensor>?,
])[] = [
  ["LeakyRelu", one("LeakyRelu", ["x"], { alpha: { float: 0.5 } }), (v) => Math.max(v, 0.5 * v)],
  ["HardSigmoid", one("HardSigmoid"), (v) => Math.min(1, Math.max(0, 0.2 * v + 0.5))],
  ["HardSwish", one("HardSwish"), (v) => v * Math.min(1, Math.max(0, v / 6 + 0.5))],
  ["Sigmoid", one("Sigmoid"), (v) => 1 / (1 + Math.exp(-v))],
  ["Tanh", one("Tanh"), Math.tanh],
  ["Abs", one("Abs"), Math.abs],
  ["Neg", one("Neg"), (v) => -v],
  ["Pow", one("Pow", ["x", "a"]), (v) => v * v, { a: scalar(2) }],
  ["Max with a number", one("Max", ["x", "a"]), (v) => Math.max(v, 0.75), { a: scalar(0.75) }],
  ["Max of tensors", one("Max", ["x", "a"]), (v, i) => Math.max(v, i % 4), { a: f32([4], [0, 1, 2, 3]) }],
  ["Min of tensors", one("Min", ["a", "x"]), (v, i) => Math.min(v, i % 4), { a: f32([4], [0, 1, 2, 3]) }],
  ["Mean", one("Mean", ["x", "a", "x"]), (v) => (2 * v + 3) / 3, { a: scalar(3) }],
  ["Sub from a constant", one("Sub", ["a", "x"]), (v) => 1.5 - v, { a: scalar(1.5) }],
  ["Div by a constant", one("Div", ["x", "a"]), (v, i) => v / (i < 4 ? 3 : -7), { a: f32([2, 1], [3, -7]) }],
  [
    "PRelu per channel",
    one("PRelu", ["x", "a"]),
    (v, i) => (v < 0 ? v * (i < 4 ? 0.1 : 3) : v),
    { a: f32([2, 1], [0.1, 3]) },
  ],
  [
    "PRelu along the length",
    one("PRelu", ["x", "a"]),
    (v, i) => (v < 0 ? v * (i % 4) : v),
    { a: f32([4], [0, 1, 2, 3]) },
  ],
  ["Clip with crossed limits", one("Clip", ["x", "a", "b"]), () => -1, { a: scalar(2), b: scalar(-1) }],
];
for (const [name, nodes, f, constants] of elementwise)
  test(name, async () => near((await result(nodes, constants)).data, each(f), name));

test("until opset 6, operands are aligned where the file says, and slopes are per channel", async () => {
  const initialisers = { a: f32([2], [10, 20]) };
  const at = (i: number) => (i < 4 ? 10 : 20);
  const old = { opset: 6 };
  const added = await result(one("Add", ["x", "a"], { broadcast: 1, axis: 1 }), initialisers, old);
  near(
    added.data,
    each((v, i) => v + at(i)),
  );
  const bent = await result(one("PRelu", ["x", "a"]), initialisers, old);
  near(
    bent.data,
    each((v, i) => (v < 0 ? v * at(i) : v)),
  );
});

test("until opset 12, a softmax runs over all axes from its own on", async () => {
  const exps = each(Math.exp);
  const sum = exps.reduce((a, b) => a + b);
  near(
    (await result(one("Softmax", ["x"], { axis: 1 }), {}, { opset: 11 })).data,
    exps.map((e) => e / sum),
  );
  const halves = [0, 4].map((i) => exps.slice(i, i + 4).reduce((a, b) => a + b));
  near(
    (await result(one("LogSoftmax"))).data,
    exps.map((e, i) => Math.log(e / halves[i < 4 ? 0 : 1]!)),
  );
});

test("instance normalisation takes its statistics from each channel", async () => {
  const constants = { a: f32([2], [2, 3]), b: f32([2], [1, -1]) };
  const { data } = await result(one("InstanceNormalization", ["x", "a", "b"]), constants);
  const expected = [0, 4].flatMap((from, c) => {
    const part = x24.data.slice(from, from + 4);
    const mean = part.reduce((a, b) => a + b) / 4;
    const variance = part.reduce((a, b) => a + (b - mean) ** 2, 0) / 4;
    return part.map((v) => ((v - mean) / Math.sqrt(variance + 1e-5)) * [2, 3][c]! + [1, -1][c]!);
  });
  near(data, expected);
});

test("norms and global pools of 3-D data are those of its positions in a row", async () => {
  const constants = {
    a: f32([2], [2, 3]),
    b: f32([2], [1, -1]),
    m: f32([2], [0.5, 2]),
    v: f32([2], [4, 0.25]),
  };
  const ops: readonly TestNode[] = [
    node("InstanceNormalization", ["x", "a", "b"], "y"),
    node("BatchNormalization", ["x", "a", "b", "m", "v"], "y"),
    node("GlobalAveragePool", ["x"], "y"),
    node("GlobalMaxPool", ["x"], "y"),
  ];
  for (const op of ops) {
    const deep = { ...op, inputs: ["d", ...op.inputs.slice(1)] };
    const wide = await result([node("Reshape", ["x", "s"], "d"), deep], {
      ...constants,
      s: i64(1, 2, 2, 1, 2),
    });
    assert.is(wide.shape.length, 5);
    near(wide.data, (await result([op], constants)).data, op.op);
  }
});

test("shapes: pads that wrap, tiles, expansions, slices backwards, depth to space", async () => {
  const wrapped = await result(
    one("Pad", ["x", "a"], { mode: "wrap" }),
    { a: i64(0, 0, 1, 0, 0, 2) },
    { opset: 19 },
  );
  near(wrapped.data, [0.5, -3, -1, 0, 0.5, -3, -1, 8, 2, 4, -0.25, 8, 2, 4]);
  const tiled = await result(one("Tile", ["x", "a"]), { a: i64(1, 2, 1) });
  assert.equal(
    [tiled.shape, tiled.data],
    [
      [1, 4, 4],
      [...x24.data, ...x24.data],
    ],
  );
  const expanded = await result(one("Expand", ["x", "a"]), { a: i64(3, 1, 1, 1) });
  assert.equal([expanded.shape, expanded.data.length], [[3, 1, 2, 4], 24]);
  const back = await result(one("Slice", ["x", "a", "b", "c", "a"]), { a: i64(-1), b: i64(-9), c: i64(2) });
  near(back.data, [0.5, 0, -1, -3, 8, -0.25, 4, 2]);
  const deep = await result(
    [node("Reshape", ["x", "a"], "r"), node("DepthToSpace", ["r"], "y", { blocksize: 2, mode: "CRD" })],
    { a: i64(1, 4, 1, 2) },
  );
  assert.equal(
    [deep.shape, deep.data],
    [
      [1, 1, 2, 4],
      [-3, 0, -1, 0.5, 2, -0.25, 4, 8],
    ],
  );
});

test("shape arithmetic is evaluated, and keeps a symbolic batch", async () => {
  const nodes = [
    node("Conv", ["x", "w"], "c"),
    node("Shape", ["c"], "s"),
    node("Gather", ["s", "zero"], "n"),
    node("Cast", ["n"], "n32", { to: 6 }),
    node("Cast", ["n32"], "n64", { to: 7 }),
    node("Unsqueeze", ["n64", "axes"], "lead"),
    node("ConstantOfShape", ["ones"], "rest", { value: { tensor: { shape: [1], data: [-1], type: "i64" } } }),
    node("Concat", ["lead", "rest"], "shape", { axis: 0 }),
    node("Reshape", ["c", "shape"], "r"),
    node("MatMul", ["r", "m"], "y"),
  ];
  const initialisers = {
    w: f32([3, 2, 1], [1, 0.5, -1, 2, 0, 1]),
    m: f32([12, 1], [...Array(12).keys()]),
    zero: scalar(0, "i64"),
    axes: i64(0),
    ones: i64(1),
  };
  const found = await importedFloat({ inputs: { x: ["batch", 2, 4] }, outputs: ["y"], nodes, initialisers });
  const graph = mainGraph(found.module);
  assert.equal(graph.inputs[0]!.type.shape, ["N", 4, 2]);
  assert.equal(
    graph.nodes.map((n) => n.op.name),
    ["conv", "flatten", "linear"],
  );
  const [y] = await runFloatModel(found, {
    x: { shape: [2, 2, 4], data: [...x24.data, ...x24.data.map((v) => 2 * v)] },
  });
  const c = [0, 1, 2].flatMap((o) =>
    [0, 1, 2, 3].map(
      (i) => initialisers.w.data[2 * o]! * x24.data[i]! + initialisers.w.data[2 * o + 1]! * x24.data[i + 4]!,
    ),
  );
  const sum = c.reduce((s, v, i) => s + v * i, 0);
  near(y!.data, [sum, 2 * sum]);
});

test("resizing keeps a symbolic batch, whatever the mode", async () => {
  const scales = { s: f32([3], [1, 1, 1.5]) };
  const data = [...x24.data, ...x24.data.map((v) => 1 - v)];
  for (const mode of ["nearest", "linear", "cubic"]) {
    const nodes = [node("Resize", ["x", "", "s"], "y", { mode })];
    const model = { opset: 19, inputs: { x: ["N", 2, 4] }, outputs: ["y"], nodes, initialisers: scales };
    const found = await importedFloat(model);
    assert.is(mainGraph(found.module).inputs[0]!.type.shape[0], "N");
    const [y] = await runFloatModel(found, { x: { shape: [2, 2, 4], data } });
    const first = await result(nodes, scales, { opset: 19 });
    assert.equal(first.shape, [1, 2, 6]);
    near(y!.data, [...first.data, ...first.data.map((v) => 1 - v)], mode);
  }
});

test("matrix products: both sides computed, vectors, repeated operands", async () => {
  const nodes = [
    node("Transpose", ["x"], "t", { perm: [0, 2, 1] }),
    node("MatMul", ["x", "t"], "g"),
    node("MatMul", ["v", "g"], "y"),
  ];
  const gram = [10.25, -6 - 4 + 4, -6, 4 + 16 + 0.0625 + 64];
  near((await result(nodes, { v: f32([2], [1, 10]) })).data, [gram[0]! - 60, gram[1]! + 10 * gram[3]!]);
  const gemm = [
    node("Squeeze", ["x", "a"], "m"),
    node("Gemm", ["m", "m", "c"], "y", { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } }),
  ];
  near(
    (await result(gemm, { a: i64(0), c: f32([2, 1], [1, 100]) })).data,
    gram.map((v, i) => 0.5 * v + (i < 2 ? 2 : 200)),
  );
});

/** The mean by its definition, along one axis. */
function meanAt(
  x: readonly number[],
  p: number,
  w: { k: number; s: number; d: number; pads: number[] },
  all: boolean,
) {
  const taps = Array.from({ length: w.k }, (_, t) => p * w.s + t * w.d - w.pads[0]!);
  const inside = taps.filter((q) => q >= 0 && q < x.length);
  const counted = all ? taps.filter((q) => q < x.length + w.pads[1]!) : inside;
  return inside.reduce((sum, q) => sum + x[q]!, 0) / counted.length;
}

test("averages: dilated, padded, hanging over the end, in 1 to 3 dimensions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ size: fc.integer({ min: 4, max: 9 }), k: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ s: fc.integer({ min: 1, max: 3 }), d: fc.integer({ min: 1, max: 2 }) }),
      fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })),
      fc.record({ ceil: fc.integer({ min: 0, max: 1 }), all: fc.integer({ min: 0, max: 1 }) }),
      fc.integer({ min: 1, max: 3 }),
      async ({ size, k }, { s, d }, pads, { ceil, all }, dims) => {
        fc.pre(pads.every((p) => p < k) && (k - 1) * d < size + pads[0] + pads[1]);
        const lone = (v: number, fill: number) => [...new Array<number>(dims - 1).fill(fill), v];
        const attributes = {
          kernel_shape: lone(k, 1),
          strides: lone(s, 1),
          dilations: lone(d, 1),
          pads: [...lone(pads[0], 0), ...lone(pads[1], 0)],
          ceil_mode: ceil,
          count_include_pad: all,
        };
        const shape = [1, 1, ...lone(size, 1)];
        const x = { shape, data: Array.from({ length: size }, (_, i) => Math.sin(3 * i) * 10) };
        const model = {
          opset: 19,
          inputs: { x: shape },
          outputs: ["y"],
          nodes: one("AveragePool", ["x"], attributes),
        };
        const [y] = await runFloatModel(await importedFloat(model), { x });
        const room = size + pads[0] + pads[1] - (k - 1) * d - 1;
        let count = (ceil ? Math.ceil(room / s) : Math.floor(room / s)) + 1;
        if ((count - 1) * s >= size + pads[0]) count--;
        const expected = Array.from({ length: count }, (_, p) =>
          meanAt(x.data, p, { k, s, d, pads }, all === 1),
        );
        near(y!.data, expected);
      },
    ),
    { numRuns: 200 },
  );
});

test("quantised forms: QDQ around a convolution, integer products with zero points", async () => {
  const nodes = [
    node("QuantizeLinear", ["x", "s", "z"], "q"),
    node("DequantizeLinear", ["q", "s", "z"], "d"),
    node("DequantizeLinear", ["w", "ws"], "dw", { axis: 0 }),
    node("Conv", ["d", "dw"], "y"),
  ];
  const w: TestTensor = { shape: [2, 2, 1], data: [1, -2, 3, 4], type: "i8" };
  const z: TestTensor = { shape: [], data: [100], type: "u8" };
  const q = each((v) => Math.min(155, Math.max(-100, Math.floor(v / 0.5 + 0.5))) * 0.5);
  const expected = [0, 1].flatMap((o) =>
    [0, 1, 2, 3].map((i) => (w.data[2 * o]! * q[i]! + w.data[2 * o + 1]! * q[i + 4]!) * [0.25, 2][o]!),
  );
  const { data } = await result(nodes, { s: scalar(0.5), z, w, ws: f32([2], [0.25, 2]) });
  near(data, expected);
  const stored = each((v) => Math.min(255, Math.max(0, Math.floor(v / 0.5 + 0.5) + 100)) - 101);
  const integer = [
    node("QuantizeLinear", ["x", "s", "z"], "q"),
    node("ConvInteger", ["q", "w", "c", "wz"], "i", { pads: [1, 0] }),
    node("Cast", ["i"], "y", { to: 1 }),
  ];
  const u8 = (v: number): TestTensor => ({ shape: [], data: [v], type: "u8" });
  const sums = await result(integer, { s: scalar(0.5), z, w, c: u8(101), wz: { ...u8(2), type: "i8" } });
  const at = (o: number, c: number) => w.data[2 * o + c]! - 2;
  near(
    sums.data,
    [0, 1].flatMap((o) =>
      [-1, 0, 1, 2, 3].map((i) => (i < 0 ? 0 : at(o, 0) * stored[i]! + at(o, 1) * stored[i + 4]!)),
    ),
  );
});

test("everything outside the op set is one message", async () => {
  const nodes = [
    node("Erf", ["x"], "a"),
    node("Sqrt", ["a"], "b"),
    { ...node("Div", ["x", "x"], "c"), name: "ratio" },
    node("Add", ["b", "c"], "y"),
  ];
  const found = await refusal({ inputs: { x: [1, 2, 4] }, outputs: ["y"], nodes }, { network: "float" });
  assert.is(found.length, 1);
  assert.is(found[0]!.id, "onnx/unsupported");
  for (const text of ["Erf: this operator", "Sqrt: ", "Div ratio: "]) assert.match(found[0]!.text, text);
});

test("attributes that make no sense are refused", async () => {
  const wrong = [
    node("Transpose", ["x"], "y", { perm: [0, 0, 1] }),
    node("SpaceToDepth", ["q"], "y", { blocksize: 3 }),
    node("Softmax", ["x"], "y", { axis: 7 }),
    node("AveragePool", ["x"], "y"),
  ];
  for (const last of wrong) {
    const nodes = [node("Unsqueeze", ["x", "a"], "q"), last];
    const model = { inputs: { x: [1, 2, 4] }, outputs: ["y"], nodes, initialisers: { a: i64(0) } };
    const [first] = await refusal(model, { network: "float" });
    assert.match(first!.id, /^onnx\/(shape|attribute)$/, last.op);
  }
});

test("resampling: rows sum to 1, and the identity is the identity", () => {
  const plain = { nearestMode: "floor", cubicA: -0.75, excludeOutside: false };
  fc.assert(
    fc.property(
      fc.constantFrom("nearest", "linear", "cubic"),
      fc.constantFrom(
        "half_pixel",
        "align_corners",
        "asymmetric",
        "pytorch_half_pixel",
        "half_pixel_symmetric",
      ),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (mode, transform, antialias, from, to) => {
        const rows = matrixOf(
          { ...plain, mode, transform, antialias },
          { from, to, scale: to / from, roi: [0, 1] },
        )!;
        assert.is(rows.length, to);
        for (const row of rows) near([row.reduce((a, b) => a + b)], [1]);
        if (from === to && mode !== "nearest")
          for (const [i, row] of rows.entries())
            near(
              row,
              [...Array(from).keys()].map((j) => Number(i === j)),
            );
      },
    ),
    { numRuns: 300 },
  );
});

test.run();
