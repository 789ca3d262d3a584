/** Functions that the code of instructions calls. All take and return signed 32-bit numbers. */

/** Low and high words of products by 16-bit halves: exact, without 64-bit integers. */
export function mulhu(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const low = al * bl;
  const mid = ah * bl + (low >>> 16);
  const mid2 = al * bh + (mid % 0x10000);
  return (ah * bh + Math.floor(mid / 0x10000) + Math.floor(mid2 / 0x10000)) | 0;
}
export const mulh = (a: number, b: number): number => (mulhu(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
export const mulhsu = (a: number, b: number): number => (mulhu(a, b) - (a < 0 ? b : 0)) | 0;

/** Division by zero gives -1 (rem: the dividend); the overflow of -2^31 / -1 wraps. */
export const div = (a: number, b: number): number => (b === 0 ? -1 : (a / b) | 0);
export const divu = (a: number, b: number): number => (b === 0 ? -1 : ((a >>> 0) / (b >>> 0)) | 0);
export const rem = (a: number, b: number): number => (b === 0 ? a : (a % b) | 0);
export const remu = (a: number, b: number): number => (b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0);

export const clamp = (v: number, low: number, high: number): number => (v < low ? low : v > high ? high : v);

/** Number of one bits. */
export function ones(v: number): number {
  const pairs = v - ((v >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Cycles of div, divu, rem, remu beyond the first: RI5CY's serial divider works one bit per cycle and skips the leading
 * sign bits of the divisor (gap8-facts 3.1: clz + 3 cycles; negative divisors ~clz(|rs2|) + 2).
 */
export const divideCycles = (b: number, signed: boolean): number =>
  signed && b < 0 ? Math.clz32(-b | 0) + 1 : b === 0 ? 33 : Math.clz32(b) + 2;
