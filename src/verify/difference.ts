/** Where and by how much two tensors differ. */
import { indexOf } from "../data/tensor-files/index.js";

export type Numbers = ArrayLike<number | bigint>;

export interface Difference {
  /** The first differing element, row-major in the value's own (channels-last) shape. */
  readonly index: readonly number[];
  readonly expected: number;
  readonly got: number;
  /** got - expected of that element; in LSB for integers. */
  readonly distance: number;
  /** Largest magnitude of got - expected. */
  readonly largest: number;
  readonly differing: number;
  readonly elements: number;
}

/** Numbers that compare with `===`: bigints become doubles, exact wherever an i32 can be equal. */
export function comparable(data: Numbers): ArrayLike<number> {
  return typeof data[0] === "bigint"
    ? Float64Array.from(data as ArrayLike<bigint>, Number)
    : (data as ArrayLike<number>);
}

const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

export function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i]!, b[i]!)) return false;
  return true;
}

/** Nothing when all elements are equal. Both have as many elements as `shape`. */
export function difference(
  shape: readonly number[],
  expected: Numbers,
  got: Numbers,
): Difference | undefined {
  const [e, g] = [comparable(expected), comparable(got)];
  let [first, differing, largest] = [-1, 0, 0];
  for (let i = 0; i < e.length; i++) {
    if (same(e[i]!, g[i]!)) continue;
    if (differing++ === 0) first = i;
    largest = Math.max(largest, Math.abs(g[i]! - e[i]!));
  }
  if (first < 0) return undefined;
  const [was, is] = [e[first]!, g[first]!];
  return {
    index: indexOf(first, shape),
    expected: was,
    got: is,
    distance: is - was,
    largest,
    differing,
    elements: e.length,
  };
}
