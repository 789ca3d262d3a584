/** Real numbers of the network become integers of the new graph: stored ones as they are, others by requant or lut. */
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { activationStorages, storages } from "../../../ir/storage.js";
import { sameType, type TensorType, zeroPoint } from "../../../ir/type.js";
import { multiplier, pairFor, shifted } from "./multiplier.js";
import { at, type Mapped, type Real, type Sum, scaleOf, sumOf, type Term, zipped } from "./real.js";
import { levelsOf, realOfSum } from "./rule.js";
import { type State, Stuck } from "./state.js";

const isActivation = (value: Value): boolean =>
  !isParam(value) && (activationStorages as readonly string[]).includes(value.type.storage);

/** The only term of a sum to which nothing is added and whose clamp never bites. */
function alone(x: Sum): Term | undefined {
  const [term, second] = x.terms;
  if (!term || second || x.offset.some((v) => v !== 0)) return undefined;
  if (x.lo === -Infinity && x.hi === Infinity) return term;
  const { min, max } = storages[term.value.type.storage];
  const reach = [min, max].map((v) => (v - term.zero) * at(term.scale, 0));
  const idle = term.scale.length === 1 && x.lo <= Math.min(...reach) && x.hi >= Math.max(...reach);
  return idle ? term : undefined;
}

/** The integers whose type says exactly this real: what convolutions take. Nothing where there are none. */
export function stored(s: State, x: Real): Value | undefined {
  if (x.kind === "moved") {
    const from = stored(s, x.from);
    return from && once(s, x, "stored", () => moved(s, x.node, from));
  }
  if (x.kind === "joined") {
    const parts = x.parts.map((p) => stored(s, p));
    const [first] = parts;
    const same = first && parts.every((p) => p && sameType(p.type, { ...first.type, shape: p.type.shape }));
    return same ? once(s, x, "stored", () => joined(s, x.node, parts as Value[])) : undefined;
  }
  const term = x.kind === "sum" ? alone(x) : undefined;
  if (!term || !isActivation(term.value) || term.scale.length > 1) return undefined;
  const { quant } = term.value.type;
  const own = quant && !quant.channels && quant.scale === term.scale[0] && quant.zero === term.zero;
  return own ? term.value : undefined;
}

/** A real as a sum, where it is one or is stored. */
export function asSum(s: State, x: Real): Sum | undefined {
  if (x.kind === "sum") return x;
  const value = stored(s, x);
  return value && sumOf({ value, zero: zeroPoint(value.type), scale: [value.type.quant!.scale] });
}

/** A real as a function of one integer of at most 8 bits. */
export function asMapped(s: State, x: Real): Mapped | undefined {
  if (x.kind === "mapped") return x;
  const sum = asSum(s, x);
  const [term, second] = sum?.terms ?? [];
  if (!sum || !term || second || !isActivation(term.value)) return undefined;
  if (storages[term.value.type.storage].bits > 8 || term.scale.length > 1 || sum.offset.length > 1)
    return undefined;
  const [scale, offset] = [term.scale[0]!, sum.offset[0]!];
  const of = (v: number) => Math.min(Math.max((v - term.zero) * scale + offset, sum.lo), sum.hi);
  return { kind: "mapped", x: term.value, of };
}

