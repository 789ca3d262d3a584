/** Random integer networks whose types carry scales all through: what a quantiser makes. */
import { GraphBuilder, makeParam } from "../../src/ir/build.js";
import type { Graph, Param, Value } from "../../src/ir/graph.js";
import { type IntStorage, storages } from "../../src/ir/storage.js";
import { type Quant, tensorType } from "../../src/ir/type.js";
import { count, type Draw, drawData, largest, magnitude, shapeOf } from "./random-draw.js";
import { op } from "./random-sums.js";

type Block = (d: Draw, b: GraphBuilder, x: Value, older: readonly Value[]) => Value;

const narrow = ["u8", "i8", "u8", "i8", "u4", "i4", "u2", "i2"] as const;
const spatial = (x: Value): readonly number[] => shapeOf(x).slice(1, -1);
const scaleAt = ({ scale, channels }: Quant, c: number): number => scale * Number(channels?.data[c] ?? 1);

/** Multiplier and shift within 2^-24 of a ratio of scales. */
function fixedPoint(ratio: number): { mul: number; shift: number } {
  const shift = Math.max(0, Math.min(62, 30 - Math.ceil(Math.log2(ratio))));
  return { mul: Math.round(ratio * 2 ** shift), shift };
}

/** Brings a sum back to an activation; its rounding is floor, half up, or half up with an offset. */
function requantised(d: Draw, b: GraphBuilder, acc: Value): Value {
  const storage = d.pick(narrow);
  const { min, max, bits } = storages[storage];
  const own = acc.type.quant!;
  const channels = own.channels ? shapeOf(acc).at(-1)! : 1;
  // The interesting sums fill the levels a few times over.
  const scale = scaleAt(own, 0) * 2 ** d.int(2, 12) * (1 + d.int(0, 99) / 100) * 2 ** (8 - bits);
  const quant = { scale, zero: d.pick([0, min, max, d.int(min, max)]) };
  const fixed = Array.from({ length: channels }, (_, c) => fixedPoint(scaleAt(own, c) / scale));
  const way = d.pick(["floor", "half up", "offset"] as const);
  const add = fixed.map(({ shift }) => {
    const unit = 2 ** shift;
    if (way === "floor") return 0n;
    return BigInt(unit / 2) + (way === "offset" ? BigInt(Math.round((d.int(-40, 40) / 8) * unit)) : 0n);
  });
  const params = [
    b.param(
      "mul",
      tensorType("i32", [channels]),
      Int32Array.from(fixed, (f) => f.mul),
    ),
    b.param("add", tensorType("i64", [channels]), BigInt64Array.from(add)),
  ];
  const lo = d.bool() ? {} : { lo: Math.max(min, Math.min(max - 1, quant.zero)) };
  const attrs = { shift: fixed.map((f) => f.shift), ...lo };
  return b.add(op("requant"), [acc, ...params], attrs, { type: tensorType(storage, shapeOf(acc), quant) });
}

/** Weights with one scale, or one per output channel. */
function scaledWeights(d: Draw, b: GraphBuilder, x: Value, shape: readonly number[]): Param {
  const storage = d.pick(["i8", "i8", "i4", "i2"] as const);
  const { min, max } = storages[storage];
  const terms = count(shape.slice(1));
  const limit = Math.floor(largest / 2 / (terms * magnitude(x.type)));
  const data = drawData(d, storage, count(shape), Math.max(min, -limit), Math.min(max, limit));
  const scale = 2 ** -d.int(2, 6) * (1 + d.int(0, 99) / 100);
  if (d.bool()) return b.param("w", tensorType(storage, shape, { scale, zero: 0 }), data);
  const each = Float32Array.from({ length: shape[0]! }, () => (50 + d.int(0, 100)) / 100);
  const channels = makeParam(b.freshName("w.scales"), tensorType("f32", [shape[0]!]), each);
  return b.param("w", tensorType(storage, shape, { scale, zero: 0, channels, axis: 0 }), data);
}

function scaledBias(d: Draw, b: GraphBuilder, co: number): readonly Param[] {
  return d.bool() ? [] : [b.param("b", tensorType("i32", [co]), drawData(d, "i32", co, -2000, 2000))];
}

const convBlock: Block = (d, b, x) => {
  const channels = shapeOf(x).at(-1)!;
  const groups = d.pick([1, channels]);
  const co = groups === 1 ? d.int(1, 9) : channels;
  const [k, dilation, stride] = [d.pick([1, 3]), d.pick([1, 2]), d.pick([1, 2])];
  const each = (n: number) => spatial(x).map(() => n);
  const side = ((k - 1) * dilation) / 2;
  const w = scaledWeights(d, b, x, [co, ...each(k), channels / groups]);
  const pads = [...each(side), ...each(side)];
  const attrs = { pads, stride: each(stride), dilation: each(dilation), groups };
  return requantised(d, b, b.add(op("conv"), [x, w, ...scaledBias(d, b, co)], attrs));
};

const pointwise: Block = (d, b, x) => {
  const co = d.int(1, 9);
  const w = scaledWeights(d, b, x, [co, shapeOf(x).at(-1)!]);
  return requantised(d, b, b.add(op("linear"), [x, w, ...scaledBias(d, b, co)]));
};

const transposed: Block = (d, b, x) => {
  if (count(shapeOf(x)) > 300) return x;
  const each = (n: number) => spatial(x).map(() => n);
  const w = scaledWeights(d, b, x, [d.int(1, 6), ...each(3), shapeOf(x).at(-1)!]);
  return requantised(d, b, b.add(op("conv_transpose"), [x, w], { stride: each(2) }));
};

