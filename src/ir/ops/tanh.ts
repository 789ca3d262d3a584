import { defineOp } from "../op.js";

export const tanh = defineOp({
  name: "tanh",
  summary: "Hyperbolic tangent. Integer graphs use a lut.",
  operands: { x: { storage: ["f32"] } },
  attrs: {},
  traits: ["elementwise"],
  quantise: { table: Math.tanh },

  infer: ({ x }) => x,

  float: (f, { x }) => ({ y: f.tanh(x) }),

  examples: [
    {
      text: `graph @odd(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = tanh %x : f32[1x3]
}
`,
      inputs: [[0, 100, -100]],
      output: [0, 1, -1],
    },
  ],
});
