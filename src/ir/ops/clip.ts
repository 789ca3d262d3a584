import type { Node } from "../graph.js";
import { defineOp } from "../op.js";
import type { Rule } from "../rewrite.js";
import { anyStorage, isInteger, storages } from "../storage.js";
import { allocate } from "../tensor.js";
import { type TensorType, zeroPoint } from "../type.js";
import { relu } from "./relu.js";

export interface Limits {
  readonly lo?: number | undefined;
  readonly hi?: number | undefined;
}

const clamp = (v: number, { lo = -Infinity, hi = Infinity }: Limits): number => Math.min(Math.max(v, lo), hi);

/** Clamping to `first`, then to `then`, is clamping to this. */
export function clampTwice(first: Limits, then: Limits): Limits {
  const written = (v: number) => (Number.isFinite(v) ? v : undefined);
  return { lo: written(clamp(first.lo ?? -Infinity, then)), hi: written(clamp(first.hi ?? Infinity, then)) };
}

export const limitsOf = ({ attrs }: Node): Limits => attrs as Limits;

const rules: readonly Rule[] = [
  {
    name: "clip-of-clip",
    equation: "clip(clip(x, lo, hi), lo', hi') = clip(x, lo clamped to [lo', hi'], hi clamped to [lo', hi'])",
    root: "clip",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], clip);
      return inner && cx.emit(clip, inner.operands, clampTwice(limitsOf(inner), limitsOf(root)));
    },
  },
  {
    name: "clip-of-relu",
    equation: "clip(relu(x), lo, hi) = clip(x, zero clamped to [lo, hi], hi)",
    root: "clip",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], relu);
      return (
        inner &&
        cx.emit(clip, inner.operands, clampTwice({ lo: zeroPoint(root.result.type) }, limitsOf(root)))
      );
    },
  },
  {
    name: "relu-of-clip",
    equation: "relu(clip(x, lo, hi)) = clip(x, max(lo, zero), max(hi, zero))",
    root: "relu",
    rewrite(root, cx) {
      const inner = cx.producer(root.operands[0], clip);
      return (
        inner &&
        cx.emit(clip, inner.operands, clampTwice(limitsOf(inner), { lo: zeroPoint(root.result.type) }))
      );
    },
  },
  {
    name: "clip-nothing",
    equation: "clip(x, lo, hi) = x, where the storage of x ends there anyway",
    root: "clip",
    rewrite({ operands: [x], attrs: { lo, hi } }) {
      const { min, max } = storages[x!.type.storage];
      return (lo ?? min) === min && (hi ?? max) === max ? x : undefined;
    },
  },
];

function wrongLimit(x: TensorType, name: string, limit: number | undefined): string | undefined {
  if (limit === undefined || !isInteger(x.storage)) return undefined;
  const { min, max } = storages[x.storage];
  const fits = Number.isInteger(limit) && limit >= min && limit <= max;
  return fits
    ? undefined
    : `${name} = ${limit} is no stored value of ${x.storage}: an integer in [${min}, ${max}] is needed`;
}

export const clip = defineOp({
  name: "clip",
  summary: "Clamps to [lo, hi]; either may be missing. On integers both are stored values.",
  integer: "y = min(max(x, lo), hi)",
  operands: { x: { storage: anyStorage } },
  attrs: { lo: { kind: "float", optional: true }, hi: { kind: "float", optional: true } },
  traits: ["elementwise"],
  quantise: "same",

  infer({ x }, { lo, hi }) {
    if (lo !== undefined && hi !== undefined && lo > hi) return `lo = ${lo} lies above hi = ${hi}`;
    return wrongLimit(x, "lo", lo) ?? wrongLimit(x, "hi", hi) ?? x;
  },

  float: (f, { x }, { lo = -Infinity, hi = Infinity }) => ({ y: f.clipByValue(x, lo, hi) }),

  int({ x }, limits, out) {
    const y = allocate(out.storage, x.data.length);
    for (let i = 0; i < y.length; i++) y[i] = clamp(Number(x.data[i]), limits);
    return y;
  },

  bounds: ({ x }, limits) => ({
    lo: x.bounds.lo.map((v) => clamp(v, limits)),
    hi: x.bounds.hi.map((v) => clamp(v, limits)),
  }),

  canonical: rules,

  examples: [
    {
      text: `graph @stored(%x: (u8[1x4x1] - 100) * 0.5) -> (%y: (u8[1x4x1] - 100) * 0.5) stage integer {
  %y = clip %x {lo = 100, hi = 112} : (u8[1x4x1] - 100) * 0.5
}
`,
      inputs: [[0, 100, 105, 255]],
      output: [100, 100, 105, 112],
    },
    {
      text: `graph @real(%x: f32[1x3]) -> (%y: f32[1x3]) stage float {
  %y = clip %x {hi = 1.5} : f32[1x3]
}
`,
      inputs: [[-2, 1, 2]],
      output: [-2, 1, 1.5],
    },
  ],
});
