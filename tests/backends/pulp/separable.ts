/** Random depthwise convolutions with pointwise ones behind them. */
import type { GraphBuilder } from "../../../src/ir/build.js";
import type { Value } from "../../../src/ir/graph.js";
import type { IntStorage } from "../../../src/ir/storage.js";
import { tensorType } from "../../../src/ir/type.js";
import {
  byteStorages,
  type Draw,
  drawBias,
  drawData,
  drawType,
  drawWeights,
  shapeOf,
} from "../random-draw.js";
import { drawWindow, input, op, spatialOf } from "../random-sums.js";

/** A sum brought back to few bits. */
function finished(d: Draw, b: GraphBuilder, sum: Value, among: readonly IntStorage[]): Value {
  const channels = shapeOf(sum).at(-1)!;
  const many = () => d.pick([1, channels]);
  const mul = drawData(d, "i32", many(), 1, d.pick([4, 2 ** 20])) as Int32Array;
  const add = BigInt64Array.from({ length: many() }, () => BigInt(d.int(-999, 999)));
  const { quant, storage } = drawType(d, shapeOf(sum), among);
  const params = [
    b.param("mul", tensorType("i32", [mul.length]), mul),
    b.param("add", tensorType("i64", [add.length]), add),
  ];
  const type = tensorType(storage, shapeOf(sum), sum.type.quant ? undefined : quant);
  const y = b.add(op("requant"), [sum, ...params], { shift: [d.int(2, 24)] }, { type });
  return d.int(0, 3) === 0 ? b.add(op("relu"), [y]) : y;
}

function convolved(d: Draw, b: GraphBuilder, x: Value, shape: readonly number[], attrs: object): Value {
  const w = drawWeights(d, b, x.type, shape);
  const operands = d.bool() ? [x, w, drawBias(d, b, x.type, w)] : [x, w];
  return b.add(op("conv"), operands, attrs as Record<string, never>);
}

/** [1, l, c] or [1, h, w, c] through a depthwise and a pointwise convolution, strides, dilation and bits of all kinds. */
export function separable(d: Draw, b: GraphBuilder, x: Value): Value {
  const channels = shapeOf(x).at(-1)!;
  const { kernel, ...window } = drawWindow(d, spatialOf(x), "constant");
  const sums = convolved(d, b, x, [channels, ...kernel, 1], { ...window, groups: channels });
  const middle = finished(d, b, sums, byteStorages);
  const co = d.pick([d.int(1, 9), d.int(9, 40), 16]);
  const mixed = convolved(d, b, middle, [co, ...kernel.map(() => 1), channels], {});
  return finished(d, b, mixed, byteStorages);
}

export function separableInput(d: Draw, b: GraphBuilder): Value {
  const c = d.pick([d.int(1, 9), d.int(9, 40), 8, 16, 32]);
  return input(d, b, byteStorages, d.bool() ? [1, d.int(1, 40), c] : [1, d.int(1, 9), d.int(1, 9), c]);
}
