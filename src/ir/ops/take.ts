/** Ops that only pick elements (slice, crop, pad, nearest upsampling): which index each result shows. */
import type { Data } from "../storage.js";
import { allocate, forEachIndex, strides, type Tensor } from "../tensor.js";
import { type Quant, sizes, type TensorType } from "../type.js";

/** begin, begin + step, ... below end. */
export const range = (begin: number, end: number, step = 1): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((end - begin) / step)) }, (_, i) => begin + i * step);

/** Why a scale per channel cannot survive a change of the sizes of `axes`. */
export function cutsChannels(quant: Quant | undefined, axes: readonly number[]): string | undefined {
  if (!quant?.channels || !axes.includes(quant.axis!)) return undefined;
  const text = `@${quant.channels.name} holds one scale per index of axis ${quant.axis}, whose size changes here`;
  return `${text}; put requant to one scale before`;
}

/** Element (i, j, ...) is x at (sources[0][i], sources[1][j], ...); where a source is -1 it is `fill`. */
export function takeInt(x: Tensor, sources: readonly (readonly number[])[], fill = 0): Data {
  const step = strides(sizes(x.type));
  const shape = sources.map((list) => list.length);
  const out = allocate(
    x.type.storage,
    shape.reduce((a, b) => a * b, 1),
  );
  forEachIndex(shape, (index, to) => {
    let from = 0;
    let outside = false;
    for (let d = 0; d < shape.length; d++) {
      const at = sources[d]![index[d]!]!;
      if (at < 0) outside = true;
      from += at * step[d]!;
    }
    out[to] = outside ? fill : x.data[from]!;
  });
  return out;
}

/** Sources that leave all axes as they are, but those of `changed`. */
export const sourcesOf = (
  type: TensorType,
  changed: ReadonlyMap<number, readonly number[]>,
): (readonly number[])[] => sizes(type).map((size, d) => changed.get(d) ?? range(0, size));

/** `of(i, size)` for every spatial dimension i, as sources of all axes. */
export const spatialSources = (
  type: TensorType,
  of: (i: number, size: number) => readonly number[],
): (readonly number[])[] =>
  sizes(type).map((size, d, all) => (d === 0 || d === all.length - 1 ? range(0, size) : of(d - 1, size)));
