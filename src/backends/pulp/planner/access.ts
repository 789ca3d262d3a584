/** Which elements of their inputs the layers read: one entry per op that tile kernels exist for. */
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { twoD, twoDBegins } from "../../../ir/ops/window.js";
import { storages } from "../../../ir/storage.js";
import { sizes, zeroPoint } from "../../../ir/type.js";
import type { Access, Extent, LayerInput } from "../contract.js";
import { extentOf } from "./extent.js";

const pointwise: Access = { kind: "window", kernel: 1, stride: 1, dilation: 1, before: 0 };
const whole: Access = { kind: "whole" };

interface Anchor {
  /** Its result is a sum in i32, and a requant behind it belongs to it. */
  readonly accumulates: boolean;
  /** The inputs, or nothing where no tile kernel can read them box by box. */
  inputs(node: Node, out: Extent): readonly LayerInput[] | undefined;
}

const ints = (node: Node, name: string): readonly number[] => node.attrs[name] as readonly number[];

function input(value: Value, parts: Omit<LayerInput, "value" | "extent">): LayerInput[] | undefined {
  const extent = extentOf(value);
  return extent && [{ value, extent, ...parts }];
}

/** Windows of a convolution (`kernel` from the weights) or a pool. */
function windows(node: Node, kernel: readonly number[], kind: "window" | "transposed") {
  const [kh, kw] = twoD(kernel, 1);
  const [sh, sw] = twoD(ints(node, "stride"), 1);
  const [dh, dw] = twoD((node.attrs.dilation as readonly number[] | undefined) ?? [1], 1);
  const [top, left] = twoDBegins(ints(node, "pads"));
  return {
    y: { kind, kernel: kh, stride: sh, dilation: kernel.length === 1 ? 1 : dh, before: top },
    x: { kind, kernel: kw, stride: sw, dilation: dw, before: left },
  } as const;
}

function convolution(kind: "window" | "transposed"): Anchor["inputs"] {
  return (node) => {
    const [x, w] = node.operands;
    if ((node.attrs.pad_mode ?? "constant") !== "constant") return undefined;
    const fill = zeroPoint(x!.type);
    const groups = node.attrs.groups as number;
    const [co, ...rest] = sizes(w!.type);
    const depthwise = groups > 1 && rest.at(-1) === 1 && co === groups;
    const access = windows(node, rest.slice(0, -1), kind);
    return input(x!, { ...access, channels: depthwise ? "same" : "all", fill });
  };
}

const linear: Anchor["inputs"] = (node) =>
  input(node.operands[0]!, { y: pointwise, x: pointwise, channels: "all", fill: 0 });

/** A row of the first operand, and a column of all rows of the second, of matrices one behind the other. */
const product: Anchor["inputs"] = ({ operands }) => {
  const [a, b] = operands as readonly [Value, Value];
  const rows = input(a, { y: pointwise, x: pointwise, channels: "all", fill: 0 });
  const columns = input(b, { y: pointwise, x: whole, channels: "same", fill: 0 });
  return rows && columns && [...rows, ...columns];
};

/** Pools read windows of one channel; beyond the border lies what changes nothing. */
const pool =
  (fill: (x: Value) => number): Anchor["inputs"] =>
  (node) => {
    const x = node.operands[0]!;
    return input(x, { ...windows(node, ints(node, "kernel"), "window"), channels: "same", fill: fill(x) });
  };

const overSpace: Anchor["inputs"] = (node) =>
  input(node.operands[0]!, { y: whole, x: whole, channels: "same", fill: 0 });

/** A reduction over one spatial axis or all of them, where the axes that are left keep their places. */
const reduction: Anchor["inputs"] = (node, out) => {
  const x = node.operands[0]!;
  const extent = extentOf(x);
  const rank = x.type.shape.length;
  const axes = ints(node, "axes").map((a) => (a < 0 ? a + rank : a));
  if (!extent || rank < 3 || axes.some((a) => a === 0 || a === rank - 1)) return undefined;
  const [tall, wide] = [rank === 4 && axes.includes(1), axes.includes(rank - 2)];
  const left = { h: tall ? 1 : extent.h, w: wide ? 1 : extent.w };
  if (out.h !== left.h || out.w !== left.w) return undefined;
  const [y, along] = [tall || extent.h === 1 ? whole : pointwise, wide ? whole : pointwise];
  return input(x, { y, x: along, channels: "same", fill: 0 });
};

/** Where output index 0 reads, and how fast the source runs, with one more position for linear ones. */
function resampled(node: Node, from: number, to: number): Access {
  if (from === to) return pointwise;
  if (node.attrs.mode === "nearest")
    return { kind: "resample", numerator: from, denominator: to, offset: 0, reach: 1 };
  if (node.attrs.align === "align_corners")
    return { kind: "resample", numerator: from - 1, denominator: Math.max(to - 1, 1), offset: 0, reach: 2 };
  return { kind: "resample", numerator: 2 * from, denominator: 2 * to, offset: from - to, reach: 2 };
}

const upsampled: Anchor["inputs"] = (node) => {
  const x = node.operands[0]!;
  const [from, out] = [extentOf(x), extentOf(node.result)];
  return (
    from &&
    out &&
    input(x, {
      y: resampled(node, from.h, out.h),
      x: resampled(node, from.w, out.w),
      channels: "same",
      fill: 0,
    })
  );
};

