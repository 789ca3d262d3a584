/**
 * Requantisation in 32 bits of sums whose products do not fit there. Sums that end in the clamp anyway are clamped before
 * they are multiplied: what is left of (sum * mul + add) lies in [lo, hi + 1) * 2^shift, which fits 32 bits.
 */
import type { Requant } from "../contract.js";

/** Sums of a channel are clamped to [from, to]; then (sum * mul + add) >> shift is the result, without another clamp. */
export interface Clamped {
  readonly from: number;
  readonly to: number;
  readonly mul: number;
  readonly add: number;
}
export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
}

const [least, most] = [-(2n ** 31n), 2n ** 31n - 1n];
const floorDiv = (a: bigint, b: bigint): bigint => {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
const ceilDiv = (a: bigint, b: bigint): bigint => -floorDiv(-a, b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Sums whose product plus `add` lies in [from, to]; mul is not 0. */
const preimage = (from: bigint, to: bigint, mul: bigint, add: bigint): Interval =>
  mul > 0n
    ? { lo: ceilDiv(from - add, mul), hi: floorDiv(to - add, mul) }
    : { lo: ceilDiv(to - add, mul), hi: floorDiv(from - add, mul) };

const low = (v: bigint): number => Number(BigInt.asIntN(32, v));

/**
 * Channel `c` of a requant whose sums lie in `reach`, all values taken times 2^lift; nothing where 32 bits are too few or
 * results jump over an end of the clamp. With lo >= 0 the shift is a logical one.
 */
export function clampedChannel(r: Requant, c: number, reach: Interval, lift = 0): Clamped | undefined {
  const [mul, add, shift] = [BigInt(r.mul[c]!), r.add[c]!, BigInt(r.shift[c]!)];
  const [lo, hi] = [BigInt(r.lo), BigInt(r.hi)];
  const up = BigInt(lift);
  const [from, to] = [lo << shift, ((hi + 1n) << shift) - 1n];
  const fits = lo >= 0n ? to << up < 2n ** 32n : from << up >= least && ((to + 1n) << up) - 1n <= most;
  if (!fits || shift + up > 31n) return undefined;
  const result = (sum: bigint) => min(max((sum * mul + add) >> shift, lo), hi);
  if (mul === 0n)
    return { from: Number(least), to: Number(most), mul: 0, add: low(result(0n) << (shift + up)) };
  const inside = preimage(from, to, mul, add);
  const [a, b] = [max(inside.lo, reach.lo), min(inside.hi, reach.hi)];
  if (a > b || result(a) !== result(reach.lo) || result(b) !== result(reach.hi))
    return constant(result, reach, shift + up);
  if (a << up < least || b << up > most) return undefined;
  return { from: Number(a << up), to: Number(b << up), mul: Number(mul), add: low(add << up) };
}

/** A channel whose sums all give one result. */
function constant(result: (sum: bigint) => bigint, reach: Interval, shift: bigint): Clamped | undefined {
  const value = result(reach.lo);
  if (value !== result(reach.hi)) return undefined;
  return { from: Number(least), to: Number(most), mul: 0, add: low(value << shift) };
}

/** All channels, or nothing where one of them cannot. */
export function clampedRequant(
  r: Requant,
  reach: readonly Interval[],
  lift = 0,
): readonly Clamped[] | undefined {
  const all = reach.map((interval, c) => clampedChannel(r, c, interval, lift));
  return all.every((k) => k !== undefined) ? all : undefined;
}
