/** Resize and Upsample: `upsample` where it computes the same, else slices, else a matrix per axis. */
import { intOf, intsOf, numberOf, sound, stringOf } from "../attributes.js";
import { constant } from "../constant.js";
import { type Context, refuse } from "../context.js";
import { type Lowering, outputName } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import { axisIn, range } from "../shapes.js";
import type { FloatTensor, Imported } from "../tensor.js";
import { combined } from "./elementwise.js";
import { type AxisSampling, matrixOf, type Sampling } from "./interpolation.js";
import { channelsLastValue, linear } from "./linear.js";
import { type FloatRows, floatAt, knownAt, spatialResult, tensorAt, unsupported } from "./operands.js";
import { taken, transposedBy } from "./shape.js";

function samplingOf(cx: Context, node: RawNode, late: boolean): Sampling {
  const mode = stringOf(cx, node, "mode", "nearest");
  return {
    mode: mode === "bilinear" ? "linear" : mode,
    transform: stringOf(cx, node, "coordinate_transformation_mode", late ? "half_pixel" : "asymmetric"),
    nearestMode: stringOf(cx, node, "nearest_mode", late ? "round_prefer_floor" : "floor"),
    cubicA: numberOf(cx, node, "cubic_coeff_a") ?? -0.75,
    excludeOutside: intOf(cx, node, "exclude_outside", 0) === 1,
    antialias: intOf(cx, node, "antialias", 0) === 1,
  };
}

/** Sampling of every axis, from sizes or scales of all of them or of those that `axes` names. */
function axisSamplings(
  cx: Context,
  node: RawNode,
  inputs: readonly (Imported | undefined)[],
  shape: readonly number[],
  late: boolean,
): AxisSampling[] {
  const list = (i: number, what: string) => [...(knownAt(cx, inputs, i, what)?.data ?? [])];
  const named = (intsOf(cx, node, "axes") ?? range(shape.length)).map((a) =>
    sound(cx, axisIn(a, shape.length)),
  );
  const sizes = late ? list(3, "sizes") : [];
  const attribute = node.attributes.get("scales");
  const scales = attribute?.kind === "floats" ? [...attribute.value] : list(late ? 2 : 1, "scales");
  const roi = late ? list(1, "roi") : [];
  if (sizes.length !== named.length && scales.length !== named.length)
    refuse(cx, "onnx/attribute", "it says neither sizes nor scales for its axes");
  const kept = sizes.length > 0 ? keptRatio(cx, node, sizes, named, shape) : undefined;
  return shape.map((from, axis) => {
    const k = named.indexOf(axis);
    if (k < 0) return { from, to: from, scale: 1, roi: [0, 1] };
    const part = [roi[k] ?? 0, roi[k + named.length] ?? 1] as const;
    if (kept !== undefined) return { from, to: Math.floor(kept * from + 0.5), scale: kept, roi: part };
    if (sizes.length > 0) return { from, to: sizes[k]!, scale: sizes[k]! / from, roi: part };
    return { from, to: Math.floor(from * scales[k]!), scale: scales[k]!, roi: part };
  });
}

/** The one scale of all axes that a policy asks for, if it asks for one. */
function keptRatio(
  cx: Context,
  node: RawNode,
  sizes: readonly number[],
  named: readonly number[],
  shape: readonly number[],
): number | undefined {
  const policy = stringOf(cx, node, "keep_aspect_ratio_policy", "stretch");
  const scales = sizes.map((s, k) => s / shape[named[k]!]!);
  if (policy === "not_larger") return Math.min(...scales);
  return policy === "not_smaller" ? Math.max(...scales) : undefined;
}

const near = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): boolean =>
  a.every((row, i) => row.every((v, j) => Math.abs(v - b[i]![j]!) < 1e-6));

const plain: Sampling = {
  mode: "linear",
  transform: "half_pixel",
  nearestMode: "floor",
  cubicA: 0,
  excludeOutside: false,
  antialias: false,
};
/** What our `upsample` computes, as samplings of ONNX. */
const ours: readonly (readonly [Readonly<Record<string, string>>, Sampling])[] = [
  [{ mode: "nearest" }, { ...plain, mode: "nearest", transform: "asymmetric" }],
  [{ mode: "linear", align: "half_pixel" }, plain],
  [
    { mode: "linear", align: "align_corners" },
    { ...plain, transform: "align_corners" },
  ],
];

