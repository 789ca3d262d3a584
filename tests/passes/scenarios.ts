/** For every canonical rule a family of graphs in which it must fire. */
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import type { OpDef } from "../../src/ir/op.js";
import { avgpool } from "../../src/ir/ops/avgpool.js";
import { clip } from "../../src/ir/ops/clip.js";
import { concat } from "../../src/ir/ops/concat.js";
import { conv } from "../../src/ir/ops/conv.js";
import { crop } from "../../src/ir/ops/crop.js";
import { dequantize } from "../../src/ir/ops/dequantize.js";
import { flatten } from "../../src/ir/ops/flatten.js";
import { lut } from "../../src/ir/ops/lut.js";
import { maxpool } from "../../src/ir/ops/maxpool.js";
import { pad } from "../../src/ir/ops/pad.js";
import { quantize } from "../../src/ir/ops/quantize.js";
import { relu } from "../../src/ir/ops/relu.js";
import { requant } from "../../src/ir/ops/requant.js";
import { reshape } from "../../src/ir/ops/reshape.js";
import { slice } from "../../src/ir/ops/slice.js";
import { squeeze } from "../../src/ir/ops/squeeze.js";
import { transpose } from "../../src/ir/ops/transpose.js";
import { upsample } from "../../src/ir/ops/upsample.js";
import { activationStorages, type IntStorage, integerStorages, storages } from "../../src/ir/storage.js";
import { tensor } from "../../src/ir/tensor.js";
import { type TensorType, tensorType, zeroPoint } from "../../src/ir/type.js";
import { type Draw, drawShape, drawType, drawWeights, shapeOf } from "../backends/random-draw.js";

/** Builds the nodes of one scenario; the value returned is the one that the rule replaces. */
export type Scenario = (d: Draw, b: GraphBuilder) => Value;

const input = (d: Draw, b: GraphBuilder): Value => b.input("x", drawType(d, drawShape(d, d.int(1, 3))));

function limits(d: Draw, { storage }: TensorType): { lo?: number; hi?: number } {
  const { min, max } = storages[storage];
  const [p, q] = [d.int(min, max), d.int(min, max)];
  const [lo, hi] = [Math.min(p, q), Math.max(p, q)];
  return d.pick([{ lo, hi }, { lo }, { hi }, {}]);
}

const spatial = (x: Value): number => x.type.shape.length - 2;
const each = (count: number, of: () => number): number[] => Array.from({ length: count }, of);
/** Begins and ends of every spatial dimension. */
const edges = (d: Draw, x: Value, most: number): number[] => each(2 * spatial(x), () => d.int(0, most));

/** A requant whose products stay far inside 64 bits. One of x and the result has a scale at most. */
function rescale(d: Draw, b: GraphBuilder, x: Value, mul: readonly number[]): Value {
  const storage = d.pick<IntStorage>(["i32", "i16", "i8", "u8", "i4", "u2"]);
  const { min, max } = storages[storage];
  const quant = x.type.quant ? undefined : { scale: 1, zero: d.pick([0, min, max, d.int(min, max)]) };
  const type = tensorType(storage, x.type.shape, quant);
  const [shift, add] = [d.pick([0, 1, 8, 40]), BigInt(d.int(-(2 ** 40), 2 ** 40))];
  const operands = [
    b.param("mul", tensorType("i32", [mul.length]), tensor(tensorType("i32", [mul.length]), mul).data),
    b.param("add", tensorType("i64", [1]), BigInt64Array.of(add)),
  ];
  return b.add(requant, [x, ...operands], { shift: [shift], ...limits(d, type) }, { type });
}
const anyMul = (d: Draw): number[] => [d.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), d.int(-1000, 1000)])];

function reshaped(d: Draw, b: GraphBuilder, x: Value): Value {
  const [first, ...rest] = shapeOf(x) as [number, ...number[]];
  const others = rest.reduce((p, q) => p * q, 1);
  return b.add(reshape, [x], {
    shape: d.pick([[0, others], [first * others], [others, first], [1, first, others]]),
  });
}

