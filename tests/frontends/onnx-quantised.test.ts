/** Quantised networks become integer graphs that keep the conversion rule, and agree with onnxruntime but for ties. */
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { checkRule, type ImportedModel } from "../../src/frontends/onnx/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { mainGraph, paramsOf } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { randomFrom } from "../../src/ir/random.js";
import { permute, type Tensor, tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import { seed, suite } from "../harness.js";
import { imported, refusal } from "./onnx-check.js";
import { bytes, f32, node, type TestModel, type TestTensor } from "./onnx-model.js";
import { onnxruntimeOutputs } from "./onnx-oracle.js";
import { type Qdq, qdqNetwork, size } from "./qdq-network.js";

const test = suite("onnx quantised");

const problems = (found: ImportedModel): string =>
  [...verifyModule(found.module), ...found.notes.filter((d) => d.severity !== "note")]
    .map((d) => renderDiagnostic(d))
    .join("\n");

/** Every value of @main for float inputs in ONNX's axis order, each rounded as its QuantizeLinear does. */
async function run(found: ImportedModel, inputs: Readonly<Record<string, TestTensor>>) {
  const graph = mainGraph(found.module);
  const fed = graph.inputs.map((value, i): Tensor => {
    const { onnxName, perm } = found.inputs[i]!;
    const { shape, data, type } = inputs[onnxName]!;
    const moved = perm ? permute(Float64Array.from(data) as never, shape, perm) : data;
    if (type === "u8" || type === "i8") return tensor(value.type, moved as ArrayLike<number>);
    const { scale, zero } = value.type.quant!;
    const [lo, hi] = value.type.storage === "u8" ? [0, 255] : [-128, 127];
    const level = (v: number) => Math.min(Math.max(Math.floor(v / scale + 0.5) + zero, lo), hi);
    return tensor(value.type, Array.from(moved as ArrayLike<number>, level));
  });
  return interpret(graph).run(fed);
}

/** An ONNX tensor among the values of @main. */
function inOnnxOrder(
  found: ImportedModel,
  values: ReadonlyMap<string, Tensor>,
  name: string,
): number[] | undefined {
  const mapped = [...found.values, ...found.outputs].find((m) => m.onnxName === name);
  if (!mapped) return undefined;
  const tensor = values.get(mapped.name);
  if (!tensor) return undefined;
  const { data, type } = tensor;
  const back = mapped.perm?.map((_, i) => mapped.perm!.indexOf(i));
  return Array.from(back ? permute(data, type.shape as number[], back) : data, Number);
}

const noise = (shape: readonly number[], from: number): TestTensor => {
  const next = randomFrom(from);
  return { shape, data: Array.from({ length: size(shape) }, () => Math.fround(4 * next() - 2)) };
};

/** What each rounding rounds, in float64. */
const exactLevels = (
  found: ImportedModel,
  values: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> =>
  new Map(
    found.roundings!.map(({ value, type, real }) => {
      const of = real(values);
      const { scale, zero } = type.quant!;
      const data = Float64Array.from(
        { length: values.get(value)!.data.length },
        (_, i) => of(i) / scale + zero,
      );
      return [value, { type, data: data as never }];
    }),
  );

interface Agreement {
  elements: number;
  different: number;
}

/** onnxruntime adds f32: what is not near a tie for it must be equal, as long as all before was. */
async function agreement(model: Qdq, found: ImportedModel, x: TestTensor): Promise<Agreement> {
  const values = await run(found, { x });
  const { quantised, ...network } = model;
  const asked = { ...network, opset: 13, outputs: Object.keys(quantised), types: quantised };
  const report = checkRule(found.roundings!, values);
  assert.equal(report.firstWrong, []);
  const oracle = await onnxruntimeOutputs(asked, { x });
  const exact = exactLevels(found, values);
  const result = { elements: 0, different: 0 };
  for (const name of asked.outputs) {
    const own = inOnnxOrder(found, values, name);
    if (!own) continue;
    const theirs = oracle.get(name)!;
    assert.is(own.length, theirs.length, name);
    const levels = inOnnxOrder(found, exact, name);
    const off = own.flatMap((v, i) => (v === theirs[i] ? [] : [i]));
    result.elements += own.length;
    result.different += off.length;
    for (const i of off) {
      assert.is(Math.abs(own[i]! - theirs[i]!), 1, `${name}[${i}]`);
      const fraction = levels ? levels[i]! - Math.floor(levels[i]!) : 0.5;
      assert.ok(Math.abs(fraction - 0.5) < 1e-4, `${name}[${i}] is ${own[i]}, in float64 ${levels?.[i]}`);
    }
    if (off.length > 0) break;
  }
  return result;
}

test("random QDQ networks become integers, keep the rule and agree with onnxruntime", async () => {
  const total = { elements: 0, different: 0, ties: 0 };
  for (let i = 0; i < 40; i++) {
    const model = qdqNetwork(1000 * seed + i);
    const found = await imported(model);
    assert.is(problems(found), "", `network ${i}`);
    assert.is(mainGraph(found.module).stage, "integer");
    const x = noise(model.inputs.x as number[], i);
    const one = await agreement(model, found, x);
    total.elements += one.elements;
    total.different += one.different;
  }
  console.log(`onnxruntime: ${total.different} of ${total.elements} differ by 1`);
  assert.ok(total.different < total.elements / 1000, `${total.different} of ${total.elements} differ`);
});

test("the tail gives the float outputs of the file", async () => {
  let compared = 0;
  for (let i = 0; i < 10; i++) {
    const { quantised: _, ...model } = qdqNetwork(2000 * seed + i, 2);
    const found = await imported(model);
    const x = noise(model.inputs.x as number[], i);
    const values = await run(found, { x });
    const tail = found.module.graphs[1]!;
    const session = await floatEngine.prepare(tail, { expose: "outputs" });
    const fed = tail.inputs.map((v) => tensor(v.type, Array.from(values.get(v.name)!.data, Number)));
    const own = (await session.run(fed)).get(found.tailOutputs![0]!.name)!.data;
    await session.dispose();
    const theirs = (await onnxruntimeOutputs(model, { x })).get(model.outputs[0]!)!;
    const levels = Math.max(...theirs.map(Math.abs), 1);
    assert.ok(theirs.every((v, k) => Math.abs(v - Number(own[k])) < 0.05 * levels));
    compared += theirs.filter((v, k) => Math.abs(v - Number(own[k])) < 1e-5 * levels).length;
  }
  assert.ok(compared >= 36, `${compared} of 40 outputs are equal`);
});

/** A layer of a model in QLinear form and what onnxruntime gives for it. */
async function likeOnnxruntime(
  model: TestModel,
  types: Readonly<Record<string, "u8" | "i8">>,
  x: TestTensor,
) {
  const asked = { ...model, outputs: Object.keys(types), types: { ...types, x: "u8" as const } };
  const found = await imported({ ...asked, outputs: model.outputs });
  assert.is(problems(found), "");
  const values = await run(found, { x });
  assert.equal(checkRule(found.roundings!, values).firstWrong, []);
  const oracle = await onnxruntimeOutputs(asked, { x });
  for (const name of asked.outputs) {
    assert.equal(inOnnxOrder(found, values, name), oracle.get(name), name);
  }
  return found;
}

const quant = (name: string, scale: number, zero: number, type: "u8" | "i8" = "u8") => ({
  [`${name}.s`]: f32([], [scale]),
  [`${name}.z`]: { shape: [], data: [zero], type } as TestTensor,
});
const triple = (name: string) => [name, `${name}.s`, `${name}.z`];

test("QLinear operators, and those of onnxruntime's own domain, become integers", async () => {
  const w = { shape: [2, 2, 3, 3], data: bytes(36).map((v) => v - 128), type: "i8" } as const;
  const model: TestModel = {
    opset: 13,
    domains: { "com.microsoft": 1 },
    inputs: { x: [1, 2, 5, 5] },
    outputs: ["g"],
    initialisers: {
      ...quant("x", 0.0213, 120),
      w,
      "w.s": f32([2], [0.01, 0.02]),
      "w.z": { shape: [2], data: [0, 0], type: "i8" },
      b: { shape: [2], data: [300, -700], type: "i32" },
      ...quant("c", 0.1517, 100),
      ...quant("s", 0.1733, 90),
      ...quant("m", 0.8, 130),
      ...quant("j", 0.6, 125),
      ...quant("p", 0.1, 7),
      ...quant("v", 0.004, 0),
      k: { shape: [4, 3], data: bytes(12), type: "u8" },
      "k.s": f32([], [0.003]),
      "k.z": { shape: [], data: [111], type: "u8" },
      ...quant("g", 0.02, 60),
      bias: { shape: [3], data: [40, -50, 60], type: "i32" },
    },
    nodes: [
      node("QLinearConv", [...triple("x"), ...triple("w"), "c.s", "c.z", "b"], "c", { pads: [1, 1, 1, 1] }),
      { ...node("QLinearAdd", [...triple("c"), ...triple("x"), "s.s", "s.z"], "s"), domain: "com.microsoft" },
      { ...node("QLinearMul", [...triple("s"), ...triple("c"), "m.s", "m.z"], "m"), domain: "com.microsoft" },
      {
        ...node("QLinearConcat", ["j.s", "j.z", ...triple("m"), ...triple("s")], "j", { axis: 1 }),
        domain: "com.microsoft",
      },
      {
        ...node("QLinearGlobalAveragePool", [...triple("j"), "p.s", "p.z"], "p"),
        domain: "com.microsoft",
      },
      { ...node("QLinearSigmoid", [...triple("p"), "v.s", "v.z"], "v"), domain: "com.microsoft" },
      node("Flatten", ["v"], "flat"),
      {
        ...node("QGemm", ["flat", "v.s", "v.z", ...triple("k"), "bias", "g.s", "g.z"], "g"),
        domain: "com.microsoft",
      },
    ],
  };
  const x = { shape: [1, 2, 5, 5], data: bytes(50, 3), type: "u8" } as const;
  const found = await likeOnnxruntime(
    model,
    { c: "u8", s: "u8", m: "u8", j: "u8", p: "u8", v: "u8", g: "u8" },
    x,
  );
  assert.equal(found.module.graphs.length, 1);
});

test("MatMulInteger and ConvInteger are integers already; what dequantises them is the tail", async () => {
  const model: TestModel = {
    opset: 13,
    inputs: { x: [2, 3] },
    types: { x: "u8" },
    outputs: ["y"],
    initialisers: {
      "x.z": { shape: [], data: [5], type: "u8" },
      w: { shape: [3, 2], data: [1, -2, 3, -4, 5, -6], type: "i8" },
      "w.z": { shape: [], data: [1], type: "i8" },
      step: f32([], [0.25]),
    },
    nodes: [
      node("MatMulInteger", ["x", "w", "x.z", "w.z"], "i"),
      node("Cast", ["i"], "f", { to: 1 }),
      node("Mul", ["f", "step"], "y"),
    ],
  };
  const found = await imported(model);
  assert.is(problems(found), "");
  assert.equal(
    found.module.graphs.map((g) => [g.name, g.stage]),
    [
      ["main", "integer"],
      ["tail", "float"],
    ],
  );
});

test("a float operator between quantised ones keeps the network float, and is named", async () => {
  const q = quant("q", 0.1, 3);
  const model: TestModel = {
    opset: 13,
    inputs: { x: [1, 4] },
    outputs: ["y"],
    initialisers: q,
    nodes: [
      node("QuantizeLinear", ["x", "q.s", "q.z"], "a"),
      node("DequantizeLinear", ["a", "q.s", "q.z"], "b"),
      { ...node("Softmax", ["b"], "c"), name: "between" },
      node("QuantizeLinear", ["c", "q.s", "q.z"], "d"),
      node("DequantizeLinear", ["d", "q.s", "q.z"], "y"),
    ],
  };
  const found = await imported(model);
  const warning = found.notes.find((d) => d.id === "onnx/stays-float")!;
  assert.is(warning.severity, "warning");
  assert.is((warning.place as { node: string }).node, "between");
  assert.is(mainGraph(found.module).stage, "quantised");
  const [refused] = await refusal(model, { network: "integer" });
  assert.is(refused!.id, "onnx/stays-float");
  const left = await imported(model, { network: "float" });
  assert.equal([left.notes, mainGraph(left.module).stage], [[], "quantised"]);
});

test("QONNX: weights and activations of few bits, several scales, and truncation", async () => {
  const bits = (n: number) => f32([], [n]);
  const model: TestModel = {
    opset: 13,
    domains: { "qonnx.custom_op.general": 1 },
    inputs: { x: [1, 2, 4, 4] },
    outputs: ["y"],
    initialisers: {
      w: f32(
        [3, 2, 3, 3],
        bytes(54).map((v) => (v - 128) / 100),
      ),
      ws: f32([3, 1, 1, 1], [0.2, 0.25, 0.5]),
      zero: f32([], [0]),
      three: bits(3),
      four: bits(4),
      seven: bits(7),
      eight: bits(8),
      xs: f32([], [0.03]),
      as: f32([], [0.4]),
      b: f32(
        [3, 3],
        bytes(9, 5).map((v) => v - 128),
      ),
      bs: f32([], [0.5]),
      ts: f32([], [0.2]),
    },
    nodes: [
      node("Quant", ["x", "xs", "zero", "seven"], "xq", { signed: 1, narrow: 1, rounding_mode: "ROUND" }),
      node("Quant", ["w", "ws", "zero", "three"], "wq", { signed: 1, narrow: 1, rounding_mode: "ROUND" }),
      node("Conv", ["xq", "wq"], "c"),
      node("Relu", ["c"], "r"),
      node("Quant", ["r", "as", "zero", "four"], "rq", { signed: 0, narrow: 0, rounding_mode: "ROUND" }),
      node("GlobalAveragePool", ["rq"], "g"),
      node("Flatten", ["g"], "f"),
      node("Quant", ["f", "ts", "zero", "eight"], "fq", { signed: 1, narrow: 0, rounding_mode: "FLOOR" }),
      node("Trunc", ["fq", "ts", "zero", "eight", "four"], "t", { rounding_mode: "FLOOR" }),
      node("BipolarQuant", ["b", "bs"], "bq"),
      node("MatMul", ["t", "bq"], "y"),
    ].map((n) => (/Quant|Trunc/.test(n.op) ? { ...n, domain: "qonnx.custom_op.general" } : n)),
  };
  const found = await imported(model);
  assert.is(problems(found), "");
  const graph = mainGraph(found.module);
  assert.is(graph.stage, "integer");
  const weights = paramsOf([graph]).filter((p) => /^(w|wq|b|bq)$/.test(p.name));
  assert.equal(
    weights.map((p) => p.type.storage),
    ["i4", "i2"],
  );
  const x = noise([1, 2, 4, 4], 7);
  const values = await run(found, { x });
  assert.equal(checkRule(found.roundings!, values).firstWrong, []);
  assert.ok(graph.nodes.some((n) => n.result.type.storage === "u4"));
});

test.run();
