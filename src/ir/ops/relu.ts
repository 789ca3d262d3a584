import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage, storages } from "../storage.js";
import { allocate } from "../tensor.js";
import { zeroPoint } from "../type.js";

const rules: readonly Rule[] = [
  {
    name: "relu-of-relu",
    equation: "relu(relu(x)) = relu(x)",
    root: "relu",
    rewrite: ({ operands: [x] }, cx) => cx.producer(x, relu)?.result,
  },
  {
    name: "relu-of-unsigned",
    equation: "relu(x) = x, where the storage of x holds nothing below its zero point",
    root: "relu",
    rewrite: ({ operands: [x] }) => (x && storages[x.type.storage].min >= zeroPoint(x.type) ? x : undefined),
  },
];

export const relu = defineOp({
  name: "relu",
  summary: "Rectifier: what lies below zero becomes zero.",
  integer: "y = max(x, zero)",
  operands: { x: { storage: anyStorage } },
  attrs: {},
  traits: ["elementwise"],
  quantise: "same",

  infer: ({ x }) => x,

  float: (f, { x }) => ({ y: f.relu(x) }),

  int({ x }, _, out) {
    const zero = zeroPoint(x.type);
    const y = allocate(out.storage, x.data.length);
    for (let i = 0; i < y.length; i++) y[i] = Math.max(Number(x.data[i]), zero);
    return y;
  },

  bounds({ x }) {
    const zero = zeroPoint(x.type);
    return { lo: x.bounds.lo.map((v) => Math.max(v, zero)), hi: x.bounds.hi.map((v) => Math.max(v, zero)) };
  },

  canonical: rules,

  examples: [
    {
      text: `graph @affine(%x: (u8[1x4x1] - 10) * 0.5) -> (%y: (u8[1x4x1] - 10) * 0.5) stage integer {
  %y = relu %x : (u8[1x4x1] - 10) * 0.5
}
`,
      inputs: [[0, 9, 10, 200]],
      output: [10, 10, 10, 200],
    },
    {
      text: `graph @real(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = relu %x : f32[1x3]
}
`,
      inputs: [[-1.5, 0, 2.5]],
      output: [0, 0, 2.5],
    },
  ],
});
