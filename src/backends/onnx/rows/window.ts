/** Ops that slide windows over length or height and width, or change those: convolutions, pools, pads, upsampling. */
import type { Param } from "../../../ir/graph.js";
import { range } from "../../../ir/ops/take.js";
import { sizes } from "../../../ir/type.js";
import { axesIn, shapeIn } from "../layout.js";
import {
  arrangedParam,
  emit,
  float,
  floats,
  ints,
  type Lowering,
  real,
  realParam,
  step,
  unsupported,
  type Writer,
} from "../writer.js";
import { biasOf } from "./sums.js";

type Ints = readonly number[];
const listOf = (value: unknown): Ints => value as Ints;

/** Pads of all ONNX axes from those of positions. */
const allPads = (pads: Ints): number[] => {
  const dims = pads.length / 2;
  return [0, 0, ...pads.slice(0, dims), 0, 0, ...pads.slice(dims)];
};

/** Widens by the positive pads. The constant is a real number. */
function widened(cx: Writer, x: string, pads: Ints, mode = "constant", value = 0): string {
  const grown = pads.map((p) => Math.max(p, 0));
  if (grown.every((p) => p === 0)) return x;
  const constant = mode === "constant" ? [float(cx, "value", value)] : [];
  return step(cx, "Pad", [x, ints(cx, "pads", allPads(grown)), ...constant], "padded", { mode });
}

/** Crops by the negative pads, of positions whose sizes are `spatial`. */
function cropped(cx: Writer, x: string, pads: Ints, spatial: Ints): string {
  const operands = cropOperands(cx, pads, spatial);
  return operands ? step(cx, "Slice", [x, ...operands], "cropped") : x;
}

function cropOperands(cx: Writer, pads: Ints, spatial: Ints): readonly string[] | undefined {
  const dims = spatial.length;
  const axes = range(0, dims).filter((i) => pads[i]! < 0 || pads[i + dims]! < 0);
  if (axes.length === 0) return undefined;
  const starts = axes.map((i) => Math.max(-pads[i]!, 0));
  const ends = axes.map((i) => spatial[i]! + Math.min(pads[i + dims]!, 0));
  const onnxAxes = axes.map((i) => i + 2);
  return [ints(cx, "starts", starts), ints(cx, "ends", ends), ints(cx, "axes", onnxAxes)];
}

const positions = (cx: Writer): Ints => cx.node!.operands[0]!.type.shape.slice(1, -1) as Ints;

/** x with the pads that the ONNX operator cannot take by itself, and those it can. */
function paddedInput(
  cx: Writer,
  x: string,
  given: Ints,
  can: (pad: number, i: number) => boolean,
  fill: { readonly mode?: string; readonly value?: number } = {},
): { readonly x: string; readonly pads: Ints } {
  const left = cropped(cx, x, given, positions(cx));
  const pads = given.map((p) => Math.max(p, 0));
  if (pads.every((p, i) => p === 0 || can(p, i))) return { x: left, pads };
  return { x: widened(cx, left, pads, fill.mode, fill.value), pads: pads.map(() => 0) };
}

/** Mirrored pads look into what the negative ones crop away, so the whole is widened first. */
function modePadded(cx: Writer, x: string, pads: Ints, mode: string): string {
  const wide = widened(cx, x, pads, mode);
  const spatial = positions(cx);
  const dims = spatial.length;
  const grown = spatial.map((s, i) => s + Math.max(pads[i]!, 0) + Math.max(pads[i + dims]!, 0));
  return cropped(cx, wide, pads, grown);
}

const conv: Lowering = (cx, { operands, attrs }) => {
  const [x, w] = operands as [Param, Param];
  const mode = attrs.pad_mode as string;
  const input = real(cx, x, "first");
  const padded =
    mode === "constant"
      ? paddedInput(cx, input, listOf(attrs.pads), () => true)
      : { x: modePadded(cx, input, listOf(attrs.pads), mode), pads: listOf(attrs.pads).map(() => 0) };
  const kernel = sizes(w.type).slice(1, -1);
  emit(
    cx,
    "first",
    "Conv",
    [padded.x, realParam(cx, w, axesIn(w.type.shape.length, "first")), ...biasOf(cx)],
    {
      kernel_shape: kernel,
      strides: listOf(attrs.stride),
      dilations: listOf(attrs.dilation),
      group: attrs.groups as number,
      pads: padded.pads,
    },
  );
};

