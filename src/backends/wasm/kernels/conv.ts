import { conv } from "../../../ir/ops/conv.js";
import { twoD } from "../../../ir/ops/window.js";
import type { Data } from "../../../ir/storage.js";
import { always, type Emission, kernel, type Source } from "../kernel.js";
import { emitDepthwise, isDepthwise } from "./depthwise.js";
import { emitProducts } from "./products.js";
import { widened } from "./widen.js";
import { asImage, type Convolution, edges } from "./window.js";

export const convKernel = kernel(
  conv,
  (e, { x, w, b }, { stride, dilation, groups, pads, pad_mode }, y, finish) => {
    convolve(e, {
      x: widened(e, asImage(x), edges(pads), pad_mode, x.zero),
      w: w.data!,
      kernel: twoD(w.shape.slice(1, -1), 1),
      stride: twoD(stride, 1),
      dilation: twoD(dilation, 1),
      groups,
      init: startOfSums(x.zero, w.data!, w.shape[0]!, b),
      y: asImage(y),
      finish,
    });
  },
  always,
);

/**
 * What each output channel's sum starts from: b - zero * sum of w, so that loops multiply x as it is stored.
 * Wraps in 32 bits, like the sums.
 */
export function startOfSums(
  zero: number,
  w: Data,
  channels: number,
  b: Source | undefined,
): Int32Array | undefined {
  if (!b && zero === 0) return undefined;
  const taps = w.length / channels;
  const start = new Int32Array(channels);
  for (let o = 0; o < channels; o++) {
    let sum = 0;
    if (zero !== 0) for (let t = 0; t < taps; t++) sum += Number(w[o * taps + t]);
    start[o] = Number(b?.data?.[o] ?? 0) - zero * sum;
  }
  return start;
}

export function convolve(e: Emission, c: Convolution): void {
  if (isDepthwise(c)) emitDepthwise(e, c);
  else emitSegments(e, c);
}

/** Taps that lie side by side in x are one stretch of inputs. */
function emitSegments(e: Emission, c: Convolution): void {
  const [n, ho, wo, co] = c.y.shape;
  const [xn, xh, xw] = c.x.view.strides as readonly [number, number, number];
  const [yn, yh, yw] = c.y.view.strides as readonly [number, number, number];
  const [[kh, kw], [sh, sw], [dh, dw]] = [c.kernel, c.stride, c.dilation];
  const ci = c.x.shape[3] / c.groups;
  const rows = { count: kh, x: dh * xh };
  const whole = dw * xw === ci;
  emitProducts(e, {
    x: c.x.view,
    y: c.y.view,
    positions: [
      { count: n, x: xn, y: yn },
      { count: ho, x: sh * xh, y: yh },
      { count: wo, x: sw * xw, y: yw },
    ],
    groups: { count: c.groups, x: ci, y: co / c.groups },
    segments: whole ? [rows] : [rows, { count: kw, x: dw * xw }],
    run: whole ? kw * ci : ci,
    w: c.w,
    init: c.init,
    channels: co,
    finish: c.finish,
  });
}
