/** One random layer of every integer op: attributes over their whole range, accumulators that can be proven. */
import { GraphBuilder } from "../../src/ir/build.js";
import type { Param, Value } from "../../src/ir/graph.js";
import type { OpDef } from "../../src/ir/op.js";
import { opNamed } from "../../src/ir/ops/index.js";
import { activationStorages, type IntStorage, integerStorages, storages } from "../../src/ir/storage.js";
import { tensorType, type TensorType } from "../../src/ir/type.js";
import { type Draw, divisors, drawBias, drawData, drawShape, drawType, drawWeights, magnitude, shapeOf } from "./random-draw.js";

/** Adds inputs and the op's nodes to `b` and gives the result. */
export type Layer = (d: Draw, b: GraphBuilder) => Value;

export function op(name: string): OpDef {
  const found = opNamed(name);
  if (!found) throw new Error(`no op is named ${name}`);
  return found;
}

const byteStorages = activationStorages.filter((s) => s !== "i16");
export const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const largest = 2 ** 31 - 1;

const input = (d: Draw, b: GraphBuilder, among: readonly IntStorage[] = activationStorages, shape = drawShape(d)): Value =>
  b.input("x", drawType(d, shape, among));
const spatialOf = (x: Value): readonly number[] => shapeOf(x).slice(1, -1);
const anyAxis = (d: Draw, x: Value): number => d.int(-shapeOf(x).length, shapeOf(x).length - 1);
/** One number per spatial dimension, or begins then ends. */
const each = (x: Value, of: (size: number) => number): number[] => spatialOf(x).map(of);

/** Pads of a window or a pad node: some negative, reflections smaller than the size. */
function drawPads(d: Draw, spatial: readonly number[], mode: string, most = 4): number[] {
  const begins = spatial.map((size) => d.int(-Math.min(2, size - 1), mode === "reflect" ? Math.min(most, size - 1) : most));
  const ends = spatial.map((size, i) => {
    const room = size - 1 + Math.min(begins[i]!, 0);
    return d.int(-Math.min(2, room), mode === "reflect" ? Math.min(most, size - 1) : most);
  });
  return d.pick([true, false, false]) ? [...spatial, ...spatial].map(() => 0) : [...begins, ...ends];
}

