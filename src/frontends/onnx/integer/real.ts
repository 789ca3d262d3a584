/** What a float value of a quantised network is in terms of integers that the new graph holds. */
import type { Node, Value } from "../../../ir/graph.js";

/** One number for all, or one per index of the last axis. */
export type PerChannel = readonly number[];

/** (value - zero) * scale. */
export interface Term {
  readonly value: Value;
  readonly zero: number;
  readonly scale: PerChannel;
}

/** The sum of one or two terms and `offset`, clamped to [lo, hi]. */
export interface Sum {
  readonly kind: "sum";
  readonly terms: readonly Term[];
  readonly offset: PerChannel;
  readonly lo: number;
  readonly hi: number;
}

/** A sum that counts by a slope where it is below zero, clamped to [lo, hi] then. The sum itself has no clamp. */
export interface Bent {
  readonly kind: "bent";
  readonly sum: Sum;
  readonly slopes: PerChannel;
  readonly lo: number;
  readonly hi: number;
}

/** A node that only moves or picks elements: it does the same to integers. */
export interface Moved {
  readonly kind: "moved";
  readonly node: Node;
  readonly from: Real;
}

/** A node that interpolates between elements. */
export interface Stretched {
  readonly kind: "stretched";
  readonly node: Node;
  readonly from: Real;
}

export interface Joined {
  readonly kind: "joined";
  readonly node: Node;
  readonly parts: readonly Real[];
}

/** A function of one narrow integer. */
export interface Mapped {
  readonly kind: "mapped";
  readonly x: Value;
  /** Of the stored integer. */
  of(stored: number): number;
}

/** A float input of the network, clamped. */
export interface Entering {
  readonly kind: "entering";
  readonly input: Value;
  readonly lo: number;
  readonly hi: number;
}

export type Real = Sum | Bent | Moved | Stretched | Joined | Mapped | Entering;

export const at = (list: PerChannel, i: number): number => list[list.length === 1 ? 0 : i]!;

/** `of` applied to both, channel by channel. */
export const zipped = (a: PerChannel, b: PerChannel, of: (x: number, y: number) => number): PerChannel =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, c) => of(at(a, c), at(b, c)));

export const sumOf = (...terms: readonly Term[]): Sum => ({
  kind: "sum",
  terms,
  offset: [0],
  lo: -Infinity,
  hi: Infinity,
});

/** The scale of a quantised type along its last axis; nothing where it runs along another. */
export function scaleOf({ type }: Value): PerChannel | undefined {
  const { quant, shape } = type;
  if (!quant) return undefined;
  if (!quant.channels) return [quant.scale];
  if (quant.axis !== shape.length - 1) return undefined;
  return Array.from(quant.channels.data as Float32Array, (s) => s * quant.scale);
}
