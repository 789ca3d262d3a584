/** What reduce_mean and reduce_sum share: both give the i32 sum, only the scale differs. */
import { at, type Bounds, type Known } from "../bounds.js";
import type { AttrSpec } from "../op.js";
import { allocate, forEachIndex, strides, type Tensor } from "../tensor.js";
import { sizes, type TensorType, tensorType, zeroPoint } from "../type.js";
import { axisOf, sizesAlong, without, wrongAxes } from "./axes.js";

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}
export const reduceAttrs = {
  axes: { kind: "ints" },
  keepdims: { kind: "bool", default: true },
} as const satisfies AttrSpec;

const counted = (type: TensorType, axes: readonly number[]) =>
  axes.map((axis) => axisOf(type.shape.length, axis));

/** The result's type; `scaleOf` says what the count of summed elements does to the scale. */
export function inferReduce(
  x: TensorType,
  { axes, keepdims }: ReduceAttrs,
  scaleOf: (scale: number, count: number) => number,
): TensorType | string {
  if (axes.length === 0) return "axes is empty: name the dimensions to reduce";
  const wrong = wrongAxes(x.shape, axes);
  if (wrong) return wrong;
  const along = counted(x, axes);
  const reduced = sizesAlong(x.shape, along);
  if (typeof reduced === "string") return reduced;
  if (!keepdims && along.length === x.shape.length)
    return "no dimension would be left; keepdims = true keeps them at size 1";
  const shape = keepdims ? x.shape.map((d, i) => (along.includes(i) ? 1 : d)) : without(x.shape, along);
  if (x.storage === "f32") return { storage: "f32", shape };
  if (!x.quant) return { storage: "i32", shape };
  const scale = scaleOf(
    x.quant.scale,
    reduced.reduce((a, b) => a * b, 1),
  );
  const { channels, axis = 0 } = x.quant;
  if (!channels) return tensorType("i32", shape, { scale, zero: 0 });
  if (along.includes(axis)) return `x has one scale per index of axis ${axis}, which cannot be summed over`;
  const moved = keepdims ? axis : axis - along.filter((a) => a < axis).length;
  return tensorType("i32", shape, { scale, zero: 0, channels, axis: moved });
}

/** Sum of (x - zero) over the axes, in i32. */
export function intSum(x: Tensor, { axes }: ReduceAttrs): Int32Array {
  const shape = sizes(x.type);
  const along = counted(x.type, axes);
  const kept = shape.map((d, i) => (along.includes(i) ? 1 : d));
  const step = strides(kept).map((s, i) => (along.includes(i) ? 0 : s));
  const zero = zeroPoint(x.type);
  const y = allocate(
    "i32",
    kept.reduce((a, b) => a * b, 1),
  ) as Int32Array;
  forEachIndex(shape, (index, i) => {
    const to = index.reduce((sum, v, d) => sum + v * step[d]!, 0);
    y[to] = (y[to]! + Number(x.data[i]) - zero) | 0;
  });
  return y;
}

/** Per channel where the last dimension is not reduced; partial sums grow with every element. */
export function sumBounds(x: Known, { axes }: ReduceAttrs): Bounds {
  const shape = sizes(x.type);
  const along = counted(x.type, axes);
  const count = along.reduce((n, axis) => n * shape[axis]!, 1);
  const zero = zeroPoint(x.type);
  const perChannel = !along.includes(shape.length - 1);
  const channels = perChannel ? x.bounds.lo.length : 1;
  const each = Array.from({ length: channels }, (_, c) => {
    const { lo, hi } = perChannel
      ? at(x.bounds, c)
      : { lo: Math.min(...x.bounds.lo), hi: Math.max(...x.bounds.hi) };
    return { lo: lo - zero, hi: hi - zero };
  });
  return {
    lo: each.map(({ lo }) => lo * count),
    hi: each.map(({ hi }) => hi * count),
    partial: each.map(({ lo, hi }) => Math.max(Math.abs(lo), Math.abs(hi)) * count),
  };
}
