import type * as tfjs from "@tensorflow/tfjs-core";
import { defineOp, type FloatOps } from "../op.js";
import type { Rule } from "../rewrite.js";
import { activationStorages, weightStorages } from "../storage.js";
import { activation, sizes, zeroPoint } from "../type.js";
import { asImage, fromImage, padFloat, parts, slide } from "./float.js";
import { mergedPads, pad, padsWithZero } from "./pad.js";
import { accumulatorType, weightBounds, windowWork } from "./weights.js";
import {
  edgePads,
  padModes,
  perSpatial,
  source,
  twoD,
  twoDBegins,
  windowPositions,
  wrongWindow,
} from "./window.js";

/** Undilated convolution without padding of N H W C by Co Kh Kw Ci/groups. */
function convolve(
  f: FloatOps,
  x: tfjs.Tensor4D,
  w: tfjs.Tensor4D,
  stride: [number, number],
  groups: number,
): tfjs.Tensor4D {
  const [co, kh, kw, ci] = w.shape;
  if (groups > 1 && ci === 1) {
    const perChannel = f.transpose(f.reshape(w, [groups, co / groups, kh, kw]), [2, 3, 0, 1]);
    return f.depthwiseConv2d(x, perChannel as tfjs.Tensor4D, stride, "valid");
  }
  const filter = f.transpose(w, [1, 2, 3, 0]);
  if (groups === 1) return f.conv2d(x, filter, stride, "valid");
  const filters = parts(f, filter, groups, 3);
  return f.concat(
    parts(f, x, groups, 3).map((part, g) => f.conv2d(part, filters[g]!, stride, "valid")),
    3,
  );
}

const rules: readonly Rule[] = [
  {
    name: "conv-of-pad",
    equation: "conv(pad(x)) = conv(x) with both pads added, when both pad with the zero point",
    root: "conv",
    rewrite({ op, operands: [x, ...weights], attrs }, cx) {
      const inner = cx.producer(x, pad);
      const outer = attrs.pads as readonly number[];
      if (!inner || !cx.onlyUse(inner.result) || !padsWithZero(inner)) return undefined;
      if (attrs.pad_mode !== "constant" && outer.some((p) => p !== 0)) return undefined;
      const pads = mergedPads(inner, outer);
      return pads && cx.emit(op, [inner.operands[0]!, ...weights], { ...attrs, pads, pad_mode: "constant" });
    },
  },
];

