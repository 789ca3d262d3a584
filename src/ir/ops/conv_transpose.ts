import type * as tfjs from "@tensorflow/tfjs-core";
import { defineOp, type FloatOps } from "../op.js";
import { activationStorages, weightStorages } from "../storage.js";
import { activation, elements, sizes, zeroPoint } from "../type.js";
import { asImage, fromImage, padFloat, parts } from "./float.js";
import { accumulatorType, weightBounds, windowWork } from "./weights.js";
import { edgePads, perSpatial, twoD, twoDBegins } from "./window.js";

interface Geometry {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pads: readonly number[];
  readonly output_padding: readonly number[];
}

/** Positions that all taps of all inputs reach together: (in - 1) * stride + (k - 1) * dilation + 1. */
const fullSizes = (spatial: readonly number[], kernel: readonly number[], g: Geometry): number[] =>
  spatial.map((size, i) => (size - 1) * g.stride[i]! + (kernel[i]! - 1) * g.dilation[i]! + 1);

/** What is added to the full result: minus the pads, and at the ends plus the output padding. */
const growth = ({ pads, output_padding }: Geometry): number[] =>
  pads.map((p, i) => (output_padding[i - pads.length / 2] ?? 0) - p);

/** Why the pads cannot be taken off the full result, in words. */
function wrongCrop(full: readonly number[], g: Geometry): string | undefined {
  const grown = growth(g);
  const gone = full.findIndex(
    (size, i) => size + Math.min(grown[i]!, 0) + Math.min(grown[i + full.length]!, 0) < 1,
  );
  return gone < 0
    ? undefined
    : `the pads [${g.pads.join(", ")}] crop all ${full[gone]} positions of axis ${gone + 1} away`;
}

/** Zeros between the taps of Co Kh Kw C, because stock transposed convolutions know no dilation. */
function spread(f: FloatOps, w: tfjs.Tensor4D, [dh, dw]: readonly [number, number]): tfjs.Tensor4D {
  if (dh === 1 && dw === 1) return w;
  const [co, kh, kw, ci] = w.shape;
  const cells = f.pad(f.reshape(w, [co, kh, 1, kw, 1, ci]), [
    [0, 0],
    [0, 0],
    [0, dh - 1],
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ]);
  const wide = f.reshape(cells, [co, kh * dh, kw * dw, ci]);
  return f.slice(wide as tfjs.Tensor4D, [0, 0, 0, 0], [co, (kh - 1) * dh + 1, (kw - 1) * dw + 1, ci]);
}

/** The full transposed convolution of N H W C by undilated Co Kh Kw C, one group. */
function transposed(f: FloatOps, x: tfjs.Tensor4D, w: tfjs.Tensor4D, [sh, sw]: readonly [number, number]) {
  const [[n, h, wd], [co, kh, kw]] = [x.shape, w.shape];
  const full: [number, number, number, number] = [n, (h - 1) * sh + kh, (wd - 1) * sw + kw, co];
  return f.conv2dTranspose(x, f.transpose(w, [1, 2, 0, 3]), full, [sh, sw], "valid");
}

