/** The networks that are timed: single layers, the examples, and two networks in the shapes of published ones. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../root.js";

export type Kind = "conv 1-D" | "conv 2-D" | "depthwise" | "pointwise" | "linear" | "network";

export interface Row {
  readonly kind: Kind;
  readonly name: string;
  /** Text of a model in the DSL; its weights are seeded. */
  readonly model: string;
  /**
   * Whether signed values are stored as u8 with a zero point. onnxruntime has integer kernels only where all activations
   * have one signedness; layers have inputs and results without negative values, and need no zero point.
   */
  readonly zeroPoints: boolean;
}

/** What a layer has besides its kernel: `stride: 2`, `dilation: 4`. */
type More = "" | `${"stride" | "dilation"}: ${number}`;

/** One layer between an input and a relu. `what` says in the table what comes after the input's shape. */
function layer(kind: Kind, shape: readonly number[], call: string, what: string): Row {
  const model = `model layer {
  input x: [${shape.join(", ")}]
  output y = x |> ${call} |> relu
}`;
  return { kind, name: `${shape.join("x")} ${what}`, model, zeroPoints: false };
}

function windowed(
  kind: Kind,
  shape: readonly number[],
  size: { readonly to?: number; readonly kernel: number },
  more: More,
): Row {
  const channels = size.to ? `out: ${size.to}` : `groups: ${shape.at(-1)}`;
  const call = `conv(${channels}, kernel: ${size.kernel}, pad: same${more && `, ${more}`})`;
  const taps = shape.length === 2 ? `${size.kernel}` : `${size.kernel}x${size.kernel}`;
  const what = `${size.to ? `-> ${size.to}, ` : ""}kernel ${taps}${more && `, ${more.replace(":", "")}`}`;
  return layer(kind, shape, call, what);
}

const conv1d = (length: number, from: number, to: number, kernel: number, more: More = ""): Row =>
  windowed("conv 1-D", [length, from], { to, kernel }, more);
const conv2d = (side: number, from: number, to: number, kernel: number, more: More = ""): Row =>
  windowed("conv 2-D", [side, side, from], { to, kernel }, more);
const depthwise = (shape: readonly number[], kernel: number, more: More = ""): Row =>
  windowed("depthwise", shape, { kernel }, more);
const pointwise = (shape: readonly number[], to: number): Row =>
  layer("pointwise", shape, `conv(out: ${to}, kernel: 1)`, `-> ${to}`);
const linear = (from: number, to: number): Row => layer("linear", [from], `linear(${to})`, `-> ${to}`);

const layers: readonly Row[] = [
  conv1d(1024, 8, 8, 3),
  conv1d(512, 16, 16, 3),
  conv1d(256, 32, 32, 3),
  conv1d(128, 64, 64, 3),
  conv1d(64, 128, 128, 3),
  conv1d(128, 64, 128, 3, "stride: 2"),
  conv1d(256, 32, 32, 3, "dilation: 4"),
  conv1d(256, 32, 32, 5),
  conv1d(1024, 16, 32, 5, "stride: 2"),
  conv1d(256, 64, 64, 5, "dilation: 4"),
  conv1d(1024, 16, 16, 9),
  conv1d(128, 64, 64, 9),
  conv1d(128, 64, 128, 9, "stride: 2"),
  conv1d(512, 16, 32, 9, "dilation: 4"),
  conv1d(250, 11, 11, 11),
  conv2d(32, 3, 16, 3),
  conv2d(32, 16, 32, 3),
  conv2d(32, 32, 32, 3),
  conv2d(32, 32, 64, 3, "stride: 2"),
  conv2d(16, 64, 64, 3),
  conv2d(8, 256, 256, 3),
  conv2d(32, 16, 32, 5),
  conv2d(16, 32, 32, 5),
  depthwise([256, 64], 3),
  depthwise([1024, 128], 3),
  depthwise([256, 64], 9),
  depthwise([32, 32, 32], 3),
  depthwise([32, 32, 64], 3),
  depthwise([32, 32, 64], 3, "stride: 2"),
  depthwise([16, 16, 128], 3),
  pointwise([256, 32], 64),
  pointwise([64, 128], 128),
  pointwise([16, 16, 64], 64),
  pointwise([32, 32, 64], 64),
  pointwise([16, 16, 128], 128),
  linear(256, 64),
  linear(512, 512),
  linear(1024, 256),
];

/** The shapes of TCN_T: causal, dilated, residual; 140 samples in, 5 classes out. */
export const tcnT: Row = {
  kind: "network",
  name: "TCN_T shapes",
  zeroPoints: true,
  model: `block layer(v, c, d = 1) = v |> conv(out: c, kernel: 11, dilation: d, pad: causal) |> relu
block residual(v, d) {
  main = v |> layer(11, d) |> layer(11, d)
  output v + main |> relu
}

model tcn_t {
  input x: [140, 1]
  a = x |> layer(2)
  main = a |> layer(11) |> layer(11)
  shortcut = a |> conv(out: 11, kernel: 1) |> relu
  b = main + shortcut |> relu
  output y = b |> residual(2) |> residual(4) |> flatten |> linear(5)
}`,
};

/** The shapes of KeywordSpotting: depthwise separable convolutions over 49 frames of 13 coefficients. */
export const keywordSpotting: Row = {
  kind: "network",
  name: "KeywordSpotting shapes",
  zeroPoints: true,
  model: `block separable(v) = v
  |> conv(kernel: 3, groups: channels(v), pad: same, bias: false) |> relu
  |> conv(out: 64, kernel: 1, bias: false) |> relu

model keyword_spotting {
  input x: [49, 13, 1]
  stem = x |> conv(64, [10, 4], stride: 2, bias: false) |> relu
  body = stem |> separable |> separable |> separable |> separable
  output y = body |> maxpool([20, 5]) |> flatten |> linear(12)
}`,
};

const example = (name: string): Row => ({
  kind: "network",
  name: `examples/${name}`,
  zeroPoints: true,
  model: readFileSync(path.join(root, "examples", `${name}.pulse`), "utf8"),
});

/** The models of `examples`, by name. */
export const examples = (): readonly string[] =>
  readdirSync(path.join(root, "examples"))
    .filter((file) => file.endsWith(".pulse"))
    .map((file) => path.basename(file, ".pulse"))
    .sort();

export const rows = (): readonly Row[] => [...layers, ...examples().map(example), keywordSpotting, tcnT];

/** So small that its time is that of the call. */
export const callRow: Row = linear(8, 8);