export const conv = defineOp({
  name: "conv",
  summary:
    "Convolution over length or height and width, grouped and dilated; depthwise when groups = channels.",
  integer:
    "y[p, o] = b[o] + sum over taps t and channels c of (x[p * stride + t * dilation - pad, c] - zero) * w[o, t, c], " +
    "in i32; constant pads contribute 0",
  operands: {
    x: { storage: ["f32", ...activationStorages], rank: [3, 4] },
    w: { storage: ["f32", ...weightStorages], rank: [3, 4], param: true },
    b: { storage: ["f32", "i32"], rank: 1, param: true, optional: true },
  },
  attrs: {
    stride: perSpatial(1),
    dilation: perSpatial(1),
    groups: { kind: "int", default: 1, min: 1 },
    pads: edgePads,
    pad_mode: { kind: "enum", of: padModes, default: "constant" },
  },
  traits: [],
  quantise: "sum",

  infer({ x, w, b }, { groups, stride, dilation, pads, pad_mode }) {
    const { n, spatial, channels } = activation(x);
    const [co, ...rest] = sizes(w) as [number, ...number[]];
    const kernel = rest.slice(0, -1);
    if (w.shape.length !== x.shape.length)
      return `w has rank ${w.shape.length}, x has rank ${x.shape.length}`;
    if (channels % groups !== 0 || co % groups !== 0)
      return `${groups} groups do not divide ${channels} input and ${co} output channels`;
    if (rest.at(-1) !== channels / groups)
      return `x has ${channels} channels in ${groups} groups, w expects ${rest.at(-1)} per group`;
    const window = { kernel, stride, dilation, pads };
    const wrong = wrongWindow(spatial, window, pad_mode);
    return wrong ?? accumulatorType(x, w, b, [n, ...windowPositions(spatial, window), co]);
  },

  float(f, { x, w, b }, { stride, dilation, groups, pads, pad_mode }) {
    const image = asImage(f, padFloat(f, x, pads, pad_mode, 0));
    const kernel = asImage(f, w);
    const run = (phases: tfjs.Tensor4D, s: [number, number]) => convolve(f, phases, kernel, s, groups);
    const y = fromImage(f, slide(f, image, twoD(stride, 1), twoD(dilation, 1), run), x.rank);
    return { y: b ? f.add(y, b) : y };
  },

  int({ x, w, b }, { stride, dilation, groups, pads, pad_mode }, out) {
    const { n, spatial, channels } = activation(x.type);
    const [h, wd] = twoD(spatial, 1);
    const [kh, kw] = twoD(sizes(w.type).slice(1, -1), 1);
    const [ho, wo] = twoD(activation(out).spatial, 1);
    const [[sh, sw], [dh, dw], [top, left]] = [twoD(stride, 1), twoD(dilation, 1), twoDBegins(pads)];
    const co = activation(out).channels;
    const [ci, cg] = [channels / groups, co / groups];
    const zero = zeroPoint(x.type);
    const [xs, ws] = [x.data as Int8Array, w.data as Int8Array];
    const y = new Int32Array((n as number) * ho * wo * co);
    let at = 0;
    for (let i = 0; i < (n as number); i++)
      for (let oy = 0; oy < ho; oy++)
        for (let ox = 0; ox < wo; ox++)
          for (let o = 0; o < co; o++) {
            let acc = b ? (b.data[o] as number) : 0;
            const first = Math.floor(o / cg) * ci;
            for (let ky = 0; ky < kh; ky++) {
              const row = source(oy * sh + ky * dh - top, h, pad_mode);
              if (row < 0) continue;
              for (let kx = 0; kx < kw; kx++) {
                const col = source(ox * sw + kx * dw - left, wd, pad_mode);
                if (col < 0) continue;
                const from = ((i * h + row) * wd + col) * channels + first;
                const tap = ((o * kh + ky) * kw + kx) * ci;
                for (let c = 0; c < ci; c++) acc = (acc + Math.imul(xs[from + c]! - zero, ws[tap + c]!)) | 0;
              }
            }
            y[at++] = acc;
          }
    return y;
  },

  bounds: ({ x, w, b }) => weightBounds(x, w, b),

  work: (k, dim, { stride }) => windowWork(k, dim, stride.length),

  canonical: rules,

  examples: [
    {
      text: `param @w : i8[1x3x1] = [1, 2, 3]

graph @valid(%x: u8[1x5x1]) -> (%y: i32[1x3x1]) stage integer {
  %y = conv %x, @w : i32[1x3x1]
}
`,
      inputs: [[1, 2, 3, 4, 5]],
      output: [14, 20, 26],
    },
    {
      text: `param @b : i32[1] = [100]
param @w : i8[1x3x1] * 1 = [1, 2, 3]

graph @same_dilated(%x: (u8[1x5x1] - 10) * 0.5) -> (%y: i32[1x5x1] * 0.5) stage integer {
  %y = conv %x, @w, @b {dilation = 2, pads = [2, 2]} : i32[1x5x1] * 0.5
}
`,
      inputs: [[10, 11, 12, 13, 14]],
      output: [106, 111, 116, 107, 110],
    },
    {
      text: `param @w : f32[2x1x1] = [0.5, -1]

graph @depthwise(%x: f32[1x2x2]) -> (%y: f32[1x2x2]) stage float {
  %y = conv %x, @w {groups = 2} : f32[1x2x2]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [0.5, -2, 1.5, -4],
    },
  ],
});
