import { defineOp } from "../op.js";
import { activationStorages, weightStorages } from "../storage.js";
import { zeroPoint } from "../type.js";
import { accumulatorType, weightBounds } from "./weights.js";

export const linear = defineOp({
  name: "linear",
  summary: "Fully connected layer over the last axis; all other axes are positions.",
  integer: "y[p, o] = b[o] + sum over c of (x[p, c] - zero) * w[o, c], in i32",
  operands: {
    x: { storage: ["f32", ...activationStorages] },
    w: { storage: ["f32", ...weightStorages], rank: 2, param: true },
    b: { storage: ["f32", "i32"], rank: 1, param: true, optional: true },
  },
  attrs: {},
  traits: [],
  quantise: "sum",

  infer({ x, w, b }) {
    const [co, ci] = w.shape;
    if (x.shape.length < 2)
      return `x has rank ${x.shape.length}; positions and channels are needed (rank 2 or more)`;
    if (x.shape.at(-1) !== ci) return `x has ${x.shape.at(-1)} channels, w expects ${ci}`;
    return accumulatorType(x, w, b, x.shape.with(-1, co!));
  },

  float(f, { x, w, b }) {
    const rows = f.reshape(x, [-1, w.shape[1]!]);
    const y = f.reshape(f.matMul(rows, w, false, true), [...x.shape.slice(0, -1), w.shape[0]!]);
    return { y: b ? f.add(y, b) : y };
  },

  int({ x, w, b }) {
    const [co, ci] = w.type.shape as readonly [number, number];
    const zero = zeroPoint(x.type);
    const [xs, ws] = [x.data as Int8Array, w.data as Int8Array];
    const y = new Int32Array((xs.length / ci) * co);
    for (let i = 0; i < y.length; i++) {
      const o = i % co;
      const from = Math.floor(i / co) * ci;
      let acc = b ? (b.data[o] as number) : 0;
      for (let c = 0; c < ci; c++) acc = (acc + Math.imul(xs[from + c]! - zero, ws[o * ci + c]!)) | 0;
      y[i] = acc;
    }
    return y;
  },

  bounds: ({ x, w, b }) => weightBounds(x, w, b),

  work(k, dim, _, rank) {
    let macs = k.mul(dim("w", 0), dim("w", 1));
    for (let i = 1; i < rank("y") - 1; i++) macs = k.mul(macs, dim("y", i));
    return macs;
  },

  examples: [
    {
      text: `param @b : i32[2] = [100, 0]
param @w : i8[2x3] * 0.25 = [1, 2, 3, -1, 0, 1]

graph @classifier(%x: (u8[1x3] - 10) * 0.5) -> (%y: i32[1x2] * 0.125) stage integer {
  %y = linear %x, @w, @b : i32[1x2] * 0.125
}
`,
      inputs: [[11, 12, 0]],
      output: [75, -11],
    },
    {
      text: `param @w : f32[1x2] = [0.5, -1]

graph @per_position(%x: f32[1x2x2]) -> (%y: f32[1x2x1]) stage float {
  %y = linear %x, @w : f32[1x2x1]
}
`,
      inputs: [[1, 2, 3, 4]],
      output: [-1.5, -2.5],
    },
  ],
});
