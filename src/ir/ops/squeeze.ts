import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { tensorType } from "../type.js";
import { axisOf, without, wrongAxes, wrongJoin } from "./axes.js";
import { reshape, reshapeTo } from "./reshape.js";

const rules: readonly Rule[] = [
  {
    name: "squeeze-as-reshape",
    equation: "squeeze(x) = reshape(x)",
    root: "squeeze",
    rewrite({ operands: [x], result }, cx) {
      const shape = reshapeTo(x!.type.shape, result.type.shape);
      return shape && cx.emit(reshape, [x!], { shape });
    },
  },
];

export const squeeze = defineOp({
  name: "squeeze",
  summary: "Leaves out dimensions of size 1.",
  integer: "y[i] = x[i], i the row-major position",
  operands: { x: { storage: anyStorage } },
  attrs: { axes: { kind: "ints" } },
  traits: ["reads", "reshapes"],
  quantise: "same",

  infer({ x }, { axes }) {
    const wrong = wrongAxes(x.shape, axes) ?? wrongJoin(x);
    if (wrong) return wrong;
    const found = axes.map((axis) => axisOf(x.shape.length, axis));
    const long = found.find((axis) => x.shape[axis] !== 1);
    if (long !== undefined)
      return `axis ${long} has size ${x.shape[long]}; only axes of size 1 can be left out`;
    const shape = without(x.shape, found);
    return shape.length > 0 ? tensorType(x.storage, shape, x.quant) : "no dimension would be left";
  },

  float(f, { x }, { axes }) {
    const found = axes.map((axis) => axisOf(x.rank, axis));
    return {
      y: f.reshape(
        x,
        x.shape.filter((_, i) => !found.includes(i)),
      ),
    };
  },

  int: ({ x }) => x.data.slice(),

  canonical: rules,

  examples: [
    {
      text: `graph @vector(%x: i8[1x1x3]) -> (%y: i8[1x3]) stage integer {
  %y = squeeze %x {axes = 1} : i8[1x3]
}
`,
      inputs: [[1, 2, 3]],
      output: [1, 2, 3],
    },
  ],
});
