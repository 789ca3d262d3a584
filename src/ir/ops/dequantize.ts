import { defineOp } from "../op.js";
import { integerStorages } from "../storage.js";
import { zeroPoint } from "../type.js";
import { scaleAt } from "./scale.js";

export const dequantize = defineOp({
  name: "dequantize",
  summary: "Stored integers to the real values they stand for.",
  integer: "y = (x - zero) * scale, computed in float64 and rounded once to f32",
  operands: { x: { storage: integerStorages } },
  attrs: {},
  traits: ["elementwise"],

  infer: ({ x }) =>
    x.quant ? { storage: "f32", shape: x.shape } : "x has no scale: what its integers stand for is unknown",

  int({ x }) {
    const [scale, zero] = [scaleAt(x.type), zeroPoint(x.type)];
    const y = new Float32Array(x.data.length);
    for (let i = 0; i < y.length; i++) y[i] = (Number(x.data[i]) - zero) * scale(i);
    return y;
  },

  examples: [
    {
      text: `graph @affine(%x: (u8[1x3] - 128) * 0.25) -> (%y: f32[1x3]) stage quantised {
  %y = dequantize %x : f32[1x3]
}
`,
      inputs: [[0, 128, 130]],
      output: [-32, 0, 0.5],
    },
  ],
});
