/** Pooling: windows over length or height and width. */
import type { Value } from "../../../ir/graph.js";
import { windowCounts } from "../../../ir/ops/window.js";
import { intOf, intsOf } from "../attributes.js";
import { type Context, refuse } from "../context.js";
import { padsOf } from "../lower/linear.js";
import { type Lowering, outputName } from "../lower/operands.js";
import type { RawNode } from "../raw.js";
import { ceilExtra, product, range, type WindowShape } from "../shapes.js";
import type { FloatTensor } from "../tensor.js";
import { channelsLastValue, spatial } from "./linear.js";
import {
  asIs,
  type FloatRows,
  flatPositions,
  floatAt,
  spatialResult,
  tensorAt,
  unsupported,
  valueAsIs,
} from "./operands.js";
import { resampled } from "./resize.js";

interface Pool {
  readonly window: WindowShape;
  /** Begins, then ends, as the file says. */
  readonly pads: readonly number[];
  /** ... and with what ceil_mode needs at the ends. */
  readonly grown: readonly number[];
}

function poolOf(cx: Context, node: RawNode, x: FloatTensor): Pool {
  const kernel = intsOf(cx, node, "kernel_shape") ?? refuse(cx, "onnx/attribute", "it has no kernel_shape");
  const ones = kernel.map(() => 1);
  const window = {
    spatial: x.shape.slice(2),
    kernel,
    stride: intsOf(cx, node, "strides") ?? ones,
    dilation: intsOf(cx, node, "dilations") ?? ones,
  };
  const pads = padsOf(cx, node, window);
  const extra = intOf(cx, node, "ceil_mode", 0) === 1 ? ceilExtra(window, pads) : kernel.map(() => 0);
  const n = kernel.length;
  return { window, pads, grown: pads.map((p, i) => (i < n ? p : p + extra[i - n]!)) };
}

/** One axis of a pool over data of rank 5 and more: windows are products of stretches. */
interface Stretch {
  readonly axis: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: readonly [number, number];
  readonly grown: readonly [number, number];
}

const stretches = ({ window: w, pads, grown }: Pool): Stretch[] =>
  w.spatial.map((_, i, { length: n }) => ({
    axis: i + 2,
    kernel: w.kernel[i]!,
    stride: w.stride[i]!,
    dilation: w.dilation[i]!,
    pads: [pads[i]!, pads[i + n]!],
    grown: [grown[i]!, grown[i + n]!],
  }));

/** The largest of each stretch: a pool over the middle one of three axes. */
function maxAlong(cx: Context, x: FloatTensor, s: Stretch, name: string): FloatTensor {
  const { axis, kernel, stride, dilation } = s;
  const around = [product(x.shape.slice(0, axis)), x.shape[axis]!, product(x.shape.slice(axis + 1))];
  const attrs = { kernel: [kernel], stride: [stride], dilation: [dilation], pads: s.grown };
  const y = cx.main.emit("maxpool", [valueAsIs(cx, { ...x, shape: around })], attrs, name);
  return asIs(name, x.shape.with(axis, y.type.shape[1] as number), y);
}

/** The mean of each stretch as a matrix; pads count as elements when `padded`. */
function meanMatrix(size: number, s: Stretch, padded: boolean): number[][] {
  const reach = (s.kernel - 1) * s.dilation + 1;
  const positions = Math.floor((size + s.grown[0] + s.grown[1] - reach) / s.stride) + 1;
  return range(positions).map((p) => {
    const taps = range(s.kernel).map((t) => p * s.stride + t * s.dilation - s.grown[0]);
    const inside = taps.filter((q) => q >= 0 && q < size);
    const counted = padded ? taps.filter((q) => q >= -s.pads[0] && q < size + s.pads[1]) : inside;
    return range(size).map((q) => (inside.includes(q) ? 1 / counted.length : 0));
  });
}

