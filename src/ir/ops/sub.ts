import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { broadcastType, sumBounds, sumInt, sumQuant } from "./broadcast.js";

export const sub = defineOp({
  name: "sub",
  summary:
    "Elementwise difference; the multipliers `mul` bring integers to one scale, sizes of 1 are repeated.",
  integer: "y = (a - zero(a)) * mul[0] - (b - zero(b)) * mul[1], in i32; scale(y) = scale(a) / mul[0]",
  operands: { a: { storage: anyStorage }, b: { storage: anyStorage } },
  attrs: { mul: { kind: "ints", length: 2, default: 1, min: 1, max: 2 ** 31 - 1 } },
  traits: ["elementwise"],
  quantise: "sum",

  infer: ({ a, b }, { mul }) => broadcastType(a, b, sumQuant(a, b, mul)),
  float: (f, { a, b }) => ({ y: f.sub(a, b) }),
  int: ({ a, b }, { mul }, out) => sumInt(a, b, out, mul, -1),
  bounds: ({ a, b }, { mul }) => sumBounds(a, b, mul, -1),

  examples: [
    {
      text: `graph @remove_offset(%a: u8[1x3x1] * 0.5, %b: (u8[1x1x1] - 10) * 1) -> (%y: i32[1x3x1] * 0.5) stage integer {
  %y = sub %a, %b {mul = [1, 2]} : i32[1x3x1] * 0.5
}
`,
      inputs: [[0, 100, 255], [20]],
      output: [-20, 80, 235],
    },
    {
      text: `graph @real(%a: f32[1x2], %b: f32[1x1]) -> (%y: f32[1x2]) stage float {
  %y = sub %a, %b : f32[1x2]
}
`,
      inputs: [[0.5, 1], [0.25]],
      output: [0.25, 0.75],
    },
  ],
});
