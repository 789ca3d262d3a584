/** What vectors are made of: seeded numbers and fillings of tensors. */
import { randomFrom } from "../ir/random.js";
import type { Data, Storage } from "../ir/storage.js";
import { allocate } from "../ir/tensor.js";

/** How a tensor is filled: `lane k` is zero but for every element k of a byte's fields, counted along the last axis. */
export type Fill = "random" | "lowest" | "highest" | "zero" | "ramp" | `lane ${number}`;

export interface Span {
  readonly lo: number;
  readonly hi: number;
  readonly zero: number;
}

/** A whole number in [lo, hi]. */
export const pick = (next: () => number, lo: number, hi: number): number =>
  lo + Math.floor(next() * (hi - lo + 1));

/** A number in [lo, hi] whose magnitude is spread over powers of two. */
export function pickMagnitude(next: () => number, lo: number, hi: number): number {
  const v = Math.floor(2 ** (next() * Math.log2(Math.max(1, hi))));
  return Math.min(hi, Math.max(lo, v));
}

/** An independent stream per case and tensor. */
export const streamFor = (seed: number, name: string): (() => number) => {
  let hash = seed >>> 0;
  for (const c of name) hash = (Math.imul(hash ^ c.charCodeAt(0), 0x01000193) + 0x9e3779b9) >>> 0;
  return randomFrom(hash);
};

/** `lanes`: fields per byte of a packed tensor, 1 for others. */
export function filled(
  storage: Storage,
  count: number,
  fill: Fill,
  { lo, hi, zero }: Span,
  next: () => number,
  lanes = 1,
): Data {
  const data = allocate(storage, count);
  const within = Math.min(hi, Math.max(lo, zero));
  const lane = fill.startsWith("lane") ? Number(fill.slice(5)) : -1;
  for (let i = 0; i < count; i++) {
    const v = elementOf(fill, i, { lo, hi, zero: within }, next, lane, lanes);
    if (data instanceof BigInt64Array) data[i] = BigInt(v);
    else data[i] = v;
  }
  return data;
}

function elementOf(fill: Fill, i: number, s: Span, next: () => number, lane: number, lanes: number): number {
  if (fill === "random") return pick(next, s.lo, s.hi);
  if (fill === "lowest") return s.lo;
  if (fill === "highest") return s.hi;
  if (fill === "ramp") return s.lo + ((i * 7 + 3) % (s.hi - s.lo + 1));
  if (fill === "zero") return s.zero;
  return i % Math.max(1, lanes) === lane ? s.hi : s.zero;
}