function transposed(d: Draw, b: GraphBuilder, x: Value): Value {
  const left = [...x.type.shape.keys()];
  const perm = x.type.shape.map(() => left.splice(d.int(0, left.length - 1), 1)[0]!);
  return b.add(transpose, [x], { perm });
}

const padded = (d: Draw, b: GraphBuilder, x: Value, value: number): Value =>
  b.add(pad, [x], { pads: edges(d, x, 2), value });

export const scenarios: Readonly<Record<string, Scenario>> = {
  "relu-of-relu": (d, b) => b.add(relu, [b.add(relu, [input(d, b)])]),
  "relu-of-unsigned": (d, b) => {
    const storage = d.pick(activationStorages);
    const quant = { scale: 0.5, zero: storages[storage].min };
    return b.add(relu, [b.input("x", tensorType(storage, drawShape(d), quant))]);
  },
  "clip-of-clip": (d, b) => {
    const x = input(d, b);
    return b.add(clip, [b.add(clip, [x], limits(d, x.type))], limits(d, x.type));
  },
  "clip-of-relu": (d, b) => {
    const x = input(d, b);
    return b.add(clip, [b.add(relu, [x])], limits(d, x.type));
  },
  "relu-of-clip": (d, b) => {
    const x = input(d, b);
    return b.add(relu, [b.add(clip, [x], limits(d, x.type))]);
  },
  "clip-nothing": (d, b) => {
    const x = input(d, b);
    const { min, max } = storages[x.type.storage];
    return b.add(clip, [x], d.pick([{}, { lo: min }, { hi: max }, { lo: min, hi: max }]));
  },
  "reshape-of-reshape": (d, b) => reshaped(d, b, reshaped(d, b, input(d, b))),
  "reshape-to-itself": (d, b) => {
    const x = input(d, b);
    return b.add(reshape, [x], { shape: d.bool() ? shapeOf(x) : [0, ...shapeOf(x).slice(1)] });
  },
  "flatten-as-reshape": (d, b) => {
    const x = input(d, b);
    return b.add(flatten, [x], { axis: d.int(-x.type.shape.length, x.type.shape.length - 1) });
  },
  "squeeze-as-reshape": (d, b) => {
    const x = b.input(
      "x",
      drawType(
        d,
        d.pick([
          [1, 3, 1, 2],
          [2, 1, 2],
          [1, 1, 3],
        ]),
      ),
    );
    return b.add(squeeze, [x], { axes: d.pick([[x.type.shape.indexOf(1)], [shapeOf(x).lastIndexOf(1)]]) });
  },
  "transpose-of-transpose": (d, b) => transposed(d, b, transposed(d, b, input(d, b))),
  "transpose-nothing": (d, b) => {
    const x = input(d, b);
    return b.add(transpose, [x], { perm: [...x.type.shape.keys()] });
  },
  "transpose-as-reshape": (d, b) => {
    const x = b.input(
      "x",
      drawType(
        d,
        d.pick([
          [1, 3, 2],
          [3, 1, 2],
          [1, 2, 1, 3],
        ]),
      ),
    );
    const one = shapeOf(x).lastIndexOf(1);
    const others = [...x.type.shape.keys()].filter((i) => i !== one);
    return b.add(transpose, [x], { perm: others.toSpliced(d.int(0, others.length), 0, one) });
  },
  "lut-nothing": (d, b) => {
    const storage = d.pick(["i8", "u8", "i4", "u4", "i2", "u2"] as const);
    const x = b.input("x", drawType(d, drawShape(d), [storage]));
    const { min, bits } = storages[storage];
    const type = tensorType(storage, [2 ** bits]);
    const same = b.param(
      "table",
      type,
      tensor(
        type,
        each(2 ** bits, () => 0).map((_, i) => i + min),
      ).data,
    );
    return b.add(lut, [x, same], {}, { type: x.type });
  },
  "requant-nothing": (d, b) => {
    const storage = d.pick(integerStorages);
    const quant = d.bool() ? { scale: 0.5, zero: 0 } : undefined;
    const x = b.input("x", tensorType(storage, drawShape(d), quant));
    const one = b.param("one", tensorType("i32", [1]), Int32Array.of(1));
    const none = b.param("none", tensorType("i64", [1]), BigInt64Array.of(0n));
    return b.add(requant, [x, one, none], { shift: [0] }, { type: x.type });
  },
  "relu-of-requant": (d, b) => b.add(relu, [rescale(d, b, input(d, b), anyMul(d))]),
  "clip-of-requant": (d, b) => {
    const inner = rescale(d, b, input(d, b), anyMul(d));
    return b.add(clip, [inner], limits(d, inner.type));
  },
  "requant-of-relu": (d, b) => {
    const x = input(d, b);
    const channels = zeroPoint(x.type) === 0 ? shapeOf(x).at(-1)! : 1;
    const mul = each(channels, () => d.pick([0, 1, 2 ** 31 - 1, d.int(0, 1000)]));
    return rescale(d, b, b.add(relu, [x]), mul);
  },
  "quantize-of-dequantize": (d, b) => {
    const storage = d.pick(activationStorages);
    const { min, max } = storages[storage];
    const scale = d.pick([0.5, 1 / 3, 1e-3, 0.7]);
    const x = b.input("x", tensorType(storage, drawShape(d), { scale, zero: d.int(min, max) }));
    return b.add(quantize, [b.add(dequantize, [x])], {}, { type: x.type });
  },
  "concat-of-one": (d, b) => b.add(concat, [input(d, b)], { axis: d.int(0, 2) }),
  "slice-everything": (d, b) => {
    const x = input(d, b);
    const axis = d.int(0, 2);
    return b.add(slice, [x], { axis, end: shapeOf(x)[axis]! });
  },
  "crop-nothing": (d, b) => {
    const x = input(d, b);
    return b.add(crop, [x], { edges: each(2 * spatial(x), () => 0) });
  },
  "crop-of-crop": (d, b) => {
    const x = b.input(
      "x",
      drawType(
        d,
        d.pick([
          [1, 9, 2],
          [1, 9, 10, 1],
        ]),
      ),
    );
    return b.add(crop, [b.add(crop, [x], { edges: edges(d, x, 2) })], { edges: edges(d, x, 2) });
  },
  "pad-nothing": (d, b) => b.add(pad, [input(d, b)]),
  "pad-of-pad": (d, b) => {
    const x = input(d, b);
    const value = d.pick([zeroPoint(x.type), storages[x.type.storage].max]);
    return padded(d, b, padded(d, b, x, value), value);
  },
  "upsample-to-itself": (d, b) => {
    const x = input(d, b);
    const size = shapeOf(x).slice(1, -1);
    return b.add(upsample, [x], { size, mode: d.pick(["nearest", "linear"]) });
  },
  "maxpool-of-one": (d, b) => {
    const x = input(d, b);
    return b.add(maxpool, [x], { kernel: each(spatial(x), () => 1) });
  },
  "maxpool-of-pad": (d, b) => {
    const x = input(d, b);
    const inner = padded(d, b, x, storages[x.type.storage].min);
    return b.add(maxpool, [inner], window(d, x));
  },
  "avgpool-of-pad": (d, b) => {
    const x = input(d, b);
    return b.add(avgpool, [padded(d, b, x, zeroPoint(x.type))], { ...window(d, x), count_include_pad: true });
  },
  "conv-of-pad": (d, b) => {
    const x = input(d, b);
    const w = drawWeights(d, b, x.type, [2, ...each(spatial(x), () => 1), shapeOf(x).at(-1)!]);
    return b.add(conv as OpDef, [padded(d, b, x, zeroPoint(x.type)), w], { pads: edges(d, x, 2) });
  },
};

/** A pool's window that fits whatever the input, thanks to its pads. */
const window = (d: Draw, x: Value) => ({
  kernel: each(spatial(x), () => d.int(1, 2)),
  pads: each(2 * spatial(x), () => 1),
});
