import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { zeroPoint } from "../type.js";
import { broadcastInt, broadcastType, factorBounds, factorQuant } from "./broadcast.js";

export const mul = defineOp({
  name: "mul",
  summary: "Elementwise product; sizes of 1 are repeated.",
  integer: "y = (a - zero(a)) * (b - zero(b)), in i32; scale(y) = scale(a) * scale(b)",
  operands: { a: { storage: anyStorage }, b: { storage: anyStorage } },
  attrs: {},
  traits: ["elementwise"],
  quantise: "sum",

  infer: ({ a, b }) => broadcastType(a, b, factorQuant(a, b)),
  float: (f, { a, b }) => ({ y: f.mul(a, b) }),

  int({ a, b }, _, out) {
    const [za, zb] = [zeroPoint(a.type), zeroPoint(b.type)];
    return broadcastInt(a, b, out, (x, y) => Math.imul(x - za, y - zb));
  },

  bounds: ({ a, b }) => factorBounds(a, b),

  examples: [
    {
      text: `graph @gate(%a: (u8[1x2x2] - 128) * 0.5, %b: u8[1x1x2] * 0.25) -> (%y: i32[1x2x2] * 0.125) stage integer {
  %y = mul %a, %b : i32[1x2x2] * 0.125
}
`,
      inputs: [
        [0, 128, 255, 130],
        [255, 3],
      ],
      output: [-32640, 0, 32385, 6],
    },
    {
      text: `graph @real(%a: f32[1x2], %b: f32[1x2]) -> (%y: f32[1x2]) stage float {
  %y = mul %a, %b : f32[1x2]
}
`,
      inputs: [
        [0.5, 3],
        [0.5, -2],
      ],
      output: [0.25, -6],
    },
  ],
});
