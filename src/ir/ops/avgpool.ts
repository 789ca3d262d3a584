import type { Bounds, Known } from "../bounds.js";
import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { activationStorages } from "../storage.js";
import { activation, elements, type TensorType, tensorType, zeroPoint } from "../type.js";
import { asImage, fromImage, padFloat } from "./float.js";
import { mergedPads, pad, padsWithZero } from "./pad.js";
import { cutsChannels } from "./take.js";
import {
  blindAtEnds,
  edgePads,
  neededPerSpatial,
  perSpatial,
  source,
  tapCounts,
  twoD,
  twoDBegins,
  type Window,
  windowCounts,
  windowPositions,
  wrongWindow,
} from "./window.js";

interface AvgPool extends Omit<Window, "dilation"> {
  readonly count_include_pad: boolean;
}

/** Fraction bits of the reciprocals that stand for a division by a count which differs at the borders. */
const fraction = 2 ** 15;

const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
const windowOf = (a: AvgPool): Window => ({ ...a, dilation: a.kernel.map(() => 1) });

/** Is every window divided by the same count, so that the scale can do it? */
const plainSum = ({ pads, count_include_pad }: AvgPool): boolean =>
  count_include_pad || pads.every((p) => p <= 0);

/** What the sum over `count` elements is multiplied by: floor(2^15 / count + 1/2). */
const reciprocal = (count: number): number => Math.floor((2 * fraction + count) / (2 * count));

/** Elements of x under the window, for every position in row-major order. */
function counts(x: TensorType, a: AvgPool): number[] {
  const [rows, columns] = twoD(windowCounts(activation(x).spatial, windowOf(a)), [1]);
  return rows.flatMap((r) => columns.map((c) => r * c));
}

/** The result over the element, for windows full of equal elements: one number per kind of window. */
function gains(x: TensorType, a: AvgPool): number[] {
  const kinds = plainSum(a) ? undefined : tapCounts(activation(x).spatial, windowOf(a));
  if (!kinds) return [product(a.kernel)];
  const [rows, columns] = twoD(kinds, [1]);
  const counts = new Set(rows.flatMap((r) => columns.map((c) => r * c)));
  return [...counts].map((count) => count * reciprocal(count));
}

/** Per channel, `n` times the interval of x - zero, joined with 0 because zeros may be among the elements. */
function sumBounds(x: Known, n: number): Bounds {
  const zero = zeroPoint(x.type);
  const lo = x.bounds.lo.map((v) => n * Math.min(v - zero, 0));
  const hi = x.bounds.hi.map((v) => n * Math.max(v - zero, 0));
  return { lo, hi, partial: lo.map((v, c) => Math.max(-v, hi[c]!)) };
}

const rules: readonly Rule[] = [
  {
    name: "avgpool-of-pad",
    equation:
      "avgpool(pad(x)) = avgpool(x) with both pads added, when pads count and pad writes the zero point",
    root: "avgpool",
    rewrite({ op, operands: [x], attrs }, cx) {
      const inner = cx.producer(x, pad);
      if (!inner || !cx.onlyUse(inner.result) || !padsWithZero(inner) || !plainSum(attrs as never))
        return undefined;
      const pads = mergedPads(inner, attrs.pads as readonly number[]);
      return pads && cx.emit(op, [inner.operands[0]!], { ...attrs, pads, count_include_pad: true });
    },
  },
];

