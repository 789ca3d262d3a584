/** Ops as users declare them: one for every way to become integers, and kernels in C for them. */
import type { Kernel } from "../../src/ir/contracts.js";
import { defineOp } from "../../src/ir/op.js";
import { tensorType, zeroPoint } from "../../src/ir/type.js";

/** y[n, c] = x[n + 1, c] - x[n, c]. */
export const delta = defineOp({
  name: "delta",
  summary: "Difference of neighbours in time.",
  operands: { x: { storage: ["f32", "i8", "u8"], rank: 3 } },
  attrs: {},
  traits: [],
  quantise: "sum",
  infer({ x }) {
    const [n, length, channels] = x.shape;
    const shape = [n!, (length as number) - 1, channels!];
    return tensorType(x.storage === "f32" ? "f32" : "i32", shape, x.quant && { ...x.quant, zero: 0 });
  },
  float(f, { x }) {
    const from = (begin: number) => f.slice(x, [0, begin, 0], [-1, x.shape[1]! - 1, -1]);
    return { y: f.sub(from(1), from(0)) };
  },
  int({ x }, _, out) {
    const channels = out.shape[2] as number;
    return Int32Array.from(
      { length: x.data.length - channels },
      (_, i) => Number(x.data[i + channels]) - Number(x.data[i]),
    );
  },
  bounds({ x }) {
    const reach = x.bounds.lo.map((lo, c) => x.bounds.hi[c]! - lo);
    return { lo: reach.map((r) => -r), hi: reach };
  },
  examples: [],
});

/** y[n, c] = x[n, c] * w[c]: a param that becomes integers as well. */
export const weigh = defineOp({
  name: "weigh",
  summary: "A weight for every channel.",
  operands: {
    x: { storage: ["f32", "i8", "u8"], rank: 3 },
    w: { storage: ["f32", "i8", "u8", "i4", "u4"], rank: 1, param: true },
  },
  attrs: {},
  traits: [],
  quantise: "sum",
  infer({ x, w }) {
    if (x.storage === "f32") return x;
    const quant = x.quant && w.quant && { scale: x.quant.scale * w.quant.scale, zero: 0 };
    return tensorType("i32", x.shape, quant);
  },
  float: (f, { x, w }) => ({ y: f.mul(x, w) }),
  int({ x, w }) {
    const [zero, zeroOfW] = [zeroPoint(x.type), zeroPoint(w.type)];
    return Int32Array.from(
      { length: x.data.length },
      (_, i) => (Number(x.data[i]) - zero) * (Number(w.data[i % w.data.length]) - zeroOfW),
    );
  },
  bounds: () => ({ lo: [-(2 ** 16)], hi: [2 ** 16] }),
  examples: [],
});

/** Time runs backwards. */
export const flip = defineOp({
  name: "flip",
  summary: "Reversed in time.",
  operands: { x: { storage: ["f32", "i8", "u8", "i4"], rank: 3 } },
  attrs: {},
  traits: ["reads"],
  quantise: "same",
  infer: ({ x }) => x,
  float: (f, { x }) => ({ y: f.reverse(x, 1) }),
  int({ x }) {
    const channels = x.type.shape[2] as number;
    const rows = x.data.length / channels;
    return x.data.map(
      (_: number | bigint, i: number) =>
        x.data[(rows - 1 - Math.floor(i / channels)) * channels + (i % channels)] as never,
    );
  },
  examples: [],
});

/** x * clamp(x / 6 + 1/2, 0, 1): Howard et al., Searching for MobileNetV3, 2019. */
export const hardswish = defineOp({
  name: "hardswish",
  summary: "Smooth rectifier.",
  operands: { x: { storage: ["f32"] } },
  attrs: { reach: { kind: "float", default: 3 } },
  traits: ["elementwise"],
  quantise: {
    table: (x, { reach }) => x * Math.min(Math.max(x / (2 * reach) + 0.5, 0), 1),
  },
  infer: ({ x }) => x,
  float: (f, { x }, { reach }) => ({
    y: f.mul(x, f.clipByValue(f.add(f.div(x, 2 * reach), 0.5), 0, 1)),
  }),
  examples: [],
});

const text = `#include "delta.h"
void delta(const void *x, int32_t *y, pulsec_type type, int count, int channels) {
  for (int i = 0; i < count; i++) y[i] = pulsec_get(x, type, i + channels) - pulsec_get(x, type, i);
}
`;
/** A header and a source of its own, both given as text. */
export const deltaKernel: Kernel = {
  name: "delta",
  op: delta,
  header: "delta.h",
  files: [
    {
      name: "delta.h",
      from: '#include "pulsec_base.h"\nvoid delta(const void *x, int32_t *y, pulsec_type type, int count, int channels);\n',
    },
    { name: "delta.c", from: text },
  ],
  emit({ operands: [x], result }, { operands: [from], result: to }) {
    const [, length, channels] = result.type.shape as number[];
    const type = x!.type.storage === "u8" ? "PULSEC_U8" : "PULSEC_I8";
    return `  delta(${from}, ${to}, ${type}, ${length! * channels!}, ${channels});`;
  },
};