/** Co K Ci/groups as ONNX's Ci Co/groups K. */
function transposedWeights(cx: Writer, w: Param, groups: number): string {
  const [co, ...rest] = sizes(w.type) as [number, ...number[]];
  const [ci, kernel] = [rest.at(-1)!, rest.slice(0, -1)];
  const taps = kernel.reduce((a, b) => a * b, 1);
  const outer = co / groups;
  const data = range(0, groups * ci).flatMap((c) =>
    range(0, outer).flatMap((o) => {
      const [group, inner] = [Math.floor(c / ci), c % ci];
      return range(0, taps).map((t) => w.data[((group * outer + o) * taps + t) * ci + inner]!);
    }),
  );
  if (groups > 1 && w.type.quant?.channels)
    return unsupported(cx, "its groups have scales per channel, which no axis of ONNX's weights has");
  return arrangedParam(cx, w, `transposed ${groups}`, {
    shape: [groups * ci, outer, ...kernel],
    data: data as number[],
    axis: 1,
  });
}

const convTranspose: Lowering = (cx, { operands, attrs, result }) => {
  const [x, w] = operands as [Param, Param];
  const [pads, more] = [listOf(attrs.pads), listOf(attrs.output_padding)];
  const kernel = sizes(w.type).slice(1, -1);
  const inputs = [real(cx, x, "first"), transposedWeights(cx, w, attrs.groups as number)];
  const base = {
    kernel_shape: kernel,
    strides: listOf(attrs.stride),
    dilations: listOf(attrs.dilation),
    group: attrs.groups as number,
  };
  const plain = pads.every((p) => p >= 0) && more.every((p, i) => p < listOf(attrs.stride)[i]!);
  if (plain) {
    const extra = more.some((p) => p > 0) ? { output_padding: more } : {};
    emit(cx, "first", "ConvTranspose", [...inputs, ...biasOf(cx)], { ...base, pads, ...extra });
    return;
  }
  const full = step(cx, "ConvTranspose", inputs, "full", base);
  const growth = pads.map((p, i) => (more[i - pads.length / 2] ?? 0) - p);
  const grown = shapeIn(result.type.shape, "first").slice(2) as Ints;
  const dims = grown.length;
  const wide = grown.map((s, i) => s - Math.min(growth[i]!, 0) - Math.min(growth[i + dims]!, 0));
  const [bias] = biasOf(cx, [sizes(w.type)[0]!, ...grown.map(() => 1)]);
  const zero = bias ?? float(cx, "zero", 0);
  emit(cx, "first", "Add", [cropped(cx, widened(cx, full, growth), growth, wide), zero]);
};

/** Runtimes refuse pools whose pads reach a whole kernel. */
const within = (kernel: Ints) => (pad: number, i: number) => pad < kernel[i % kernel.length]!;
/** What a pool must not choose: the lowest f32, as runtimes differ about infinity in pads. */
const lowest = -(2 - 2 ** -23) * 2 ** 127;

const maxpool: Lowering = (cx, { operands: [x], attrs }) => {
  const kernel = listOf(attrs.kernel);
  const padded = paddedInput(cx, real(cx, x!, "first"), listOf(attrs.pads), within(kernel), {
    value: lowest,
  });
  emit(cx, "first", "MaxPool", [padded.x], {
    kernel_shape: kernel,
    strides: listOf(attrs.stride),
    dilations: listOf(attrs.dilation),
    pads: padded.pads,
  });
};

/**
 * `paddedInput` of a mean. onnxruntime joins a Pad with the AveragePool behind it and then refuses pads that reach a
 * whole kernel, so that such pads are one position too wide and cut again.
 */
function countedInput(cx: Writer, x: string, pads: Ints, kernel: Ints) {
  if (pads.every((p, i) => p <= 0 || within(kernel)(p, i))) return paddedInput(cx, x, pads, () => true);
  const spatial = positions(cx);
  const dims = spatial.length;
  const wide = pads.map((p, i) => (i < dims ? Math.max(p, 0) : Math.max(p, 0) + 1));
  const cut = pads.map((p, i) => (i < dims ? Math.min(p, 0) : Math.min(p, 0) - 1));
  const grown = spatial.map((s, i) => s + wide[i]! + wide[i + dims]!);
  return { x: cropped(cx, widened(cx, x, wide), cut, grown), pads: pads.map(() => 0) };
}

const avgpool: Lowering = (cx, { operands: [x], attrs }) => {
  const kernel = listOf(attrs.kernel);
  const padded = countedInput(cx, real(cx, x!, "first"), listOf(attrs.pads), kernel);
  emit(cx, "first", "AveragePool", [padded.x], {
    kernel_shape: kernel,
    strides: listOf(attrs.stride),
    pads: padded.pads,
    count_include_pad: attrs.count_include_pad ? 1 : 0,
  });
};

