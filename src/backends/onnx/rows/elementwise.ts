/** Ops on elements or channels: rectifiers, sums of two, normalisations. */
import type { Param, Value } from "../../../ir/graph.js";
import { type Layout, onnxAxis } from "../layout.js";
import { numbers } from "../quantisation.js";
import {
  arrangedParam,
  commonLayout,
  emit,
  float,
  type Lowering,
  real,
  step,
  unsupported,
  type Writer,
} from "../writer.js";

const unary =
  (op: string): Lowering =>
  (cx, { operands: [x] }) => {
    const layout = commonLayout(cx, [x!]);
    emit(cx, layout, op, [real(cx, x!, layout)]);
  };

const leakyRelu: Lowering = (cx, { operands: [x], attrs }) => {
  const layout = commonLayout(cx, [x!]);
  emit(cx, layout, "LeakyRelu", [real(cx, x!, layout)], { alpha: { float: attrs.alpha as number } });
};

/** Slopes along the channels of x, in units of 1 / positive where they are integers. */
function slopes(cx: Writer, alpha: Param, rank: number, layout: Layout): string {
  const { positive } = cx.node!.attrs as { readonly positive: number };
  const inner = rank - 1 - onnxAxis(rank, layout, -1);
  const shape = alpha.data.length === 1 ? [1] : [alpha.data.length, ...new Array<number>(inner).fill(1)];
  const real: Param = { ...alpha, type: { storage: "f32", shape: alpha.type.shape } };
  const data = numbers(alpha.data).map((a) => a / positive);
  return arrangedParam(cx, real, `slopes ${shape.join("x")} ${positive}`, { shape, data });
}

const prelu: Lowering = (cx, { operands: [x, alpha] }) => {
  const layout = commonLayout(cx, [x!]);
  const slope = slopes(cx, alpha as Param, x!.type.shape.length, layout);
  emit(cx, layout, "PRelu", [real(cx, x!, layout), slope]);
};

const clip: Lowering = (cx, { operands: [x], attrs }) => {
  const { quant } = x!.type;
  if (quant?.channels) unsupported(cx, "its limits stand for another number in every channel");
  const limit = (name: "lo" | "hi") => {
    const v = attrs[name] as number | undefined;
    if (v === undefined) return "";
    return float(cx, name, quant ? (v - quant.zero) * quant.scale : v);
  };
  const layout = commonLayout(cx, [x!]);
  const [lo, hi] = [limit("lo"), limit("hi")];
  emit(cx, layout, "Clip", [real(cx, x!, layout), ...(hi ? [lo, hi] : lo ? [lo] : [])]);
};

const dropout: Lowering = (cx, { operands: [x], attrs }) => {
  const layout = commonLayout(cx, [x!]);
  emit(cx, layout, "Dropout", [real(cx, x!, layout), float(cx, "ratio", attrs.rate as number)]);
};

const softmax: Lowering = (cx, { operands: [x], attrs }) => {
  const layout = commonLayout(cx, [x!]);
  const axis = onnxAxis(x!.type.shape.length, layout, attrs.axis as number);
  emit(cx, layout, attrs.log ? "LogSoftmax" : "Softmax", [real(cx, x!, layout)], { axis });
};

/** Factors this close to 1 move a byte by less than a twentieth of a level. */
const exact = 2e-4;

/**
 * The second operand of a sum of integers: it counts by mul[1] / mul[0] scales of the first, which its own scale is only
 * near to.
 */
function addend(cx: Writer, b: Value, layout: Layout, wanted: number): string {
  const gain = wanted / (b.type.quant?.scale ?? wanted);
  if (Math.abs(gain - 1) <= exact) return real(cx, b, layout);
  return step(cx, "Mul", [real(cx, b, layout), float(cx, "gain", gain)], "scaled");
}

const sum =
  (op: string): Lowering =>
  (cx, { operands: [a, b], attrs }) => {
    const layout = commonLayout(cx, [a!, b!]);
    const [first, second] = attrs.mul as readonly [number, number];
    const scale = ((a!.type.quant?.scale ?? 1) * second) / first;
    const right = a!.type.quant ? addend(cx, b!, layout, scale) : real(cx, b!, layout);
    emit(cx, layout, op, [real(cx, a!, layout), right]);
  };

const mul: Lowering = (cx, { operands: [a, b] }) => {
  const layout = commonLayout(cx, [a!, b!]);
  emit(cx, layout, "Mul", [real(cx, a!, layout), real(cx, b!, layout)]);
};

const vectors = (cx: Writer, params: readonly Value[]): string[] => params.map((p) => real(cx, p, "last"));

const batchnorm: Lowering = (cx, { operands: [x, ...stored], attrs }) =>
  emit(cx, "first", "BatchNormalization", [real(cx, x!, "first"), ...vectors(cx, stored)], {
    epsilon: { float: attrs.epsilon as number },
    ...(attrs.momentum === undefined ? {} : { momentum: { float: attrs.momentum as number } }),
  });

const instancenorm: Lowering = (cx, node) => {
  if (node.attrs.statistics === "running") return batchnorm(cx, node);
  const { operands, attrs } = node;
  const inputs = [real(cx, operands[0]!, "first"), ...vectors(cx, operands.slice(1, 3))];
  emit(cx, "first", "InstanceNormalization", inputs, { epsilon: { float: attrs.epsilon as number } });
};

export const elementwiseRows: Readonly<Record<string, Lowering>> = {
  add: sum("Add"),
  batchnorm,
  clip,
  dropout,
  instancenorm,
  leaky_relu: leakyRelu,
  mul,
  prelu,
  relu: unary("Relu"),
  sigmoid: unary("Sigmoid"),
  softmax,
  sub: sum("Sub"),
  tanh: unary("Tanh"),
};
