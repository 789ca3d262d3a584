import type * as tfjs from "@tensorflow/tfjs-core";
import { type Bounds, interval, union } from "../bounds.js";
import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage, storages } from "../storage.js";
import { allocate } from "../tensor.js";
import { activation, elements } from "../type.js";
import { asImage, fromImage, padFloat, slide } from "./float.js";
import { mergedPads, pad, padsWith } from "./pad.js";
import { cutsChannels } from "./take.js";
import {
  edgePads,
  neededPerSpatial,
  perSpatial,
  source,
  tapCounts,
  twoD,
  twoDBegins,
  type Window,
  windowPositions,
  wrongWindow,
} from "./window.js";

/** tfjs pads with finite numbers: the lowest f32. */
const lowestFloat = -(2 - 2 ** -23) * 2 ** 127;

const rules: readonly Rule[] = [
  {
    name: "maxpool-of-one",
    equation: "maxpool(x) = x, for a kernel of 1, stride 1 and no pads",
    root: "maxpool",
    rewrite({ operands: [x], attrs }) {
      const all = (list: unknown, v: number) => (list as readonly number[]).every((k) => k === v);
      return all(attrs.kernel, 1) && all(attrs.stride, 1) && all(attrs.pads, 0) ? x : undefined;
    },
  },
  {
    name: "maxpool-of-pad",
    equation: "maxpool(pad(x)) = maxpool(x) with both pads added, when pad writes the storage minimum",
    root: "maxpool",
    rewrite({ op, operands: [x], attrs }, cx) {
      const inner = cx.producer(x, pad);
      if (!inner || !cx.onlyUse(inner.result) || !padsWith(inner, storages[x!.type.storage].min))
        return undefined;
      const pads = mergedPads(inner, attrs.pads as readonly number[]);
      return pads && cx.emit(op, [inner.operands[0]!], { ...attrs, pads });
    },
  },
];

export const maxpool = defineOp({
  name: "maxpool",
  summary: "Largest element of a sliding window, per channel.",
  integer:
    "y[p, c] = max over taps t of x[p * stride + t * dilation - pad, c]; pads hold the storage minimum",
  operands: { x: { storage: anyStorage, rank: [3, 4] } },
  attrs: {
    kernel: neededPerSpatial,
    stride: perSpatial(1),
    dilation: perSpatial(1),
    pads: edgePads,
  },
  traits: [],
  quantise: "same",

  infer({ x }, window) {
    const { n, spatial, channels } = activation(x);
    const wrong =
      wrongWindow(spatial, window) ??
      cutsChannels(
        x.quant,
        spatial.map((_, i) => i + 1),
      );
    return wrong ?? { ...x, shape: [n, ...windowPositions(spatial, window), channels] };
  },

  float(f, { x }, { kernel, stride, dilation, pads }) {
    const image = asImage(f, padFloat(f, x, pads, "constant", lowestFloat));
    const run = (part: tfjs.Tensor4D, s: [number, number]) =>
      f.maxPool(part, [...twoD(kernel, 1)], s, "valid");
    return { y: fromImage(f, slide(f, image, twoD(stride, 1), twoD(dilation, 1), run), x.rank) };
  },

  int({ x }, { kernel, stride, dilation, pads }, out) {
    const { n, spatial, channels } = activation(x.type);
    const [h, w] = twoD(spatial, 1);
    const [ho, wo] = twoD(activation(out).spatial, 1);
    const [[kh, kw], [sh, sw]] = [twoD(kernel, 1), twoD(stride, 1)];
    const [[dh, dw], [top, left]] = [twoD(dilation, 1), twoDBegins(pads)];
    const y = allocate(out.storage, elements(out));
    let at = 0;
    for (let i = 0; i < (n as number); i++)
      for (let oy = 0; oy < ho; oy++)
        for (let ox = 0; ox < wo; ox++)
          for (let c = 0; c < channels; c++) {
            let best = storages[out.storage].min;
            for (let ky = 0; ky < kh; ky++) {
              const row = source(oy * sh + ky * dh - top, h, "constant");
              if (row < 0) continue;
              for (let kx = 0; kx < kw; kx++) {
                const col = source(ox * sw + kx * dw - left, w, "constant");
                if (col >= 0) best = Math.max(best, Number(x.data[((i * h + row) * w + col) * channels + c]));
              }
            }
            y[at++] = best;
          }
    return y;
  },

  bounds({ x }, window: Window): Bounds {
    const { spatial } = activation(x.type);
    const blind = tapCounts(spatial, window)?.some((counts) => counts.includes(0)) ?? true;
    const { min } = storages[x.type.storage];
    return blind ? union([x.bounds, interval(min, min)]) : { lo: x.bounds.lo, hi: x.bounds.hi };
  },

  canonical: rules,

  examples: [
    {
      text: `graph @halving(%x: i8[1x5x1] * 0.5) -> (%y: i8[1x3x1] * 0.5) stage integer {
  %y = maxpool %x {kernel = 3, stride = 2, pads = [1, 1]} : i8[1x3x1] * 0.5
}
`,
      inputs: [[-5, -7, 3, 2, -1]],
      output: [-5, 3, 2],
    },
    {
      text: `graph @dilated(%x: u8[1x4x1]) -> (%y: u8[1x2x1]) stage integer {
  %y = maxpool %x {kernel = 2, dilation = 2} : u8[1x2x1]
}
`,
      inputs: [[1, 9, 3, 4]],
      output: [3, 9],
    },
    {
      text: `graph @real(%x: f32[1x4x1]) -> (%y: f32[1x2x1]) stage float {
  %y = maxpool %x {kernel = 2, stride = 2} : f32[1x2x1]
}
`,
      inputs: [[0.5, -1, -2, -3]],
      output: [0.5, -2],
    },
  ],
});
