/** The integer type of an activation, from the range of its values. */
import type { Range } from "../../ir/graph.js";
import { type IntStorage, storages } from "../../ir/storage.js";
import type { Quant } from "../../ir/type.js";

export type Bits = 8 | 4 | 2;
export type Interval = Pick<Range, "low" | "high">;

/** Any scale stands for values that are all zero, and none may be zero itself. */
const some = { low: 0, high: 1 };

/** Storage, scale and zero point for values in `range`: unsigned where none is negative, else symmetric, or with a zero point where `zeroPoints`. */
export function activationQuant(
  range: Interval,
  bits: Bits,
  zeroPoints: boolean,
): { storage: IntStorage; quant: Quant } {
  const { low, high } = range.low === 0 && range.high === 0 ? some : range;
  const unsigned: IntStorage = `u${bits}`;
  const signed: IntStorage = `i${bits}`;
  const levels = 2 ** bits - 1;
  if (low >= 0) return { storage: unsigned, quant: { scale: high / levels, zero: 0 } };
  if (zeroPoints) {
    const scale = (Math.max(high, 0) - low) / levels;
    return { storage: unsigned, quant: { scale, zero: Math.min(levels, Math.round(-low / scale)) } };
  }
  const { min, max } = storages[signed];
  return { storage: signed, quant: { scale: Math.max(high / max, low / min), zero: 0 } };
}

/** The stored integer of a real value: floor(x / scale + 1/2) + zero, clamped to the storage. */
export function stored(value: number, storage: IntStorage, { scale, zero }: Quant): number {
  const { min, max } = storages[storage];
  return Math.min(Math.max(Math.floor(value / scale + 0.5) + zero, min), max);
}

/** The smallest interval that holds both. */
export const joined = (a: Interval, b: Interval): Interval => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
});
