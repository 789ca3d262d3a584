import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage } from "../storage.js";
import { allocate } from "../tensor.js";
import { elements, printType, sameQuant, sizes, type TensorType } from "../type.js";
import { axisOf, wrongAxes } from "./axes.js";
import { cutsChannels } from "./take.js";

/** Why operand `i` cannot stand beside the first. */
function disagrees(first: TensorType, other: TensorType, i: number, along: number): string | undefined {
  if (other.storage !== first.storage || !sameQuant(other.quant, first.quant))
    return (
      `xs[${i}] is ${printType(other)}, xs[0] is ${printType(first)}: ` +
      "storage and scale must agree; put requant on one of them"
    );
  if (other.shape.length !== first.shape.length)
    return `xs[${i}] has rank ${other.shape.length}, xs[0] has rank ${first.shape.length}`;
  const axis = first.shape.findIndex((d, a) => a !== along && d !== other.shape[a]);
  return axis < 0
    ? undefined
    : `axis ${axis} has ${other.shape[axis]} in xs[${i}] and ${first.shape[axis]} in xs[0]`;
}

const rules: readonly Rule[] = [
  {
    name: "concat-of-one",
    equation: "concat(x) = x",
    root: "concat",
    rewrite: ({ operands }) => (operands.length === 1 ? operands[0] : undefined),
  },
];

export const concat = defineOp({
  name: "concat",
  summary: "Joins tensors of equal storage and scale along one axis.",
  integer: "y = the elements of xs[0], xs[1], ... one after the other along `axis`",
  operands: { xs: { storage: anyStorage, variadic: true } },
  attrs: { axis: { kind: "int" } },
  traits: ["reads"],

  infer({ xs }, { axis }) {
    const first = xs[0]!;
    const wrong = wrongAxes(first.shape, [axis]);
    if (wrong) return wrong;
    const along = axisOf(first.shape.length, axis);
    for (const [i, other] of xs.entries()) {
      const why = disagrees(first, other, i, along);
      if (why) return why;
    }
    if (xs.some((x) => x.shape[along] === "N")) return "the symbolic batch N cannot be joined";
    const joined = xs.reduce((sum, x) => sum + (x.shape[along] as number), 0);
    const cuts = xs.length === 1 ? undefined : cutsChannels(first.quant, [along]);
    return cuts ?? { ...first, shape: first.shape.with(along, joined) };
  },

  float: (f, { xs }, { axis }) => ({ y: f.concat([...xs], axisOf(xs[0]!.rank, axis)) }),

  int({ xs }, { axis }, out) {
    const y = allocate(out.storage, elements(out));
    const along = axisOf(out.shape.length, axis);
    const runs = xs.map((x) =>
      sizes(x.type)
        .slice(along)
        .reduce((a, b) => a * b, 1),
    );
    let to = 0;
    for (let block = 0; to < y.length; block++)
      for (const [i, x] of xs.entries())
        for (let k = 0; k < runs[i]!; k++) y[to++] = x.data[block * runs[i]! + k]!;
    return y;
  },

  canonical: rules,

  examples: [
    {
      text: `graph @channels(%a: i8[1x2x1] * 0.5, %b: i8[1x2x2] * 0.5) -> (%y: i8[1x2x3] * 0.5) stage integer {
  %y = concat %a, %b {axis = 2} : i8[1x2x3] * 0.5
}
`,
      inputs: [
        [1, 2],
        [3, 4, 5, 6],
      ],
      output: [1, 3, 4, 2, 5, 6],
    },
    {
      text: `graph @time(%a: f32[1x1x2], %b: f32[1x1x2]) -> (%y: f32[1x2x2]) stage float {
  %y = concat %a, %b {axis = 1} : f32[1x2x2]
}
`,
      inputs: [
        [0.5, 1],
        [1.5, 2],
      ],
      output: [0.5, 1, 1.5, 2],
    },
  ],
});
