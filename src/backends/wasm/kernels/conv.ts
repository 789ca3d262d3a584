import { conv } from "../../../ir/ops/conv.js";
import { twoD } from "../../../ir/ops/window.js";
import { blocksFor, contract } from "../contract.js";
import type { Buffer } from "../expr.js";
import { type Emission, kernel, type Source } from "../kernel.js";
import { view } from "../view.js";
import { asImage, edges, type Image, padded } from "./window.js";

/** A convolution over an image that already has its padding. */
export interface Convolution {
  readonly x: Image;
  /** Co Kh Kw Ci/g, row major. */
  readonly w: Buffer;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly init: Buffer | undefined;
  /** N H W C of the positions to compute, anywhere in memory. */
  readonly y: Image;
}

export const convKernel = kernel(conv, (e, { x, w, b }, { stride, dilation, groups, pads, pad_mode }, y) => {
  const size = twoD(w.shape.slice(1, -1), 1);
  convolve(e, {
    x: padded(e, asImage(x), edges(pads), pad_mode, x.zero),
    w: w.buffer,
    kernel: size,
    stride: twoD(stride, 1),
    dilation: twoD(dilation, 1),
    groups,
    init: startOfSums(e, x.zero, w.data!, w.shape[0]!, b),
    y: asImage(y),
  });
});

/**
 * What each output channel's sum starts from: b - zero * sum of w, so that loops multiply x as it is stored.
 * Wraps in 32 bits, like the sums.
 */
export function startOfSums(
  e: Emission,
  zero: number,
  w: ArrayLike<number | bigint>,
  channels: number,
  b: Source | undefined,
): Buffer | undefined {
  if (!b && zero === 0) return undefined;
  const taps = w.length / channels;
  const start = new Int32Array(channels);
  for (let o = 0; o < channels; o++) {
    let sum = 0;
    if (zero !== 0) for (let t = 0; t < taps; t++) sum += Number(w[o * taps + t]);
    start[o] = Number(b?.data?.[o] ?? 0) - zero * sum;
  }
  return e.constant("i32", start);
}

export function convolve(e: Emission, c: Convolution): void {
  const [n, ho, wo, co] = c.y.shape;
  const [xn, xh, xw] = c.x.view.strides as readonly [number, number, number];
  const [yn, yh, yw, yc] = c.y.view.strides as readonly [number, number, number, number];
  const [[kh, kw], [sh, sw], [dh, dw]] = [c.kernel, c.stride, c.dilation];
  const [ci, cg] = [c.x.shape[3] / c.groups, co / c.groups];
  const { positions, channels } = blocksFor(wo, cg);
  contract(e.code, {
    streams: { x: c.x.view, w: view(c.w, []), init: c.init && view(c.init, []), y: c.y.view },
    axes: [
      { count: n, x: xn, w: 0, init: 0, y: yn },
      { count: ho, x: sh * xh, w: 0, init: 0, y: yh },
      { count: c.groups, x: ci, w: cg * kh * kw * ci, init: cg, y: cg * yc },
      { count: wo, block: positions, x: sw * xw, w: 0, init: 0, y: yw },
      { count: cg, block: channels, x: 0, w: kh * kw * ci, init: 1, y: yc },
    ],
    sums: [
      { count: kh, x: dh * xh, w: kw * ci },
      { count: kw, x: dw * xw, w: ci },
      { count: ci, x: 1, w: 1 },
    ],
  });
}