/** What `make` gave for this real under this key the first time. */
function once(s: State, x: Real, key: string, make: () => Value): Value {
  const known = s.quantised.get(x) ?? new Map<string, Value>();
  s.quantised.set(x, known);
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

const keyOf = ({ storage, quant }: TensorType): string => `${storage} ${quant?.scale} ${quant?.zero}`;

/** The real as integers of `type`, rounded and clamped as quantize does. */
export function quantised(s: State, x: Real, type: TensorType, like: Value): Value {
  return once(s, x, keyOf(type), () => {
    if (x.kind === "moved") return moved(s, x.node, quantised(s, x.from, type, x.node.operands[0]!));
    if (x.kind === "joined")
      return joined(
        s,
        x.node,
        x.parts.map((p, i) => quantised(s, p, type, x.node.operands[i]!)),
      );
    if (x.kind === "mapped") return tabled(s, x, type, like);
    if (x.kind === "entering") return entering(s, x, type);
    const same = stored(s, x);
    return same && sameType(same.type, { ...type, shape: same.type.shape })
      ? same
      : rounded(s, x, type, like);
  });
}

function moved(s: State, node: Node, from: Value): Value {
  const { value, ...attrs } = node.attrs;
  if (node.op.name !== "pad" || value === undefined)
    return s.emit(node.op.name, [from], node.attrs, node.result);
  const { lo } = levelsOf(from.type, value as number, value as number);
  return s.emit("pad", [from], { ...attrs, value: lo }, node.result);
}

const joined = (s: State, node: Node, parts: readonly Value[]): Value =>
  s.emit("concat", parts, node.attrs, node.result);

function entering(s: State, x: Extract<Real, { kind: "entering" }>, type: TensorType): Value {
  const { input } = x;
  const had = s.integers.get(input);
  if (had && !sameType(had.type, { ...type, shape: had.type.shape }))
    throw new Stuck(undefined, `the input ${input.name} is quantised in several ways`);
  const value = had ?? s.input(input.name, { ...type, shape: input.type.shape });
  s.integers.set(input, value);
  const { lo, hi } = levelsOf(type, x.lo, x.hi);
  const { min, max } = storages[type.storage];
  return lo > min || hi < max ? s.emit("clip", [value], { lo, hi }, input) : value;
}

function tabled(s: State, { x, of }: Mapped, type: TensorType, like: Value): Value {
  const { min, max } = storages[x.type.storage];
  const { scale, zero } = type.quant!;
  const limits = storages[type.storage];
  const levels = Array.from({ length: max - min + 1 }, (_, i) => {
    const level = Math.floor(of(i + min) / scale + 0.5) + zero;
    return Math.min(Math.max(level, limits.min), limits.max);
  });
  const table = s.param(`${like.name}.table`, type.storage, [levels.length], levels);
  const y = s.emit("lut", [x, table], {}, like, { ...type, shape: x.type.shape });
  s.roundings.push({
    value: y.name,
    type: y.type,
    lo: limits.min,
    hi: limits.max,
    real: (values) => (p) => of(Number(values.get(x.name)!.data[p])),
  });
  return y;
}

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
function summed(s: State, x: Sum, like: Value, node?: Node): Term {
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

/** Rounds half up: half a step is part of `add`. */
function rounded(s: State, x: Sum, type: TensorType, like: Value): Value {
  const node = s.source.nodes.find((n) => n.result === like);
  const term = summed(s, x, node?.operands[0] ?? like, node);
  const step = type.quant!.scale;
  const n = Math.max(term.scale.length, x.offset.length);
  const factors = Array.from({ length: n }, (_, c) => {
    const [factor, offset] = [at(term.scale, c) / step, at(x.offset, c) / step];
    const m = multiplier(factor, offset);
    if (!m) throw new Stuck(node, "its operand has a scale 2^31 times its own, or more");
    const half = m.shift > 0 ? 1n << BigInt(m.shift - 1) : 0n;
    return { ...m, add: shifted(offset, m.shift) - BigInt(term.zero) * BigInt(m.mul) + half };
  });
  const { lo, hi } = levelsOf(type, x.lo, x.hi);
  const { min, max } = storages[type.storage];
  const shifts = factors.map((f) => f.shift);
  const attrs = {
    shift: shifts.every((v) => v === shifts[0]) ? [shifts[0]!] : shifts,
    ...(lo > min ? { lo } : {}),
    ...(hi < max ? { hi } : {}),
  };
  const operands = [
    term.value,
    s.param(
      `${like.name}.mul`,
      "i32",
      [n],
      factors.map((f) => f.mul),
    ),
    s.param(
      `${like.name}.add`,
      "i64",
      [n],
      factors.map((f) => f.add),
    ),
  ];
  const y = s.emit("requant", operands, attrs, like, { ...type, shape: term.value.type.shape });
  s.roundings.push({ value: y.name, type: y.type, lo, hi, real: realOfSum(x.terms, x.offset, y.type) });
  return y;
}