const copied: Anchor["inputs"] = (node) =>
  node.operands.length === 1
    ? input(node.operands[0]!, { y: pointwise, x: pointwise, channels: "same", fill: 0 })
    : undefined;

const shifted = (before: number, stride = 1): Access => ({ ...pointwise, before, stride }) as Access;

const firstHalf = (list: readonly number[]): readonly number[] => list.slice(0, list.length / 2);
const secondHalf = (list: readonly number[]): readonly number[] => list.slice(list.length / 2);

const cropped: Anchor["inputs"] = (node) => {
  const [top, left] = twoD(firstHalf(ints(node, "edges")), 0);
  return input(node.operands[0]!, { y: shifted(-top), x: shifted(-left), channels: "same", fill: 0 });
};

/** Positions beyond the border repeat ones inside, as far from it at most: boxes hold those too. */
function repeated(before: number, behind: number, reflects: boolean): Access {
  const reach = (pad: number) => Math.max(0, pad) * (reflects ? 2 : 1);
  return {
    ...pointwise,
    before: before + reach(behind),
    kernel: 1 + reach(before) + reach(behind),
  } as Access;
}

const padded: Anchor["inputs"] = (node) => {
  const x = node.operands[0]!;
  const pads = ints(node, "pads");
  const [top, left] = twoD(firstHalf(pads), 0);
  const [bottom, right] = twoD(secondHalf(pads), 0);
  const mode = node.attrs.pad_mode ?? "constant";
  const fill = (node.attrs.value as number | undefined) ?? zeroPoint(x.type);
  if (mode === "constant") return input(x, { y: shifted(top), x: shifted(left), channels: "same", fill });
  const [y, along] = [repeated(top, bottom, mode === "reflect"), repeated(left, right, mode === "reflect")];
  return input(x, { y, x: along, channels: "same", fill });
};

const sliced: Anchor["inputs"] = (node) => {
  const x = node.operands[0]!;
  const rank = x.type.shape.length;
  const axis = node.attrs.axis as number;
  const along = axis < 0 ? axis + rank : axis;
  if (along === 0 || along === rank - 1 || rank < 3) return undefined;
  const [begin, step] = [node.attrs.begin as number, node.attrs.step as number];
  const here = shifted(-begin, step);
  const vertical = rank === 4 && along === 1;
  return input(x, {
    y: vertical ? here : pointwise,
    x: vertical ? pointwise : here,
    channels: "same",
    fill: 0,
  });
};

/** By op. */
export const anchors: ReadonlyMap<string, Anchor> = new Map<string, Anchor>([
  ["conv", { accumulates: true, inputs: convolution("window") }],
  ["conv_transpose", { accumulates: true, inputs: convolution("transposed") }],
  ["matmul", { accumulates: true, inputs: product }],
  ["linear", { accumulates: true, inputs: linear }],
  ["maxpool", { accumulates: false, inputs: pool((x) => storages[x.type.storage].min) }],
  ["avgpool", { accumulates: true, inputs: pool((x) => zeroPoint(x.type)) }],
  ["global_avgpool", { accumulates: true, inputs: overSpace }],
  ["reduce_mean", { accumulates: true, inputs: reduction }],
  ["reduce_sum", { accumulates: true, inputs: reduction }],
  ["upsample", { accumulates: false, inputs: upsampled }],
  ["concat", { accumulates: false, inputs: copied }],
  ["crop", { accumulates: false, inputs: cropped }],
  ["pad", { accumulates: false, inputs: padded }],
  ["slice", { accumulates: false, inputs: sliced }],
]);

/** Ops whose result at a position needs their operands at that position only. */
export const elementwise: ReadonlySet<string> = new Set([
  "add",
  "sub",
  "mul",
  "requant",
  "relu",
  "clip",
  "prelu",
  "lut",
]);

const along = (from: number, to: number): Access | undefined =>
  from === to ? pointwise : from === 1 ? { kind: "single" } : undefined;

/** A value that an element-wise layer reads, with what it broadcasts over. */
function broadcast(value: Value, out: Extent): LayerInput | undefined {
  const extent = extentOf(value);
  if (!extent) return undefined;
  const [y, x] = [along(extent.h, out.h), along(extent.w, out.w)];
  if (!y || !x || (extent.c !== out.c && extent.c !== 1)) return undefined;
  return { value, extent, y, x, channels: extent.c === out.c ? "same" : "single", fill: 0 };
}

/** The inputs of a layer; nothing where one of them cannot be read in boxes. */
export function accessOf(nodes: readonly Node[], out: Extent): readonly LayerInput[] | undefined {
  const anchor = nodes[0]!;
  if (!elementwise.has(anchor.op.name)) return anchors.get(anchor.op.name)?.inputs(anchor, out);
  const made = new Set(nodes.map((n) => n.result));
  const read = new Set(nodes.flatMap((n) => n.operands.filter((v) => !isParam(v) && !made.has(v))));
  const inputs = [...read].map((value) => broadcast(value, out));
  return inputs.every((i) => i !== undefined) ? inputs : undefined;
}
