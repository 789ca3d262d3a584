import { at, type Bounds } from "../bounds.js";
import { defineOp } from "../op.js";
import { activationStorages } from "../storage.js";
import { activation, elements, tensorType, zeroPoint } from "../type.js";
import { cutsChannels, range } from "./take.js";

const count = (spatial: readonly number[]): number => spatial.reduce((a, b) => a * b, 1);

export const globalAvgpool = defineOp({
  name: "global_avgpool",
  summary: "Mean over all positions, per channel; integers give the sum and leave the division to the scale.",
  integer: "y[c] = sum over positions p of (x[p, c] - zero), in i32; scale(y) = scale(x) / positions",
  operands: { x: { storage: ["f32", ...activationStorages], rank: [3, 4] } },
  attrs: {},
  traits: [],
  quantise: "sum",

  infer({ x }) {
    const { n, spatial, channels } = activation(x);
    const shape = [n, ...spatial.map(() => 1), channels];
    if (x.storage === "f32") return tensorType("f32", shape);
    const quant = x.quant && { ...x.quant, scale: x.quant.scale / count(spatial), zero: 0 };
    return (
      cutsChannels(
        x.quant,
        spatial.map((_, i) => i + 1),
      ) ?? tensorType("i32", shape, quant)
    );
  },

  float: (f, { x }) => ({ y: f.mean(x, range(1, x.rank - 1), true) }),

  int({ x }, _, out) {
    const { spatial, channels } = activation(x.type);
    const block = count(spatial) * channels;
    const zero = zeroPoint(x.type);
    const y = new Int32Array(elements(out));
    for (let i = 0; i < x.data.length; i++) {
      const to = Math.floor(i / block) * channels + (i % channels);
      y[to] = y[to]! + Number(x.data[i]) - zero;
    }
    return y;
  },

  bounds({ x }): Bounds {
    const zero = zeroPoint(x.type);
    const positions = count(activation(x.type).spatial);
    const each = x.bounds.lo
      .map((_, c) => at(x.bounds, c))
      .map(({ lo, hi }) => ({ lo: lo - zero, hi: hi - zero }));
    return {
      lo: each.map((e) => e.lo * positions),
      hi: each.map((e) => e.hi * positions),
      partial: each.map((e) => positions * Math.max(Math.abs(e.lo), Math.abs(e.hi))),
    };
  },

  examples: [
    {
      text: `graph @head(%x: (u8[1x2x2] - 10) * 0.5) -> (%y: i32[1x1x2] * 0.25) stage integer {
  %y = global_avgpool %x : i32[1x1x2] * 0.25
}
`,
      inputs: [[11, 0, 12, 255]],
      output: [3, 235],
    },
    {
      text: `graph @real(%x: f32[1x2x2x1]) -> (%y: f32[1x1x1x1]) stage float {
  %y = global_avgpool %x : f32[1x1x1x1]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [2.5],
    },
  ],
});