/** A window that fits at least once; it may be larger than x. */
function drawWindow(d: Draw, spatial: readonly number[], mode: string) {
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
const withBias = (d: Draw, b: GraphBuilder, x: Value, w: Param): Value[] => (d.bool() ? [x, w, drawBias(d, b, x.type, w)] : [x, w]);

const conv: Layer = (d, b) => {
  const x = input(d, b);
  const pad_mode = d.pick(["constant", "constant", "edge", "reflect"]);
  const { kernel, ...window } = drawWindow(d, spatialOf(x), pad_mode);
  const { groups, operands } = drawFilters(d, b, x, kernel);
  return b.add(op("conv"), operands, { ...window, groups, pad_mode });
};

const convTranspose: Layer = (d, b) => {
  const x = input(d, b);
  const [kernel, dilation, stride] = [each(x, () => d.int(1, 4)), each(x, () => d.int(1, 3)), each(x, () => d.int(1, 4))];
  const { groups, operands } = drawFilters(d, b, x, kernel);
  const full = each(x, (size) => size).map((size, i) => (size - 1) * stride[i]! + (kernel[i]! - 1) * dilation[i]! + 1);
  const begins = full.map((size) => d.int(-2, Math.min(3, size - 1)));
  const ends = full.map((size, i) => d.int(-2, Math.min(3, size - 1 - Math.max(begins[i]!, 0))));
  const output_padding = each(x, () => d.pick([0, 0, 1, 2]));
  return b.add(op("conv_transpose"), operands, { stride, dilation, groups, pads: [...begins, ...ends], output_padding });
};

const linear: Layer = (d, b) => {
  const leading = d.pick([[1], [3], [2, 5], [1, 2, 3]]);
  const x = input(d, b, activationStorages, [...leading, d.int(1, 40)]);
  const w = drawWeights(d, b, x.type, [d.int(1, 17), shapeOf(x).at(-1)!]);
  return b.add(op("linear"), withBias(d, b, x, w));
};

/** Storages whose products with `other` stay in i32. */
const beside = (other: TensorType): readonly IntStorage[] => (other.storage === "i16" ? byteStorages : activationStorages);

const matmul: Layer = (d, b) => {
  const leading = d.pick([[], [1], [3], [2, 2]]);
  const k = d.int(1, 20);
  const x = input(d, b, activationStorages, [...leading, d.int(1, 7), k]);
  const y = b.input("b", drawType(d, [...leading, k, d.int(1, 9)], beside(x.type)));
  return b.add(op("matmul"), [x, y]);
};

/** A second operand for x: same rank, some sizes 1; a value or a param. */
function drawPartner(d: Draw, b: GraphBuilder, x: Value, scale: number | undefined, among: readonly IntStorage[]): Value {
  const shape = shapeOf(x).map((size) => d.pick([size, size, size === 1 ? d.int(1, 4) : 1]));
  const { storage, quant } = drawType(d, shape, among);
  const type = tensorType(storage, shape, quant && scale !== undefined ? { ...quant, scale } : quant);
  if (d.bool()) return b.input("b", type);
  const { min, max } = storages[storage];
  return b.param("b", type, drawData(d, storage, count(shape), min, max));
}

const sum = (name: "add" | "sub"): Layer => (d, b) => {
  const x = input(d, b);
  const limit = Math.floor(largest / 2 / 65535);
  const mul = d.bool() ? [1, 1] : [d.int(1, limit), d.int(1, limit)];
  const scale = x.type.quant && (x.type.quant.scale * mul[1]!) / mul[0]!;
  return b.add(op(name), [x, drawPartner(d, b, x, scale, activationStorages)], { mul });
};

/** i32 operands: a sum beside a param that reaches to half of i32. */
const wideSum: Layer = (d, b) => {
  const x = input(d, b);
  const inner = b.add(op("add"), [x, drawPartner(d, b, x, x.type.quant?.scale, activationStorages)]);
  const half = 2 ** 30;
  const c = b.param("c", tensorType("i32", shapeOf(inner)), drawData(d, "i32", count(shapeOf(inner)), -half, half));
  return b.add(op(d.pick(["add", "sub"])), d.bool() ? [c, inner] : [inner, c]);
};

const mul: Layer = (d, b) => {
  const x = input(d, b);
  return b.add(op("mul"), [x, drawPartner(d, b, x, undefined, beside(x.type))]);
};

const concat: Layer = (d, b) => {
  const first = input(d, b, integerStorages);
  const axis = anyAxis(d, first);
  const along = axis < 0 ? axis + shapeOf(first).length : axis;
  const more = Array.from({ length: d.int(0, 3) }, () => b.input("x", { ...first.type, shape: shapeOf(first).with(along, d.int(1, 5)) }));
  return b.add(op("concat"), d.pick([[first, ...more], [first, first, ...more]]), { axis });
};

const slice: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const axis = anyAxis(d, x);
  const size = shapeOf(x).at(axis)!;
  const begin = d.int(0, size - 1);
  return b.add(op("slice"), [x], { axis, begin, end: d.int(begin + 1, size), step: d.int(1, 3) });
};

const crop: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const begins = each(x, (size) => d.int(0, size - 1));
  const ends = spatialOf(x).map((size, i) => d.int(0, size - 1 - begins[i]!));
  return b.add(op("crop"), [x], { edges: [...begins, ...ends] });
};

const pad: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const pad_mode = d.pick(["constant", "edge", "reflect"]);
  const { min, max } = storages[x.type.storage];
  const value = pad_mode === "constant" && d.bool() ? { value: d.pick([min, max, d.int(min, max)]) } : {};
  return b.add(op("pad"), [x], { pads: drawPads(d, spatialOf(x), pad_mode), pad_mode, ...value });
};

const maxpool: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  return b.add(op("maxpool"), [x], drawWindow(d, spatialOf(x), "constant"));
};

/** Pads that do not count are smaller than the kernel, so that no window sees pads only. */
const avgpool: Layer = (d, b) => {
  const counted = d.bool();
  const x = counted ? input(d, b) : input(d, b, byteStorages);
  const stride = each(x, () => d.int(1, 3));
  if (counted) {
    const { dilation: _, kernel, ...window } = drawWindow(d, spatialOf(x), "constant");
    const fitting = kernel.map((k, i) => Math.min(k, spatialOf(x)[i]! + window.pads[i]! + window.pads[i + kernel.length]!));
    return b.add(op("avgpool"), [x], { ...window, kernel: fitting, count_include_pad: true });
  }
  const kernel = each(x, (size) => d.int(1, Math.min(4, size)));
  const pads = [...kernel, ...kernel].map((k) => d.int(0, k - 1));
  return b.add(op("avgpool"), [x], { kernel, stride, pads });
};

const upsample: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const size = each(x, (lin) => d.pick([d.int(1, 9), lin, 2 * lin]));
  return b.add(op("upsample"), [x], { size, mode: d.pick(["nearest", "linear"]), align: d.pick(["half_pixel", "align_corners"]) });
};

const clip: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const { min, max } = storages[x.type.storage];
  const lo = d.pick([undefined, min, d.int(min, max)]);
  const hi = d.pick([undefined, max, d.int(lo ?? min, max)]);
  return b.add(op("clip"), [x], { ...(lo === undefined ? {} : { lo }), ...(hi === undefined ? {} : { hi }) });
};

