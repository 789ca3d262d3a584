/**
 * Shape arithmetic of ONNX operators: broadcasting, reshapes, slices, window padding. Errors are text, for
 * the caller's place.
 */

export const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
export const sameList = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A result, or why there is none. */
export type Or<T> = T | { readonly wrong: string };
export const isWrong = <T>(r: Or<T>): r is { readonly wrong: string } =>
  typeof r === "object" && r !== null && "wrong" in r;

/** NumPy broadcasting of two shapes. */
export function broadcast(a: readonly number[], b: readonly number[]): Or<number[]> {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 1; i <= rank; i++) {
    const [p, q] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (p !== q && p !== 1 && q !== 1)
      return { wrong: `[${a.join("x")}] and [${b.join("x")}] do not broadcast` };
    out.unshift(Math.max(p, q));
  }
  return out;
}

/** `axis` counted from the front, or why it does not exist. */
export function axisIn(axis: number, rank: number): Or<number> {
  const found = axis < 0 ? axis + rank : axis;
  return Number.isInteger(found) && found >= 0 && found < rank
    ? found
    : { wrong: `axis ${axis} does not exist in rank ${rank}` };
}

export function axesIn(axes: readonly number[], rank: number): Or<number[]> {
  const out: number[] = [];
  for (const axis of axes) {
    const found = axisIn(axis, rank);
    if (isWrong(found)) return found;
    out.push(found);
  }
  return out.toSorted((a, b) => a - b);
}

/** The order of a Transpose, by default all axes reversed. */
export function permIn(perm: readonly number[] | undefined, rank: number): Or<readonly number[]> {
  if (!perm) return range(rank).reverse();
  const sound = perm.length === rank && range(rank).every((a) => perm.includes(a));
  return sound ? perm : { wrong: `[${perm.join(", ")}] is no order of ${rank} axes` };
}

/** The shape that ONNX's Reshape gives: 0 copies a size (unless `allowZero`), one -1 takes what is left. */
export function reshaped(
  shape: readonly number[],
  target: readonly number[],
  allowZero: boolean,
): Or<number[]> {
  const out = target.map((d, i) => (d === 0 && !allowZero ? (shape[i] ?? -2) : d));
  const free = out.indexOf(-1);
  const known = product(out.filter((d) => d !== -1));
  if (free >= 0) out[free] = product(shape) / known;
  const sound = out.every((d) => Number.isInteger(d) && d >= 0) && product(out) === product(shape);
  return sound ? out : { wrong: `[${shape.join("x")}] does not reshape to [${target.join(", ")}]` };
}

export function flattened(shape: readonly number[], axis: number): Or<number[]> {
  const at = axis < 0 ? axis + shape.length : axis;
  if (at < 0 || at > shape.length) return { wrong: `axis ${axis} does not exist in rank ${shape.length}` };
  return [product(shape.slice(0, at)), product(shape.slice(at))];
}

/** Without the axes of size 1 that are named, or without all of them. */
export function squeezed(shape: readonly number[], axes: readonly number[] | undefined): Or<number[]> {
  const named = axes ? axesIn(axes, shape.length) : range(shape.length).filter((i) => shape[i] === 1);
  if (isWrong(named)) return named;
  const wide = named.find((a) => shape[a] !== 1);
  if (wide !== undefined) return { wrong: `axis ${wide} of [${shape.join("x")}] is not of size 1` };
  return shape.filter((_, i) => !named.includes(i));
}

export function unsqueezed(shape: readonly number[], axes: readonly number[]): Or<number[]> {
  const rank = shape.length + axes.length;
  const named = axesIn(axes, rank);
  if (isWrong(named)) return named;
  const rest = [...shape];
  return range(rank).map((i) => (named.includes(i) ? 1 : rest.shift()!));
}

export interface Cut {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/** ONNX's Slice: bounds count from the end when negative and are clamped to the axis. Only forward steps. */
export function cuts(
  shape: readonly number[],
  s: {
    starts: readonly number[];
    ends: readonly number[];
    axes?: readonly number[] | undefined;
    steps?: readonly number[] | undefined;
  },
): Or<Cut[]> {
  const out: Cut[] = [];
  for (const [i, start] of s.starts.entries()) {
    const axis = axisIn(s.axes?.[i] ?? i, shape.length);
    if (isWrong(axis)) return axis;
    const [size, step] = [shape[axis]!, s.steps?.[i] ?? 1];
    if (step < 1) return { wrong: `a step of ${step}: only forward slices are read` };
    const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, 0), size);
    const [begin, end] = [clamp(start), clamp(s.ends[i]!)];
    if (begin >= end)
      return { wrong: `[${start}, ${s.ends[i]}) leaves nothing of the ${size} indices of axis ${axis}` };
    out.push({ axis, begin, end, step });
  }
  return out;
}

export interface WindowShape {
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

const reach = (w: WindowShape, i: number): number => (w.kernel[i]! - 1) * w.dilation[i]! + 1;

/**
 * SAME padding: as many positions as ceil(size / stride); the odd element goes to the end (UPPER) or the
 * beginning (LOWER).
 */
export function samePads(w: WindowShape, lower: boolean): number[] {
  const total = w.spatial.map((size, i) =>
    Math.max(0, (Math.ceil(size / w.stride[i]!) - 1) * w.stride[i]! + reach(w, i) - size),
  );
  const less = total.map((t) => Math.floor(t / 2));
  const more = total.map((t, i) => t - less[i]!);
  return lower ? [...more, ...less] : [...less, ...more];
}

/**
 * What the ends must be padded by, beyond `pads`, so that rounding down gives the positions that ceil_mode
 * asks for.
 */
export function ceilExtra(w: WindowShape, pads: readonly number[]): number[] {
  const n = w.spatial.length;
  return w.spatial.map((size, i) => {
    const room = size + pads[i]! + pads[i + n]! - reach(w, i);
    let positions = Math.ceil(room / w.stride[i]!) + 1;
    // A window that would begin in the end padding does not count.
    if ((positions - 1) * w.stride[i]! >= size + pads[i]!) positions--;
    return Math.max(0, (positions - 1) * w.stride[i]! - room);
  });
}
