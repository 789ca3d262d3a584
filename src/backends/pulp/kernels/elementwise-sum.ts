/**
 * Sums of two tensors of bytes that are rescaled to bytes, all channels alike: ((a * A + b * B + K) >> S), clamped. The
 * whole formula is known when the code is made, so no step is left of zero points, scales and biases but these.
 */
import { isParam, type Node, type Param } from "../../../ir/graph.js";
import { requantClamp } from "../../../ir/ops/requant.js";
import { slotBytes, storages } from "../../../ir/storage.js";
import { zeroPoint } from "../../../ir/type.js";
import type { Layer } from "../contract.js";
import * as a from "./assembly.js";
import { clampOf } from "./finish-assembly.js";

export interface ScaledSum {
  /** Factors of both operands before the multiplier, and the multiplier. */
  readonly factors: readonly [number, number];
  readonly mul: number;
  readonly add: number;
  readonly shift: number;
  readonly lo: number;
  readonly hi: number;
  readonly signed: readonly [boolean, boolean];
}

const i32 = (v: number): boolean => v >= -(2 ** 31) && v < 2 ** 31;
const byte = (v: number): boolean => v >= -128 && v < 128;
const wrapped = (v: bigint): number => Number(BigInt.asIntN(32, v));
const scalar = (node: Node): boolean =>
  node.operands.slice(1).every((v) => isParam(v) && v.data.length === 1) &&
  (node.attrs.shift as readonly number[]).length === 1;

/** The layer as one formula, where it is such a sum and 32 bits hold all of it. */
export function scaledSum({ nodes, inputs, output }: Layer): ScaledSum | undefined {
  const [sum, requant, ...rest] = nodes;
  if (!sum || !requant || (sum.op.name !== "add" && sum.op.name !== "sub")) return undefined;
  const operands = sum.operands.map((v) => inputs.findIndex((i) => i.value === v));
  if (inputs.length !== 2 || operands.join() !== "0,1") return undefined;
  if ([...inputs.map((i) => i.value), output].some((v) => slotBytes(v.type.storage) !== 1)) return undefined;
  if (requant.op.name !== "requant" || requant.operands[0] !== sum.result || !scalar(requant))
    return undefined;
  if (rest.some((n, i) => !["relu", "clip"].includes(n.op.name) || n.operands[0] !== nodes[i + 1]!.result))
    return undefined;
  return formula(sum, requant, rest);
}

function formula(sum: Node, requant: Node, rest: readonly Node[]): ScaledSum | undefined {
  const [m0, m1] = sum.attrs.mul as [number, number];
  const factors = [m0, sum.op.name === "sub" ? -m1 : m1] as const;
  const ends = sum.operands.map((v, k) => {
    const { min, max } = storages[v.type.storage];
    return [min, max].map((end) => (end - zeroPoint(v.type)) * factors[k]!).sort((p, q) => p - q);
  });
  const [, mul, add] = requant.operands as [unknown, Param, Param];
  const [factor, shift] = [Number(mul.data[0]), (requant.attrs.shift as readonly number[])[0]!];
  const zero = BigInt(zeroPoint(requant.result.type));
  if (shift > 31) return undefined;
  const after = BigInt(add.data[0]!) + (zero << BigInt(shift));
  const sums = [ends[0]![0]! + ends[1]![0]!, ends[0]![1]! + ends[1]![1]!];
  const results = sums.map((v) => BigInt(v) * BigInt(factor) + after);
  if (![...sums, ...results.map(Number)].every(i32)) return undefined;
  const offset = sum.operands.reduce((n, v, k) => n + BigInt(zeroPoint(v.type)) * BigInt(factors[k]!), 0n);
  return {
    factors,
    mul: factor,
    add: wrapped(after - offset * BigInt(factor)),
    shift,
    ...clampOfAll(requant, rest),
    signed: [0, 1].map((k) => storages[sum.operands[k]!.type.storage].min < 0) as [boolean, boolean],
  };
}

