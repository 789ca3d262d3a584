import type * as tfjs from "@tensorflow/tfjs-core";
import { defineOp, type FloatOps } from "../op.js";
import { axisOf, wrongAxes } from "./axes.js";

/** tfjs normalises along the last axis only, so another one is moved there and back. */
function alongLast(
  f: FloatOps,
  x: tfjs.Tensor,
  axis: number,
  body: (x: tfjs.Tensor) => tfjs.Tensor,
): tfjs.Tensor {
  const along = axisOf(x.rank, axis);
  if (along === x.rank - 1) return body(x);
  const swap = x.shape.map((_, i) => (i === along ? x.rank - 1 : i === x.rank - 1 ? along : i));
  return f.transpose(body(f.transpose(x, swap)), swap);
}

export const softmax = defineOp({
  name: "softmax",
  summary: "exp(x) divided by its sum along `axis`, or the logarithm of that when `log`.",
  operands: { x: { storage: ["f32"] } },
  attrs: { axis: { kind: "int", default: -1 }, log: { kind: "bool", default: false } },
  traits: [],

  infer: ({ x }, { axis }) => wrongAxes(x.shape, [axis]) ?? x,

  float: (f, { x }, { axis, log }) => ({
    y: alongLast(f, x, axis, (v) => (log ? f.logSoftmax(v) : f.softmax(v))),
  }),

  examples: [
    {
      text: `graph @pair(%x: f32[1x2]) -> (%y: f32[1x2]) stage float {
  %y = softmax %x : f32[1x2]
}
`,
      inputs: [[0, 1.0986123]],
      output: [0.25, 0.75],
    },
    {
      text: `graph @steps(%x: f32[1x2x2]) -> (%y: f32[1x2x2]) stage float {
  %y = softmax %x {axis = 1} : f32[1x2x2]
}
`,
      inputs: [[7, 0, 7, 1.0986123]],
      output: [0.5, 0.25, 0.5, 0.75],
    },
  ],
});