export const convTranspose = defineOp({
  name: "conv_transpose",
  summary:
    "Transposed convolution: every input spreads the kernel over the result, which `pads` crop and " +
    "`output_padding` widens at the ends.",
  integer:
    "y[p, o] = b[o] + sum over channels c and i, t with i * stride + t * dilation - begin = p of " +
    "(x[i, c] - zero) * w[o, t, c], in i32",
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
    output_padding: { kind: "ints", length: "spatial", default: 0, min: 0 },
  },
  traits: [],
  quantise: "sum",

  infer({ x, w, b }, { groups, ...geometry }) {
    const { n, spatial, channels } = activation(x);
    const [co, ...rest] = sizes(w) as [number, ...number[]];
    if (w.shape.length !== x.shape.length)
      return `w has rank ${w.shape.length}, x has rank ${x.shape.length}`;
    if (channels % groups !== 0 || co % groups !== 0)
      return `${groups} groups do not divide ${channels} input and ${co} output channels`;
    if (rest.at(-1) !== channels / groups)
      return `x has ${channels} channels in ${groups} groups, w expects ${rest.at(-1)} per group`;
    const full = fullSizes(spatial, rest.slice(0, -1), geometry);
    const grown = growth(geometry);
    const shape = [n, ...full.map((size, i) => size + grown[i]! + grown[i + full.length]!), co];
    return wrongCrop(full, geometry) ?? accumulatorType(x, w, b, shape);
  },

  float(f, { x, w, b }, { groups, ...geometry }) {
    const [image, kernel] = [asImage(f, x), spread(f, asImage(f, w), twoD(geometry.dilation, 1))];
    const stride = twoD(geometry.stride, 1);
    const kernels = parts(f, kernel, groups, 0);
    const results = parts(f, image, groups, 3).map((part, g) => transposed(f, part, kernels[g]!, stride));
    const full = fromImage(f, groups === 1 ? results[0]! : f.concat(results, 3), x.rank);
    const y = padFloat(f, full, growth(geometry), "constant", 0);
    return { y: b ? f.add(y, b) : y };
  },

  int({ x, w, b }, { stride, dilation, groups, pads }, out) {
    const { spatial, channels } = activation(x.type);
    const [h, wd] = twoD(spatial, 1);
    const [kh, kw] = twoD(sizes(w.type).slice(1, -1), 1);
    const { n, spatial: outer, channels: co } = activation(out);
    const [ho, wo] = twoD(outer, 1);
    const [[sh, sw], [dh, dw], [top, left]] = [twoD(stride, 1), twoD(dilation, 1), twoDBegins(pads)];
    const [ci, cg] = [channels / groups, co / groups];
    const zero = zeroPoint(x.type);
    const [xs, ws] = [x.data as Int8Array, w.data as Int8Array];
    const y = new Int32Array(elements(out));
    let at = 0;
    for (let i = 0; i < (n as number); i++)
      for (let oy = 0; oy < ho; oy++)
        for (let ox = 0; ox < wo; ox++)
          for (let o = 0; o < co; o++) {
            let acc = b ? (b.data[o] as number) : 0;
            const first = Math.floor(o / cg) * ci;
            for (let ky = 0; ky < kh; ky++) {
              const row = (oy + top - ky * dh) / sh;
              if (!Number.isInteger(row) || row < 0 || row >= h) continue;
              for (let kx = 0; kx < kw; kx++) {
                const col = (ox + left - kx * dw) / sw;
                if (!Number.isInteger(col) || col < 0 || col >= wd) continue;
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

  examples: [
    {
      text: `param @b : i32[1] = [5]
param @w : i8[1x3x1] * 0.5 = [1, 2, 3]

graph @doubling(%x: (u8[1x2x1] - 10) * 0.5) -> (%y: i32[1x5x1] * 0.25) stage integer {
  %y = conv_transpose %x, @w, @b {stride = 2} : i32[1x5x1] * 0.25
}
`,
      inputs: [[11, 20]],
      output: [6, 7, 18, 25, 35],
    },
    {
      text: `param @w : i8[1x2x1] = [1, 10]

graph @cropped(%x: i8[1x3x1]) -> (%y: i32[1x4x1]) stage integer {
  %y = conv_transpose %x, @w {stride = 2, pads = [1, 2], output_padding = 1} : i32[1x4x1]
}
`,
      inputs: [[1, 2, 3]],
      output: [10, 2, 20, 3],
    },
    {
      text: `param @w : f32[1x2x1] = [1, 0.5]

graph @real(%x: f32[1x2x1]) -> (%y: f32[1x3x1]) stage float {
  %y = conv_transpose %x, @w : f32[1x3x1]
}
`,
      inputs: [[2, 4]],
      output: [2, 5, 2],
    },
  ],
});
