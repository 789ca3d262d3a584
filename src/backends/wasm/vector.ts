/** Vectors of lanes: what kernels say about v128. Places count bytes, whatever a buffer holds. */
import type { Code } from "./code.js";
import type { Buffer, Expr, Place, VectorLoad, VectorOp } from "./expr.js";
import { constant } from "./expr.js";

/** Byte `offset` past `pointer` in `buffer`. */
export const byteAt = (buffer: Buffer, pointer: Expr, offset = 0): Place => ({ buffer, pointer, offset });
export const further = (place: Place, bytes: number): Place => ({ ...place, offset: place.offset + bytes });

export const lanes = (op: VectorOp, ...args: readonly Expr[]): Expr => ({
  kind: "lanes",
  type: "v128",
  op,
  args,
});
export const loadLanes = (place: Place, op: VectorLoad = "load"): Expr => ({
  kind: "load lanes",
  type: "v128",
  op,
  place,
});

/** Four times the same i32. */
export const splat = (value: number): Expr => lanes("i32x4.splat", constant(value));
export const add4 = (a: Expr, b: Expr): Expr => lanes("i32x4.add", a, b);
/** a[2i] * b[2i] + a[2i + 1] * b[2i + 1] of eight i16 each, wrapping in i32. */
export const dot = (a: Expr, b: Expr): Expr => lanes("i32x4.dot_i16x8_s", a, b);

/** Lanes of `size` bytes, picked from those of a and then those of b. */
const shuffle = (a: Expr, b: Expr, size: number, picked: readonly number[]): Expr => {
  const bytes = picked.flatMap((lane) => Array.from({ length: size }, (_, i) => lane * size + i));
  return { kind: "shuffle", type: "v128", a, b, bytes };
};
/** The i16 a0 b0 a1 b1 a2 b2 a3 b3. */
export const interleaveLow = (a: Expr, b: Expr): Expr => shuffle(a, b, 2, [0, 8, 1, 9, 2, 10, 3, 11]);
/** The i16 a4 b4 a5 b5 a6 b6 a7 b7. */
export const interleaveHigh = (a: Expr, b: Expr): Expr => shuffle(a, b, 2, [4, 12, 5, 13, 6, 14, 7, 15]);
/** The high i32 of the i64 a0 a1 b0 b1. */
export const highHalves = (a: Expr, b: Expr): Expr => shuffle(a, b, 4, [1, 3, 5, 7]);

/** Stores all 16 bytes, or the lane of `bytes` bytes with index `lane`. */
export function storeLanes(
  code: Code,
  place: Place,
  value: Expr,
  bytes: 1 | 2 | 4 | 8 | 16 = 16,
  lane = 0,
): void {
  code.add({ kind: "store lanes", place, bytes, lane, value });
}
