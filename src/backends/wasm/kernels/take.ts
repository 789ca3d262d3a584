/** Picking elements: slice, crop, pad and nearest upsampling say which source each result index shows. */
import type { Emission } from "../kernel.js";
import { copy, fill as fillBuffer, nest, type View, view } from "../view.js";

/**
 * y[i, j, ...] = x[sources[0][i], sources[1][j], ...], or `fill` where a source is -1, which it may be
 * at the ends of an axis only. y is a whole buffer.
 */
export function take(
  e: Emission,
  x: View,
  y: View,
  sources: readonly (readonly number[])[],
  fill: number,
): void {
  const inside = sources.map((list) => list.filter((i) => i >= 0));
  if (inside.some((list, d) => list.length < sources[d]!.length)) fillBuffer(e.code, y.buffer, fill);
  if (inside.some((list) => list.length === 0)) return;
  let start = y.start;
  for (const [d, list] of sources.entries()) start += list.findIndex((i) => i >= 0) * y.strides[d]!;
  gather(e, x, { ...y, start }, inside);
}

/** Evenly spaced sources become strides; others are read from a table of element offsets. */
function gather(e: Emission, x: View, y: View, sources: readonly (readonly number[])[]): void {
  const spacing = sources.map(evenSpacing);
  const counts = sources.map((list) => list.length);
  const axis = spacing.indexOf(undefined);
  const even = axis < 0 ? sources.length : axis;
  const strides = spacing.slice(0, even).map((step, d) => step! * x.strides[d]!);
  let start = x.start;
  for (const [d, list] of sources.slice(0, even).entries()) start += list[0]! * x.strides[d]!;
  if (axis < 0) {
    copy(e.code, counts, { ...x, start, strides }, y);
    return;
  }

  const offsets = Int32Array.from(sources[axis]!, (i) => i * x.strides[axis]!);
  const table = e.constant("i32", offsets);
  const along = [...strides.map(() => 0), 1];
  const from = { ...x, start, strides: [...strides, 0] };
  const to = { ...y, strides: y.strides.slice(0, axis + 1) };
  nest(e.code, counts.slice(0, axis + 1), [from, to, view(table, along)], (a, b, t) => {
    const inner = a!.moved(e.code, t!.load()).view(x.strides.slice(axis + 1));
    gather(e, inner, b!.view(y.strides.slice(axis + 1)), sources.slice(axis + 1));
  });
}

/** The distance between neighbours where all are alike and rising. */
function evenSpacing(list: readonly number[]): number | undefined {
  const step = list.length > 1 ? list[1]! - list[0]! : 1;
  return step >= 0 && list.every((v, i) => i === 0 || v - list[i - 1]! === step) ? step : undefined;
}
