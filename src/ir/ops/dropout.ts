import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";

/** What is dropped as one: single elements, whole channels of a sample, or all channels of one position. */
const shared: Readonly<Record<"element" | "channel" | "step", (shape: readonly number[]) => number[]>> = {
  element: (shape) => [...shape],
  channel: (shape) => shape.map((size, i) => (i === 0 || i === shape.length - 1 ? size : 1)),
  step: (shape) => shape.map((size, i) => (i === shape.length - 1 ? 1 : size)),
};

const rules: readonly Rule[] = [
  {
    name: "dropout-nothing",
    equation: "dropout(x, rate = 0) = x",
    root: "dropout",
    rewrite: ({ operands: [x], attrs }) => (attrs.rate === 0 ? x : undefined),
  },
];

export const dropout = defineOp({
  name: "dropout",
  summary:
    "In training, zeroes elements, channels or steps with probability `rate`, divides the rest by 1 - rate.",
  operands: { x: { storage: ["f32"] } },
  attrs: {
    rate: { kind: "float", default: 0.5 },
    axis: { kind: "enum", of: ["element", "channel", "step"], default: "element" },
  },
  traits: ["elementwise", "training-only"],
  quantise: "same",

  infer: ({ x }, { rate }) => (rate >= 0 && rate < 1 ? x : `rate = ${rate} lies outside [0, 1)`),

  float(f, { x }, { rate, axis }, run) {
    if (!run.training) return { y: x };
    const kept = f.cast(f.greaterEqual(run.uniform(shared[axis](x.shape)), rate), "float32");
    return { y: f.mul(x, f.div(kept, 1 - rate)) };
  },

  canonical: rules,

  examples: [
    {
      text: `graph @inference(%x: f32[1x2x2]) -> (%y: f32[1x2x2]) stage float {
  %y = dropout %x {rate = 0.2, axis = channel} : f32[1x2x2]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [1, 2, 3, 4],
    },
  ],
});
