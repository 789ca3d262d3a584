import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { isInteger, storages } from "../storage.js";
import { allocate } from "../tensor.js";
import { sameType, zeroPoint } from "../type.js";
import { dequantize } from "./dequantize.js";
import { scaleAt } from "./scale.js";

const rules: readonly Rule[] = [
  {
    name: "quantize-of-dequantize",
    equation: "quantize(dequantize(x)) = x, where the types are equal and at most 16 bits wide",
    root: "quantize",
    // Rounding to f32 moves 17 bits of x - zero by far less than half a step; 32 bits it can move by steps.
    rewrite({ operands: [real], result }, cx) {
      const x = cx.producer(real, dequantize)?.operands[0];
      return x && storages[x.type.storage].bits <= 16 && sameType(x.type, result.type) ? x : undefined;
    },
  },
];

export const quantize = defineOp({
  name: "quantize",
  summary:
    "Real values to stored integers: divides by the result's scale, rounds half up, clamps to the storage.",
  integer: "y = clamp(floor(x / scale + 1/2) + zero), computed in float64",
  operands: { x: { storage: ["f32"] } },
  attrs: {},
  traits: ["elementwise"],

  infer({ x }, _, declared) {
    if (!declared) return "the result's storage and scale are a choice: write its type";
    const { storage, quant } = declared;
    if (!isInteger(storage)) return `the result is stored as integers, not as ${storage}`;
    return quant ? { storage, shape: x.shape, quant } : "the result needs a scale: quantize divides by it";
  },

  int({ x }, _, out) {
    const { min, max } = storages[out.storage];
    const [scale, zero] = [scaleAt(out), zeroPoint(out)];
    const y = allocate(out.storage, x.data.length);
    for (let i = 0; i < y.length; i++) {
      const level = Math.floor(Number(x.data[i]) / scale(i) + 0.5) + zero;
      y[i] = Math.min(Math.max(level, min), max);
    }
    return y;
  },

  canonical: rules,

  examples: [
    {
      text: `graph @half_up(%x: f32[1x5]) -> (%y: (i8[1x5] - 1) * 0.5) stage quantised {
  %y = quantize %x : (i8[1x5] - 1) * 0.5
}
`,
      inputs: [[0, 0.25, -0.25, -0.75, 1000]],
      output: [1, 2, 1, 0, 127],
    },
  ],
});
