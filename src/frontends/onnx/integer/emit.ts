/** Real numbers of the network become integers of the new graph: stored ones as they are, others by requant or lut. */
import { isParam, type Node, type Value } from "../../../ir/graph.js";
import { activationStorages, storages } from "../../../ir/storage.js";
import { sameType, type TensorType, zeroPoint } from "../../../ir/type.js";
import { bent } from "./bend.js";
import { at, type Mapped, type Real, type Sum, sumOf, type Term } from "./real.js";
import { levelsOf } from "./rule.js";
import { type State, Stuck } from "./state.js";
import { stretched } from "./stretch.js";
import { rounded } from "./sum.js";

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
    if (x.kind === "bent") return bent(s, x, type, like);
    if (x.kind === "stretched") return stretched(s, x, stored(s, x.from), type);
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
