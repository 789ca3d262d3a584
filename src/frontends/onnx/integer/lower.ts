/** What each op makes of the real numbers it is given, in terms of integers. */
import { isParam, type Node, type Param, type Value } from "../../../ir/graph.js";
import { sizes, zeroPoint } from "../../../ir/type.js";
import { asMapped, asSum, stored } from "./emit.js";
import { averaged } from "./mean.js";
import {
  type Bent,
  type Mapped,
  type PerChannel,
  type Real,
  type Sum,
  scaleOf,
  sumOf,
  type Term,
  zipped,
} from "./real.js";
import type { State } from "./state.js";
import { stretching } from "./stretch.js";
import { biasOf, channelsOf, exactly, weightsOf } from "./weights.js";

/** Nothing where the op has no integer meaning on these operands. */
export type Lower = (s: State, node: Node, xs: readonly (Real | undefined)[]) => Real | undefined;

/** Ops after which rounding gives what rounding before gives. */
const moves = ["reshape", "flatten", "squeeze", "transpose", "slice", "crop", "maxpool"];
const keepsOrder = [...moves, "pad"];

const term = (value: Value, scale: PerChannel): Sum => sumOf({ value, zero: 0, scale });

/** The sum that an i32 result with a scale in its type stands for. */
const natural = (value: Value): Sum | undefined => {
  const scale = scaleOf(value);
  return scale && term(value, scale);
};

const weighted: Lower = (s, node, [x]) => {
  const value = x && stored(s, x);
  const w = value && weightsOf(s, node.operands[1]);
  if (!value || !w) return undefined;
  const steps = w.steps.map((step) => step * value.type.quant!.scale);
  const bias = biasOf(s, node.operands[2], steps);
  const operands = [value, w.param, ...(bias.param ? [bias.param] : [])];
  const y = s.emit(node.op.name, operands, node.attrs, node.result);
  return { ...term(y, steps), offset: bias.rest };
};

/** An op on stored integers whose i32 result says its scale. */
const onStored: Lower = (s, node, [x]) => {
  const value = x && stored(s, x);
  return value && natural(s.emit(node.op.name, [value], node.attrs, node.result));
};

const product: Lower = (s, node, xs) => {
  const [a, b] = xs.map((x) => x && stored(s, x));
  if (!a || !b) return undefined;
  return natural(s.emit(node.op.name, [a, b], {}, node.result));
};

/** The result of a function of one element at a time, given elsewhere on sums. */
function elementwise(
  s: State,
  x: Real,
  zeroStays: boolean,
  of: (x: Real) => Real | undefined,
): Real | undefined {
  if (x.kind === "joined") {
    const parts = x.parts.map((p) => elementwise(s, p, zeroStays, of));
    return parts.every((p) => p !== undefined) ? { ...x, parts: parts as Real[] } : undefined;
  }
  if (x.kind === "moved" && (zeroStays || x.node.op.name !== "pad")) {
    const from = elementwise(s, x.from, zeroStays, of);
    return from && { ...x, from };
  }
  return of(x);
}

const clampedTo = (s: State, x: Real, lo: number, hi: number): Real | undefined =>
  elementwise(s, x, lo <= 0 && hi >= 0, (part) => {
    const within = (v: number) => Math.min(Math.max(v, lo), hi);
    if (part.kind === "mapped") return { ...part, of: (v) => within(part.of(v)) };
    const bounded = part.kind === "entering" || part.kind === "bent" ? part : asSum(s, part);
    return bounded && { ...bounded, lo: within(bounded.lo), hi: within(bounded.hi) };
  });

const clamp: Lower = (s, { attrs }, [x]) =>
  x &&
  clampedTo(
    s,
    x,
    (attrs.lo as number | undefined) ?? -Infinity,
    (attrs.hi as number | undefined) ?? Infinity,
  );

