import { at, type Bounds, type Known } from "../bounds.js";
import { isParam, type Node } from "../graph.js";
import { defineOp } from "../op.js";
import type { RewriteContext, Rule } from "../rewrite.js";
import { integerStorages, storages } from "../storage.js";
import { strides } from "../tensor.js";
import { sameType, sizes, type TensorType, zeroPoint } from "../type.js";
import { axisOf } from "./axes.js";
import { clampTwice, type Limits, limitsOf } from "./clip.js";
import { relu } from "./relu.js";

const limit64 = 2n ** 63n;

const pick = (list: ArrayLike<number | bigint>, c: number): bigint =>
  BigInt(list[list.length === 1 ? 0 : c]!);

/** The clamp of a requant: `lo` and `hi`, or the storage range where they are unwritten. */
export function requantClamp(a: Limits, out: TensorType): { lo: number; hi: number } {
  const { min, max } = storages[out.storage];
  return { lo: a.lo ?? min, hi: a.hi ?? max };
}

interface Product {
  readonly c: number;
  readonly lo: bigint;
  readonly hi: bigint;
}

/** Extremes of acc * mul[c] + add[c] before the shift, exact, for at least `least` channels. */
function products(acc: Known, mul: Known, add: Known, axis: number, least = 1): Product[] {
  const last = axisOf(acc.type.shape.length, axis) === acc.type.shape.length - 1;
  const channels = Math.max(mul.data!.length, add.data!.length, last ? acc.bounds.lo.length : 1, least);
  const all = {
    lo: acc.bounds.lo.reduce((a, b) => Math.min(a, b)),
    hi: acc.bounds.hi.reduce((a, b) => Math.max(a, b)),
  };
  return Array.from({ length: channels }, (_, c) => {
    const x = last ? at(acc.bounds, c) : all;
    const [m, a] = [pick(mul.data!, c), pick(add.data!, c)];
    const [p, q] = [BigInt(x.lo) * m + a, BigInt(x.hi) * m + a];
    return p < q ? { c, lo: p, hi: q } : { c, lo: q, hi: p };
  });
}

/** Does acc * mul and acc * mul + add provably fit i32, so that kernels may use 32-bit arithmetic? */
export function requantFits32(acc: Known, mul: Known, add: Known, axis: number): boolean {
  const fits = ({ lo, hi }: { lo: bigint; hi: bigint }) => lo >= -(2n ** 31n) && hi < 2n ** 31n;
  const zeroAdd: Known = { ...add, data: new BigInt64Array(1) };
  return products(acc, mul, add, axis).every(fits) && products(acc, mul, zeroAdd, axis).every(fits);
}

/** One LSB over the 256 levels of a byte: a coarser multiplier would be visible in the result. */
const scaleTolerance = 2 ** -8;

/** Where both scales are known, mul * 2^-shift must be scale(x) / scale(y). */
function scalesDisagree(
  x: TensorType,
  mul: Known,
  shift: readonly number[],
  out: TensorType,
): string | undefined {
  if (!x.quant || !out.quant) return undefined;
  const scale = (t: TensorType, c: number) => t.quant!.scale * Number(t.quant!.channels?.data[c] ?? 1);
  const channels = Math.max(mul.data!.length, shift.length, x.quant.channels?.data.length ?? 1);
  for (let c = 0; c < channels; c++) {
    const written = Number(pick(mul.data!, c)) * 2 ** -Number(pick(shift, c));
    const meant = scale(x, c) / scale(out, c);
    if (Math.abs(written - meant) <= scaleTolerance * meant) continue;
    return `mul * 2^-shift is ${written} in channel ${c}, the scales of x and the result ask for ${meant}`;
  }
  return undefined;
}

/** The list that an operand or attribute of a requant holds, as exact integers. */
const paramList = (node: Node, operand: number): readonly bigint[] => {
  const value = node.operands[operand];
  return value && isParam(value) ? [...value.data].map(BigInt) : [];
};
const shiftList = (node: Node): readonly bigint[] => (node.attrs.shift as readonly number[]).map(BigInt);

