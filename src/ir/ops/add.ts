import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { broadcastType, sumBounds, sumInt, sumQuant } from "./broadcast.js";

export const add = defineOp({
  name: "add",
  summary: "Elementwise sum; the multipliers `mul` bring integers to one scale, sizes of 1 are repeated.",
  integer: "y = (a - zero(a)) * mul[0] + (b - zero(b)) * mul[1], in i32; scale(y) = scale(a) / mul[0]",
  operands: { a: { storage: anyStorage }, b: { storage: anyStorage } },
  attrs: { mul: { kind: "ints", length: 2, default: 1, min: 1, max: 2 ** 31 - 1 } },
  traits: ["elementwise"],
  quantise: "sum",

  infer: ({ a, b }, { mul }) => broadcastType(a, b, sumQuant(a, b, mul)),
  float: (f, { a, b }) => ({ y: f.add(a, b) }),
  int: ({ a, b }, { mul }, out) => sumInt(a, b, out, mul, 1),
  bounds: ({ a, b }, { mul }) => sumBounds(a, b, mul, 1),

  examples: [
    {
      text: `graph @two_scales(%a: (u8[1x2x1] - 128) * 0.5, %b: i8[1x2x1] * 0.75) -> (%y: i32[1x2x1] * 0.25) stage integer {
  %y = add %a, %b {mul = [2, 3]} : i32[1x2x1] * 0.25
}
`,
      inputs: [
        [130, 0],
        [-1, 100],
      ],
      output: [1, 44],
    },
    {
      text: `graph @broadcast(%a: i16[1x2x2], %b: i8[1x1x2]) -> (%y: i32[1x2x2]) stage integer {
  %y = add %a, %b : i32[1x2x2]
}
`,
      inputs: [
        [1000, 2000, 3000, 4000],
        [-1, 1],
      ],
      output: [999, 2001, 2999, 4001],
    },
    {
      text: `graph @real(%a: f32[1x2], %b: f32[1x2]) -> (%y: f32[1x2]) stage float {
  %y = add %a, %b : f32[1x2]
}
`,
      inputs: [
        [0.5, 1],
        [0.25, -1],
      ],
      output: [0.75, 0],
    },
  ],
});