const pool: Block = (d, b, x) => {
  const kernel = spatial(x).map((size) => Math.min(size, 2));
  const way = d.pick(["maxpool", "avgpool", "global_avgpool"] as const);
  if (way === "maxpool") return b.add(op(way), [x], { kernel, stride: kernel });
  const sum = way === "avgpool" ? b.add(op(way), [x], { kernel, stride: kernel }) : b.add(op(way), [x]);
  return requantised(d, b, sum);
};

const grow: Block = (d, b, x) => {
  if (count(shapeOf(x)) > 300) return x;
  return b.add(op("upsample"), [x], {
    size: spatial(x).map((s) => 2 * s + d.int(0, 1)),
    mode: d.pick(["nearest", "linear"]),
    align: d.pick(["half_pixel", "align_corners"]),
  });
};

const activate: Block = (d, b, x) => {
  const { storage, quant } = x.type;
  const { min, max, bits } = storages[storage];
  const way = d.pick(["relu", "clip", "lut", "prelu"] as const);
  if (way === "clip") return b.add(op("clip"), [x], { hi: d.int(min, max) });
  if (way === "lut") {
    const type = tensorType(storage, [2 ** bits], quant);
    const table = b.param("table", type, drawData(d, storage as IntStorage, 2 ** bits, min, max));
    return b.add(op("lut"), [x, table]);
  }
  if (way === "relu") return b.add(op("relu"), [x]);
  const alpha = b.param("alpha", tensorType("i8", [1]), Int8Array.of(d.int(-20, 20)));
  return requantised(d, b, b.add(op("prelu"), [x, alpha], { positive: d.int(1, 50) }));
};

/** Sums and products with an older activation of the same shape. */
const join: Block = (d, b, x, older) => {
  const same = older.filter((v) => shapeOf(v).join() === shapeOf(x).join());
  const other = same.length > 0 ? d.pick(same) : x;
  const way = d.pick(["add", "sub", "mul"] as const);
  if (way === "mul") return requantised(d, b, b.add(op(way), [x, other]));
  const ratio = other.type.quant!.scale / x.type.quant!.scale;
  const first = Math.max(1, Math.ceil(8 / ratio));
  if (ratio * first > 4000 || first > 4000) return x;
  return requantised(d, b, b.add(op(way), [x, other], { mul: [first, Math.round(ratio * first)] }));
};

const move: Block = (d, b, x) => {
  const last = spatial(x).length;
  const size = shapeOf(x)[last]!;
  const edges = spatial(x);
  const way = d.pick(["pad", "slice", "transpose", "crop", "concat"] as const);
  if (way === "pad") return b.add(op("pad"), [x], { pads: [...edges, ...edges].map(() => d.int(0, 1)) });
  if (way === "slice") return b.add(op("slice"), [x], { axis: last, end: d.int(1, size), step: d.int(1, 2) });
  if (way === "concat") return b.add(op("concat"), [x, x], { axis: d.pick([1, -1]) });
  if (way === "crop")
    return b.add(op("crop"), [x], {
      edges: [...edges.map(() => 0), ...edges.map((s) => Math.min(1, s - 1))],
    });
  return b.add(op("transpose"), [x], { perm: last === 1 ? [0, 2, 1] : [0, 2, 1, 3] });
};

/** An activation taken to another scale and zero point. */
const rescale: Block = (d, b, x) => {
  const { min, max, bits } = storages.u8;
  const zero = d.int(min, max);
  const scale = x.type.quant!.scale * (1 + d.int(0, 99) / 50) * 2 ** (storages[x.type.storage].bits - bits);
  const { mul, shift } = fixedPoint(x.type.quant!.scale / scale);
  const add = 2n ** BigInt(shift - 1) - BigInt(x.type.quant!.zero) * BigInt(mul);
  const params = [
    b.param("mul", tensorType("i32", [1]), Int32Array.of(mul)),
    b.param("add", tensorType("i64", [1]), BigInt64Array.of(add)),
  ];
  const type = tensorType("u8", shapeOf(x), { scale, zero });
  return b.add(op("requant"), [x, ...params], { shift: [shift] }, { type });
};

const blocks: readonly Block[] = [
  rescale,
  convBlock,
  convBlock,
  pointwise,
  transposed,
  pool,
  grow,
  activate,
  join,
  move,
];

/** Up to six blocks and a head; the outputs are the head's sum and the last activation. */
export function scaledNetwork(d: Draw): Graph {
  const b = new GraphBuilder("random", "integer");
  const shape = d.bool() ? [1, d.int(1, 16), d.int(1, 5)] : [1, d.int(1, 7), d.int(1, 7), d.int(1, 4)];
  const storage = d.pick(narrow);
  const { min, max } = storages[storage];
  let x: Value = b.input(
    "x",
    tensorType(storage, shape, { scale: 2 ** -d.int(0, 8), zero: d.int(min, max) }),
  );
  const seen: Value[] = [];
  for (let i = d.int(1, 6); i > 0; i--) {
    seen.push(x);
    x = d.pick(blocks)(d, b, x, seen);
  }
  const flat = b.add(op("flatten"), [x]);
  const w = scaledWeights(d, b, flat, [d.int(1, 5), shapeOf(flat)[1]!]);
  return b.finish([b.add(op("linear"), [flat, w]), x]);
}
