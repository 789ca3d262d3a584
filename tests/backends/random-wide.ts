/** Random layers with enough channels for vector kernels, and all that ends within a vector. */
import type fc from "fast-check";
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { activationStorages, storages } from "../../src/ir/storage.js";
import { tensorType } from "../../src/ir/type.js";
import {
  byteStorages,
  type Draw,
  divisors,
  drawBias,
  drawData,
  drawType,
  drawWeights,
  largest,
  shapeOf,
} from "./random-draw.js";
import { cases, type LayerCase } from "./random-layers.js";
import { drawPads, drawWindow, input, type Layer, op, spatialOf } from "./random-sums.js";

const drawChannels = (d: Draw): number => d.pick([d.int(1, 8), d.int(8, 36), 8, 12, 16, 32]);

/** [n, l, c] or [n, h, w, c], narrow, tall or neither. */
function drawWide(d: Draw, channels: number): readonly number[] {
  const n = d.pick([1, 1, 1, 2]);
  return d.bool() ? [n, d.int(1, 14), channels] : [n, d.int(1, 7), d.int(1, 7), channels];
}

/** An accumulator brought back: one multiplier or one per channel, in 32 or 64 bits, shifts alike or not, clamped or not. */
function finished(d: Draw, b: GraphBuilder, acc: Value): Value {
  if (d.int(0, 4) === 0) return acc;
  const channels = shapeOf(acc).at(-1)!;
  const many = () => d.pick([1, channels]);
  // Products of 0 bits fit 32 bits.
  const bits = d.pick([0, 0, 8, 20, 31]);
  const most = Math.min(largest, 2 ** bits);
  const mul = drawData(d, "i32", many(), d.bool() ? 1 : -most, most) as Int32Array;
  const first = Math.min(62, d.pick([d.int(0, bits), bits + d.int(0, 10)]));
  const shift = Array.from({ length: many() }, () =>
    d.pick([first, first, Math.min(62, first + d.int(0, 3))]),
  );
  const add = BigInt64Array.from(
    { length: many() },
    () => BigInt(d.int(-1000, 1000)) << BigInt(bits === 0 ? 0 : d.pick([0, 12, 40])),
  );
  const among = ["u8", "i8", "u8", "i8", "i16", "u4", "i4", "u2", "i2", "i32"] as const;
  const { storage, quant } = drawType(d, shapeOf(acc), among);
  const { min, max } = storages[storage];
  const lo = d.pick([undefined, undefined, d.int(min, max)]);
  const clamp = lo === undefined ? {} : { lo, hi: d.int(lo, max) };
  const params = [
    b.param("mul", tensorType("i32", [mul.length]), mul),
    b.param("add", tensorType("i64", [add.length]), add),
  ];
  const type = tensorType(storage, shapeOf(acc), acc.type.quant ? undefined : quant);
  return b.add(op("requant"), [acc, ...params], { shift, ...clamp }, { type });
}

const withBias = (d: Draw, b: GraphBuilder, x: Value, wShape: readonly number[]): Value[] => {
  const w = drawWeights(d, b, x.type, wShape);
  return d.bool() ? [x, w, drawBias(d, b, x.type, w)] : [x, w];
};

/** Few input channels where the kernel is large: the specification is slow. */
const conv: Layer = (d, b) => {
  const x = input(d, b, activationStorages, drawWide(d, drawChannels(d)));
  const pad_mode = d.pick(["constant", "constant", "edge", "reflect"]);
  const { kernel, ...window } = drawWindow(d, spatialOf(x), pad_mode);
  const channels = shapeOf(x).at(-1)!;
  const groups = d.pick([1, 1, 1, d.pick(divisors(channels))]);
  const co = groups * (groups > 1 ? d.int(1, Math.ceil(20 / groups)) : drawChannels(d));
  const operands = withBias(d, b, x, [co, ...kernel, channels / groups]);
  return b.add(op("conv"), operands, { ...window, groups, pad_mode });
};

const depthwise: Layer = (d, b) => {
  const channels = d.int(8, 40);
  const x = input(d, b, activationStorages, drawWide(d, channels));
  const { kernel, ...window } = drawWindow(d, spatialOf(x), "constant");
  return b.add(op("conv"), withBias(d, b, x, [channels, ...kernel, 1]), { ...window, groups: channels });
};

