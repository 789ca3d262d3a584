/** Axes as attributes: negative ones count from the last. */
import type { Dim, Shape, TensorType } from "../type.js";

export const axisOf = (rank: number, axis: number): number => (axis < 0 ? axis + rank : axis);

/** Why these are no distinct axes of a tensor, in words. */
export function wrongAxes(shape: Shape, axes: readonly number[]): string | undefined {
  const rank = shape.length;
  const seen = new Set<number>();
  for (const axis of axes) {
    const found = axisOf(rank, axis);
    if (found < 0 || found >= rank) return `axis ${axis} does not exist in rank ${rank}`;
    if (seen.has(found)) return `axis ${axis} is named twice`;
    seen.add(found);
  }
  return undefined;
}

/** The sizes along `axes`, or the refusal where one of them is the symbolic batch. */
export function sizesAlong(shape: Shape, axes: readonly number[]): readonly number[] | string {
  const found = axes.map((axis) => shape[axisOf(shape.length, axis)]);
  const known = found.filter((d): d is number => typeof d === "number");
  return known.length === found.length ? known : "the symbolic batch N cannot be reduced";
}

/** The shape without the listed axes (already counted from 0). */
export const without = (shape: Shape, axes: readonly number[]): readonly Dim[] =>
  shape.filter((_, i) => !axes.includes(i));

/** Per-channel scales do not survive when dimensions are joined or split. */
export const wrongJoin = (x: TensorType): string | undefined =>
  x.quant?.channels
    ? `x has one scale per index of axis ${x.quant.axis}; joining or splitting axes needs one for all`
    : undefined;
