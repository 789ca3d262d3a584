import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { inferReduce, intSum, reduceAttrs, sumBounds } from "./reduce.js";

export const reduceSum = defineOp({
  name: "reduce_sum",
  summary: "Sum over `axes`.",
  integer: "y = sum over axes of (x - zero), in i32; scale(y) = scale(x)",
  operands: { x: { storage: anyStorage } },
  attrs: reduceAttrs,
  traits: [],
  quantise: "sum",

  infer: ({ x }, attrs) => inferReduce(x, attrs, (scale) => scale),

  float: (f, { x }, { axes, keepdims }) => ({ y: f.sum(x, [...axes], keepdims) }),

  int: ({ x }, attrs) => intSum(x, attrs),

  bounds: ({ x }, attrs) => sumBounds(x, attrs),

  examples: [
    {
      text: `graph @positions(%x: i8[1x2x2x2]) -> (%y: i32[1x2]) stage integer {
  %y = reduce_sum %x {axes = [1, 2], keepdims = false} : i32[1x2]
}
`,
      inputs: [[1, -1, 2, -2, 3, -3, 4, -4]],
      output: [10, -10],
    },
  ],
});
