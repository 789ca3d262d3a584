/**
 * What float meanings share. They keep to stock tfjs ops whose stock gradient exists and is right:
 * stridedSlice has none, mirrorPad's drops the mirrored part, conv2d has none for dilation > 1.
 */
import type * as tfjs from "@tensorflow/tfjs-core";
import type { FloatOps } from "../op.js";
import { range } from "./take.js";
import { type PadMode, source } from "./window.js";

/** N L C as N 1 L C (weights Co K Ci as Co 1 K Ci); rank 4 stays. */
export const asImage = (f: FloatOps, x: tfjs.Tensor): tfjs.Tensor4D =>
  x.rank === 4 ? (x as tfjs.Tensor4D) : f.reshape(x, [x.shape[0]!, 1, x.shape[1]!, x.shape[2]!]);

/** Undoes `asImage` where the data has rank 3. */
export const fromImage = (f: FloatOps, y: tfjs.Tensor4D, rank: number): tfjs.Tensor =>
  rank === 4 ? y : f.reshape(y, [y.shape[0], y.shape[2], y.shape[3]]);

/** `count` equal parts along an axis: the groups of a convolution. */
export const parts = (f: FloatOps, x: tfjs.Tensor4D, count: number, axis: number): tfjs.Tensor4D[] =>
  count === 1 ? [x] : (f.split(x, count, axis) as tfjs.Tensor4D[]);

/** x at `indices` of one axis. */
export function takeFloat(
  f: FloatOps,
  x: tfjs.Tensor,
  axis: number,
  indices: readonly number[],
): tfjs.Tensor {
  const first = indices[0]!;
  const contiguous = indices.every((v, i) => v === first + i);
  if (!contiguous) return f.gather(x, f.tensor1d([...indices], "int32"), axis);
  if (indices.length === x.shape[axis]) return x;
  const [begin, size] = [new Array<number>(x.rank).fill(0), [...x.shape]];
  [begin[axis], size[axis]] = [first, indices.length];
  return f.slice(x, begin, size);
}

/** Pads (or crops, where negative) the spatial dimensions: begins of all, then ends of all. */
export function padFloat(
  f: FloatOps,
  x: tfjs.Tensor,
  pads: readonly number[],
  mode: PadMode,
  value: number,
): tfjs.Tensor {
  const dims = pads.length / 2;
  let y = x;
  for (let i = 0; i < dims; i++) {
    const [size, begin, end] = [x.shape[i + 1]!, pads[i]!, pads[i + dims]!];
    const kept =
      mode === "constant"
        ? range(Math.max(-begin, 0), size + Math.min(end, 0))
        : range(-begin, size + end).map((p) => source(p, size, mode));
    y = takeFloat(f, y, i + 1, kept);
  }
  if (mode !== "constant" || pads.every((p) => p <= 0)) return y;
  const grown = range(0, dims).map((i): [number, number] => [
    Math.max(pads[i]!, 0),
    Math.max(pads[i + dims]!, 0),
  ]);
  return f.pad(y, [[0, 0], ...grown, [0, 0]], value);
}

type Pair = readonly [number, number];

/**
 * Runs a sliding-window op that knows strides but no dilation. A dilated window is an undilated one over
 * every d-th row and column: the phases join the batch, and the stride is taken from the result.
 */
export function slide(
  f: FloatOps,
  x: tfjs.Tensor4D,
  stride: Pair,
  dilation: Pair,
  run: (x: tfjs.Tensor4D, stride: [number, number]) => tfjs.Tensor4D,
): tfjs.Tensor4D {
  if (dilation.every((d) => d === 1)) return run(x, [...stride]);
  const missing = dilation.map((d, i) => [0, (d - (x.shape[i + 1]! % d)) % d]);
  const dense = f.batchToSpaceND(
    run(f.spaceToBatchND(x, [...dilation], missing), [1, 1]),
    [...dilation],
    missing,
  );
  const rows = takeFloat(f, dense, 1, range(0, dense.shape[1], stride[0]));
  return takeFloat(f, rows, 2, range(0, dense.shape[2], stride[1])) as tfjs.Tensor4D;
}
