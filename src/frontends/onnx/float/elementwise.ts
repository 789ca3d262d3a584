/** Arithmetic element by element, activations and softmax. */

import type { IntStorage } from "../../../ir/storage.js";
import { intOf, numberOf, scalarOf, sound } from "../attributes.js";
import { type Constant, constant, uniform, variation } from "../constant.js";
import type { Context } from "../context.js";
import { channelsLast } from "../layout.js";
import { type Lowering, outputName } from "../lower/operands.js";
import { isFloatType, type RawNode } from "../raw.js";
import { axisIn, broadcast, product, range, sameList } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import {
  asIs,
  axesOr,
  channelParam,
  type FloatRow,
  type FloatRows,
  floatAt,
  inPerm,
  knownAt,
  operandIn,
  tensorAt,
  unsupported,
  valueAsIs,
  valueIn,
  widened,
} from "./operands.js";
import { repeated } from "./shape.js";
import { wrapped } from "./wrap.js";

type Sum = "add" | "sub" | "mul";

/** One operand of arithmetic: a float tensor, or a constant of floats. */
function term(cx: Context, input: Imported | undefined): FloatTensor | Constant {
  if (input?.kind === "constant" && isFloatType(input.type)) return input;
  return floatAt(cx, [input], 0);
}

/** a op b with NumPy's broadcasting, in the axis order of the operand that has the result's shape. */
export function combined(
  cx: Context,
  op: Sum,
  a: Imported | undefined,
  b: Imported | undefined,
  name: string,
): FloatTensor {
  return broadcasted(cx, op, [term(cx, a), term(cx, b)], name);
}

function broadcasted(
  cx: Context,
  op: Sum,
  terms: readonly [FloatTensor | Constant, FloatTensor | Constant],
  name: string,
): FloatTensor {
  const shape = sound(cx, broadcast(terms[0].shape, terms[1].shape));
  const wide = terms.map((x) => widened(x, shape.length));
  const tensors = wide.filter((x) => x.kind === "float");
  const full = tensors.find((x) => sameList(x.shape, shape)) ?? tensors[0];
  const perm = full ? axesOr(full) : range(shape.length);
  const values = wide.map((x) => {
    const alone = x.kind === "constant" && !(full && sameList(full.shape, shape));
    return alone ? valueIn(cx, tensorAt(cx, [x], 0), perm) : operandIn(cx, x, perm);
  });
  return inPerm(name, shape, cx.main.emit(op, values, {}, name), perm);
}

/** Until opset 6, a smaller operand is repeated only where the file says so, and may begin at any axis. */
function aligned(cx: Context, node: RawNode, inputs: readonly (Imported | undefined)[]): typeof inputs {
  const [a, b] = inputs;
  if (cx.opset >= 7 || intOf(cx, node, "broadcast", 0) === 0 || !a || !b) return inputs;
  if (!("shape" in a) || !("shape" in b)) return inputs;
  const axis = intOf(cx, node, "axis", a.shape.length - b.shape.length);
  const after = Math.max(a.shape.length - axis - b.shape.length, 0);
  return [a, { ...b, shape: [...b.shape, ...new Array<number>(after).fill(1)] }];
}

const arithmetic =
  (op: Sum): Lowering =>
  (cx, node, inputs) => {
    const [a, b] = aligned(cx, node, inputs);
    const storage = narrowStorage(a) ?? narrowStorage(b);
    if (!storage) return combined(cx, op, a, b, outputName(node));
    const whole = (x: Imported | undefined) => (x?.kind === "constant" ? x : tensorAt(cx, [x], 0));
    return wrapped(
      cx,
      broadcasted(cx, op, [whole(a), whole(b)], outputName(node)),
      storage,
      outputName(node),
    );
  };

/** Storage whose sums and products fit i32, so that they can wrap around afterwards. */
function narrowStorage(x: Imported | undefined): IntStorage | undefined {
  const found = x?.kind === "float" ? x.value.type.storage : undefined;
  return found && found !== "f32" && found !== "i64" && found !== "i32" ? found : undefined;
}

export const number = (name: string, value: number): Constant => constant(name, "f32", [], [value]);

export const scaled = (cx: Context, x: Imported, by: number, name: string): FloatTensor =>
  combined(cx, "mul", x, number(`${name}.factor`, by), name);

