/** Small random networks: blocks one after the other, with branches that come back, all of it provable. */
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { type IntStorage, storages } from "../../src/ir/storage.js";
import { tensorType, zeroPoint } from "../../src/ir/type.js";
import {
  count,
  type Draw,
  drawBias,
  drawData,
  drawType,
  drawWeights,
  largest,
  magnitude,
  shapeOf,
} from "./random-draw.js";
import { op } from "./random-sums.js";

/** From one activation to the next; `older` are activations that may be taken up again. */
type Block = (d: Draw, b: GraphBuilder, x: Value, older: readonly Value[]) => Value;

/** An accumulator brought back to an activation: per channel or not, in 32 or 64 bits. */
function requantised(d: Draw, b: GraphBuilder, acc: Value): Value {
  const channels = shapeOf(acc).at(-1)!;
  const length = d.pick([1, channels]);
  const bits = d.pick([1, 8, 31]);
  const mul = drawData(d, "i32", length, 1, 2 ** bits - 1) as Int32Array;
  const shift = Array.from({ length: d.pick([1, channels]) }, () => Math.min(62, bits + d.int(0, 8)));
  const half = BigInt64Array.from(shift, (s) => (s === 0 ? 0n : 1n << BigInt(s - 1)));
  const { storage, quant } = drawType(d, shapeOf(acc), [
    "u8",
    "i8",
    "u8",
    "i8",
    "i16",
    "u4",
    "i4",
    "u2",
    "i2",
  ]);
  const type = tensorType(storage, shapeOf(acc), acc.type.quant ? undefined : quant);
  const params = [
    b.param("mul", tensorType("i32", [mul.length]), mul),
    b.param("add", tensorType("i64", [half.length]), half),
  ];
  return b.add(op("requant"), [acc, ...params], { shift }, { type });
}

const spatial = (x: Value): readonly number[] => shapeOf(x).slice(1, -1);

/** A convolution that keeps the size where its stride is 1. */
const convBlock: Block = (d, b, x) => {
  const channels = shapeOf(x).at(-1)!;
  const groups = d.pick([1, channels]);
  const co = groups === 1 ? d.int(1, 9) : channels;
  const [k, dilation, stride] = [d.pick([1, 3, 5]), d.pick([1, 2]), d.pick([1, 1, 2])];
  const side = ((k - 1) * dilation) / 2;
  const each = (n: number) => spatial(x).map(() => n);
  const w = drawWeights(d, b, x.type, [co, ...each(k), channels / groups]);
  const attrs = {
    pads: [...each(side), ...each(side)],
    stride: each(stride),
    dilation: each(dilation),
    groups,
  };
  return requantised(d, b, b.add(op("conv"), [x, w, drawBias(d, b, x.type, w)], attrs));
};

const pointwise: Block = (d, b, x) => {
  const w = drawWeights(d, b, x.type, [d.int(1, 9), shapeOf(x).at(-1)!]);
  return requantised(d, b, b.add(op("linear"), [x, w]));
};

const transposed: Block = (d, b, x) => {
  const each = (n: number) => spatial(x).map(() => n);
  if (count(shapeOf(x)) > 300) return x;
  const w = drawWeights(d, b, x.type, [d.int(1, 6), ...each(3), shapeOf(x).at(-1)!]);
  return requantised(d, b, b.add(op("conv_transpose"), [x, w], { stride: each(2) }));
};

const shrink: Block = (d, b, x) => {
  const kernel = spatial(x).map((size) => Math.min(size, 2));
  if (d.bool()) return b.add(op("maxpool"), [x], { kernel, stride: kernel });
  return requantised(d, b, b.add(op("avgpool"), [x], { kernel, stride: kernel }));
};

const grow: Block = (d, b, x) => {
  if (count(shapeOf(x)) > 300) return x;
  return b.add(op("upsample"), [x], {
    size: spatial(x).map((s) => 2 * s),
    mode: d.pick(["nearest", "linear"]),
  });
};

