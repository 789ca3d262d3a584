/** The orders in which files list the elements of a value. */

import { channelsFirst } from "../data/tensor-files/index.js";
import { permute, strides } from "../ir/tensor.js";
import { sizes } from "../ir/type.js";
import { comparable } from "./difference.js";
import type { NamedValue } from "./names.js";

export type Layout = "channels-last" | "channels-first";

/** A value that is known in the model, yet without a permutation, has the model's own order. */
function modelPerm({ type, perm, onnxName }: NamedValue): readonly number[] {
  if (perm) return perm;
  return onnxName === undefined ? channelsFirst(type.shape.length) : type.shape.map((_, i) => i);
}

/** A value's elements in the order in which a golden of this layout lists them. */
export function inLayout(value: NamedValue, layout: Layout): ArrayLike<number> {
  const plain = comparable(value.data);
  if (layout === "channels-last" || value.type.shape.length < 2) return plain;
  return permute(plain as Float32Array, sizes(value.type), modelPerm(value)) as Float32Array;
}

/** A golden's elements in the order of the value: the inverse of `inLayout`. */
export function fromLayout(golden: ArrayLike<number>, value: NamedValue, layout: Layout): ArrayLike<number> {
  if (layout === "channels-last" || value.type.shape.length < 2) return golden;
  const [shape, perm] = [sizes(value.type), modelPerm(value)];
  const back = perm.map((_, i) => perm.indexOf(i));
  return permute(
    Float64Array.from(golden) as never,
    perm.map((p) => shape[p]!),
    back,
  ) as Float32Array;
}

/** The words for another order of the value's elements under which the golden equals it, or nothing. */
export function otherOrder(golden: ArrayLike<number>, value: NamedValue): string | undefined {
  const data = comparable(value.data);
  if (!sameSums(golden, data)) return undefined;
  const shape = sizes(value.type);
  if (shape.length > 4) return undefined;
  for (const perm of permutations(shape.length)) {
    for (const reversed of [false, true]) {
      if (walkEquals(golden, data, shape, perm, reversed)) return describe(perm, reversed);
    }
  }
  return shape.filter((d) => d !== 1).length === 1 ? flattened(golden, data) : undefined;
}

/** Reordering keeps sums: a cheap reason to try no order at all. */
function sameSums(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    // Sums of fractions depend on the order; squares are taken modulo 2^32 to stay exact.
    if (!Number.isInteger(a[i]) || !Number.isInteger(b[i])) return true;
    sum += a[i]! - b[i]!;
    squares = (squares + Math.imul(a[i]!, a[i]!) - Math.imul(b[i]!, b[i]!)) | 0;
  }
  return sum === 0 && squares === 0;
}

function permutations(rank: number): readonly (readonly number[])[] {
  if (rank === 0) return [[]];
  return permutations(rank - 1).flatMap((p) =>
    Array.from({ length: rank }, (_, at) => p.toSpliced(at, 0, rank - 1)).reverse(),
  );
}

/** Does `golden` list `data` with its axes in the order `perm`, the last axis backwards if `reversed`? */
function walkEquals(
  golden: ArrayLike<number>,
  data: ArrayLike<number>,
  shape: readonly number[],
  perm: readonly number[],
  reversed: boolean,
): boolean {
  const last = shape.length - 1;
  const steps = strides(shape);
  const dims = perm.map((p) => shape[p]!);
  const moves = perm.map((p) => (reversed && p === last ? -steps[p]! : steps[p]!));
  const index = dims.map(() => 0);
  let from = reversed ? (shape[last] ?? 1) - 1 : 0;
  for (let at = 0; at < golden.length; at++) {
    if (golden[at] !== data[from]) return false;
    for (let d = dims.length - 1; d >= 0; d--) {
      from += moves[d]!;
      if (++index[d]! < dims[d]!) break;
      from -= moves[d]! * dims[d]!;
      index[d] = 0;
    }
  }
  return true;
}

const axisNames: Readonly<Record<number, readonly string[]>> = {
  2: ["N", "C"],
  3: ["N", "L", "C"],
  4: ["N", "H", "W", "C"],
};

function describe(perm: readonly number[], reversed: boolean): string {
  const names = axisNames[perm.length] ?? perm.map((_, i) => `axis ${i}`);
  const order = perm.map((p) => names[p]).join(" ");
  const back = reversed ? "with the channels in reverse order" : "";
  if (perm.every((p, i) => p === i)) return back || `in the order ${order} (channels last)`;
  const first = perm.join() === channelsFirst(perm.length).join() ? " (channels first)" : "";
  return `in the order ${order}${first}${back && `, ${back}`}`;
}

/** A flattened value hides its axes: is the golden its transpose as some matrix? */
function flattened(golden: ArrayLike<number>, data: ArrayLike<number>): string | undefined {
  for (let rows = 2; rows <= data.length / 2; rows++) {
    const columns = data.length / rows;
    if (Number.isInteger(columns) && walkEquals(golden, data, [rows, columns], [1, 0], false)) {
      return `read as ${rows} x ${columns} and transposed: it was flattened in the other layout`;
    }
  }
  return undefined;
}
