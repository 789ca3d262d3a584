/**
 * How the elements of an ONNX tensor lie in an IR value. Both are row-major arrays over the same *factors*:
 * the sizes above 1 that the ONNX axes are products of. A value holds the factors in another order, so that
 * transposes, reshapes and the move to channels-last are bookkeeping until an op needs one particular
 * array.
 */
import { product, range, sameList } from "./shapes.js";

export interface Layout {
  /** Sizes above 1, in ONNX row-major order. */
  readonly factors: readonly number[];
  /** The factors as the IR value has them, outermost first. */
  readonly order: readonly number[];
}

const above1 = (shape: readonly number[]): number[] => range(shape.length).filter((i) => shape[i]! > 1);

/** The layout of a value whose axis i is ONNX axis perm[i]. */
export function permuted(shape: readonly number[], perm: readonly number[]): Layout {
  const axes = above1(shape);
  return {
    factors: axes.map((a) => shape[a]!),
    order: perm.filter((a) => shape[a]! > 1).map((a) => axes.indexOf(a)),
  };
}
export const rowMajor = (shape: readonly number[]): Layout => permuted(shape, range(shape.length));
export const isRowMajor = (l: Layout): boolean => l.order.every((f, i) => f === i);

/** N C ... to N ... C. */
export const channelsLast = (rank: number): number[] =>
  rank < 3 ? range(rank) : [0, ...range(rank).slice(2), 1];

/** Sizes whose runs multiply to the elements of both lists, or nothing where their boundaries interleave. */
function split(
  factors: readonly number[],
  sizes: readonly number[],
): { parts: number[]; counts: number[] } | undefined {
  const parts: number[] = [];
  const counts = factors.map(() => 0);
  let [j, room] = [0, sizes[0] ?? 1];
  for (const [i, factor] of factors.entries()) {
    for (let rest = factor; rest > 1; ) {
      const part = rest % room === 0 ? room : room % rest === 0 ? rest : 1;
      if (part < 2) return undefined;
      parts.push(part);
      counts[i]!++;
      rest /= part;
      room /= part;
      if (room === 1) room = sizes[++j] ?? 1;
    }
  }
  return { parts, counts };
}

/**
 * The layout with factors small enough that every axis of `shape` is a run of them. Where an axis cuts a
 * factor oddly there is none, unless the elements lie in ONNX's order: then any factors will do, but axes
 * of the value need not be runs of them.
 */
export function refined(l: Layout, shape: readonly number[]): Layout | undefined {
  const found = split(
    l.factors,
    shape.filter((d) => d > 1),
  );
  if (!found) return isRowMajor(l) ? rowMajor(shape) : undefined;
  const first = found.counts.map((_, i) => found.counts.slice(0, i).reduce((a, b) => a + b, 0));
  return {
    factors: found.parts,
    order: l.order.flatMap((f) => range(found.counts[f]!).map((k) => first[f]! + k)),
  };
}

/** The runs of `list` that multiply to each of `sizes` in turn, if there are such. */
function runs(
  list: readonly number[],
  sizeOf: (f: number) => number,
  sizes: readonly number[],
): number[][] | undefined {
  const all: number[][] = [];
  let at = 0;
  for (const size of sizes) {
    const run: number[] = [];
    let left = size;
    for (; left > 1 && at < list.length; at++) {
      run.push(list[at]!);
      left /= sizeOf(list[at]!);
    }
    if (left !== 1) return undefined;
    all.push(run);
  }
  return all;
}

/** The factors of each ONNX axis. The layout must be refined for `shape`. */
export const axisFactors = (l: Layout, shape: readonly number[]): number[][] =>
  runs(range(l.factors.length), (f) => l.factors[f]!, shape)!;
/** The factors of each axis of an IR value of shape `ir`, where its axes are runs of them. */
export const valueFactors = (l: Layout, ir: readonly number[]): number[][] | undefined =>
  runs(l.order, (f) => l.factors[f]!, ir);

/** Order of the factors in a value whose axis i is ONNX axis perm[i]. */
export const orderOf = (l: Layout, shape: readonly number[], perm: readonly number[]): number[] => {
  const axes = axisFactors(l, shape);
  return perm.flatMap((a) => axes[a]!);
};

/** The permutation of ONNX axes that a value of shape `ir` is, if it is one. Sizes of 1 pair up in order. */
export function permOf(l: Layout, shape: readonly number[], ir: readonly number[]): number[] | undefined {
  const held = valueFactors(l, ir);
  if (!held || ir.length !== shape.length) return undefined;
  const axes = axisFactors(l, shape);
  const free = range(shape.length);
  const perm: number[] = [];
  for (const run of held) {
    const at = free.findIndex((a) => sameList(axes[a]!, run));
    if (at < 0) return undefined;
    perm.push(...free.splice(at, 1));
  }
  return perm;
}

/** The layout after ONNX's Transpose: only the order in which ONNX counts the factors changes. */
export function transposedLayout(fine: Layout, shape: readonly number[], perm: readonly number[]): Layout {
  const renumbered = orderOf(fine, shape, perm);
  return {
    factors: renumbered.map((f) => fine.factors[f]!),
    order: fine.order.map((f) => renumbered.indexOf(f)),
  };
}

/** Which of a few usual axis orders the layout already has without moving an element. */
export function naturalPerm(l: Layout, shape: readonly number[]): number[] | undefined {
  const usual = [channelsLast(shape.length), range(shape.length)];
  const fits = usual.find((perm) => sameList(orderOf(l, shape, perm), l.order));
  if (fits) return fits;
  const axes = axisFactors(l, shape);
  const first = range(shape.length).toSorted((a, b) => position(l, axes[a]!) - position(l, axes[b]!));
  return sameList(orderOf(l, shape, first), l.order) ? first : undefined;
}
const position = (l: Layout, run: readonly number[]): number =>
  run.length === 0 ? -1 : l.order.indexOf(run[0]!);

/**
 * For each element along a run of factors in the value's order: its index along the same factors in ONNX
 * order.
 */
export function runIndices(l: Layout, run: readonly number[]): number[] {
  const sorted = run.toSorted((a, b) => a - b);
  const step = new Map(sorted.map((f, i) => [f, product(sorted.slice(i + 1).map((g) => l.factors[g]!))]));
  return run.reduce<number[]>(
    (at, f) => at.flatMap((base) => range(l.factors[f]!).map((i) => base + i * step.get(f)!)),
    [0],
  );
}
