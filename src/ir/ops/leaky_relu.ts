import { defineOp } from "../op.js";

export const leakyRelu = defineOp({
  name: "leaky_relu",
  summary: "Rectifier with one slope `alpha` for all values below zero. Integer graphs use prelu.",
  operands: { x: { storage: ["f32"] } },
  attrs: { alpha: { kind: "float" } },
  traits: ["elementwise"],
  quantise: "sum",

  infer: ({ x }) => x,

  float: (f, { x }, { alpha }) => ({ y: f.leakyRelu(x, alpha) }),

  examples: [
    {
      text: `graph @quarter(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = leaky_relu %x {alpha = 0.25} : f32[1x3]
}
`,
      inputs: [[-4, 0, 3]],
      output: [-1, 0, 3],
    },
  ],
});