/** Where `v` lands before the clamp; nothing where channels differ or a negative mul reverses the order. */
function imageOf(v: number, requantNode: Node): number | undefined {
  const [mul, add, shift] = [paramList(requantNode, 1), paramList(requantNode, 2), shiftList(requantNode)];
  const zero = BigInt(zeroPoint(requantNode.result.type));
  const channels = Math.max(mul.length, add.length, shift.length);
  const images = Array.from(
    { length: channels },
    (_, c) => ((BigInt(v) * pick(mul, c) + pick(add, c)) >> pick(shift, c)) + zero,
  );
  const [first] = images;
  return mul.every((m) => m >= 0n) && images.every((i) => i === first) ? Number(first) : undefined;
}

/** Attributes of a requant that clamps to `first`, then to `then`; the storage's own ends stay unwritten. */
function clampedTwice(requantNode: Node, first: Limits, then: Limits) {
  const { min, max } = storages[requantNode.result.type.storage];
  const { lo, hi } = clampTwice(first, then);
  return { ...requantNode.attrs, lo: lo === min ? undefined : lo, hi: hi === max ? undefined : hi };
}
const ownClamp = (requantNode: Node): Limits => requantClamp(limitsOf(requantNode), requantNode.result.type);

/** The requant that ends in `value`, where nobody else reads it. */
const absorbable = (value: Node["result"] | undefined, cx: RewriteContext): Node | undefined =>
  value && cx.onlyUse(value) ? cx.producer(value, requant) : undefined;

const rules: readonly Rule[] = [
  {
    name: "requant-nothing",
    equation: "requant(x, mul = 1, add = 0, shift = 0) = x, where the clamp is that of x's own storage",
    root: "requant",
    rewrite(root) {
      const x = root.operands[0]!;
      const { min, max } = storages[x.type.storage];
      const clamp = ownClamp(root);
      const one = paramList(root, 1).every((m) => m === 1n) && paramList(root, 2).every((a) => a === 0n);
      const idle = one && shiftList(root).every((s) => s === 0n) && zeroPoint(root.result.type) === 0;
      return idle && clamp.lo === min && clamp.hi === max && sameType(x.type, root.result.type)
        ? x
        : undefined;
    },
  },
  {
    name: "relu-of-requant",
    equation: "relu(requant(x, lo, hi)) = requant(x, max(lo, zero), max(hi, zero))",
    root: "relu",
    rewrite(root, cx) {
      const inner = absorbable(root.operands[0], cx);
      const attrs = inner && clampedTwice(inner, ownClamp(inner), { lo: zeroPoint(root.result.type) });
      return attrs && cx.emit(requant, inner.operands, attrs, root.result.type);
    },
  },
  {
    name: "clip-of-requant",
    equation:
      "clip(requant(x, lo, hi), lo', hi') = requant(x, lo clamped to [lo', hi'], hi clamped to [lo', hi'])",
    root: "clip",
    rewrite(root, cx) {
      const inner = absorbable(root.operands[0], cx);
      const attrs = inner && clampedTwice(inner, ownClamp(inner), limitsOf(root));
      return attrs && cx.emit(requant, inner.operands, attrs, root.result.type);
    },
  },
  {
    name: "requant-of-relu",
    equation:
      "requant(relu(x), lo) = requant(x, lo raised to requant(zero)), " +
      "where mul >= 0 and requant(zero) is one value",
    root: "requant",
    rewrite(root, cx) {
      const relued = root.operands[0]!;
      const inner = cx.onlyUse(relued) ? cx.producer(relued, relu) : undefined;
      const lowest = inner && imageOf(zeroPoint(relued.type), root);
      // Below zero x can reach -2^31, where a huge add could leave 64 bits.
      if (!inner || lowest === undefined || paramList(root, 2).some((a) => a < -(2n ** 62n)))
        return undefined;
      const attrs = clampedTwice(root, { lo: lowest }, ownClamp(root));
      return cx.emit(requant, [inner.operands[0]!, ...root.operands.slice(1)], attrs, root.result.type);
    },
  },
];

