/** Fixed-point multipliers: `ratio` as mul * 2^-shift, as wide as a 32-bit product allows. */

export interface Multiplier {
  /** Positive, below 2^31. */
  readonly mul: number;
  /** 0 to 62. */
  readonly shift: number;
}

const limit = 2 ** 31;
/** Half a unit of the result, which rounds half up: what `add` holds besides offsets. */
export const half = (shift: number): bigint => (shift === 0 ? 0n : 1n << BigInt(shift - 1));

/** The largest shift whose multiplier, and shift, `fit`; -1 if none does. */
function widestShift(
  ratio: number,
  round: (x: number) => number,
  fit: (mul: number, shift: number) => boolean,
): number {
  for (let shift = 62; shift >= 0; shift--) {
    const mul = round(ratio * 2 ** shift);
    if (mul >= 1 && mul < limit && fit(mul, shift)) return shift;
  }
  return -1;
}
/** |acc| * mul + 2^(shift - 1) stays below 2^31 for |acc| <= `reach`. */
const within32 = (reach: number) => (mul: number, shift: number) => reach * mul + 2 ** (shift - 1) < limit;

/**
 * The widest multiplier with a proven 32-bit product; where its relative error exceeds `tolerance`, the widest one at all
 * (31 bits), which needs a 64-bit product.
 */
export function multiplierFor(ratio: number, reach: number, tolerance: number): Multiplier {
  const narrow = widestShift(ratio, Math.round, within32(reach));
  if (narrow >= 0 && relativeError(ratio, narrow) <= tolerance) return at(ratio, narrow);
  return at(
    ratio,
    widestShift(ratio, Math.round, () => true),
  );
}

const at = (ratio: number, shift: number): Multiplier => {
  if (shift < 0) throw new RangeError(`no multiplier of 31 bits comes near ${ratio}`);
  return { mul: Math.round(ratio * 2 ** shift), shift };
};
const relativeError = (ratio: number, shift: number): number =>
  Math.abs(Math.round(ratio * 2 ** shift) * 2 ** -shift - ratio) / ratio;

/**
 * The smallest ratio >= `ratio` that a multiplier with a 32-bit product states exactly. Undefined where that would be more
 * than `growth` larger.
 */
export function exactRatio(ratio: number, reach: number, growth: number): number | undefined {
  const shift = widestShift(ratio, Math.ceil, within32(reach));
  if (shift < 0) return undefined;
  const exact = Math.ceil(ratio * 2 ** shift) * 2 ** -shift;
  return exact <= ratio * (1 + growth) ? exact : undefined;
}
