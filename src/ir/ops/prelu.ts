import { at, type Bounds, type Known, scaled } from "../bounds.js";
import { defineOp } from "../op.js";
import { anyStorage } from "../storage.js";
import { type TensorType, tensorType, zeroPoint } from "../type.js";

const slope = (alpha: ArrayLike<number | bigint>, c: number): number =>
  Number(alpha[alpha.length === 1 ? 0 : c]);

/** Slopes count in units of 1 / positive; a scale that says otherwise is a mistake. */
function wrongSlope(alpha: TensorType, positive: number): string | undefined {
  const { quant } = alpha;
  if (!quant || (quant.zero === 0 && !quant.channels && quant.scale * positive === 1)) return undefined;
  return `alpha counts in units of 1 / positive: it takes no scale, or * ${1 / positive}`;
}

/** Interval of d >= 0 ? d * positive : d * alpha for d in [lo, hi]. */
function bent(lo: number, hi: number, positive: number, alpha: number): { lo: number; hi: number } {
  const below = scaled(Math.min(lo, 0), Math.min(hi, 0), alpha);
  const above = { lo: Math.max(lo, 0) * positive, hi: Math.max(hi, 0) * positive };
  if (lo >= 0) return above;
  if (hi < 0) return below;
  return { lo: Math.min(below.lo, above.lo), hi: Math.max(below.hi, above.hi) };
}

function leavesI32(x: Known): string | undefined {
  const zero = zeroPoint(x.type);
  const bad = [...x.bounds.lo, ...x.bounds.hi].map((v) => v - zero).find((d) => d !== (d | 0));
  return bad === undefined ? undefined : `x - zero may leave i32: it reaches ${bad}`;
}

export const prelu = defineOp({
  name: "prelu",
  summary:
    "Rectifier with a slope per channel, or one for all, below zero; `positive` is the slope of integers above.",
  integer:
    "d = x - zero; y = d * positive where d >= 0, else d * alpha[c], in i32; scale(y) = scale(x) / positive",
  operands: {
    x: { storage: anyStorage },
    alpha: { storage: ["f32", "i32", "i16", "i8"], rank: 1, param: true },
  },
  attrs: { positive: { kind: "int", default: 1, min: 1, max: 2 ** 31 - 1 } },
  traits: ["elementwise"],
  quantise: "sum",

  infer({ x, alpha }, { positive }) {
    const [slopes, channels] = [alpha.shape[0], x.shape.at(-1)];
    if (slopes !== 1 && slopes !== channels)
      return `alpha has ${slopes} elements; 1 or ${channels} are needed`;
    if ((x.storage === "f32") !== (alpha.storage === "f32"))
      return `x is ${x.storage} and alpha is ${alpha.storage}: both float or both integer`;
    if (x.storage === "f32")
      return positive === 1 ? x : "positive is for integers; floats take slope 1 above zero";
    const wrong = wrongSlope(alpha, positive);
    if (wrong) return wrong;
    const quant = x.quant && { ...x.quant, scale: x.quant.scale / positive, zero: 0 };
    return tensorType("i32", x.shape, quant);
  },

  float: (f, { x, alpha }) => ({ y: f.prelu(x, alpha) }),

  int({ x, alpha }, { positive }, out) {
    const zero = zeroPoint(x.type);
    const channels = out.shape.at(-1) as number;
    const y = new Int32Array(x.data.length);
    for (let i = 0; i < y.length; i++) {
      const d = Number(x.data[i]) - zero;
      y[i] = d >= 0 ? Math.imul(d, positive) : Math.imul(d, slope(alpha.data, i % channels));
    }
    return y;
  },

  bounds({ x, alpha }, { positive }): Bounds {
    const zero = zeroPoint(x.type);
    const channels = Math.max(x.bounds.lo.length, alpha.data!.length);
    const each = Array.from({ length: channels }, (_, c) => {
      const { lo, hi } = at(x.bounds, c);
      return bent(lo - zero, hi - zero, positive, slope(alpha.data!, c));
    });
    return { lo: each.map((e) => e.lo), hi: each.map((e) => e.hi) };
  },

  prove: ({ x }) => leavesI32(x),

  examples: [
    {
      text: `param @alpha : i8[2] = [-1, 2]

graph @per_channel(%x: (i8[1x2x2] - 1) * 0.5) -> (%y: i32[1x2x2] * 0.0625) stage integer {
  %y = prelu %x, @alpha {positive = 8} : i32[1x2x2] * 0.0625
}
`,
      inputs: [[3, 3, -3, -3]],
      output: [16, 16, 4, -8],
    },
    {
      text: `param @alpha : f32[1] = [0.25]

graph @real(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = prelu %x, @alpha : f32[1x3]
}
`,
      inputs: [[-4, 0, 3]],
      output: [-1, 0, 3],
    },
  ],
});