const prelu: Layer = (d, b) => {
  const x = input(d, b);
  const limit = Math.floor(largest / magnitude(x.type));
  const positive = d.pick([1, d.int(1, limit)]);
  const storage = d.pick(["i8", "i16", "i32"] as const);
  const { min, max } = storages[storage];
  const channels = d.pick([1, shapeOf(x).at(-1)!]);
  const alpha = drawData(d, storage, channels, Math.max(min, -limit), Math.min(max, limit));
  return b.add(op("prelu"), [x, b.param("alpha", tensorType(storage, [channels]), alpha)], { positive });
};

const lut: Layer = (d, b) => {
  const x = input(d, b, byteStorages);
  const entries = 2 ** storages[x.type.storage].bits;
  const { storage, quant } = drawType(d, [entries]);
  const { min, max } = storages[storage];
  const table = b.param("table", tensorType(storage, [entries], quant), drawData(d, storage, entries, min, max));
  return b.add(op("lut"), [x, table], {}, { type: tensorType(storage, shapeOf(x), quant) });
};

const reduce = (name: string): Layer => (d, b) => {
  const x = input(d, b);
  const rank = shapeOf(x).length;
  const axes = shapeOf(x).map((_, i) => i).filter(() => d.bool()).slice(0, rank - 1);
  return b.add(op(name), [x], { axes: axes.length > 0 ? axes.map((a) => d.pick([a, a - rank])) : [d.int(0, rank - 1)], keepdims: d.bool() });
};

const transpose: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const left = shapeOf(x).map((_, i) => i);
  const perm = shapeOf(x).map(() => left.splice(d.int(0, left.length - 1), 1)[0]!);
  return b.add(op("transpose"), [x], { perm });
};

/** An output beside the alias: memory that is shared must still be right. */
const reshape: Layer = (d, b) => {
  const x = b.add(op("relu"), [input(d, b, integerStorages)]);
  const total = count(shapeOf(x));
  return b.add(op("reshape"), [x], { shape: d.pick([[total], [1, total], [0, total / shapeOf(x)[0]!]]) });
};
const flatten: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  return b.add(op("flatten"), [x], { axis: anyAxis(d, x) });
};
const squeeze: Layer = (d, b) => {
  const x = input(d, b, integerStorages, [1, d.int(1, 5), 1, d.int(1, 5)]);
  return b.add(op("squeeze"), [x], { axes: d.pick([[0], [2], [0, 2], [-2]]) });
};

/** Any i32 times any i32 plus any proven i64, or products small enough for 32-bit arithmetic. */
const requant: Layer = (d, b) => {
  const wide = d.bool();
  const x = wide ? b.input("x", tensorType("i32", drawShape(d))) : input(d, b);
  const axis = anyAxis(d, x);
  const channels = shapeOf(x).at(axis)!;
  const many = () => d.pick([1, channels]);
  const most = wide ? largest : Math.floor(2 ** 30 / (2 * 32768));
  const mul = drawData(d, "i32", many(), -most, most) as Int32Array;
  const addends = drawData(d, "i32", many(), -(2 ** 30), 2 ** 30 - 1) as Int32Array;
  const add = BigInt64Array.from(addends, (v) => (wide ? BigInt(v) << 32n : BigInt(v)));
  const shift = Array.from({ length: many() }, () => d.pick([0, 1, d.int(0, 31), d.int(0, 62)]));
  const { storage, quant } = drawType(d, shapeOf(x), integerStorages);
  const { min, max } = storages[storage];
  const lo = d.pick([undefined, d.int(min, max)]);
  const clamp = lo === undefined ? {} : { lo, hi: d.int(lo, max) };
  const type = tensorType(storage, shapeOf(x), x.type.quant ? undefined : quant);
  const params = [b.param("mul", tensorType("i32", [mul.length]), mul), b.param("add", tensorType("i64", [add.length]), add)];
  return b.add(op("requant"), [x, ...params], { shift, axis, ...clamp }, { type });
};

export const layers: Readonly<Record<string, Layer>> = {
  conv,
  conv_transpose: convTranspose,
  linear,
  matmul,
  add: sum("add"),
  sub: sum("sub"),
  "add or sub of i32": wideSum,
  mul,
  concat,
  slice,
  crop,
  pad,
  maxpool,
  avgpool,
  global_avgpool: (d, b) => b.add(op("global_avgpool"), [input(d, b)]),
  upsample,
  relu: (d, b) => b.add(op("relu"), [input(d, b, integerStorages)]),
  prelu,
  clip,
  lut,
  reshape,
  flatten,
  squeeze,
  transpose,
  reduce_mean: reduce("reduce_mean"),
  reduce_sum: reduce("reduce_sum"),
  requant,
};
