/**
 * What calls may write where the op's record alone does not say it: friendly arguments, the sizes of params, defaults
 * that suit models. One row per op that needs one; an op without a row takes its operands and attributes as they are.
 */
import type { Node } from "../../ir/graph.js";
import type { AttrKind, Attrs, AttrValue } from "../../ir/op.js";

/** `padding`: same, valid, causal, a number for all edges, or one number per spatial dimension. */
export type ArgumentKind = AttrKind | { readonly kind: "padding" };

/** A call whose arguments are checked: x channels last, what is written, and the row's own defaults. */
export interface Sized {
  readonly channels: number;
  readonly spatial: readonly number[];
  readonly given: Attrs;
}

export interface ParamRow {
  shape(call: Sized): readonly number[];
  /** He-uniform over all inputs of one output, or a constant. */
  readonly fill: "he" | number;
  /** Statistics are no weights. */
  readonly trainable?: false;
  when?(call: Sized): boolean;
}

export interface CallRow {
  readonly summary: string;
  readonly arguments?: Readonly<Record<string, ArgumentKind>>;
  /** What follows the tensors without a name, in order. */
  readonly positional: readonly string[];
  /** Attributes that follow from the arguments; or a refusal in words. */
  attrs?(call: Sized): Attrs | string;
  readonly params?: Readonly<Record<string, ParamRow>>;
  /** The friendly arguments that give this node: what a printer writes. */
  read?(node: Node): Attrs;
}

/** Ops that operators between tensors stand for; one of the two operands may be a number. */
export const operators: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul" };
const numeric = new Set(Object.values(operators));
export const takesNumbers = (op: { readonly name: string }): boolean => numeric.has(op.name);

const ints = (value: AttrValue | undefined, fill: number, count: number): readonly number[] =>
  Array.isArray(value) ? value : new Array<number>(count).fill(typeof value === "number" ? value : fill);

/** Kernel, stride and dilation, one each per spatial dimension. */
function windowOf({ spatial, given }: Sized) {
  const of = (name: string, fill: number) => ints(given[name], fill, spatial.length);
  const [kernel, dilation] = [of("kernel", 1), of("dilation", 1)];
  return {
    kernel,
    dilation,
    stride: of("stride", 1),
    reach: kernel.map((k, i) => (k - 1) * dilation[i]! + 1),
  };
}

type Total = (size: number, reach: number, stride: number) => number;
/** ONNX SAME_UPPER: ceil(size / stride) positions, the odd pad at the end. */
const sameWindow: Total = (size, reach, stride) =>
  Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
/** The cut of a transposed convolution that leaves size * stride positions; negative widens. */
const sameTransposed: Total = (_, reach, stride) => reach - stride;

