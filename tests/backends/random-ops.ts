/** One random layer of every integer op: attributes over their whole range, provable accumulators. */
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { activationStorages, type IntStorage, integerStorages, storages } from "../../src/ir/storage.js";
import { tensorType } from "../../src/ir/type.js";
import {
  byteStorages,
  count,
  type Draw,
  drawData,
  drawShape,
  drawType,
  largest,
  magnitude,
  shapeOf,
} from "./random-draw.js";
import {
  anyAxis,
  beside,
  conv,
  convTranspose,
  drawPads,
  drawWindow,
  each,
  input,
  type Layer,
  linear,
  matmul,
  op,
  spatialOf,
} from "./random-sums.js";

/** A second operand for x: same rank, some sizes 1; a value or a param. */
function drawPartner(
  d: Draw,
  b: GraphBuilder,
  x: Value,
  scale: number | undefined,
  among: readonly IntStorage[],
): Value {
  const shape = shapeOf(x).map((size) => d.pick([size, size, size === 1 ? d.int(1, 4) : 1]));
  const { storage, quant } = drawType(d, shape, among);
  const type = tensorType(storage, shape, quant && scale !== undefined ? { ...quant, scale } : quant);
  if (d.bool()) return b.input("b", type);
  const { min, max } = storages[storage];
  return b.param("b", type, drawData(d, storage, count(shape), min, max));
}

const sum =
  (name: "add" | "sub"): Layer =>
  (d, b) => {
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
  const c = b.param(
    "c",
    tensorType("i32", shapeOf(inner)),
    drawData(d, "i32", count(shapeOf(inner)), -half, half),
  );
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
  const more = Array.from({ length: d.int(0, 3) }, () =>
    b.input("x", { ...first.type, shape: shapeOf(first).with(along, d.int(1, 5)) }),
  );
  return b.add(
    op("concat"),
    d.pick([
      [first, ...more],
      [first, first, ...more],
    ]),
    { axis },
  );
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
    const fitting = kernel.map((k, i) =>
      Math.min(k, spatialOf(x)[i]! + window.pads[i]! + window.pads[i + kernel.length]!),
    );
    return b.add(op("avgpool"), [x], { ...window, kernel: fitting, count_include_pad: true });
  }
  const kernel = each(x, (size) => d.int(1, Math.min(4, size)));
  const pads = [...kernel, ...kernel].map((k) => d.int(0, k - 1));
  return b.add(op("avgpool"), [x], { kernel, stride, pads });
};

const upsample: Layer = (d, b) => {
  const x = input(d, b, integerStorages);
  const size = each(x, (lin) => d.pick([d.int(1, 9), lin, 2 * lin]));
  return b.add(op("upsample"), [x], {
    size,
    mode: d.pick(["nearest", "linear"]),
    align: d.pick(["half_pixel", "align_corners"]),
  });
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
  const table = b.param(
    "table",
    tensorType(storage, [entries], quant),
    drawData(d, storage, entries, min, max),
  );
  return b.add(op("lut"), [x, table], {}, { type: tensorType(storage, shapeOf(x), quant) });
};

const reduce =
  (name: string): Layer =>
  (d, b) => {
    const x = input(d, b);
    const rank = shapeOf(x).length;
    const axes = shapeOf(x)
      .map((_, i) => i)
      .filter(() => d.bool())
      .slice(0, rank - 1);
    return b.add(op(name), [x], {
      axes: axes.length > 0 ? axes.map((a) => d.pick([a, a - rank])) : [d.int(0, rank - 1)],
      keepdims: d.bool(),
    });
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
  const params = [
    b.param("mul", tensorType("i32", [mul.length]), mul),
    b.param("add", tensorType("i64", [add.length]), add),
  ];
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