const divide: Lowering = (cx, node, inputs) => {
  const [a, b] = aligned(cx, node, inputs);
  const divisor = knownAt(cx, [a, b], 1, "divisor");
  if (!divisor || divisor.data.includes(0)) unsupported(cx, "it divides by zero");
  if (!isFloatType(divisor!.type)) unsupported(cx, "it divides integers, which ONNX rounds toward zero");
  const by = { ...divisor!, data: divisor!.data.map((v) => 1 / v) };
  return combined(cx, "mul", a, by, outputName(node));
};

const summed = (cx: Context, node: RawNode, inputs: readonly (Imported | undefined)[]): Imported =>
  inputs.slice(1).reduce<Imported>((sum, x) => combined(cx, "add", sum, x, outputName(node)), inputs[0]!);

/** Higher powers are products. */
const mostFactors = 8;

const power: Lowering = (cx, node, inputs) => {
  const [exponent, name] = [knownAt(cx, inputs, 1, "exponent"), outputName(node)];
  const n = exponent && uniform(exponent);
  if (n === undefined || !Number.isInteger(n) || n < 1 || n > mostFactors)
    return unsupported(cx, `its exponent is no whole number from 1 to ${mostFactors}`);
  const x = { ...floatAt(cx, inputs, 0), name };
  const y = range(n - 1).reduce<FloatTensor>((product) => combined(cx, "mul", product, x, name), x);
  return repeated(cx, y, sound(cx, broadcast(y.shape, exponent!.shape)), name);
};

/** An op with one operand that does not care where the elements lie. */
export const emitted = (
  cx: Context,
  op: string,
  x: FloatTensor,
  name: string,
  attrs: Readonly<Record<string, number>> = {},
): FloatTensor => ({ ...x, name, value: cx.main.emit(op, [x.value], attrs, name) });

const unary =
  (op: string, attrsOf: (cx: Context, node: RawNode) => Record<string, number> = () => ({})): Lowering =>
  (cx, node, inputs) =>
    emitted(cx, op, floatAt(cx, inputs, 0), outputName(node), attrsOf(cx, node));

/** min(max(x, lo), hi), so that hi wins where they cross. */
function clamped(cx: Context, x: FloatTensor, lo: number, hi: number, name: string): FloatTensor {
  const limits = {
    ...(Number.isFinite(lo) ? { lo: Math.min(lo, hi) } : {}),
    ...(Number.isFinite(hi) ? { hi } : {}),
  };
  return Object.keys(limits).length === 0 ? { ...x, name } : emitted(cx, "clip", x, name, limits);
}

const clip: Lowering = (cx, node, inputs) => {
  knownAt(cx, inputs, 1, "lower limit");
  knownAt(cx, inputs, 2, "upper limit");
  const lo = scalarOf(cx, node, inputs, "min", 1) ?? -Infinity;
  const hi = scalarOf(cx, node, inputs, "max", 2) ?? Infinity;
  return clamped(cx, tensorAt(cx, inputs, 0), lo > hi ? hi : lo, hi, outputName(node));
};

const hardSigmoidOf = (cx: Context, x: FloatTensor, alpha: number, beta: number, name: string) => {
  const line = combined(cx, "add", scaled(cx, x, alpha, name), number(`${name}.offset`, beta), name);
  return clamped(cx, line, 0, 1, name);
};

const hardSigmoid: Lowering = (cx, node, inputs) =>
  hardSigmoidOf(
    cx,
    floatAt(cx, inputs, 0),
    numberOf(cx, node, "alpha") ?? 0.2,
    numberOf(cx, node, "beta") ?? 0.5,
    outputName(node),
  );

const hardSwish: Lowering = (cx, node, inputs) => {
  const [x, name] = [floatAt(cx, inputs, 0), outputName(node)];
  return combined(cx, "mul", x, hardSigmoidOf(cx, x, 1 / 6, 0.5, `${name}.gate`), name);
};

/** |x| = max(x, 0) - min(x, 0). */
export const magnitude = (cx: Context, x: FloatTensor, name: string): FloatTensor =>
  combined(cx, "sub", emitted(cx, "relu", x, name), emitted(cx, "clip", x, name, { hi: 0 }), name);

