import fc from "fast-check";
import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { suite } from "../harness.js";
import { agrees, imported, refusal, run } from "./onnx-check.js";
import type { TestModel, TestNode, TestTensor } from "./onnx-model.js";

const test = suite("onnx: dialects");

const f32 = (shape: readonly number[], data: readonly number[]): TestTensor => ({ shape, data });
const scalar = (v: number, type: "f32" | "i64" = "f32"): TestTensor => ({ shape: [], data: [v], type });
const clip = (x: string, y: string, min: number, max: number, more = {}): TestNode => ({
  op: "Clip",
  inputs: [x],
  outputs: [y],
  attributes: { min: { float: min }, max: { float: max }, ...more },
});
const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: TestNode["attributes"] = {},
): TestNode => ({ op, inputs, outputs: [output], attributes });
const bytes = (n: number, seed = 1): number[] =>
  Array.from({ length: n }, (_, i) => (i * 89 + seed * 37) % 256);
const weights = (n: number): number[] => Array.from({ length: n }, (_, i) => ((i * 53) % 17) - 8);
const ops = (model: { module: { graphs: readonly { nodes: readonly { op: { name: string } }[] }[] } }) =>
  model.module.graphs[0]!.nodes.map((n) => n.op.name);

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
  assert.equal(ops(found), ["conv", "requant"]);
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
  assert.equal(ops(found), ["add", "requant"]);
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

test("Quantlab: widths of weights and activations come from attributes", async () => {
  const model: TestModel = {
    opset: 10,
    inputs: { x: [1, 2, 4, 4] },
    outputs: ["y"],
    initialisers: {
      w: f32(
        [3, 2, 2, 2],
        Array.from({ length: 24 }, (_, i) => (i % 3) - 1),
      ),
      "a._QL_REPLACED_.mul": f32([3, 1, 1], [70, 30, 11]),
      add: f32([3, 1, 1], [5, -60, 100]),
      d: scalar(64),
    },
    nodes: [
      node("Conv", ["x", "w"], "c", { weight_bits: 2, bias_bits: 32 }),
      node("Mul", ["c", "a._QL_REPLACED_.mul"], "m", { mult_bits: 32 }),
      node("Add", ["m", "add"], "a"),
      node("Div", ["a", "d"], "e"),
      node("Floor", ["e"], "f"),
      clip("f", "y", 0, 3, { out_bits: 2 }),
    ],
  };
  const config = { input_bits: 2, input_signed: true };
  const found = await agrees(
    model,
    {
      x: f32(
        [1, 2, 4, 4],
        bytes(32).map((v) => (v % 4) - 2),
      ),
    },
    { config },
  );
  assert.is(found.dialect, "quantlab");
  const graph = mainGraph(found.module);
  assert.equal(
    [graph.inputs[0]!, graph.nodes[0]!.operands[1]!, graph.outputs[0]!].map((v) => v.type.storage),
    ["i2", "i2", "u2"],
  );
});

const requantised = (x: number, mul: number, add: number, shift: number, lo: number, hi: number) =>
  Math.min(Math.max(Math.floor((x * mul + add) / 2 ** shift), lo), hi);