/** Edges for `pad`: begins, then ends. Causal pads look back only: a result depends on no later input. */
function edges(call: Sized, total: Total): Attrs | string {
  const { pad } = call.given;
  if (pad === undefined || pad === "valid") return {};
  if (typeof pad !== "string") {
    const each = ints(pad, 0, call.spatial.length);
    return { pads: [...each, ...each] };
  }
  const { reach, stride } = windowOf(call);
  if (pad === "causal") {
    if (call.spatial.length !== 1) return "pad: causal is for data with one spatial dimension, time";
    return { pads: [reach[0]! - 1, 0] };
  }
  const sums = call.spatial.map((size, i) => total(size, reach[i]!, stride[i]!));
  const begins = sums.map((sum) => Math.floor(sum / 2));
  return { pads: [...begins, ...sums.map((sum, i) => sum - begins[i]!)] };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
/** One number where all are equal. */
const brief = (list: readonly number[]): AttrValue => (new Set(list).size === 1 ? list[0]! : list);

/** The word that means these pads, where one does. */
function paddingOf({ operands: [x], attrs }: Node, kernel: readonly number[], total: Total): Attrs {
  const spatial = x!.type.shape.slice(1, -1) as number[];
  const pads = attrs.pads as readonly number[];
  if (pads.every((p) => p === 0)) return {};
  const word = ["same", "causal"].find((pad) => {
    const made = edges({ channels: 1, spatial, given: { ...attrs, kernel, pad } }, total);
    return typeof made !== "string" && same(made.pads, pads);
  });
  return word ? { pad: word } : {};
}

const size = { kind: "int", min: 1, optional: true } as const satisfies ArgumentKind;
const kernel = { kind: "ints", length: "spatial", min: 1 } as const satisfies ArgumentKind;
const padding = { kind: "padding" } as const;
const bias = { kind: "bool", default: true } as const satisfies ArgumentKind;

const outOf = ({ channels, given }: Sized): number => Number(given.out ?? channels);
const perGroup = ({ channels, given }: Sized): number =>
  Math.max(1, Math.floor(channels / Number(given.groups ?? 1)));
const channelsOf = ({ channels }: Sized): readonly number[] => [channels];
const withBias: ParamRow = { shape: (c) => [outOf(c)], fill: 0, when: (c) => c.given.bias !== false };

const convolution = (summary: string, total: Total): CallRow => ({
  summary,
  arguments: { out: size, kernel, pad: padding, bias },
  positional: ["out", "kernel"],
  attrs: (call) => edges(call, total),
  params: {
    w: { shape: (c) => [outOf(c), ...windowOf(c).kernel, perGroup(c)], fill: "he" },
    b: withBias,
  },
  read(node) {
    const [out, ...rest] = node.operands[1]!.type.shape as number[];
    const taps = rest.slice(0, -1);
    const pad = paddingOf(node, taps, total);
    return { out: out!, kernel: brief(taps), ...pad, ...(node.operands[2] ? {} : { bias: false }) };
  },
});

const pool = (summary: string): CallRow => ({
  summary,
  arguments: { pad: padding },
  positional: ["kernel", "stride"],
  attrs(call) {
    const stride = call.given.stride ?? call.given.kernel;
    const pads = edges({ ...call, given: { ...call.given, stride } }, sameWindow);
    return typeof pads === "string" ? pads : { ...(stride === undefined ? {} : { stride }), ...pads };
  },
  read: (node) => paddingOf(node, node.attrs.kernel as readonly number[], sameWindow),
});

const statistic = (fill: number, when?: ParamRow["when"]): ParamRow => ({
  shape: channelsOf,
  fill,
  trainable: false,
  ...(when ? { when } : {}),
});
const scaleAndShift = {
  gamma: { shape: channelsOf, fill: 1 },
  beta: { shape: channelsOf, fill: 0 },
} as const satisfies Record<string, ParamRow>;
const running = (call: Sized): boolean => call.given.statistics === "running";

export const calls: Readonly<Record<string, CallRow>> = {
  conv: convolution(
    "`out` channels (default: those of x); weights and bias are made. `pad: same` keeps ceil(size / stride) positions.",
    sameWindow,
  ),
  conv_transpose: convolution(
    "`out` channels (default: those of x); weights and bias are made. `pad: same` gives size * stride positions.",
    sameTransposed,
  ),
  linear: {
    summary: "`out` features (default: as many as x has); weights and bias are made.",
    arguments: { out: size, bias },
    positional: ["out"],
    params: { w: { shape: (c) => [outOf(c), c.channels], fill: "he" }, b: withBias },
    read: ({ operands: [, w, b] }) => ({ out: w!.type.shape[0] as number, ...(b ? {} : { bias: false }) }),
  },
  batchnorm: {
    summary: "Scale, shift and statistics per channel are made; statistics are not trained.",
    positional: [],
    params: { ...scaleAndShift, mean: statistic(0), var: statistic(1) },
  },
  instancenorm: {
    summary: "Scale and shift per channel are made, and statistics where `statistics: running`.",
    positional: [],
    params: { ...scaleAndShift, mean: statistic(0, running), var: statistic(1, running) },
  },
  prelu: {
    summary: "A slope per channel is made, or one for all where `shared: true`; it starts at 0.25.",
    arguments: { shared: { kind: "bool", default: false } },
    positional: [],
    params: { alpha: { shape: (c) => [c.given.shared === true ? 1 : c.channels], fill: 0.25 } },
    read: ({ operands: [x, alpha] }) =>
      alpha!.type.shape[0] === 1 && x!.type.shape.at(-1) !== 1 ? { shared: true } : {},
  },
  maxpool: pool("`stride` is the kernel's size unless it is written."),
  avgpool: pool("`stride` is the kernel's size unless it is written."),
  upsample: {
    summary: "`factor` times as long, or as high and wide; or to `size`.",
    arguments: { factor: { kind: "ints", length: "spatial", min: 1, optional: true } },
    positional: ["factor"],
    attrs({ spatial, given: { factor } }) {
      return factor === undefined
        ? {}
        : { size: spatial.map((s, i) => s * ints(factor, 1, spatial.length)[i]!) };
    },
    read({ operands: [x], attrs }) {
      const [sizes, spatial] = [attrs.size as readonly number[], x!.type.shape.slice(1, -1) as number[]];
      const factor = sizes.map((s, i) => s / spatial[i]!);
      return factor.every(Number.isInteger) ? { factor: brief(factor) } : {};
    },
  },
  concat: {
    summary: "Joins channels unless another `axis` is written.",
    positional: ["axis"],
    attrs: ({ spatial, given }) => ({ axis: given.axis ?? spatial.length + 1 }),
  },
};
