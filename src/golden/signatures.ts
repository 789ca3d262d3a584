/** Bindings to begin with: an op with its tensors, sizes and attributes as `golden new` writes them. */
import type { Storage } from "../ir/storage.js";

/** A tensor as a binding file spells it. */
export interface TensorText {
  readonly storage: Storage;
  readonly shape?: readonly (number | string)[];
  readonly axes: string;
  readonly layout?: string;
  readonly element?: string;
  readonly packing?: string;
  readonly zero?: readonly number[];
  readonly range?: readonly [number, number];
}

/** An op, or a chain of ops, with choices that a kernel commonly has. */
export interface Signature {
  readonly name: string;
  readonly summary: string;
  readonly ops: readonly string[];
  readonly tensors: Readonly<Record<string, TensorText>>;
  readonly attrs: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
  readonly sizes: Readonly<Record<string, readonly number[]>>;
}

const image = (c = "C"): TensorText => ({
  storage: "u8",
  shape: [1, "H", "W", c],
  axes: "NHWC",
  layout: "HWC",
});
const sequence = (c = "C"): TensorText => ({ storage: "u8", shape: [1, "L", c], axes: "NLC", layout: "LC" });
const bias: TensorText = { storage: "i32", shape: ["Co"], axes: "O" };
const planes = { storage: "i32", axes: "NHWC", layout: "HWC" } as const;
const rows = { storage: "i32", axes: "NLC", layout: "LC" } as const;
const channels = { Ci: [1, 9], Co: [1, 9] };
const plane = { H: [1, 7], W: [1, 7] };

const convolution = (name: string, op: string, summary: string, flat: boolean): Signature => ({
  name,
  summary,
  ops: [op],
  tensors: {
    x: flat ? sequence("Ci") : image("Ci"),
    w: flat
      ? { storage: "i8", shape: ["Co", "K", "Ci"], axes: "OLI" }
      : { storage: "i8", shape: ["Co", "Kh", "Kw", "Ci"], axes: "OHWI" },
    b: bias,
    y: flat ? rows : planes,
  },
  attrs: { [op]: flat ? lineAttrs : planeAttrs },
  sizes: { ...(flat ? { L: [1, 12], K: [1, 4] } : { ...plane, Kh: [1, 3], Kw: [1, 3] }), ...channels },
});
const planeAttrs = {
  stride: [
    [1, 1],
    [2, 2],
    [2, 1],
  ],
  pads: [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
  ],
};
const lineAttrs = {
  stride: [[1], [2]],
  dilation: [[1], [2]],
  pads: [
    [0, 0],
    [1, 1],
    ["K - 1", 0],
  ],
};

const depthwise = (name: string, summary: string, flat: boolean): Signature => {
  const whole = convolution(name, "conv", summary, flat);
  const w = whole.tensors.w!;
  return {
    ...whole,
    tensors: {
      x: flat ? sequence() : image(),
      w: { ...w, shape: ["C", ...w.shape!.slice(1, -1), 1], layout: flat ? "OL" : "OHW" },
      b: { ...bias, shape: ["C"] },
      y: whole.tensors.y!,
    },
    attrs: { conv: { ...whole.attrs.conv!, groups: ["C"] } },
    sizes: {
      ...Object.fromEntries(Object.entries(whole.sizes).filter(([n]) => !/^C[io]$/.test(n))),
      C: [1, 9],
    },
  };
};

const linePool = {
  kernel: [[2], [3]],
  stride: [[2], [1]],
  pads: [
    [0, 0],
    [1, 1],
    [1, 0],
  ],
};
const planePool = {
  kernel: [
    [2, 2],
    [3, 3],
    [3, 2],
  ],
  stride: [
    [2, 2],
    [1, 1],
    [2, 1],
  ],
  pads: [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
  ],
};

const pool = (op: string, summary: string, flat: boolean, storage: Storage): Signature => ({
  name: `${op}${flat ? "1d" : "2d"}`,
  summary,
  ops: [op],
  tensors: { x: flat ? sequence() : image(), y: { ...(flat ? rows : planes), storage } },
  attrs: {
    [op]: {
      ...(flat ? linePool : planePool),
      // Sums that no divisor belongs to: the scale, or a requant behind, divides.
      ...(op === "avgpool" ? { count_include_pad: [true] } : {}),
    },
  },
  sizes: { ...(flat ? { L: [2, 12] } : { H: [2, 7], W: [2, 7] }), C: [1, 9] },
});