test("Quantlab: an Add that requantises its operands and its sum", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        m1: fc.integer({ min: 1, max: 99 }),
        a1: fc.integer({ min: -999, max: 999 }),
        m2: fc.integer({ min: 1, max: 99 }),
        rq1: fc.nat(1),
        rqOut: fc.nat(1),
        signed: fc.nat(1),
      }),
      async (p) => {
        const attributes = {
          in1_mul: p.m1,
          in1_add: p.a1,
          in1_shift: 5,
          in1_n_levels: 256,
          in1_rq: p.rq1,
          in2_mul: p.m2,
          in2_add: 3,
          in2_shift: 6,
          in2_n_levels: 16,
          in2_rq: 1,
          out_mul: 7,
          out_add: -200,
          out_shift: 3,
          out_n_levels: 256,
          out_rq: p.rqOut,
          out_signed: p.signed,
        };
        const model: TestModel = {
          opset: 10,
          inputs: { a: [1, 1, 8], b: [1, 1, 8] },
          outputs: ["y"],
          nodes: [node("Add", ["a", "b"], "y", attributes)],
        };
        const [a, b] = [bytes(8), bytes(8, 3).map((v) => v - 128)];
        const found = await imported(model, {
          inputTypes: new Map([
            ["a", "u8"],
            ["b", "i8"],
          ]),
        });
        assert.is(found.dialect, "quantlab");
        const y = (await run(found, { a: f32([1, 1, 8], a), b: f32([1, 1, 8], b) })).get("y")!;
        const sum = a.map(
          (v, i) =>
            (p.rq1 ? requantised(v, p.m1, p.a1, 5, 0, 255) : v) + requantised(b[i]!, p.m2, 3, 6, -8, 7),
        );
        assert.equal(
          y,
          sum.map((s) =>
            p.rqOut
              ? requantised(s, 7, -200, 3, ...((p.signed ? [-128, 127] : [0, 255]) as [number, number]))
              : s,
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});

const plinioTail = (x: string, y: string): TestNode[] => [
  node("Mul", [x, "one"], `${y}.m`),
  node("Div", [`${y}.m`, "one"], `${y}.d`),
  node("Floor", [`${y}.d`], `${y}.f`),
  clip(`${y}.f`, y, 0, 255, { out_bits: 8 }),
];

test("PLiNIO: MatMul layers, residual sums without factors, weights behind a Cast", async () => {
  const model: TestModel = {
    opset: 10,
    inputs: { "0": [1, 6] },
    outputs: ["y"],
    initialisers: {
      w: { shape: [6, 6], data: weights(36), type: "i8" },
      mul: f32([6], [9, 8, 7, 6, 5, 4]),
      add: f32([6], [100, -100, 0, 1, 2, 3000]),
      d: scalar(32),
      one: scalar(1),
      v: f32([6, 2], weights(12)),
      b: f32([2], [1000, -77]),
    },
    nodes: [
      node("Cast", ["w"], "wf", { to: 1 }),
      node("MatMul", ["0", "wf"], "1", { weight_bits: 8, bias_bits: 32 }),
      node("Mul", ["1", "mul"], "2", { mult_bits: 32 }),
      node("Add", ["2", "add"], "3", { add_bits: 32 }),
      node("Div", ["3", "d"], "4"),
      node("Floor", ["4"], "5"),
      clip("5", "6", 0, 255, { out_bits: 8 }),
      node("Add", ["6", "0"], "7"),
      ...plinioTail("7", "8"),
      node("MatMul", ["8", "v"], "9"),
      node("Add", ["9", "b"], "y"),
    ],
  };
  const found = await agrees(model, { "0": f32([1, 6], bytes(6)) });
  assert.is(found.dialect, "plinio");
  assert.equal(ops(found), ["linear", "requant", "add", "requant", "linear", "add"]);
});

test("Deeploy: RequantShift rounds half up and clamps to its levels", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 12 }),
      fc.constantFrom(256, 16, 100),
      fc.nat(1),
      fc.constantFrom<number[]>([], [3, 1, 1], [1, 3, 1, 1]),
      async (shift, n_levels, signed, shape) => {
        const count = shape.reduce((a: number, b: number) => a * b, 1);
        const tensor = (v: number) => ({ tensor: f32([1], [v]) });
        const model: TestModel = {
          inputs: { x: [1, 2, 3, 3] },
          outputs: ["y"],
          initialisers: {
            w: f32([3, 2, 1, 1], weights(6)),
            mul: f32(shape, weights(count)),
            add: f32(
              shape,
              bytes(count).map((v) => v - 99),
            ),
          },
          nodes: [
            node("Conv", ["x", "w"], "c"),
            node("RequantShift", ["c", "mul", "add"], "y", {
              div: tensor(2 ** shift),
              n_levels: tensor(n_levels),
              signed: tensor(signed),
            }),
          ],
        };
        const found = await agrees(model, {
          x: f32(
            [1, 2, 3, 3],
            bytes(18).map((v) => v - 128),
          ),
        });
        assert.is(found.dialect, "deeploy");
        assert.equal(ops(found), ["conv", "requant"]);
      },
    ),
    { numRuns: 60 },
  );
});

test("Deeploy: one number per channel may lack its trailing ones; one per row runs along axis 0", async () => {
  const attributes = {
    div: { tensor: scalar(16) },
    n_levels_out: { tensor: f32([1], [256]) },
    signed: { tensor: f32([1], [1]) },
  };
  const x = f32([1, 3, 3], bytes(9));
  const model = (shape: readonly number[], c: readonly number[]): TestModel => ({
    inputs: { x: shape },
    outputs: ["y"],
    initialisers: { mul: f32(c, [1, 2, 3]), add: f32(c, [0, 5, -7]) },
    nodes: [node("RequantShift", ["x", "mul", "add"], "y", attributes)],
  });
  const expected = x.data.map((v, i) =>
    Math.min(Math.floor((v * (1 + Math.floor(i / 3)) + [0, 5, -7][Math.floor(i / 3)]! + 8) / 16), 127),
  );
  for (const c of [[3], [3, 1], [3, 1, 1]]) {
    const found = await imported(model([1, 3, 3], c), { inputTypes: new Map([["x", "u8"]]) });
    assert.equal((await run(found, { x })).get("y"), expected, `[${c.join("x")}]`);
  }
  const rows = await imported(model([3, 3], [3, 1]), { inputTypes: new Map([["x", "u8"]]) });
  assert.equal((await run(rows, { x })).get("y"), expected);
  assert.is(mainGraph(rows.module).nodes[0]!.attrs.axis, 0);
});

test("Deeploy: a mean that nothing floors rounds half up, or is refused where halves go away from zero", async () => {
  const model = (keepdims: number): TestModel => ({
    inputs: { x: [1, 4, 2] },
    outputs: ["y"],
    nodes: [node("ReduceMean", ["x"], "y", { axes: [2], keepdims })],
  });
  const x = f32([1, 4, 2], [1, 2, -1, -2, -3, 4, 7, 7]);
  const found = await imported(model(0), { samples: new Map([["x", x]]) });
  assert.equal((await run(found, { x })).get("y"), [2, -1, 1, 7]);
  assert.equal(
    found.notes.map((n) => n.id),
    ["onnx/implied-rounding"],
  );
  assert.is((await refusal(model(1), { samples: new Map([["x", x]]) }))[0]!.id, "onnx/rounding");
  assert.ok(await imported(model(1), { inputTypes: new Map([["x", "u8"]]) }));
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