const activate: Block = (d, b, x) => {
  const { storage } = x.type;
  const { min, max, bits } = storages[storage];
  const way = d.pick(["relu", "clip", "lut", "prelu"] as const);
  if (way === "clip") return b.add(op("clip"), [x], { hi: d.int(min, max) });
  if (way === "lut" && bits <= 8) {
    const type = tensorType(storage, [2 ** bits], x.type.quant);
    return b.add(op("lut"), [
      x,
      b.param("table", type, drawData(d, storage as IntStorage, 2 ** bits, min, max)),
    ]);
  }
  if (way === "prelu") {
    const limit = Math.min(127, Math.floor(largest / magnitude(x.type)));
    const channels = shapeOf(x).at(-1)!;
    const alpha = b.param("alpha", tensorType("i8", [channels]), drawData(d, "i8", channels, -limit, limit));
    return requantised(d, b, b.add(op("prelu"), [x, alpha], { positive: d.int(1, limit) }));
  }
  return b.add(op("relu"), [x]);
};

/** Takes an older activation up again: added, or beside it. */
const join: Block = (d, b, x, older) => {
  const same = older.filter(
    (v) => shapeOf(v).length === shapeOf(x).length && spatial(v).join() === spatial(x).join(),
  );
  const other = same.length > 0 ? d.pick(same) : x;
  if (
    other.type.storage === x.type.storage &&
    zeroPoint(other.type) === zeroPoint(x.type) &&
    other.type.quant?.scale === x.type.quant?.scale
  )
    return b.add(op("concat"), [x, other], { axis: -1 });
  if (shapeOf(other).join() !== shapeOf(x).join() || (x.type.quant && other.type.quant)) return x;
  return requantised(
    d,
    b,
    b.add(op(d.pick(["add", "sub"])), [x, other], { mul: [d.int(1, 1000), d.int(1, 1000)] }),
  );
};

const move: Block = (d, b, x) => {
  const last = spatial(x).length;
  const size = shapeOf(x)[last]!;
  const way = d.pick(["pad", "slice", "transpose", "crop"] as const);
  if (way === "pad")
    return b.add(op("pad"), [x], { pads: [...spatial(x), ...spatial(x)].map(() => d.int(0, 1)) });
  if (way === "slice") return b.add(op("slice"), [x], { axis: last, end: d.int(1, size), step: d.int(1, 2) });
  if (way === "crop")
    return b.add(op("crop"), [x], {
      edges: [...spatial(x).map(() => 0), ...spatial(x).map((s) => Math.min(1, s - 1))],
    });
  return last === 1
    ? b.add(op("transpose"), [x], { perm: [0, 2, 1] })
    : b.add(op("transpose"), [x], { perm: [0, 2, 1, 3] });
};

/** Squeeze and excitation: the mean over positions scales the channels. */
const gate: Block = (d, b, x) => {
  const mean = requantised(d, b, b.add(op("global_avgpool"), [x]));
  return mean.type.storage === "i16" && x.type.storage === "i16"
    ? x
    : requantised(d, b, b.add(op("mul"), [x, mean]));
};

const blocks: readonly Block[] = [
  convBlock,
  convBlock,
  pointwise,
  transposed,
  shrink,
  grow,
  activate,
  join,
  move,
  gate,
];

/** Adds up to seven blocks and a head; the outputs are the head and one activation. */
export function drawNetwork(d: Draw, b: GraphBuilder): readonly Value[] {
  const shape = d.bool() ? [1, d.int(1, 16), d.int(1, 5)] : [1, d.int(1, 7), d.int(1, 7), d.int(1, 4)];
  let x: Value = b.input("x", drawType(d, shape));
  const seen: Value[] = [];
  for (let i = d.int(1, 7); i > 0; i--) {
    seen.push(x);
    x = d.pick(blocks)(d, b, x, seen);
  }
  const flat = b.add(op("flatten"), [x]);
  const head = b.add(op("linear"), [flat, drawWeights(d, b, flat.type, [d.int(1, 5), shapeOf(flat)[1]!])]);
  return [...new Set(d.bool() ? [head, x] : [head, d.pick(seen)])];
}