const mapped =
  (of: (v: number) => number): Lower =>
  (s, _, [x]) => {
    const inner = x && asMapped(s, x);
    return inner && { ...inner, of: (v) => of(inner.of(v)) };
  };

const unclamped = (x: Sum | Bent): boolean => x.lo === -Infinity && x.hi === Infinity;

/** x * scale + offset, a number per channel. */
export function affine(s: State, x: Real, scale: PerChannel, offset: PerChannel): Real | undefined {
  const alone = scale.length === 1 && offset.length === 1;
  if (x.kind === "mapped") return alone ? { ...x, of: (v) => x.of(v) * scale[0]! + offset[0]! } : undefined;
  if (x.kind === "bent") {
    const straight = unclamped(x) && scale.every((v) => v > 0) && offset.every((v) => v === 0);
    const sum = straight ? affine(s, x.sum, scale, offset) : undefined;
    return sum?.kind === "sum" ? { ...x, sum } : undefined;
  }
  const sum = asSum(s, x);
  if (sum && unclamped(sum) && scale.every((v) => v !== 0))
    return {
      ...sum,
      terms: sum.terms.map((t) => ({ ...t, scale: zipped(t.scale, scale, (a, b) => a * b) })),
      offset: zipped(
        zipped(sum.offset, scale, (a, b) => a * b),
        offset,
        (a, b) => a + b,
      ),
    };
  const table = asMapped(s, x);
  if (table) return affine(s, table, scale, offset);
  const spread = alone && scale[0]! > 0 && (x.kind === "moved" || x.kind === "joined");
  return spread ? elementwise(s, x, offset[0] === 0, (part) => affine(s, part, scale, offset)) : undefined;
}

/** A constant that varies along more than the last axis, as integers with one scale. */
function constantTerm(s: State, p: Param, rank: number): Term | undefined {
  const exact = s.exact.get(p);
  const shape = sizes(p.type);
  if (exact?.steps.length !== 1 || shape.length !== rank) return undefined;
  const step = exact.steps[0]!;
  const data = exact.data.map((v) => Math.round(v / step) + 0);
  if (data.some((v, i) => Math.abs(exact.data[i]! / step - v) > 1e-9 * Math.max(1, Math.abs(v))))
    return undefined;
  const param = s.param(p.name, "i32", shape, data);
  return {
    value: { ...param, type: { ...param.type, quant: { scale: step, zero: 0 } } } as Param,
    zero: 0,
    scale: [step],
  };
}

const withConstant = (s: State, node: Node, x: Real, p: Param, sign: number): Real | undefined => {
  const constant = channelsOf(s, p);
  if (constant)
    return affine(
      s,
      x,
      [1],
      constant.map((v) => v * sign),
    );
  const sum = asSum(s, x);
  const t = constantTerm(s, p, node.result.type.shape.length);
  return sum && unclamped(sum) && t ? { ...sum, terms: [...sum.terms, negated(t, sign)] } : undefined;
};

const negated = (t: Term, sign: number): Term => ({ ...t, scale: t.scale.map((v) => v * sign) });

/** Two functions of the same integer are one. */
function together(s: State, a: Real, b: Real, of: (x: number, y: number) => number): Mapped | undefined {
  if (a.kind !== "mapped" && b.kind !== "mapped") return undefined;
  const [x, y] = [asMapped(s, a), asMapped(s, b)];
  return x && y && x.x === y.x ? { ...x, of: (v) => of(x.of(v), y.of(v)) } : undefined;
}

const added =
  (sign: 1 | -1): Lower =>
  (s, node, [a, b]) => {
    const [p, q] = node.operands as [Value, Value];
    if (isParam(q)) return a && withConstant(s, node, a, q, sign);
    if (isParam(p)) {
      const turned = b && affine(s, b, [sign], [0]);
      return turned && withConstant(s, node, turned, p, 1);
    }
    if (!a || !b) return undefined;
    const [x, y] = [asSum(s, a), asSum(s, b)];
    if (!x || !y || !unclamped(x) || !unclamped(y)) return together(s, a, b, (u, v) => u + sign * v);
    const offset = zipped(x.offset, y.offset, (u, v) => u + sign * v);
    return { ...x, terms: [...x.terms, ...y.terms.map((t) => negated(t, sign))], offset };
  };

