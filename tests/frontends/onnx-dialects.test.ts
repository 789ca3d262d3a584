import fc from "fast-check";
import * as assert from "uvu/assert";
import { mainGraph } from "../../src/ir/graph.js";
import { suite } from "../harness.js";
import { agrees, imported, opsOf, refusal, run } from "./onnx-check.js";
import { bytes, clip, f32, node, scalar, type TestModel, type TestNode, weights } from "./onnx-model.js";

const test = suite("onnx: Quantlab, PLiNIO, Deeploy");

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
  assert.equal(opsOf(found), ["linear", "requant", "add", "requant", "linear", "add"]);
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
        assert.equal(opsOf(found), ["conv", "requant"]);
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

test.run();