/** Kernels longer than what a step holds. */
const longDepthwise: Layer = (d, b) => {
  const channels = d.int(8, 20);
  const x = input(d, b, activationStorages, [1, d.int(1, 6), channels]);
  const k = d.int(5, 23);
  const operands = withBias(d, b, x, [channels, k, 1]);
  return b.add(op("conv"), operands, {
    pads: [2 * k, d.int(0, k)],
    dilation: [d.int(1, 2)],
    groups: channels,
  });
};

const transposed: Layer = (d, b) => {
  const x = input(d, b, activationStorages, drawWide(d, d.int(1, 12)));
  const each = (of: () => number) => spatialOf(x).map(of);
  const operands = withBias(d, b, x, [d.int(1, 20), ...each(() => d.int(1, 4)), shapeOf(x).at(-1)!]);
  return b.add(op("conv_transpose"), operands, { stride: each(() => d.int(1, 3)) });
};

const linear: Layer = (d, b) => {
  const x = input(d, b, activationStorages, [...d.pick([[1], [3], [7], [2, 5]]), d.int(1, 70)]);
  return b.add(op("linear"), withBias(d, b, x, [d.int(1, 50), shapeOf(x).at(-1)!]));
};

/** A second operand as large as x, its last axis alone, or one that fits no vector kernel. */
const combined =
  (name: "add" | "sub" | "mul"): Layer =>
  (d, b) => {
    const x = input(d, b, byteStorages, drawWide(d, drawChannels(d)));
    const shape = shapeOf(x);
    const row = shape.map((size, i) => (i === shape.length - 1 ? size : 1));
    const other = d.pick([shape, shape, row, shape.map(() => 1), shape.with(1, 1)]);
    const { storage, quant } = drawType(d, other, byteStorages);
    const alike = quant && x.type.quant ? { ...quant, scale: x.type.quant.scale } : quant;
    const y = b.input("b", tensorType(storage, other, alike));
    return b.add(op(name), d.bool() || other === row ? [x, y] : [y, x]);
  };

const requantOfInput: Layer = (d, b) =>
  input(d, b, ["i32", ...activationStorages], drawWide(d, drawChannels(d)));

const maxpool: Layer = (d, b) => {
  const x = input(d, b, ["i32", ...activationStorages], drawWide(d, drawChannels(d)));
  return b.add(op("maxpool"), [x], drawWindow(d, spatialOf(x), "constant"));
};
const globalAvgpool: Layer = (d, b) =>
  b.add(op("global_avgpool"), [input(d, b, activationStorages, drawWide(d, drawChannels(d)))]);
const avgpool: Layer = (d, b) => {
  const x = input(d, b, activationStorages, drawWide(d, drawChannels(d)));
  const kernel = spatialOf(x).map((size) => d.int(1, Math.min(3, size)));
  return b.add(op("avgpool"), [x], { kernel, stride: kernel.map(() => d.int(1, 2)) });
};

const clip: Layer = (d, b) => {
  const x = input(d, b, ["i32", ...activationStorages], drawWide(d, drawChannels(d)));
  const { min, max } = storages[x.type.storage];
  const lo = d.int(min, max);
  return d.bool() ? b.add(op("relu"), [x]) : b.add(op("clip"), [x], { lo, hi: d.int(lo, max) });
};
/** Runs of bytes of every length. */
const pad: Layer = (d, b) => {
  const x = input(d, b, ["i32", ...activationStorages], drawWide(d, drawChannels(d)));
  return b.add(op("pad"), [x], { pads: drawPads(d, spatialOf(x), "constant") });
};

const wide: Readonly<Record<string, Layer>> = {
  conv,
  "depthwise conv": depthwise,
  "long depthwise conv": longDepthwise,
  conv_transpose: transposed,
  linear,
  add: combined("add"),
  sub: combined("sub"),
  mul: combined("mul"),
  requant: requantOfInput,
  maxpool,
  avgpool,
  global_avgpool: globalAvgpool,
  clip,
  pad,
};

export const wideNames: readonly string[] = Object.keys(wide);
/** One layer, mostly with a requant behind it; now and then somebody else wants its sums as well. */
export const wideArbitrary = (name: string): fc.Arbitrary<LayerCase> =>
  cases((d, b) => {
    const sums = wide[name]!(d, b);
    const y = finished(d, b, sums);
    return y !== sums && d.int(0, 5) === 0 ? [y, b.add(op("relu"), [sums])] : [y];
  });