const multiplied: Lower = (s, node, [a, b]) => {
  const [p, q] = node.operands as [Value, Value];
  const param = isParam(q) ? q : isParam(p) ? p : undefined;
  if (param) {
    const [x, scale] = [isParam(q) ? a : b, channelsOf(s, param)];
    return x && scale && affine(s, x, scale, [0]);
  }
  return (a && b && together(s, a, b, (u, v) => u * v)) ?? product(s, node, [a, b]);
};

const batchnorm: Lower = (s, node, [x]) => {
  const [gamma, beta, mean, variance] = node.operands.slice(1).map((p) => Array.from(exactly(s, p as Param)));
  const scale = gamma!.map((g, c) => g / Math.sqrt(variance![c]! + (node.attrs.epsilon as number)));
  return (
    x &&
    affine(
      s,
      x,
      scale,
      beta!.map((v, c) => v - mean![c]! * scale[c]!),
    )
  );
};

/** A table where x is one narrow integer, else a bent sum; slopes per channel stay with the channels of x. */
const bends =
  (slopesOf: (s: State, node: Node) => PerChannel): Lower =>
  (s, node, [x]) => {
    const all = slopesOf(s, node);
    const slopes = all.every((v) => v === all[0]) ? [all[0]!] : all;
    const of = (part: Real): Real | undefined => {
      const table = slopes.length === 1 ? asMapped(s, part) : undefined;
      if (table) return { ...table, of: (v) => bentAt(table.of(v), slopes[0]!) };
      const sum = asSum(s, part);
      return sum && unclamped(sum) ? { kind: "bent", sum, slopes, lo: -Infinity, hi: Infinity } : undefined;
    };
    return x && (of(x) ?? (slopes.length === 1 ? elementwise(s, x, true, of) : undefined));
  };

const bentAt = (v: number, slope: number): number => (v >= 0 ? v : v * slope);

const unchanged: Lower = (_, __, [x]) => x;

const joined: Lower = (_, node, xs) =>
  xs.every((x) => x !== undefined) ? { kind: "joined", node, parts: xs as readonly Real[] } : undefined;

const moving: Lower = (_, node, [from]) => from && { kind: "moved", node, from };

const dequantized: Lower = (s, node) => {
  const value = s.integers.get(node.operands[0]!);
  const scale = value && scaleOf(value);
  return value && scale && sumOf({ value, zero: zeroPoint(value.type), scale });
};

export const lowerings: Readonly<Record<string, Lower>> = {
  dequantize: dequantized,
  conv: weighted,
  conv_transpose: weighted,
  linear: weighted,
  matmul: product,
  add: added(1),
  sub: added(-1),
  mul: multiplied,
  batchnorm,
  relu: (s, _, [x]) => x && clampedTo(s, x, 0, Infinity),
  clip: clamp,
  sigmoid: mapped((v) => 1 / (1 + Math.exp(-v))),
  tanh: mapped(Math.tanh),
  leaky_relu: bends((_, { attrs }) => [attrs.alpha as number]),
  prelu: bends((s, { operands }) => Array.from(exactly(s, operands[1] as Param))),
  avgpool: averaged(onStored),
  global_avgpool: onStored,
  reduce_mean: onStored,
  reduce_sum: onStored,
  concat: joined,
  dropout: unchanged,
  ...Object.fromEntries(keepsOrder.map((op) => [op, moving])),
  upsample: (s, node, xs) => (node.attrs.mode === "nearest" ? moving : stretching)(s, node, xs),
};