const maxPool: Lowering = (cx, node, inputs) => {
  if (node.outputs[1]) return unsupported(cx, "its second output, the positions, cannot be computed");
  const [x, name] = [tensorAt(cx, inputs, 0), outputName(node)];
  const pool = poolOf(cx, node, x);
  if (x.shape.length > 4) return stretches(pool).reduce((y, s) => maxAlong(cx, y, s, name), x);
  const { kernel, stride, dilation } = pool.window;
  const attrs = { kernel, stride, dilation, pads: pool.grown };
  return spatialResult(cx.main.emit("maxpool", [channelsLastValue(cx, spatial(cx, x))], attrs, name), name);
};

/** How many elements each position of the result is the mean of; `inside` says which pads count. */
function elementCounts({ window, grown }: Pool, inside: readonly number[]): number[][] {
  const n = window.spatial.length;
  const sizes = window.spatial.map((size, i) => size + inside[i]! + inside[i + n]!);
  return windowCounts(sizes, { ...window, pads: grown.map((p, i) => p - inside[i]!) });
}

/** The mean over whole windows, pads included. A dilated window is a convolution with equal weights. */
function wholeMean(cx: Context, x: FloatTensor, { window, grown: pads }: Pool, name: string): Value {
  const { kernel, stride, dilation } = window;
  const value = channelsLastValue(cx, x);
  if (dilation.every((d) => d === 1))
    return cx.main.emit("avgpool", [value], { kernel, stride, pads, count_include_pad: true }, name);
  const channels = x.shape[1]!;
  const data = new Float64Array(channels * product(kernel)).fill(1 / product(kernel));
  const w = cx.main.param(`${name}.mean`, "f32", [channels, ...kernel, 1], data);
  return cx.main.emit("conv", [value, w], { stride, dilation, groups: channels, pads }, name);
}

const averagePool: Lowering = (cx, node, inputs) => {
  const [x, name] = [floatAt(cx, inputs, 0), outputName(node)];
  const pool = poolOf(cx, node, x);
  const { kernel, stride, dilation } = pool.window;
  const padded = intOf(cx, node, "count_include_pad", 0) === 1;
  if (x.shape.length > 4)
    return stretches(pool).reduce(
      (y, s) => resampled(cx, y, s.axis, meanMatrix(y.shape[s.axis]!, s, padded), name),
      x,
    );
  spatial(cx, x);
  if (!padded && dilation.every((d) => d === 1)) {
    const attrs = { kernel, stride, pads: pool.grown };
    return spatialResult(cx.main.emit("avgpool", [channelsLastValue(cx, x)], attrs, name), name);
  }
  const mean = wholeMean(cx, x, pool, name);
  const counts = elementCounts(pool, padded ? pool.pads : pool.pads.map(() => 0));
  const area = product(kernel);
  const [rows, columns] = counts.length === 1 ? [[1], counts[0]!] : [counts[0]!, counts[1]!];
  const factors = rows.flatMap((r) => columns.map((c) => area / (r * c)));
  if (factors.every((f) => f === 1)) return spatialResult(mean, name);
  const shape = [1, ...counts.map((c) => c.length), 1];
  const correction = cx.main.param(`${name}.border`, "f32", shape, factors);
  return spatialResult(cx.main.emit("mul", [mean, correction], {}, name), name);
};

/** A pool over all positions; they become one of each axis. */
const global =
  (op: "global_avgpool" | "maxpool"): Lowering =>
  (cx, node, inputs) => {
    const x = op === "maxpool" ? tensorAt(cx, inputs, 0) : floatAt(cx, inputs, 0);
    const [flat, name] = [spatial(cx, flatPositions(x)), outputName(node)];
    const attrs = op === "maxpool" ? { kernel: flat.shape.slice(2) } : {};
    const y = spatialResult(cx.main.emit(op, [channelsLastValue(cx, flat)], attrs, name), name);
    return { ...y, shape: x.shape.map((d, i) => (i < 2 ? d : 1)) };
  };

export const poolRows: FloatRows = {
  MaxPool: { lower: maxPool, becomes: "maxpool", limits: "positions of the maxima" },
  AveragePool: {
    lower: averagePool,
    becomes: "avgpool; conv for dilated windows, mul where counts differ; linear for rank 5",
  },
  GlobalMaxPool: { lower: global("maxpool"), becomes: "maxpool" },
  GlobalAveragePool: { lower: global("global_avgpool"), becomes: "global_avgpool" },
};
