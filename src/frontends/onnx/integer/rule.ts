/**
 * The conversion rule: what every integer of a converted network should be, recomputed in float64 from the integers it is
 * made of. Equal, except one beside where the float64 value lies within 1e-6 of a tie.
 */
import { isParam } from "../../../ir/graph.js";
import { storages } from "../../../ir/storage.js";
import { strides, type Tensor } from "../../../ir/tensor.js";
import { sizes, type TensorType } from "../../../ir/type.js";
import { at, type PerChannel, type Term } from "./real.js";

type Values = ReadonlyMap<string, Tensor>;

/** One rounding of a converted network: a value and the real number that each of its elements stands for. */
export interface Rounding {
  readonly value: string;
  readonly type: TensorType;
  readonly lo: number;
  readonly hi: number;
  /** The real number by row-major position, from all integers of one run. */
  real(values: Values): (position: number) => number;
}

export interface RuleReport {
  readonly elements: number;
  /** Elements whose float64 value lies within 1e-6 of a tie: halves go up here, to the even neighbour in ONNX. */
  readonly ties: number;
  /** Of these, those that differ from rounding to the even neighbour, by 1. */
  readonly different: number;
  /** Elements that break the rule; the first of each value is described. */
  readonly wrong: number;
  readonly firstWrong: readonly string[];
}

/** The tolerance of the rule, relative; values below 1 count as 1. */
const nearTie = 1e-6;

function halfEven(v: number): number {
  const down = Math.floor(v);
  const rest = v - down;
  if (rest !== 0.5) return Math.floor(v + 0.5);
  return down % 2 === 0 ? down : down + 1;
}

const isTie = (v: number): boolean => Math.abs(v - Math.floor(v) - 0.5) <= nearTie * Math.max(1, Math.abs(v));

/** Compares one run of a converted network with the rule. `values` holds every value, as engines give them. */
export function checkRule(roundings: readonly Rounding[], values: Values): RuleReport {
  let [elements, ties, different, wrong] = [0, 0, 0, 0];
  const firstWrong: string[] = [];
  for (const r of roundings) {
    const found = values.get(r.value);
    if (!found) continue;
    const real = r.real(values);
    const { scale, zero } = r.type.quant!;
    let wrongHere = 0;
    elements += found.data.length;
    for (let i = 0; i < found.data.length; i++) {
      const v = real(i) / scale;
      const wanted = Math.min(Math.max(halfEven(v) + zero, r.lo), r.hi);
      const off = Math.abs(Number(found.data[i]) - wanted);
      const tie = isTie(v);
      if (tie) ties++;
      if (off === 0) continue;
      if (tie && off === 1) different++;
      else if (wrongHere++ === 0)
        firstWrong.push(`%${r.value}[${i}] is ${found.data[i]}, in float64 it is ${v + zero}`);
    }
    wrong += wrongHere;
  }
  return { elements, ties, different, wrong, firstWrong };
}

/** Where the last axis of `shape` is at a position. */
const channelAt = (shape: readonly number[]) => {
  const last = shape.at(-1) ?? 1;
  return (position: number) => position % last;
};

/** Row-major positions of `shape`, as positions of a tensor whose sizes of 1 are repeated. */
function repeatedIn(own: readonly number[], shape: readonly number[]): (position: number) => number {
  if (own.length === shape.length && own.every((d, i) => d === shape[i])) return (p) => p;
  const [to, from] = [strides(shape), strides(own)];
  return (p) =>
    shape.reduce((sum, d, i) => sum + (own[i] === 1 ? 0 : (Math.floor(p / to[i]!) % d) * from[i]!), 0);
}

/** The real numbers of a sum of terms. */
export function realOfSum(terms: readonly Term[], offset: PerChannel, type: TensorType): Rounding["real"] {
  const shape = sizes(type);
  const channel = channelAt(shape);
  return (values) => {
    const parts = terms.map((t) => {
      const { data } = isParam(t.value) ? t.value : values.get(t.value.name)!;
      const own = repeatedIn(sizes(t.value.type), shape);
      return (p: number) => (Number(data[own(p)]) - t.zero) * at(t.scale, channel(p));
    });
    return (p) => parts.reduce((sum, part) => sum + part(p), at(offset, channel(p)));
  };
}

/** The same numbers, those below zero times the slope of their channel. */
export function bentReal(real: Rounding["real"], slopes: PerChannel, type: TensorType): Rounding["real"] {
  const channel = channelAt(sizes(type));
  return (values) => {
    const of = real(values);
    return (p) => {
      const v = of(p);
      return v >= 0 ? v : v * at(slopes, channel(p));
    };
  };
}

/** The levels that [lo, hi], reals, leave of a storage. */
export function levelsOf(type: TensorType, lo: number, hi: number): { lo: number; hi: number } {
  const { min, max } = storages[type.storage];
  const { scale, zero } = type.quant!;
  const level = (v: number) => Math.min(Math.max(Math.floor(v / scale + 0.5) + zero, min), max);
  return { lo: level(lo), hi: level(hi) };
}
