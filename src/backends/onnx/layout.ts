/** Axis orders: the IR's channels-last, and ONNX's channels-first for data of rank 3 and 4. */
import { axisOf } from "../../ir/ops/axes.js";
import { range } from "../../ir/ops/take.js";
import type { Dim, Shape } from "../../ir/type.js";

export type Layout = "first" | "last";

/** Does data of this rank have positions and channels that the layouts order differently? */
export const isSpatial = (rank: number): boolean => rank === 3 || rank === 4;

/** The IR axis that each ONNX axis is. */
export const axesIn = (rank: number, layout: Layout): readonly number[] =>
  layout === "first" && isSpatial(rank) ? [0, rank - 1, ...range(1, rank - 1)] : range(0, rank);

/** The ONNX axis that an IR axis, which may count from the last, is. */
export const onnxAxis = (rank: number, layout: Layout, axis: number): number =>
  axesIn(rank, layout).indexOf(axisOf(rank, axis));

export const shapeIn = (shape: Shape, layout: Layout): readonly Dim[] =>
  axesIn(shape.length, layout).map((axis) => shape[axis]!);

/** The permutation of a Transpose between layouts. */
export const permBetween = (rank: number, from: Layout, to: Layout): readonly number[] =>
  axesIn(rank, to).map((axis) => axesIn(rank, from).indexOf(axis));

/** Do both layouts list the elements in one order, because at most one of the axes that change places is longer than 1? */
export function sameRows(shape: Shape): boolean {
  const long = axesIn(shape.length, "first").filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || long[i - 1]! < axis);
}