function clampOfAll(requant: Node, rest: readonly Node[]): { lo: number; hi: number } {
  const own = requantClamp(requant.attrs as { lo?: number; hi?: number }, requant.result.type);
  return rest.reduce(
    ({ lo, hi }, n) => {
      const low =
        n.op.name === "relu" ? zeroPoint(n.result.type) : ((n.attrs.lo as number | undefined) ?? lo);
      const high = n.op.name === "relu" ? hi : ((n.attrs.hi as number | undefined) ?? hi);
      const bound = (v: number) => Math.min(Math.max(v, low), high);
      return { lo: bound(lo), hi: bound(hi) };
    },
    { lo: Number(own.lo), hi: Number(own.hi) },
  );
}

/** The C text of an `__asm__` statement over the array `operands`: four results per step. */
export function sumBlock(s: ScaledSum): string {
  const free = [...a.freeRegisters];
  const take = (): a.Register => free.shift()!;
  const [x0, x1, y, words] = [take(), take(), take(), take()] as const;
  const prologue = [x0, x1, y, words].map((r, i) => a.lw(r, 4 * i, "a0"));
  const constant = (v: number): a.Register => {
    const x = take();
    prologue.push(...a.li(x, v));
    return x;
  };
  const sums = [take(), take(), take(), take()] as const;
  const body = sumsCode(s, { x0, x1, sums, take, constant });
  const add = constant(s.add);
  const clamp = clampOf(s.lo, s.hi, constant);
  const loop = a.loop(0, words, [
    ...body,
    ...sums.map((x) => a.addShift(x, x, add, s.shift)),
    ...sums.flatMap(clamp),
    a.packLow(sums[0], sums[1], sums[0]),
    a.packHigh(sums[0], sums[3], sums[2]),
    a.storePost(4)(sums[0], y, 4),
  ]);
  return a.block([...prologue, ...loop], "operands");
}

/** Instructions of a step of four results. */
export function sumStep(s: ScaledSum): number {
  const early = s.factors.every((f) => byte(f * s.mul));
  const dots = s.signed[0] === s.signed[1] && (early || s.factors.every(byte));
  const clamped = clampOf(s.lo, s.hi, () => "t0")("t0").length;
  return 7 + 4 * clamped + (dots ? (early ? 9 : 13) : 16);
}

interface SumRegisters {
  readonly x0: a.Register;
  readonly x1: a.Register;
  readonly sums: readonly [a.Register, a.Register, a.Register, a.Register];
  readonly take: () => a.Register;
  readonly constant: (v: number) => a.Register;
}

const bytePair = (p: number, q: number, at: 0 | 2): number =>
  (((p & 255) | ((q & 255) << 8)) << (8 * at)) | 0;

/** Both operands' bytes side by side make one dot product of each sum, where the factors are bytes. */
function sumsCode(s: ScaledSum, { x0, x1, sums, take, constant }: SumRegisters): string[] {
  const whole = s.factors.map((f) => f * s.mul);
  const early = whole.every(byte);
  if (s.signed[0] !== s.signed[1] || !(early || s.factors.every(byte)))
    return eachByte(s, whole, { x0, x1, sums, take, constant });
  const [p, q] = (early ? whole : s.factors) as [number, number];
  const [u, v, w] = [take(), take(), take()];
  const [low, high] = [constant(bytePair(p, q, 0)), constant(bytePair(p, q, 2))];
  const [first, second] = [constant(0x05010400), constant(0x03070206)];
  const dot = a.dot(s.signed[0]);
  const mul = early ? "" : constant(s.mul);
  return [
    a.lwPost(u, x0, 4),
    a.lwPost(v, x1, 4),
    a.mv(w, u),
    a.shuffle2(w, v, first),
    a.shuffle2(v, u, second),
    dot(sums[0], w, low),
    dot(sums[1], w, high),
    dot(sums[2], v, low),
    dot(sums[3], v, high),
    ...(early ? [] : sums.map((x) => a.mul(x, x, mul))),
  ];
}

function eachByte(
  s: ScaledSum,
  [p, q]: readonly number[],
  { x0, x1, sums, take, constant }: SumRegisters,
): string[] {
  const [fp, fq] = [constant(p! | 0), constant(q! | 0)];
  const others = [take(), take(), take(), take()];
  return [
    ...sums.map((x) => a.byteLoad(s.signed[0])(x, x0, 1)),
    ...others.map((x) => a.byteLoad(s.signed[1])(x, x1, 1)),
    ...sums.map((x) => a.mul(x, x, fp)),
    ...sums.map((x, i) => a.mac(x, others[i]!, fq)),
  ];
}
