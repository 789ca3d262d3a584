/** Reductions over axes, and normalisations. */
import type { Value } from "../../../ir/graph.js";
import type { Attrs } from "../../../ir/op.js";
import { intOf, listOf, numberOf, sound } from "../attributes.js";
import type { Context } from "../context.js";
import { channelsLast } from "../layout.js";
import { type Lowering, outputName } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import { broadcast, product, range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { combined, emitted, magnitude, scaled } from "./elementwise.js";
import {
  asIs,
  axesOr,
  channelParam,
  type FloatRow,
  type FloatRows,
  flatPositions,
  floatAt,
  inPerm,
  knownAt,
  tensorAt,
  unsupported,
  valueAsIs,
  valueIn,
} from "./operands.js";
import { axesOf, repeated } from "./shape.js";
import { complement } from "./wrap.js";

/** The axes that a node reduces, or nothing where it leaves its operand as it is. */
function reducedAxes(
  cx: Context,
  node: RawNode,
  inputs: readonly (Imported | undefined)[],
  rank: number,
): readonly number[] | undefined {
  const written = listOf(cx, node, inputs, "axes", 1);
  if (written?.length) return axesOf(cx, written, rank);
  return intOf(cx, node, "noop_with_empty_axes", 0) === 1 ? undefined : range(rank);
}

type Reduction = (cx: Context, x: FloatTensor, axes: readonly number[], name: string) => FloatTensor;

const kept = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((d, a) => (axes.includes(a) ? 1 : d));

/** One reducing op on the axes where they lie. */
const reducedBy =
  (op: "reduce_sum" | "reduce_mean"): Reduction =>
  (cx, x, axes, name) => {
    const perm = axesOr(x);
    const along = axes.map((a) => perm.indexOf(a)).toSorted((a, b) => a - b);
    const y = cx.main.emit(op, [valueIn(cx, x, perm)], { axes: along }, name);
    return inPerm(name, kept(x.shape, axes), y, perm);
  };

/** The largest along one axis: a pool over the middle one of three. */
function largestAlong(cx: Context, x: FloatTensor, axis: number, name: string): FloatTensor {
  const size = x.shape[axis]!;
  const around = [product(x.shape.slice(0, axis)), size, product(x.shape.slice(axis + 1))];
  const middle = valueAsIs(cx, { ...x, shape: around });
  const pooled = cx.main.emit("maxpool", [middle], { kernel: [size] }, name);
  return asIs(name, x.shape.with(axis, 1), pooled);
}

const largest: Reduction = (cx, x, axes, name) =>
  axes.reduce((y, axis) => largestAlong(cx, y, axis, name), x);

const smallest: Reduction = (cx, x, axes, name) =>
  negated(cx, largest(cx, negated(cx, x, name), axes, name), name);

const reduction =
  (
    op: Reduction,
    before: (cx: Context, x: FloatTensor, name: string) => FloatTensor = (_, x) => x,
  ): Lowering =>
  (cx, node, inputs) => {
    const name = outputName(node);
    const ordered = op === largest || op === smallest;
    const x = ordered ? tensorAt(cx, inputs, 0) : floatAt(cx, inputs, 0);
    const axes = reducedAxes(cx, node, inputs, x.shape.length);
    const start = before(cx, x, name);
    if (!axes) return { ...start, name };
    const y = op(cx, start, axes, name);
    const flat = intOf(cx, node, "keepdims", 1) === 0;
    return flat ? { ...y, shape: x.shape.filter((_, a) => !axes.includes(a)) } : y;
  };

/** The largest (or smallest) of several tensors: with one number a clip, else a pool over their stack. */
const extreme =
  (side: "lo" | "hi"): Lowering =>
  (cx, node, inputs) => {
    const name = outputName(node);
    const at = inputs.findIndex((x) => x?.kind === "constant");
    const c = inputs[at];
    const limit = c?.kind === "constant" && c.shape.length === 0 ? c.data[0]! : Number.NaN;
    if (inputs.length === 2 && Number.isFinite(limit))
      return emitted(cx, "clip", tensorAt(cx, inputs, 1 - at), name, { [side]: limit });
    const all = inputs.map((_, i) => tensorAt(cx, inputs, i));
    const shape = all.reduce<number[]>((s, x) => sound(cx, broadcast(s, x.shape)), []);
    const rows = all.map((x) => {
      const signed = side === "lo" ? x : negated(cx, x, name);
      return valueAsIs(cx, { ...repeated(cx, signed, shape, name), shape: [1, 1, product(shape)] });
    });
    const stacked = rows.length === 1 ? rows[0]! : cx.main.emit("concat", rows, { axis: 1 }, name);
    const found = asIs(name, shape, cx.main.emit("maxpool", [stacked], { kernel: [rows.length] }, name));
    return side === "lo" ? found : negated(cx, found, name);
  };

const square = (cx: Context, x: FloatTensor, name: string) => combined(cx, "mul", x, x, name);
/** The order of the elements turned around; twice, they are as they were. */
const negated = (cx: Context, x: FloatTensor, name: string) =>
  x.value.type.storage === "f32" ? scaled(cx, x, -1, name) : complement(cx, x, name);

const row = (lower: Lowering, becomes: string): FloatRow => ({ lower, known: [1], becomes });

/** gamma, beta and further statistics of a normalisation, one per channel. */
function statistics(
  cx: Context,
  inputs: readonly (Imported | undefined)[],
  count: number,
  channels: number,
): Value[] {
  return range(count).map((i) => {
    const c = knownAt(cx, inputs, i + 1, "statistics");
    return c ? channelParam(cx, c, channels, i < 2) : unsupported(cx, "it lacks statistics");
  });
}

/** A norm over channels last; the shape is put back. */
function normed(
  cx: Context,
  op: string,
  x: FloatTensor,
  [params, attrs]: readonly [readonly Value[], Attrs],
  name: string,
): FloatTensor {
  const flat = flatPositions(x);
  const perm = channelsLast(flat.shape.length);
  const y = cx.main.emit(op, [valueIn(cx, flat, perm), ...params], attrs, name);
  return { ...inPerm(name, flat.shape, y, perm), shape: x.shape };
}

const batchNorm: Lowering = (cx, node, inputs) => {
  if (intOf(cx, node, "training_mode", 0) === 1) return unsupported(cx, "it is in training mode");
  if (intOf(cx, node, "spatial", 1) === 0) return unsupported(cx, "its statistics are not per channel");
  const x = floatAt(cx, inputs, 0);
  if (x.shape.length < 2) return unsupported(cx, "it works on data without channels");
  const attrs = {
    epsilon: numberOf(cx, node, "epsilon") ?? 1e-5,
    momentum: numberOf(cx, node, "momentum") ?? 0.9,
  };
  return normed(cx, "batchnorm", x, [statistics(cx, inputs, 4, x.shape[1]!), attrs], outputName(node));
};

const instanceNorm: Lowering = (cx, node, inputs) => {
  const x = floatAt(cx, inputs, 0);
  if (x.shape.length < 3) return unsupported(cx, "it works on data without positions");
  const attrs = { epsilon: numberOf(cx, node, "epsilon") ?? 1e-5, statistics: "instance" };
  return normed(cx, "instancenorm", x, [statistics(cx, inputs, 2, x.shape[1]!), attrs], outputName(node));
};

export const reduceRows: FloatRows = {
  ReduceSum: row(reduction(reducedBy("reduce_sum")), "reduce_sum"),
  ReduceMean: row(reduction(reducedBy("reduce_mean")), "reduce_mean"),
  ReduceSumSquare: row(reduction(reducedBy("reduce_sum"), square), "mul, reduce_sum"),
  ReduceL1: row(reduction(reducedBy("reduce_sum"), magnitude), "relu, clip, sub, reduce_sum"),
  ReduceMax: row(reduction(largest), "maxpool"),
  ReduceMin: row(reduction(smallest), "mul, maxpool, mul; sub, requant for integers"),
  Max: { lower: extreme("lo"), becomes: "clip; concat, maxpool" },
  Min: { lower: extreme("hi"), becomes: "clip; mul, concat, maxpool, mul; sub, requant for integers" },
  BatchNormalization: {
    lower: batchNorm,
    known: [1, 2, 3, 4],
    becomes: "batchnorm",
    limits: "training mode",
  },
  InstanceNormalization: {
    lower: instanceNorm,
    known: [1, 2],
    becomes: "instancenorm {statistics = instance}",
  },
};