/** One slope per channel is `prelu`; any other is max(x, 0) + slope * min(x, 0). */
const prelu: Lowering = (cx, node, inputs) => {
  const x = floatAt(cx, inputs, 0);
  const [name, rank] = [outputName(node), x.shape.length];
  const slope = knownAt(cx, inputs, 1, "slope");
  if (!slope) return unsupported(cx, "it has no slope");
  const old = cx.opset < 7 && slope.shape.length === 1 && rank > 1;
  const wide = old ? { ...slope, shape: [...slope.shape, ...range(rank - 2).map(() => 1)] } : slope;
  const varied = variation(wide, rank);
  if (varied && rank > 1 && (varied.axis ?? 1) === 1) {
    const perm = channelsLast(rank);
    const c = constant(slope.name, slope.type, [varied.values.length], varied.values);
    const alpha = channelParam(cx, c, varied.values.length);
    return inPerm(name, x.shape, cx.main.emit("prelu", [valueIn(cx, x, perm), alpha], {}, name), perm);
  }
  const below = combined(cx, "mul", emitted(cx, "clip", x, name, { hi: 0 }), wide, name);
  return combined(cx, "add", emitted(cx, "relu", x, name), below, name);
};

/** Until opset 13, all axes from `axis` on count as one. */
const softmax =
  (log: boolean): Lowering =>
  (cx, node, inputs) => {
    const [x, name, old] = [floatAt(cx, inputs, 0), outputName(node), cx.opset < 13];
    const axis = sound(cx, axisIn(intOf(cx, node, "axis", old ? 1 : -1), x.shape.length));
    if (old && product(x.shape.slice(axis + 1)) > 1) {
      const joined = { ...x, shape: [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))] };
      return asIs(name, x.shape, cx.main.emit("softmax", [valueAsIs(cx, joined)], { axis: 1, log }, name));
    }
    const perm = axesOr(x);
    const y = cx.main.emit("softmax", [valueIn(cx, x, perm)], { axis: perm.indexOf(axis), log }, name);
    return inPerm(name, x.shape, y, perm);
  };

const same: Lowering = (cx, node, inputs) => ({ ...tensorAt(cx, inputs, 0), name: outputName(node) });

const dropout: Lowering = (cx, node, inputs) => {
  const training = knownAt(cx, inputs, 2, "training mode");
  if (training && training.data[0] !== 0) return unsupported(cx, "it is in training mode");
  const y = { ...tensorAt(cx, inputs, 0), name: outputName(node) };
  const mask = node.outputs[1];
  if (!mask) return y;
  // Nothing is dropped.
  return [
    y,
    constant(mask, cx.opset < 10 ? "f32" : "bool", y.shape, new Float64Array(product(y.shape)).fill(1)),
  ];
};

const integers = "integers of more than 16 bits (they wrap around in ONNX)";
const simple = (op: string, lower: Lowering = unary(op)): FloatRow => ({ lower, becomes: op });

export const elementwiseRows: FloatRows = {
  Add: {
    lower: arithmetic("add"),
    becomes: "add; requant, sub, requant for integers that wrap around",
    limits: integers,
  },
  Sub: {
    lower: arithmetic("sub"),
    becomes: "sub; requant, sub, requant for integers that wrap around",
    limits: integers,
  },
  Mul: {
    lower: arithmetic("mul"),
    becomes: "mul; requant, sub, requant for integers that wrap around",
    limits: integers,
  },
  Div: {
    lower: divide,
    known: [1],
    becomes: "mul by the reciprocal",
    limits: "division by a tensor; integers",
  },
  Sum: simple("add", summed),
  Mean: simple("add, mul", (cx, node, inputs) =>
    scaled(cx, summed(cx, node, inputs), 1 / inputs.length, outputName(node)),
  ),
  Neg: simple("mul", (cx, node, [x]) => scaled(cx, x!, -1, outputName(node))),
  Abs: simple("relu, clip, sub", (cx, node, inputs) =>
    magnitude(cx, floatAt(cx, inputs, 0), outputName(node)),
  ),
  Pow: { lower: power, known: [1], becomes: "mul", limits: "exponents other than whole numbers from 1 to 8" },
  Clip: { lower: clip, known: [1, 2], becomes: "clip" },
  Relu: simple("relu"),
  LeakyRelu: simple(
    "leaky_relu",
    unary("leaky_relu", (cx, node) => ({ alpha: numberOf(cx, node, "alpha") ?? 0.01 })),
  ),
  PRelu: { lower: prelu, known: [1], becomes: "prelu; relu, clip, mul, add for other slopes" },
  Sigmoid: simple("sigmoid"),
  Tanh: simple("tanh"),
  HardSigmoid: simple("mul, add, clip", hardSigmoid),
  HardSwish: simple("mul, add, clip, mul", hardSwish),
  Softmax: simple("softmax", softmax(false)),
  LogSoftmax: simple("softmax", softmax(true)),
  Identity: simple("nothing", same),
  Dropout: { lower: dropout, known: [1, 2], becomes: "nothing", limits: "training mode" },
};
