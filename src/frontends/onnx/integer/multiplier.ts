/** Real factors as integers: multiply-and-shift for requant, a pair of whole multipliers for sums. */

const widest = 2 ** 31;
const longestShift = 62;

export interface Multiplier {
  readonly mul: number;
  readonly shift: number;
}

/**
 * mul / 2^shift nearest to `factor`, mul of 31 bits where the shift allows it: a relative error below 2^-30.
 * `offset`, in steps of the result, is added before the shift and must fit 62 bits. Nothing where `factor` is beyond 31 bits.
 */
export function multiplier(factor: number, offset = 0): Multiplier | undefined {
  const room = 60 - Math.ceil(Math.log2(1 + Math.abs(offset)));
  const ideal = factor === 0 ? 0 : 30 - Math.floor(Math.log2(Math.abs(factor)));
  let shift = Math.min(ideal, longestShift, room);
  if (shift >= 0 && Math.abs(Math.round(factor * 2 ** shift)) >= widest) shift--;
  return shift < 0 ? undefined : { mul: Math.round(factor * 2 ** shift), shift };
}

/** round(value * 2^shift), exact also where that is beyond 2^53. */
export function shifted(value: number, shift: number): bigint {
  const product = value * 2 ** shift;
  return Number.isSafeInteger(Math.round(product)) ? BigInt(Math.round(product)) : BigInt(product);
}

const window = 4096;
/** A pair of multipliers that misses the ratio by more would show beside the 1e-6 around a tie. */
const pairTolerance = 2e-7;

/**
 * Whole [p, q] with q / p nearest to `ratio`, p * a + q * b below 2^31; nothing where none is near enough.
 */
export function pairFor(ratio: number, a: number, b: number): readonly [number, number] | undefined {
  const most = Math.floor((widest - 1 - b) / (a + ratio * b));
  let best: { readonly pair: readonly [number, number]; readonly error: number } | undefined;
  const consider = (p: number) => {
    const q = Math.round(p * ratio);
    if (p < 1 || q < 1) return;
    const error = Math.abs(q - p * ratio) / (p * ratio);
    if (!best || error < best.error) best = { pair: [p, q], error };
  };
  // Small p first, so that 1 : 2 stays 1 : 2; then windows at each power of two below the largest.
  for (let p = 1; p <= Math.min(most, window); p++) consider(p);
  for (let top = most; top > window; top = Math.floor(top / 2))
    for (let p = top; p > top - window; p--) consider(p);
  return best && best.error <= pairTolerance ? best.pair : undefined;
}