const pair = (op: string, summary: string, attrs: Signature["attrs"]): Signature => ({
  name: op,
  summary,
  ops: [op],
  tensors: { a: image(), b: image(), y: planes },
  attrs,
  sizes: { ...plane, C: [1, 9] },
});

/** What `golden new` knows by name; any other op is read off its record. */
export const signatures: readonly Signature[] = [
  convolution("conv2d", "conv", "convolution of images", false),
  convolution("conv1d", "conv", "convolution of sequences, dilated and causal too", true),
  depthwise("depthwise2d", "convolution of images, each channel by itself", false),
  depthwise("depthwise1d", "convolution of sequences, each channel by itself", true),
  convolution("conv_transpose2d", "conv_transpose", "transposed convolution of images", false),
  convolution("conv_transpose1d", "conv_transpose", "transposed convolution of sequences", true),
  {
    name: "linear",
    summary: "fully connected layer",
    ops: ["linear"],
    tensors: {
      x: { storage: "u8", shape: [1, "Ci"], axes: "NC", layout: "C" },
      w: { storage: "i8", shape: ["Co", "Ci"], axes: "OI" },
      b: bias,
      y: { storage: "i32", axes: "NC", layout: "C" },
    },
    attrs: {},
    sizes: { Ci: [1, 33], Co: [1, 9] },
  },
  {
    name: "matmul",
    summary: "product of two matrices, both computed",
    ops: ["matmul"],
    tensors: {
      a: { storage: "u8", shape: ["M", "K"], axes: "MK" },
      b: { storage: "i8", shape: ["K", "P"], axes: "KP" },
      y: { storage: "i32", axes: "MP" },
    },
    attrs: {},
    sizes: { M: [1, 6], K: [1, 17], P: [1, 6] },
  },
  pair("add", "sum of two tensors, each with a multiplier", {
    add: {
      mul: [
        [1, 1],
        [3, 5],
      ],
    },
  }),
  pair("mul", "product element by element", {}),
  {
    name: "requant",
    summary: "rescaling of sums: multiply, add, shift, clamp",
    ops: ["requant"],
    tensors: {
      x: {
        storage: "i32",
        shape: [1, "H", "W", "C"],
        axes: "NHWC",
        layout: "HWC",
        range: [-(2 ** 20), 2 ** 20],
      },
      mul: { storage: "i32", shape: ["C"], axes: "C" },
      add: { storage: "i64", shape: ["C"], axes: "C" },
      y: { storage: "u8", axes: "NHWC", layout: "HWC" },
    },
    attrs: { requant: { shift: ["auto"] } },
    sizes: { ...plane, C: [1, 9] },
  },
  pool("maxpool", "largest of a window of an image", false, "u8"),
  pool("maxpool", "largest of a window of a sequence", true, "u8"),
  pool("avgpool", "sum of a window of an image", false, "i32"),
  pool("avgpool", "sum of a window of a sequence", true, "i32"),
  {
    name: "concat",
    summary: "two tensors side by side along the channels",
    ops: ["concat"],
    tensors: { xs0: image("Ca"), xs1: image("Cb"), y: { ...planes, storage: "u8" } },
    attrs: { concat: { axis: [3] } },
    sizes: { ...plane, Ca: [1, 9], Cb: [1, 9] },
  },
  {
    name: "upsample",
    summary: "stretching of an image, nearest or linear",
    ops: ["upsample"],
    tensors: { x: image(), y: { ...planes, storage: "u8" } },
    attrs: {
      upsample: {
        size: [
          ["2 * H", "2 * W"],
          ["H + 1", "3 * W"],
        ],
        mode: ["nearest"],
      },
    },
    sizes: { ...plane, C: [1, 9] },
  },
  {
    name: "lut",
    summary: "table lookup per element",
    ops: ["lut"],
    tensors: {
      x: { ...image(), storage: "i8" },
      table: { storage: "i8", shape: [256], axes: "T" },
      y: { ...planes, storage: "i8" },
    },
    attrs: {},
    sizes: { ...plane, C: [1, 9] },
  },
  {
    name: "prelu",
    summary: "two slopes by sign, per channel",
    ops: ["prelu"],
    tensors: {
      x: { ...image(), storage: "i8" },
      alpha: { storage: "i8", shape: ["C"], axes: "C" },
      y: planes,
    },
    attrs: { prelu: { positive: [64] } },
    sizes: { ...plane, C: [1, 9] },
  },
];
