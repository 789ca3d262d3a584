import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { axisOf, wrongAxes } from "./axes.js";
import { takeFloat } from "./float.js";
import { cutsChannels, range, sourcesOf, takeInt } from "./take.js";

const rules: readonly Rule[] = [
  {
    name: "slice-everything",
    equation: "slice(x, 0, size, 1) = x",
    root: "slice",
    rewrite({ operands: [x], attrs: { axis, begin, end, step } }) {
      const size = x!.type.shape[axisOf(x!.type.shape.length, axis as number)];
      return begin === 0 && end === size && step === 1 ? x : undefined;
    },
  },
];

export const slice = defineOp({
  name: "slice",
  summary: "Every `step`-th index of one axis from `begin` to before `end`.",
  integer: "y[i] = x[begin + i * step] along `axis`",
  operands: { x: { storage: anyStorage } },
  attrs: {
    axis: { kind: "int" },
    begin: { kind: "int", default: 0, min: 0 },
    end: { kind: "int" },
    step: { kind: "int", default: 1, min: 1 },
  },
  traits: ["reads"],
  quantise: "same",

  infer({ x }, { axis, begin, end, step }) {
    const wrong = wrongAxes(x.shape, [axis]);
    if (wrong) return wrong;
    const along = axisOf(x.shape.length, axis);
    const size = x.shape[along];
    if (size === "N") return "the symbolic batch N cannot be sliced";
    if (begin >= end || end > size!)
      return `[${begin}, ${end}) is no range of the ${size} indices of axis ${axis}`;
    const left = range(begin, end, step).length;
    const cuts = left === size ? undefined : cutsChannels(x.quant, [along]);
    return cuts ?? { ...x, shape: x.shape.with(along, left) };
  },

  float: (f, { x }, { axis, begin, end, step }) => ({
    y: takeFloat(f, x, axisOf(x.rank, axis), range(begin, end, step)),
  }),

  int({ x }, { axis, begin, end, step }) {
    const along = axisOf(x.type.shape.length, axis);
    return takeInt(x, sourcesOf(x.type, new Map([[along, range(begin, end, step)]])));
  },

  canonical: rules,

  examples: [
    {
      text: `graph @every_other(%x: u4[1x5x1] * 0.5) -> (%y: u4[1x2x1] * 0.5) stage integer {
  %y = slice %x {axis = 1, begin = 1, end = 5, step = 2} : u4[1x2x1] * 0.5
}
`,
      inputs: [[1, 2, 3, 4, 5]],
      output: [2, 4],
    },
    {
      text: `graph @last_channel(%x: f32[1x2x2]) -> (%y: f32[1x2x1]) stage float {
  %y = slice %x {axis = -1, begin = 1, end = 2} : f32[1x2x1]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [2, 4],
    },
  ],
});
