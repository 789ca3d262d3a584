/** Epilogues in assembly: four accumulators become four stored elements. */
import * as a from "./assembly.js";
import type { Finish } from "./finish.js";

type Clamp = (rd: a.Register) => string[];
/** Registers with constants of the epilogue, and the instructions that fill them from the constants `q` points at. */
export interface FinishRegisters {
  readonly load: readonly string[];
  /** In place, on all accumulators: interleaved, because a product is ready a cycle late. */
  readonly apply: (accumulators: readonly a.Register[]) => string[];
}

const power = (v: number): number | undefined => (Number.isInteger(Math.log2(v)) ? Math.log2(v) : undefined);

/** One instruction where the hardware has it, two otherwise; `constant` gives a register that holds a number. */
export function clampOf(lo: number, hi: number, constant: (v: number) => a.Register): Clamp {
  if (hi >= 2 ** 31 - 1) {
    // No instruction has a field for the width of 32 bits.
    if (lo <= -(2 ** 31)) return () => [];
    const low = constant(lo);
    return (rd) => [a.max(rd, rd, low)];
  }
  const n = power(hi + 1);
  if (n !== undefined && lo === -hi - 1) return (rd) => [a.clip(rd, rd, n + 1)];
  if (n !== undefined && lo === 0) return (rd) => [a.clipu(rd, rd, n + 1)];
  if (lo === 0 || lo === -hi - 1) {
    const high = constant(hi);
    return (rd) => [lo === 0 ? a.clipuBy(rd, rd, high) : a.clipBy(rd, rd, high)];
  }
  const [low, high] = [constant(lo), constant(hi)];
  return (rd) => [a.max(rd, rd, low), a.min(rd, rd, high)];
}

/** `take` gives a free register; `q` holds the address of the channel's constants, `spare` two registers to compute in. */
export function finishRegisters(
  f: Finish,
  take: () => a.Register,
  q: a.Register,
  spare: readonly [a.Register, a.Register],
): FinishRegisters {
  const load: string[] = [];
  const word = (index: number): a.Register => {
    const x = take();
    load.push(a.lw(x, 4 * index, q));
    return x;
  };
  const constant = (v: number): a.Register => {
    const x = take();
    load.push(...a.li(x, v));
    return x;
  };
  if (f.kind === "sum") {
    const bias = f.unbiased ? undefined : word(0);
    return { load, apply: (accs) => (bias ? accs.map((x) => a.add(x, x, bias)) : []) };
  }
  if (f.kind === "clamped") return { load, apply: clampedFirst(f, word) };
  const scaled = f.kind === "narrow" ? narrow(f, word) : high(f, word, spare);
  const clamp = clampOf(f.lo, f.hi, constant);
  return { load, apply: (accs) => [...scaled(accs), ...accs.flatMap(clamp)] };
}

type Word = (index: number) => a.Register;
type Apply = (accs: readonly a.Register[]) => string[];

/** x = (x + added) >> shift, where all channels shift alike or not. */
function shifting(
  shifts: readonly number[],
  added: a.Register,
  word: () => a.Register,
): (x: a.Register) => string {
  const [shift] = shifts;
  if (shifts.every((s) => s === shift)) return (x) => a.addShift(x, x, added, shift!);
  const by = word();
  return (x) => a.addShiftBy(x, added, by);
}

/** In 32 bits. */
function narrow({ unscaled, shifts }: Finish, word: Word): Apply {
  const factor = unscaled ? "" : word(0);
  const shifted = shifting(shifts, word(1), () => word(2));
  return (accs) => [...(unscaled ? [] : accs.map((x) => a.mul(x, x, factor))), ...accs.map(shifted)];
}

/** In 32 bits, of sums that end within the clamp. */
function clampedFirst({ shifts, lo }: Finish, word: Word): Apply {
  const [factor, added, from, to] = [word(0), word(1), word(3), word(4)];
  const first = (x: a.Register) => [a.max(x, x, from), a.min(x, x, to)];
  const scaled = (accs: readonly a.Register[]) => [
    ...accs.flatMap(first),
    ...accs.map((x) => a.mul(x, x, factor)),
  ];
  if (lo < 0) {
    const shifted = shifting(shifts, added, () => word(2));
    return (accs) => [...scaled(accs), ...accs.map(shifted)];
  }
  const [shift] = shifts;
  if (shifts.every((s) => s === shift))
    return (accs) => [...scaled(accs), ...accs.map((x) => a.addLogical(x, x, added, shift!))];
  const by = word(2);
  return (accs) => [...scaled(accs), ...accs.map((x) => a.addLogicalBy(x, added, by))];
}

/** The high word of the 64-bit sum, shifted by what is above 32: two accumulators at a time. */
function high({ evenHigh, shifts }: Finish, word: Word, [t0, t1]: readonly [a.Register, a.Register]): Apply {
  const factor = word(0);
  const low = evenHigh ? "" : word(1);
  const shifted = shifting(shifts, word(2), () => word(3));
  const carried = (x0: a.Register, x1: a.Register) => [
    a.mulh(t0, x0, factor),
    a.mulh(t1, x1, factor),
    a.mul(x0, x0, factor),
    a.mul(x1, x1, factor),
    a.add(x0, x0, low),
    a.add(x1, x1, low),
    a.sltu(x0, x0, low),
    a.sltu(x1, x1, low),
    a.add(x0, x0, t0),
    a.add(x1, x1, t1),
  ];
  return (accs) => {
    const [x0, x1, x2, x3] = accs as [a.Register, a.Register, a.Register, a.Register];
    const sums = evenHigh ? accs.map((x) => a.mulh(x, x, factor)) : [...carried(x0, x1), ...carried(x2, x3)];
    return [...sums, ...accs.map(shifted)];
  };
}

/** Stores four results; `step` holds the bytes from one to the next, where they are no neighbours. */
export function store(
  accs: readonly a.Register[],
  bytes: number,
  y: a.Register,
  step?: a.Register,
): string[] {
  if (step) return accs.map((x) => a.storePost(bytes)(x, y, step));
  if (bytes > 1) return accs.map((x) => a.storePost(bytes)(x, y, bytes));
  const [v0, v1, v2, v3] = accs as [a.Register, a.Register, a.Register, a.Register];
  return [a.packLow(v0, v1, v0), a.packHigh(v0, v3, v2), a.storePost(4)(v0, y, 4)];
}
