/** Images as kernels see them: N H W C. Padding is made real in scratch, so that no loop checks borders. */
import { type PadMode, source } from "../../../ir/ops/window.js";
import type { Data } from "../../../ir/storage.js";
import type { Finish } from "../finish.js";
import type { Emission, Source } from "../kernel.js";
import { dense, type View } from "../view.js";
import { take } from "./take.js";

export interface Image {
  readonly view: View;
  /** N H W C; 1-D data has height 1. */
  readonly shape: readonly [n: number, h: number, w: number, c: number];
}

/** A convolution over an image that already has its padding. */
export interface Convolution {
  /** i16. */
  readonly x: Image;
  /** Co Kh Kw Ci/g, row major. */
  readonly w: Data;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly init: Int32Array | undefined;
  /** N H W C of the positions to compute, anywhere in memory. */
  readonly y: Image;
  readonly finish?: Finish | undefined;
}

export function asImage({ buffer, shape }: Pick<Source, "buffer" | "shape">): Image {
  const full = imageShape(shape);
  return { view: dense(buffer, full), shape: full };
}

/** [n, h, w, c] of an activation's shape; lengths become widths. */
function imageShape(shape: readonly number[]): Image["shape"] {
  const [n, ...rest] = shape as [number, ...number[]];
  const [h, w, c] = (rest.length === 2 ? [1, ...rest] : rest) as [number, number, number];
  return [n, h, w, c];
}

/** [top, left, bottom, right] of an "edges" attribute. */
export const edges = (pads: readonly number[]): readonly number[] =>
  pads.length === 2 ? [0, pads[0]!, 0, pads[1]!] : pads;

/** The image widened by `pads` [top, left, bottom, right]: in scratch, or where it is if only cropped. */
export function padded(
  e: Emission,
  image: Image,
  pads: readonly number[],
  mode: PadMode,
  fill: number,
): Image {
  const [n, h, w, c] = image.shape;
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  const shape = [n, h + top + bottom, w + left + right, c] as const;
  if (pads.every((p) => p <= 0)) return { view: cropped(image.view, -top, -left), shape };
  const buffer = e.scratch(image.view.buffer.storage, n * shape[1] * shape[2] * c);
  const lines = (begin: number, count: number, size: number) =>
    Array.from({ length: count }, (_, i) => source(i - begin, size, mode));
  const whole = (count: number) => Array.from({ length: count }, (_, i) => i);
  const view = dense(buffer, shape);
  take(e, image.view, view, [whole(n), lines(top, shape[1], h), lines(left, shape[2], w), whole(c)], fill);
  return { view, shape };
}

/** The view from row `top` and column `left` on. */
export const cropped = (view: View, top: number, left: number): View => ({
  ...view,
  start: view.start + top * view.strides[1]! + left * view.strides[2]!,
});
