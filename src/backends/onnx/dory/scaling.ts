/** Requants as DORY writes them: floor((x * mul + add) / 2^shift), one shift, clamped to levels. */
import { highest, lowest } from "../../../ir/bounds.js";
import type { Node } from "../../../ir/graph.js";
import { limitsOf } from "../../../ir/ops/clip.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { type Facts, ints, paramAt, product, shapeOf } from "./facts.js";

/** Integers up to here are exact in floats, and in doubles. */
export const exactInFloat = 2n ** 24n;
export const exactInDouble = 2n ** 53n;

export interface Scaling {
  /** One element, or one per channel; the two lists are of equal length. */
  readonly mul: readonly bigint[];
  readonly add: readonly bigint[];
  readonly shift: number;
}

const pick = <T>(list: readonly T[], c: number): T => list[list.length === 1 ? 0 : c]!;
const listOf = (node: Node, operand: number): readonly bigint[] =>
  Array.from(paramAt(node, operand)!.data as ArrayLike<number | bigint>, BigInt);

/**
 * The numbers of a requant on `factor` times a mean: the sum that the IR holds is ONNX's mean times `factor`.
 * Shifts that differ become the largest of them, with larger multipliers: the same quotients.
 */
export function scalingOf(requant: Node, factor = 1): Scaling {
  const [mul, add] = [listOf(requant, 1), listOf(requant, 2)];
  const shifts = ints(requant, "shift");
  const shift = Math.max(...shifts);
  const channels = Math.max(mul.length, add.length, shifts.length);
  const raise = (list: readonly bigint[], c: number) => pick(list, c) << BigInt(shift - pick(shifts, c));
  const all = Array.from({ length: channels }, (_, c) => c);
  return {
    mul: all.map((c) => raise(mul, c) * BigInt(factor)),
    add: all.map((c) => raise(add, c)),
    shift,
  };
}

/** What x * mul and x * mul + add reach at most, in magnitude. */
export function largest(facts: Facts, requant: Node, { mul, add }: Scaling, factor = 1): bigint {
  const bounds = facts.bounds(requant.operands[0]!);
  const x = [lowest(bounds), highest(bounds)].map((v) => BigInt(Math.ceil(Math.abs(v) / factor)));
  const top = (list: readonly bigint[]) => list.map(abs).reduce((a, b) => (a > b ? a : b));
  return (x[0]! > x[1]! ? x[0]! : x[1]!) * top(mul) + top(add);
}
const abs = (v: bigint): bigint => (v < 0n ? -v : v);

export interface Levels {
  readonly count: number;
  readonly signed: boolean;
}

/** The range [lo, hi] as a power of two of levels from 0 or around 0, if it is one. */
export function levelsOf(requant: Node): Levels | undefined {
  const { lo, hi } = requantClamp(limitsOf(requant), requant.result.type);
  const count = hi - lo + 1;
  if (!Number.isInteger(Math.log2(count)) || (lo !== 0 && lo !== -count / 2)) return undefined;
  return { count, signed: lo !== 0 };
}

/** How many elements an average pools; 1 for every other op. */
export function pooledElements(node: Node | undefined): number {
  if (node?.op.name === "avgpool") return product(ints(node, "kernel"));
  return node?.op.name === "global_avgpool" ? product(shapeOf(node.operands[0]!).slice(1, -1)) : 1;
}

/** One multiplier, one offset, one shift? */
export const isPerTensor = (requant: Node): boolean =>
  [paramAt(requant, 1)!.data.length, paramAt(requant, 2)!.data.length, ints(requant, "shift").length].every(
    (n) => n === 1,
  );

/** May the requant be one of an Add's `in1_`, `in2_`: of one activation, for that Add alone? */
export function isAddOperand(facts: Facts, requant: Node | undefined): boolean {
  if (requant?.op.name !== "requant" || requant.operands[0]!.type.storage === "i32") return false;
  const users = facts.users(requant.result);
  const [sum] = users;
  if (users.length !== 1 || sum!.op.name !== "add" || facts.isOutput(requant.result)) return false;
  const factors = ints(sum!, "mul");
  if (sum!.operands[0] === sum!.operands[1] || factors.some((f) => f !== 1)) return false;
  return (
    isPerTensor(requant) &&
    levelsOf(requant) !== undefined &&
    keepsSign(facts, requant) &&
    isModest(facts, requant)
  );
}

const isModest = (facts: Facts, requant: Node): boolean =>
  largest(facts, requant, scalingOf(requant)) < exactInDouble;

/** DORY takes an operand's sign for that of its requantised form. */
const keepsSign = (facts: Facts, requant: Node): boolean =>
  levelsOf(requant)!.signed === lowest(facts.bounds(requant.operands[0]!)) < 0;
