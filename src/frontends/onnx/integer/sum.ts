/** Sums of integers times scales: one integer value for all terms, and its rounding by requant. */
import type { Node, Value } from "../../../ir/graph.js";
import { storages } from "../../../ir/storage.js";
import type { TensorType } from "../../../ir/type.js";
import { multiplier, pairFor, shifted } from "./multiplier.js";
import { at, type PerChannel, type Sum, scaleOf, type Term, zipped } from "./real.js";
import { levelsOf, realOfSum } from "./rule.js";
import { type State, Stuck } from "./state.js";

/** x * 1: integers without a scale, where what they stand for is no longer what their type says. */
function forgotten(s: State, { value, scale }: Term, like: Value): Value {
  const rank = value.type.shape.length;
  const one = s.param(`${like.name}.one`, "i8", new Array<number>(rank).fill(1), [1]);
  const own = scaleOf(value);
  const agrees = own && zipped(own, scale, (a, b) => a / b).every((q) => Math.abs(q - 1) < 2 ** -9);
  if (!value.type.quant || agrees) return value;
  return s.emit("mul", [value, one], {}, like);
}

/** One integer value for the terms of a sum. */
export function summed(s: State, x: Sum, like: Value, node?: Node): Term {
  const [a, b, c] = x.terms;
  if (!b) {
    const value = forgotten(s, a!, like);
    return value === a!.value ? a! : { value, zero: 0, scale: a!.scale };
  }
  if (c || a!.scale.length > 1 || b.scale.length > 1)
    throw new Stuck(node, "it adds sums that no rounding separates");
  if (a!.scale[0]! < 0) {
    if (b.scale[0]! < 0) throw new Stuck(node, "both of its terms are negated");
    return summed(s, { ...x, terms: [b, a!] }, like, node);
  }
  const reach = [a!, b].map(({ value, zero }) => {
    const { lo, hi } = s.bounds(value);
    return Math.max(Math.abs(lo - zero), Math.abs(hi - zero), 1);
  }) as [number, number];
  const pair = pairFor(Math.abs(b.scale[0]!) / a!.scale[0]!, ...reach);
  if (!pair) throw new Stuck(node, "the scales of its terms have no ratio of whole numbers within 32 bits");
  const operands = [forgotten(s, a!, like), forgotten(s, b, like)];
  const y = s.emit(b.scale[0]! < 0 ? "sub" : "add", operands, { mul: pair }, like);
  return { value: y, zero: 0, scale: [a!.scale[0]! / pair[0]] };
}

/** Where integers are rounded to, and the node that says so. */
export interface Target {
  readonly type: TensorType;
  readonly like: Value;
  readonly node?: Node | undefined;
}

export const targetOf = (s: State, type: TensorType, like: Value): Target => ({
  type,
  like,
  node: s.source.nodes.find((n) => n.result === like),
});

/** Rounds term + offset half up (half a step is part of `add`), clamped to levels. */
export function requantised(
  s: State,
  term: Term,
  offsets: PerChannel,
  { lo, hi }: { readonly lo: number; readonly hi: number },
  { type, like, node }: Target,
): Value {
  const step = type.quant!.scale;
  const n = Math.max(term.scale.length, offsets.length);
  const factors = Array.from({ length: n }, (_, c) => {
    const [factor, offset] = [at(term.scale, c) / step, at(offsets, c) / step];
    const m = multiplier(factor, offset);
    if (!m) throw new Stuck(node, "its operand has a scale 2^31 times its own, or more");
    const half = m.shift > 0 ? 1n << BigInt(m.shift - 1) : 0n;
    return { ...m, add: shifted(offset, m.shift) - BigInt(term.zero) * BigInt(m.mul) + half };
  });
  const { min, max } = storages[type.storage];
  const shifts = factors.map((f) => f.shift);
  const attrs = {
    shift: shifts.every((v) => v === shifts[0]) ? [shifts[0]!] : shifts,
    ...(lo > min ? { lo } : {}),
    ...(hi < max ? { hi } : {}),
  };
  const mul = factors.map((f) => f.mul);
  const add = factors.map((f) => f.add);
  const operands = [
    term.value,
    s.param(`${like.name}.mul`, "i32", [n], mul),
    s.param(`${like.name}.add`, "i64", [n], add),
  ];
  return s.emit("requant", operands, attrs, like, { ...type, shape: term.value.type.shape });
}

/** A sum as stored integers. */
export function rounded(s: State, x: Sum, type: TensorType, like: Value): Value {
  const target = targetOf(s, type, like);
  const term = summed(s, x, target.node?.operands[0] ?? like, target.node);
  const limits = levelsOf(type, x.lo, x.hi);
  const y = requantised(s, term, x.offset, limits, target);
  s.roundings.push({ value: y.name, type: y.type, ...limits, real: realOfSum(x.terms, x.offset, y.type) });
  return y;
}
