import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { tensorType } from "../type.js";
import { axisOf, wrongAxes, wrongJoin } from "./axes.js";
import { reshape, reshapeTo } from "./reshape.js";

const rules: readonly Rule[] = [
  {
    name: "flatten-as-reshape",
    equation: "flatten(x) = reshape(x)",
    root: "flatten",
    rewrite({ operands: [x], result }, cx) {
      const shape = reshapeTo(x!.type.shape, result.type.shape);
      return shape && cx.emit(reshape, [x!], { shape });
    },
  },
];

export const flatten = defineOp({
  name: "flatten",
  summary: "All dimensions from `axis` on become one.",
  integer: "y[i] = x[i], i the row-major position",
  operands: { x: { storage: anyStorage } },
  attrs: { axis: { kind: "int", default: 1 } },
  traits: ["reads", "reshapes"],
  quantise: "same",

  infer({ x }, { axis }) {
    const wrong = wrongAxes(x.shape, [axis]) ?? wrongJoin(x);
    if (wrong) return wrong;
    const from = axisOf(x.shape.length, axis);
    const [kept, joined] = [x.shape.slice(0, from), x.shape.slice(from)];
    if (joined.includes("N")) return "the symbolic batch N cannot be joined with other dimensions";
    return tensorType(x.storage, [...kept, (joined as number[]).reduce((a, b) => a * b)], x.quant);
  },

  float(f, { x }, { axis }) {
    const from = axisOf(x.rank, axis);
    return { y: f.reshape(x, [...x.shape.slice(0, from), x.shape.slice(from).reduce((a, b) => a * b)]) };
  },

  int: ({ x }) => x.data.slice(),

  canonical: rules,

  examples: [
    {
      text: `graph @features(%x: u8[1x2x3]) -> (%y: u8[1x6]) stage integer {
  %y = flatten %x : u8[1x6]
}
`,
      inputs: [[1, 2, 3, 4, 5, 6]],
      output: [1, 2, 3, 4, 5, 6],
    },
  ],
});
