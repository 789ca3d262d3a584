/**
 * What an ONNX tensor is while importing: a constant, an integer value with arithmetic pending on it, or a
 * float of the tail.
 */
import type { Value } from "../../ir/graph.js";
import { type Affine, identity } from "./affine.js";
import type { Constant } from "./constant.js";
import { type Layout, permuted } from "./layout.js";

/** An integer tensor: max(map(source), 0 when `relu`), in exact rational arithmetic. */
export interface Tensor {
  readonly kind: "tensor";
  /** The ONNX tensor. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly source: Value | Floored;
  /** Of the source's value. */
  readonly layout: Layout;
  readonly map: Affine;
  readonly relu: boolean;
  /** The file says that fractions are dropped here (Floor, Cast, integer division). */
  readonly floored: boolean;
  /** ... by rounding toward zero instead of down. */
  readonly truncates: boolean;
  /** The ONNX element type is an integer: its Div truncates. */
  readonly integer: boolean;
  /**
   * What its fractions become when the file does not say: down, to the nearest with halves up, or with
   * halves away from zero.
   */
  readonly implied: "floor" | "half-up" | "half-away";
}

/** The floor of a tensor, not yet a value: a following Clip may join it. */
export interface Floored {
  readonly floorOf: Tensor;
}
export const isFloored = (s: Value | Floored): s is Floored => "floorOf" in s;

/** A float tensor of the tail. */
export interface FloatTensor {
  readonly kind: "float";
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Value;
  readonly layout: Layout;
}

/** `poisoned` stands for results of nodes that were refused: what depends on them stays silent. */
export type Imported = Constant | Tensor | FloatTensor | { readonly kind: "poisoned" };

const plain = {
  map: identity,
  relu: false,
  floored: false,
  truncates: false,
  integer: false,
  implied: "floor",
} as const;

export const tensorOf = (
  name: string,
  shape: readonly number[],
  source: Value | Floored,
  layout: Layout,
): Tensor => ({
  kind: "tensor",
  name,
  shape,
  source,
  layout,
  ...plain,
});

/** A value whose axis i is ONNX axis perm[i]. */
export const inPerm = (
  name: string,
  shape: readonly number[],
  value: Value,
  perm: readonly number[],
): Tensor => tensorOf(name, shape, value, permuted(shape, perm));

/** The same elements as a tensor to which more arithmetic may be applied once it is floored. */
export const barrier = (t: Tensor): Tensor => ({
  ...tensorOf(t.name, t.shape, { floorOf: t }, t.layout),
  integer: t.integer,
});