const globalAvgpool: Lowering = (cx, { operands: [x] }) =>
  emit(cx, "first", "GlobalAveragePool", [real(cx, x!, "first")]);

/** A pad's stored constant as a real number. */
function realValue(cx: Writer, value: number | undefined): number {
  const { storage, quant } = cx.node!.operands[0]!.type;
  if (value === undefined || storage === "f32" || !quant) return value ?? 0;
  if (quant.channels) return unsupported(cx, "its value stands for another number in every channel");
  return (value - quant.zero) * quant.scale;
}

const pad: Lowering = (cx, { operands: [x], attrs }) => {
  const [pads, mode] = [listOf(attrs.pads), attrs.pad_mode as string];
  const grown = pads.map((p) => Math.max(p, 0));
  const constant =
    mode === "constant" ? [float(cx, "value", realValue(cx, attrs.value as number | undefined))] : [];
  const operands = [real(cx, x!, "first"), ints(cx, "pads", allPads(grown)), ...constant];
  if (pads.every((p) => p >= 0)) return emit(cx, "first", "Pad", operands, { mode });
  const spatial = positions(cx);
  const wide = spatial.map((s, i) => s + grown[i]! + grown[i + spatial.length]!);
  const padded = step(cx, "Pad", operands, "padded", { mode });
  emit(cx, "first", "Slice", [padded, ...cropOperands(cx, pads, wide)!]);
};

const crop: Lowering = (cx, { operands: [x], attrs }) => {
  const pads = listOf(attrs.edges).map((e) => -e);
  const operands = cropOperands(cx, pads, positions(cx));
  const input = real(cx, x!, "first");
  if (operands) emit(cx, "first", "Slice", [input, ...operands]);
  else emit(cx, "first", "Identity", [input]);
};

/** Does a runtime that divides by the f32 scale find floor(i * from / to)? */
function nearestAgrees(from: number, to: number): boolean {
  const scale = Math.fround(to / from);
  return range(0, to).every((i) => Math.floor(Math.fround(i / scale)) === Math.floor((i * from) / to));
}

const upsample: Lowering = (cx, { operands: [x], attrs, result }) => {
  const [size, spatial] = [listOf(attrs.size), positions(cx)];
  const linear = attrs.mode === "linear";
  const input = real(cx, x!, "first");
  if (!linear && !size.every((to, i) => nearestAgrees(spatial[i]!, to))) return gathered(cx, input, size);
  const transform = linear ? (attrs.align as string) : "asymmetric";
  const attributes = {
    mode: linear ? "linear" : "nearest",
    coordinate_transformation_mode: transform,
    nearest_mode: linear ? undefined : "floor",
  };
  const scales = size.map((to, i) => to / spatial[i]!);
  if (scales.every(Number.isInteger))
    return emit(cx, "first", "Resize", [input, "", floats(cx, "scales", [1, 1, ...scales])], attributes);
  const [batch, channels] = shapeIn(result.type.shape, "first");
  const rest = [channels as number, ...size];
  const wanted = batch === "N" ? sizesAtRun(cx, input, rest) : ints(cx, "sizes", [batch as number, ...rest]);
  emit(cx, "first", "Resize", [input, "", "", wanted], attributes);
};

/** The sizes of a result whose batch is known when it runs. */
function sizesAtRun(cx: Writer, x: string, rest: Ints): string {
  const batch = step(cx, "Slice", [step(cx, "Shape", [x], "shape"), ...batchSlice(cx)], "batch");
  return step(cx, "Concat", [batch, ints(cx, "sizes", rest)], "sizes", { axis: 0 });
}
const batchSlice = (cx: Writer): string[] => [ints(cx, "starts", [0]), ints(cx, "ends", [1])];

/** Repeats by index, where dividing by a rounded scale would show a neighbour. */
function gathered(cx: Writer, x: string, size: Ints): void {
  const spatial = positions(cx);
  const indices = size.map((to, i) =>
    ints(
      cx,
      "indices",
      range(0, to).map((p) => Math.floor((p * spatial[i]!) / to)),
    ),
  );
  const last = indices.length - 1;
  const rows = last === 0 ? x : step(cx, "Gather", [x, indices[0]!], "rows", { axis: 2 });
  emit(cx, "first", "Gather", [rows, indices[last]!], { axis: last + 2 });
}

export const windowRows: Readonly<Record<string, Lowering>> = {
  avgpool,
  conv,
  conv_transpose: convTranspose,
  crop,
  global_avgpool: globalAvgpool,
  maxpool,
  pad,
  upsample,
};
