import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { inferReduce, intSum, reduceAttrs, sumBounds } from "./reduce.js";

export const reduceMean = defineOp({
  name: "reduce_mean",
  summary: "Mean over `axes`. On integers the sum: the division is in the scale, a requant carries it out.",
  integer: "y = sum over axes of (x - zero), in i32; scale(y) = scale(x) / count",
  operands: { x: { storage: anyStorage } },
  attrs: reduceAttrs,
  traits: [],
  quantise: "sum",

  infer: ({ x }, attrs) => inferReduce(x, attrs, (scale, count) => scale / count),

  float: (f, { x }, { axes, keepdims }) => ({ y: f.mean(x, [...axes], keepdims) }),

  int: ({ x }, attrs) => intSum(x, attrs),

  bounds: ({ x }, attrs) => sumBounds(x, attrs),

  examples: [
    {
      text: `graph @over_time(%x: (u8[1x4x2] - 1) * 0.5) -> (%y: i32[1x1x2] * 0.125) stage integer {
  %y = reduce_mean %x {axes = 1} : i32[1x1x2] * 0.125
}
`,
      inputs: [[1, 0, 2, 10, 3, 20, 4, 30]],
      output: [6, 56],
    },
    {
      text: `graph @real(%x: f32[2x3]) -> (%y: f32[2]) stage float {
  %y = reduce_mean %x {axes = -1, keepdims = false} : f32[2]
}
`,
      inputs: [[1, 2, 3, 4, 5, 6]],
      output: [2, 5],
    },
  ],
});
