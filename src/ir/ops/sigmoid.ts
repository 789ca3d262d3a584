import { defineOp } from "../op.js";

export const sigmoid = defineOp({
  name: "sigmoid",
  summary: "Logistic function 1 / (1 + exp(-x)). Integer graphs use a lut.",
  operands: { x: { storage: ["f32"] } },
  attrs: {},
  traits: ["elementwise"],
  quantise: { table: (x) => 1 / (1 + Math.exp(-x)) },

  infer: ({ x }) => x,

  float: (f, { x }) => ({ y: f.sigmoid(x) }),

  examples: [
    {
      text: `graph @logistic(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = sigmoid %x : f32[1x3]
}
`,
      inputs: [[0, 100, -100]],
      output: [0.5, 1, 0],
    },
  ],
});