export const requant = defineOp({
  name: "requant",
  summary: "Rescales integers: multiply, add, shift right, clamp. Rounding is whatever `add` says.",
  integer:
    "y = clamp(((x * mul[c] + add[c]) >> shift[c]) + zero, lo, hi), exact; >> floors; c runs along `axis`",
  operands: {
    x: { storage: integerStorages },
    mul: { storage: ["i32"], rank: 1, param: true },
    add: { storage: ["i64"], rank: 1, param: true },
  },
  attrs: {
    shift: { kind: "ints", min: 0, max: 62 },
    lo: { kind: "int", optional: true },
    hi: { kind: "int", optional: true },
    axis: { kind: "int", default: -1 },
  },
  traits: [],

  infer({ x, mul, add }, { shift, lo, hi, axis }, declared) {
    if (!declared) return "the result's storage and scale are a choice: write its type";
    if (declared.storage === "f32" || declared.storage === "i64")
      return `the result is stored as integers, not as ${declared.storage}`;
    const along = axisOf(x.shape.length, axis);
    const channels = x.shape[along];
    if (channels === undefined) return `axis ${axis} does not exist in rank ${x.shape.length}`;
    for (const [name, length] of [
      ["mul", mul.shape[0]],
      ["add", add.shape[0]],
      ["shift", shift.length],
    ] as const)
      if (length !== 1 && length !== channels)
        return `${name} has ${length} elements; 1 or ${channels} (axis ${axis}) are needed`;
    const clamp = requantClamp({ lo, hi }, declared);
    const { min, max } = storages[declared.storage];
    if (clamp.lo > clamp.hi || clamp.lo < min || clamp.hi > max)
      return `[${clamp.lo}, ${clamp.hi}] is no range within ${declared.storage}`;
    return declared.quant
      ? { storage: declared.storage, shape: x.shape, quant: declared.quant }
      : { storage: declared.storage, shape: x.shape };
  },

  int({ x, mul, add }, { shift, lo, hi, axis }, out) {
    const shape = sizes(x.type);
    const along = axisOf(shape.length, axis);
    const [step, channels] = [strides(shape)[along]!, shape[along]!];
    const clamp = requantClamp({ lo, hi }, out);
    const zero = BigInt(zeroPoint(out));
    const y = new storages[out.storage].array(x.data.length);
    for (let i = 0; i < y.length; i++) {
      const c = Math.floor(i / step) % channels;
      const wide = ((BigInt(x.data[i]!) * pick(mul.data, c) + pick(add.data, c)) >> pick(shift, c)) + zero;
      y[i] = Number(wide < clamp.lo ? clamp.lo : wide > clamp.hi ? clamp.hi : wide);
    }
    return y;
  },

  bounds({ x, mul, add }, { shift, lo, hi, axis }, out): Bounds {
    const clamp = requantClamp({ lo, hi }, out);
    const zero = BigInt(zeroPoint(out));
    const clamped = (v: bigint) => Math.min(Math.max(Number(v + zero), clamp.lo), clamp.hi);
    const each = products(x, mul, add, axis, shift.length).map((p) => [
      clamped(p.lo >> pick(shift, p.c)),
      clamped(p.hi >> pick(shift, p.c)),
    ]);
    if (axisOf(x.type.shape.length, axis) === x.type.shape.length - 1)
      return { lo: each.map((e) => e[0]!), hi: each.map((e) => e[1]!) };
    return { lo: [Math.min(...each.map((e) => e[0]!))], hi: [Math.max(...each.map((e) => e[1]!))] };
  },

  prove({ x, mul, add }, { shift, axis }, out) {
    const bad = products(x, mul, add, axis).find((p) => p.lo < -limit64 || p.hi >= limit64);
    const worst = bad && (-bad.lo > bad.hi ? bad.lo : bad.hi);
    if (bad) return `x * mul + add may leave 64 bits in channel ${bad.c}: it reaches ${worst}`;
    return scalesDisagree(x.type, mul, shift, out);
  },

  canonical: rules,

  examples: [
    {
      text: `param @add : i64[1] = [2]
param @mul : i32[1] = [3]

graph @half_up(%x: i32[1x4x1]) -> (%y: i8[1x4x1]) stage integer {
  %y = requant %x, @mul, @add {shift = 2} : i8[1x4x1]
}
`,
      inputs: [[-1000, -1, 1, 2]],
      output: [-128, -1, 1, 2],
    },
  ],
});
