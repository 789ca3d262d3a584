import { centred, interval } from "../bounds.js";
import { defineOp } from "../op.js";
import { activationStorages } from "../storage.js";
import { elements, tensorType, zeroPoint } from "../type.js";

export const matmul = defineOp({
  name: "matmul",
  summary:
    "Matrix product of two values, batched over equal leading axes; products with weights are `linear`.",
  integer:
    "y[.., m, n] = sum over k of (a[.., m, k] - zero(a)) * (b[.., k, n] - zero(b)), in i32; " +
    "scale(y) = scale(a) * scale(b)",
  operands: {
    a: { storage: ["f32", ...activationStorages] },
    b: { storage: ["f32", ...activationStorages] },
  },
  attrs: {},
  traits: [],
  quantise: "sum",

  infer({ a, b }) {
    const [ra, rb] = [a.shape.length, b.shape.length];
    if (ra !== rb || ra < 2) return `a has rank ${ra} and b rank ${rb}: equal ranks of 2 or more are needed`;
    const apart = a.shape.slice(0, -2).findIndex((d, i) => d !== b.shape[i]);
    if (apart >= 0) return `axis ${apart} has ${a.shape[apart]} in a and ${b.shape[apart]} in b`;
    if (a.shape.at(-1) !== b.shape.at(-2))
      return `a has ${a.shape.at(-1)} columns, b has ${b.shape.at(-2)} rows`;
    if ((a.storage === "f32") !== (b.storage === "f32"))
      return `a is ${a.storage} and b is ${b.storage}: both float or both integer`;
    const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!];
    if (a.storage === "f32") return tensorType("f32", shape);
    if (a.quant?.channels || b.quant?.channels)
      return "a and b must have one scale each; put requant to one scale before";
    const scale = a.quant && b.quant && a.quant.scale * b.quant.scale;
    return tensorType("i32", shape, scale === undefined ? undefined : { scale, zero: 0 });
  },

  float: (f, { a, b }) => ({ y: f.matMul(a, b) }),

  int({ a, b }, _, out) {
    const [m, k] = a.type.shape.slice(-2) as [number, number];
    const n = b.type.shape.at(-1) as number;
    const [za, zb] = [zeroPoint(a.type), zeroPoint(b.type)];
    const [as, bs] = [a.data as Int8Array, b.data as Int8Array];
    const y = new Int32Array(elements(out));
    for (let i = 0; i < y.length; i++) {
      const [row, column] = [Math.floor(i / n), i % n];
      const matrix = Math.floor(row / m) * k * n;
      let acc = 0;
      for (let c = 0; c < k; c++)
        acc = (acc + Math.imul(as[row * k + c]! - za, bs[matrix + c * n + column]! - zb)) | 0;
      y[i] = acc;
    }
    return y;
  },

  bounds({ a, b }) {
    const k = a.type.shape.at(-1) as number;
    const [x, y] = [centred(a), centred(b)];
    const { lo, hi } = interval(
      k * Math.min(x.lo * y.hi, x.hi * y.lo),
      k * Math.max(x.lo * y.lo, x.hi * y.hi),
    );
    return { lo, hi, partial: [k * x.magnitude * y.magnitude] };
  },

  work(k, dim, _, rank) {
    const last = rank("a") - 1;
    let macs = k.mul(dim("a", last), dim("y", last));
    for (let i = 1; i < last; i++) macs = k.mul(macs, dim("y", i));
    return last === 1 ? k.mul(macs, dim("y", 0)) : macs;
  },

  examples: [
    {
      text: `graph @scores(%q: (u8[2x2] - 1) * 0.5, %k: i8[2x2] * 0.25) -> (%y: i32[2x2] * 0.125) stage integer {
  %y = matmul %q, %k : i32[2x2] * 0.125
}
`,
      inputs: [
        [2, 3, 1, 0],
        [1, 2, 3, 4],
      ],
      output: [7, 10, -3, -4],
    },
    {
      text: `graph @real(%a: f32[1x1x2], %b: f32[1x2x1]) -> (%y: f32[1x1x1]) stage float {
  %y = matmul %a, %b : f32[1x1x1]
}
`,
      inputs: [
        [0.5, 2],
        [4, 0.25],
      ],
      output: [2.5],
    },
  ],
});
