/** Random inputs, windows and the ops that sum products. */
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Param, Value } from "../../src/ir/graph.js";
import type { OpDef } from "../../src/ir/op.js";
import { opNamed } from "../../src/ir/ops/index.js";
import { activationStorages, type IntStorage } from "../../src/ir/storage.js";
import type { TensorType } from "../../src/ir/type.js";
import {
  byteStorages,
  type Draw,
  divisors,
  drawBias,
  drawShape,
  drawType,
  drawWeights,
  shapeOf,
} from "./random-draw.js";

/** Adds inputs and the op's nodes to `b` and gives the result. */
export type Layer = (d: Draw, b: GraphBuilder) => Value;

export function op(name: string): OpDef {
  const found = opNamed(name);
  if (!found) throw new Error(`no op is named ${name}`);
  return found;
}

export const input = (
  d: Draw,
  b: GraphBuilder,
  among: readonly IntStorage[] = activationStorages,
  shape = drawShape(d),
): Value => b.input("x", drawType(d, shape, among));
export const spatialOf = (x: Value): readonly number[] => shapeOf(x).slice(1, -1);
export const anyAxis = (d: Draw, x: Value): number => d.int(-shapeOf(x).length, shapeOf(x).length - 1);
/** One number per spatial dimension, or begins then ends. */
export const each = (x: Value, of: (size: number) => number): number[] => spatialOf(x).map(of);

/** Pads of a window or a pad node: some negative, reflections smaller than the size. */
export function drawPads(d: Draw, spatial: readonly number[], mode: string, most = 4): number[] {
  const begins = spatial.map((size) =>
    d.int(-Math.min(2, size - 1), mode === "reflect" ? Math.min(most, size - 1) : most),
  );
  const ends = spatial.map((size, i) => {
    const room = size - 1 + Math.min(begins[i]!, 0);
    return d.int(-Math.min(2, room), mode === "reflect" ? Math.min(most, size - 1) : most);
  });
  return d.pick([true, false, false]) ? [...spatial, ...spatial].map(() => 0) : [...begins, ...ends];
}

/** A window that fits at least once; it may be larger than x. */
export function drawWindow(d: Draw, spatial: readonly number[], mode: string) {
  const pads = drawPads(d, spatial, mode);
  const dilation = spatial.map(() => d.pick([1, 1, 2, 3]));
  const kernel = spatial.map((size, i) => {
    const padded = size + pads[i]! + pads[i + spatial.length]!;
    return d.int(1, Math.min(5, Math.floor((padded - 1) / dilation[i]!) + 1));
  });
  return { pads, dilation, kernel, stride: spatial.map(() => d.int(1, 3)) };
}

/** Channels, groups and weights of a convolution whose taps are `kernel`. */
function drawFilters(d: Draw, b: GraphBuilder, x: Value, kernel: readonly number[]) {
  const channels = shapeOf(x).at(-1)!;
  const groups = d.pick([1, 1, channels, d.pick(divisors(channels))]);
  const co = groups * d.int(1, groups > 2 ? 2 : 9);
  const w = drawWeights(d, b, x.type, [co, ...kernel, channels / groups]);
  return { groups, operands: withBias(d, b, x, w) };
}
const withBias = (d: Draw, b: GraphBuilder, x: Value, w: Param): Value[] =>
  d.bool() ? [x, w, drawBias(d, b, x.type, w)] : [x, w];

export const conv: Layer = (d, b) => {
  const x = input(d, b);
  const pad_mode = d.pick(["constant", "constant", "edge", "reflect"]);
  const { kernel, ...window } = drawWindow(d, spatialOf(x), pad_mode);
  const { groups, operands } = drawFilters(d, b, x, kernel);
  return b.add(op("conv"), operands, { ...window, groups, pad_mode });
};

export const convTranspose: Layer = (d, b) => {
  const x = input(d, b);
  const [kernel, dilation, stride] = [
    each(x, () => d.int(1, 4)),
    each(x, () => d.int(1, 3)),
    each(x, () => d.int(1, 4)),
  ];
  const { groups, operands } = drawFilters(d, b, x, kernel);
  const full = each(x, (size) => size).map(
    (size, i) => (size - 1) * stride[i]! + (kernel[i]! - 1) * dilation[i]! + 1,
  );
  const begins = full.map((size) => d.int(-2, Math.min(3, size - 1)));
  const ends = full.map((size, i) => d.int(-2, Math.min(3, size - 1 - Math.max(begins[i]!, 0))));
  const output_padding = each(x, () => d.pick([0, 0, 1, 2]));
  return b.add(op("conv_transpose"), operands, {
    stride,
    dilation,
    groups,
    pads: [...begins, ...ends],
    output_padding,
  });
};

export const linear: Layer = (d, b) => {
  const leading = d.pick([[1], [3], [2, 5], [1, 2, 3]]);
  const x = input(d, b, activationStorages, [...leading, d.int(1, 40)]);
  const w = drawWeights(d, b, x.type, [d.int(1, 17), shapeOf(x).at(-1)!]);
  return b.add(op("linear"), withBias(d, b, x, w));
};

/** Storages whose products with `other` stay in i32. */
export const beside = (other: TensorType): readonly IntStorage[] =>
  other.storage === "i16" ? byteStorages : activationStorages;

export const matmul: Layer = (d, b) => {
  const leading = d.pick([[], [1], [3], [2, 2]]);
  const k = d.int(1, 20);
  const x = input(d, b, activationStorages, [...leading, d.int(1, 7), k]);
  const y = b.input("b", drawType(d, [...leading, k, d.int(1, 9)], beside(x.type)));
  return b.add(op("matmul"), [x, y]);
};
