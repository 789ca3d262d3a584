/** The Teager-Kaiser energy operator as an op. */
import { defineOp, tensorType, zeroPoint } from "pulsec";

/** J. F. Kaiser, On a simple algorithm to calculate the 'energy' of a signal, ICASSP 1990. */
export const teager = defineOp({
  name: "teager",
  summary: "Energy of an oscillation from three neighbours in time: large where it is large or fast.",
  integer: "y[n, c] = d[n]^2 - d[n - 1] * d[n + 1] with d = x - zero, in i32; scale(y) = scale(x)^2",
  operands: { x: { storage: ["f32", "i8", "u8"], rank: 3 } },
  attrs: {},
  traits: [],
  quantise: "sum",

  infer({ x }) {
    const [batch, length, channels] = x.shape;
    if ((length as number) < 3) return `x has ${length} positions; three neighbours are needed`;
    if (x.quant?.channels) return "x must have one scale for all channels; put a requant before";
    const quant = x.quant && { scale: x.quant.scale ** 2, zero: 0 };
    return tensorType(
      x.storage === "f32" ? "f32" : "i32",
      [batch!, (length as number) - 2, channels!],
      quant,
    );
  },

  float(f, { x }) {
    const from = (begin: number) => f.slice(x, [0, begin, 0], [-1, x.shape[1]! - 2, -1]);
    return { y: f.sub(f.square(from(1)), f.mul(from(0), from(2))) };
  },

  int({ x }) {
    const zero = zeroPoint(x.type);
    const [batch, length, channels] = x.type.shape as [number, number, number];
    const d = (n: number, p: number, c: number) => Number(x.data[(n * length + p) * channels + c]) - zero;
    const y = new Int32Array(batch * (length - 2) * channels);
    let at = 0;
    for (let n = 0; n < batch; n++)
      for (let p = 1; p < length - 1; p++)
        for (let c = 0; c < channels; c++) y[at++] = d(n, p, c) ** 2 - d(n, p - 1, c) * d(n, p + 1, c);
    return y;
  },

  bounds({ x }) {
    const zero = zeroPoint(x.type);
    const each = x.bounds.lo.map((lowest, c) => {
      const [lo, hi] = [lowest - zero, x.bounds.hi[c]! - zero];
      const products = [lo * lo, lo * hi, hi * hi];
      const most = Math.max(...products);
      const square = lo <= 0 && hi >= 0 ? 0 : Math.min(lo * lo, hi * hi);
      return { lo: square - most, hi: most - Math.min(...products) };
    });
    return { lo: each.map((e) => e.lo), hi: each.map((e) => e.hi) };
  },

  work: (k, dim) => k.mul(k.lit(2), k.mul(dim("y", 1), dim("y", 2))),

  examples: [
    {
      text: `graph @energy(%x: (u8[1x5x1] - 10) * 0.5) -> (%y: i32[1x3x1] * 0.25) stage integer {
  %y = teager %x : i32[1x3x1] * 0.25
}
`,
      inputs: [[10, 13, 10, 7, 10]],
      output: [9, 9, 9],
    },
    {
      text: `graph @real(%x: f32[1x4x1]) -> (%y: f32[1x2x1]) stage float {
  %y = teager %x : f32[1x2x1]
}
`,
      inputs: [[1, 2, 0, -2]],
      output: [4, 4],
    },
  ],
});
