/** Division of integers as multiply, add and shift: exact on an interval, or not at all. */

/** floor((x * mul + add) / div) for integers x of [lo, hi]; div > 0. */
export interface Quotient {
  readonly mul: bigint;
  readonly add: bigint;
  readonly div: bigint;
  readonly lo: bigint;
  readonly hi: bigint;
}
export interface Shifted {
  readonly mul: bigint;
  readonly add: bigint;
}

export const floorDiv = (a: bigint, b: bigint): bigint => {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
const ceilDiv = (a: bigint, b: bigint): bigint => -floorDiv(-a, b);

export const maxShift = 62;
const limit32 = 2n ** 31n;
const limit63 = 2n ** 63n;

/**
 * `(x * mul' + add') >> shift` that equals the quotient for every x of its interval, or nothing. With mul'
 * and add' rounded up, the error grows from e(lo) >= 0 to e(hi); as the quotient before flooring is a
 * multiple of 1/div, the floors agree when e(hi) < 1/div (Granlund and Montgomery, PLDI 1994, for an
 * interval that may be negative).
 */
function shiftedBy(q: Quotient, shift: number): Shifted | undefined {
  const one = 1n << BigInt(shift);
  const mul = ceilDiv(q.mul * one, q.div);
  const add = ceilDiv((q.lo * q.mul + q.add) * one, q.div) - q.lo * mul;
  const error = (q.hi * mul + add) * q.div - (q.hi * q.mul + q.add) * one;
  const fits = mul >= -limit32 && mul < limit32 && add >= -limit63 && add < limit63;
  const wide = [q.lo, q.hi].every((x) => x * mul + add >= -limit63 && x * mul + add < limit63);
  return error < one && fits && wide ? { mul, add } : undefined;
}

/** One shift for all channels, as small as possible, and the channels' multipliers and offsets. */
export function asShift(channels: readonly Quotient[]): { shift: number; channels: Shifted[] } | undefined {
  for (let shift = 0; shift <= maxShift; shift++) {
    const all = channels.map((q) => shiftedBy(q, shift));
    if (all.every((s) => s !== undefined)) return { shift, channels: all };
  }
  return undefined;
}
