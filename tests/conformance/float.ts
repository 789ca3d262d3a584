/** Comparing float tensors with goldens in ONNX's axis order. */
import type { Mapped } from "../../src/frontends/onnx/index.js";
import { permute, type Tensor } from "../../src/ir/tensor.js";

/** Elements in ONNX's order as the value of `mapped` has them. */
export const axisOrdered = (data: Float64Array, { onnxShape, perm }: Mapped): ArrayLike<number> =>
  perm ? (permute(data as never, onnxShape, perm) as ArrayLike<number>) : data;

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}
export interface Difference {
  /** Position in the golden, row by row. */
  readonly at: number;
  readonly found: number;
  readonly expected: number;
}

/** The first element that is off by more than `relative` of the golden plus `absolute`. Infinities and NaN must be met. */
export function firstDifference(
  found: Tensor,
  expected: Float64Array,
  { perm }: Mapped,
  { relative, absolute }: Tolerance,
): Difference | undefined {
  const back = perm?.map((_, i) => perm.indexOf(i));
  const data = back ? permute(found.data, found.type.shape as readonly number[], back) : found.data;
  if (data.length !== expected.length)
    return { at: Math.min(data.length, expected.length), found: Number.NaN, expected: Number.NaN };
  for (const [at, wanted] of expected.entries()) {
    const have = Number(data[at]);
    const near = Math.abs(have - wanted) <= relative * Math.abs(wanted) + absolute;
    if (!near && !Object.is(have, wanted) && have !== wanted) return { at, found: have, expected: wanted };
  }
  return undefined;
}
