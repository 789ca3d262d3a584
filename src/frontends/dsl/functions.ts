/** Functions of models that give sizes, not tensors. */
import type { TensorType } from "../../ir/type.js";

export interface SizeFunction {
  readonly summary: string;
  /** What is written after the tensor. */
  readonly more: readonly string[];
  /** A size, or why there is none. */
  of(x: TensorType, more: readonly number[]): number | string;
}

/** A whole number from the shape; the batch has no size yet. */
function sizeAt(x: TensorType, axis: number): number | string {
  const size = x.shape.at(axis);
  if (size === undefined || axis >= x.shape.length)
    return `there is no axis ${axis}; the axes are 0 (batch) to ${x.shape.length - 1}`;
  return size === "N" ? "the batch has no size in a model" : size;
}

export const functions: Readonly<Record<string, SizeFunction>> = {
  channels: { summary: "Channels of x.", more: [], of: (x) => sizeAt(x, -1) },
  length: {
    summary: "Length of x, which has one spatial dimension.",
    more: [],
    of: (x) => (x.shape.length === 3 ? sizeAt(x, 1) : "length is of data with one spatial dimension"),
  },
  size: {
    summary: "Size of x along `axis`: 1 is length or height, -1 channels.",
    more: ["axis"],
    of: (x, [axis]) => sizeAt(x, axis!),
  },
};