/** The attributes of an `upsample` that has the same matrices. */
const upsampleFor = (axes: readonly Plan[]) =>
  ours.find(([, sampling]) =>
    axes.every(({ from, to, matrix }) => {
      const own = { from, to, scale: to / from, roi: [0, 1] } as const;
      return !matrix || near(matrix, matrixOf(sampling, own)!);
    }),
  )?.[0];

/** One axis: slices where every row takes one element, else a product with the matrix. */
export function resampled(
  cx: Context,
  x: FloatTensor,
  axis: number,
  matrix: readonly (readonly number[])[],
  name: string,
): FloatTensor {
  const picked = matrix.map((row) => row.indexOf(1));
  if (picked.every((at, i) => at >= 0 && matrix[i]!.filter((v) => v !== 0).length === 1))
    return taken(cx, x, axis, picked, name);
  if (x.value.type.storage !== "f32") return unsupported(cx, "it interpolates integers");
  const rank = x.shape.length;
  const perm = [...range(rank).filter((a) => a !== axis), axis];
  const from = x.shape[axis]!;
  const w = constant(`${name}.weights`, "f32", [matrix.length, from], matrix.flat());
  const turned = transposedBy(cx, x, perm, name);
  const y = linear(cx, turned, { w, k: 1, n: from, columns: matrix.length, fixed: true }, name);
  const back = range(rank).map((a) => perm.indexOf(a));
  return transposedBy(cx, y, back, name);
}

/** What lies outside a crop has a value of its own. */
function extrapolated(cx: Context, y: FloatTensor, axes: readonly Plan[], value: number, name: string) {
  const inside = axes.map(({ matrix }) => matrix?.map((row) => row.some((v) => v !== 0)) ?? [true]);
  if (value === 0 || inside.flat().every(Boolean)) return y;
  const all = inside.reduce<boolean[]>((sum, axis) => sum.flatMap((a) => axis.map((b) => a && b)), [true]);
  const c = constant(
    `${name}.outside`,
    "f32",
    inside.map((axis) => axis.length),
    all.map((v) => (v ? 0 : value)),
  );
  return combined(cx, "add", y, c, name);
}

/** More weights than this along one axis are no network's: a hostile file must not make us allocate. */
const mostWeights = 2 ** 22;

/** An axis and its matrix; none where nothing changes along it. */
interface Plan extends AxisSampling {
  readonly matrix: readonly (readonly number[])[] | undefined;
}

function planOf(cx: Context, sampling: Sampling, a: AxisSampling): Plan {
  const { from, to, scale, roi } = a;
  if (from === to && scale === 1 && roi[0] === 0 && roi[1] === 1) return { ...a, matrix: undefined };
  if (to < 1) return unsupported(cx, "its result is empty");
  if (from * to > mostWeights) return unsupported(cx, `it resamples ${from} elements to ${to}`);
  const { mode, transform, nearestMode } = sampling;
  const matrix = matrixOf(sampling, a);
  return matrix ? { ...a, matrix } : unsupported(cx, `mode ${mode} with ${transform} and ${nearestMode}`);
}

const resize: Lowering = (cx, node, inputs) => {
  const late = node.op === "Resize" && cx.opset >= 11;
  const [x, name] = [tensorAt(cx, inputs, 0), outputName(node)];
  const sampling = samplingOf(cx, node, late);
  const plans = axisSamplings(cx, node, inputs, x.shape, late).map((a) => planOf(cx, sampling, a));
  const flat = x.shape.length === 3 || x.shape.length === 4;
  const attrs = flat && plans.slice(0, 2).every((p) => !p.matrix) ? upsampleFor(plans.slice(2)) : undefined;
  if (attrs) {
    const value = channelsLastValue(cx, attrs.mode === "linear" ? floatAt(cx, inputs, 0) : x);
    const size = plans.slice(2).map((p) => p.to);
    return spatialResult(cx.main.emit("upsample", [value], { size, ...attrs }, name), name);
  }
  const y = plans.reduce((t, { matrix }, axis) => (matrix ? resampled(cx, t, axis, matrix, name) : t), x);
  const outside = numberOf(cx, node, "extrapolation_value") ?? 0;
  return { ...extrapolated(cx, y, plans, outside, name), name };
};

const becomes = "upsample; slice and concat, or linear with fixed weights, for other modes";

export const resizeRows: FloatRows = {
  Resize: { lower: resize, known: [1, 2, 3], becomes },
  Upsample: { lower: resize, known: [1], becomes },
};