export const avgpool = defineOp({
  name: "avgpool",
  summary:
    "Mean over a sliding window, per channel; integers give the sum and leave the division to the scale.",
  integer:
    "y[p, c] = sum over taps t of (x[p * stride + t - pad, c] - zero), in i32; scale(y) = scale(x) / taps. " +
    "Where pads do not count: sum * floor(2^15 / count + 1/2), count = taps inside x; scale(y) = scale(x) / 2^15",
  operands: { x: { storage: ["f32", ...activationStorages], rank: [3, 4] } },
  attrs: {
    kernel: neededPerSpatial,
    stride: perSpatial(1),
    pads: edgePads,
    count_include_pad: { kind: "bool", default: false },
  },
  traits: [],
  quantise: "sum",

  infer({ x }, a) {
    const { n, spatial, channels } = activation(x);
    const window = windowOf(a);
    const wrong =
      wrongWindow(spatial, window) ??
      cutsChannels(
        x.quant,
        spatial.map((_, i) => i + 1),
      );
    if (wrong) return wrong;
    if (!plainSum(a) && x.storage !== "f32" && product(a.kernel) > fraction)
      return `the mean of ${product(a.kernel)} elements is beyond its ${fraction} fractions; use count_include_pad = true`;
    if (!plainSum(a) && blindAtEnds(spatial, window))
      return "a window lies wholly in the pads and has no mean; make the pads smaller, or count_include_pad = true";
    const shape = [n, ...windowPositions(spatial, window), channels];
    if (x.storage === "f32") return tensorType("f32", shape);
    const scale = x.quant && x.quant.scale / (plainSum(a) ? product(a.kernel) : fraction);
    return tensorType("i32", shape, scale === undefined ? undefined : { ...x.quant, scale, zero: 0 });
  },

  float(f, { x }, a) {
    const image = asImage(f, padFloat(f, x, a.pads, "constant", 0));
    const mean = fromImage(
      f,
      f.avgPool(image, [...twoD(a.kernel, 1)], [...twoD(a.stride, 1)], "valid"),
      x.rank,
    );
    if (plainSum(a)) return { y: mean };
    const more = counts({ storage: "f32", shape: x.shape }, a).map((count) => product(a.kernel) / count);
    return { y: f.mul(mean, f.tensor(more, [1, ...mean.shape.slice(1, -1), 1])) };
  },

  int({ x }, a, out) {
    const { n, spatial, channels } = activation(x.type);
    const [h, w] = twoD(spatial, 1);
    const [ho, wo] = twoD(activation(out).spatial, 1);
    const [[kh, kw], [sh, sw], [top, left]] = [twoD(a.kernel, 1), twoD(a.stride, 1), twoDBegins(a.pads)];
    const factors = plainSum(a) ? undefined : counts(x.type, a).map(reciprocal);
    const zero = zeroPoint(x.type);
    const xs = x.data as Int8Array;
    const y = new Int32Array(elements(out));
    let to = 0;
    for (let i = 0; i < (n as number); i++)
      for (let oy = 0; oy < ho; oy++)
        for (let ox = 0; ox < wo; ox++)
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let ky = 0; ky < kh; ky++) {
              const row = source(oy * sh + ky - top, h, "constant");
              if (row < 0) continue;
              for (let kx = 0; kx < kw; kx++) {
                const col = source(ox * sw + kx - left, w, "constant");
                if (col >= 0) sum = (sum + xs[((i * h + row) * w + col) * channels + c]! - zero) | 0;
              }
            }
            y[to++] = Math.imul(sum, factors ? factors[oy * wo + ox]! : 1);
          }
    return y;
  },

  bounds: ({ x }, a) => sumBounds(x, Math.max(...gains(x.type, a))),

  canonical: rules,

  examples: [
    {
      text: `graph @sum(%x: (u8[1x4x1] - 10) * 0.5) -> (%y: i32[1x2x1] * 0.25) stage integer {
  %y = avgpool %x {kernel = 2, stride = 2} : i32[1x2x1] * 0.25
}
`,
      inputs: [[11, 12, 0, 5]],
      output: [3, -15],
    },
    {
      text: `graph @border(%x: i8[1x3x1] * 32768) -> (%y: i32[1x3x1] * 1) stage integer {
  %y = avgpool %x {kernel = 3, pads = [1, 1]} : i32[1x3x1] * 1
}
`,
      inputs: [[3, 5, -2]],
      output: [131072, 65538, 49152],
    },
    {
      text: `graph @real(%x: f32[1x3x1]) -> (%y: f32[1x3x1]) stage float {
  %y = avgpool %x {kernel = 3, pads = [1, 1], count_include_pad = true} : f32[1x3x1]
}
`,
      inputs: [[3, 6, -3]],
      output: [3, 2, 1],
    },
  ],
});
