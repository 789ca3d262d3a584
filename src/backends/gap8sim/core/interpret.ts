/** Executes decoded blocks one instruction at a time: for code that is cold, and as the reference for compiled code. */
import * as helpers from "../instructions/helpers.js";
import { type Decoded, instructions } from "../instructions/index.js";
import { access, isInline, mustYield, waitForEvent } from "./access.js";
import { type Block, entryOf, isMarker, type Run } from "./block.js";
import { Cause, type Core, limitSlot, nearSlot } from "./contract.js";
import {
  brokenLoop,
  lateHazard,
  loopActive,
  loopBack,
  registerTarget,
  setLoop,
  system,
} from "./control-flow.js";
import { stall } from "./counters.js";
import { accessCsr } from "./csr.js";
import { enterBlock, fetchInstruction } from "./icache.js";

/** The expression of an instruction as a function of its operands. */
export type Evaluate = (
  a: number,
  b: number,
  d: number,
  i: number,
  j: number,
  pc: number,
) => number | boolean;
const evaluators: (Evaluate | undefined)[] = [];
const helperNames = Object.keys(helpers);

/** The function that computes `code` of instruction number `op`. */
export function evaluator(op: number): Evaluate {
  return (evaluators[op] ??= new Function(
    ...helperNames,
    `return (a, b, d, i, j, pc) => (${instructions[op]!.code});`,
  )(...Object.values(helpers)) as Evaluate);
}

/** Address of a load or store, and what rs1 becomes in the post-increment forms. */
function addressOf(core: Core, d: Decoded): { at: number; after: number | undefined } {
  const { x } = core;
  const { format, kind } = entryOf(d);
  const offset = format.includes("-reg") ? x[kind === "store" ? d.rs3 : d.rs2]! : d.imm;
  const base = x[d.rs1]!;
  return format.endsWith("-post")
    ? { at: base, after: base + offset }
    : { at: base + offset, after: undefined };
}

/** A load or store; returns the ticks beyond its static cycles. */
function transfer(core: Core, block: Block, k: number, time: number): number {
  const d = block.code[k]!;
  const { at, after } = addressOf(core, d);
  access(core, block, k, at, time);
  if (after !== undefined && d.rs1 !== 0) core.x[d.rs1] = after;
  return core.ticks;
}

function compute(core: Core, block: Block, k: number): number {
  const { x } = core;
  const d = block.code[k]!;
  const { timing, name } = entryOf(d);
  const a = x[d.rs1]!;
  const b = x[d.rs2]!;
  const value = evaluator(d.op)(a, b, x[d.rd]!, d.imm, d.imm2, block.pcs[k]!) as number;
  if (d.rd !== 0) x[d.rd] = value;
  return timing === "div" ? divide(core, block, b, !name.endsWith("u")) : 0;
}

/** Ticks of a division by `b` beyond the first cycle. */
export function divide(core: Core, block: Block, b: number, signed: boolean): number {
  const cycles = b === 0 ? core.code.timing.divideByZero : helpers.divideCycles(b, signed);
  stall(core, block, Cause.divide, cycles * core.period);
  return cycles * core.period;
}

function csr(core: Core, block: Block, k: number, time: number): void {
  const d = block.code[k]!;
  const { name, format } = entryOf(d);
  const operand = format === "csri" ? d.imm2 : core.x[d.rs1]!;
  const writes = format === "csri" ? d.imm2 !== 0 : d.rs1 !== 0;
  const old = accessCsr(core, name, d.imm, operand, writes, time);
  if (d.rd !== 0) core.x[d.rd] = old;
}

/** Where control goes after the last instruction; sets the core's time. */
function leave(core: Core, block: Block, time: number): number {
  const { x } = core;
  const { clock } = core.machine;
  const k = block.code.length - 1;
  const d = block.code[k]!;
  const pc = block.pcs[k]!;
  const { kind } = entryOf(d);
  const flow = kind === "branch" || kind === "jump" || kind === "jump-register";
  if (flow && block.loopEnd && loopActive(core, pc)) brokenLoop(core, pc);
  let next = block.end;
  let t = time;
  if (kind === "branch") {
    if (evaluator(d.op)(x[d.rs1]!, x[d.rs2]!, 0, d.imm, d.imm2, pc)) {
      core.taken[block.id]!++;
      t += block.takenCycles * core.period;
      next = pc + d.imm;
    }
  } else if (flow) {
    next = kind === "jump" ? pc + d.imm : (x[d.rs1]! + d.imm) & -2;
    if (kind === "jump-register") t += registerTarget(core, block, next);
    if (d.rd !== 0) x[d.rd] = block.end;
  }
  if (block.loopEnd) {
    const back = loopBack(core, pc);
    if (back >= 0) next = back;
    if (core.code.timing.hazards === "dynamic") t += lateHazard(core, block, next);
  }
  core.entry = 0;
  clock[core.id] = t;
  return next >>> 0;
}

/** One instruction that is not a transfer of control; returns the ticks beyond its static cycles. */
function step(core: Core, block: Block, k: number, t: number): number {
  const d = block.code[k]!;
  const { kind } = entryOf(d);
  if (kind === "load" || kind === "store") return transfer(core, block, k, t);
  if (kind === "value") {
    if (isMarker(d)) core.machine.marker(core, d.imm, t);
    return compute(core, block, k);
  }
  if (kind === "loop") setLoop(core, d, block.pcs[k]!);
  else if (kind === "csr") csr(core, block, k, t);
  return 0;
}

/** Whether an instruction at `time` must be left until the scheduler has looked at the other cores. */
function yields(core: Core, d: Decoded, time: number): boolean {
  const { kind, size } = entryOf(d);
  if (kind !== "load" && kind !== "store") return (kind === "event" || isMarker(d)) && mustYield(core, time);
  return time > core.machine.clock[isInline(core, addressOf(core, d).at, size) ? nearSlot : limitSlot]!;
}
const systemKinds = new Set(["ecall", "ebreak", "mret", "wfi", "fence-i"]);

/** The interpreter for one block. */
export const interpreter =
  (block: Block): Run =>
  (core) => {
    const { clock } = core.machine;
    let t = clock[core.id]!;
    let k = core.entry - 1;
    if (k < 0) {
      k = 0;
      t = enterBlock(core, block, t);
      if (t < 0) return block.pc;
      core.runs[block.id]!++;
    }
    for (; k < block.code.length; k++) {
      const d = block.code[k]!;
      const { kind } = entryOf(d);
      if (yields(core, d, t)) {
        core.entry = k + 1;
        core.block = block;
        clock[core.id] = t;
        return block.pc;
      }
      if (kind === "event") {
        waitForEvent(core, block, k, d.rd, core.x[d.rs1]! + d.imm, t);
        return block.end;
      }
      if (systemKinds.has(kind)) {
        const next = system(core, block, k, t);
        core.entry = 0;
        clock[core.id] = t + block.cycles[k]! * core.period;
        return next;
      }
      t += step(core, block, k, t) + block.cycles[k]! * core.period;
    }
    return leave(core, block, t);
  };

/** Executes a block of which lines are not in the cache: every instruction fetches what it needs. */
export function runCold(core: Core, block: Block): number {
  const { clock } = core.machine;
  let t = clock[core.id]!;
  let k = Math.max(0, core.entry - 1);
  if (core.entry <= 0) {
    core.runs[block.id]!++;
    core.passes = -1;
  }
  for (; k < block.code.length; k++) {
    if (mustYield(core, t)) {
      core.entry = k + 1;
      core.block = block;
      clock[core.id] = t;
      return block.pc;
    }
    const d = block.code[k]!;
    const { kind } = entryOf(d);
    const wait = fetchInstruction(core, block, block.pcs[k]!, t);
    const [before, after] = core.timing.executesAhead ? [0, wait] : [wait, 0];
    t += before;
    const ticks = after + block.cycles[k]! * core.period;
    core.isCold = k < block.code.length - 1;
    if (kind === "event") {
      waitForEvent(core, block, k, d.rd, core.x[d.rs1]! + d.imm, t + after);
      return block.end;
    }
    if (systemKinds.has(kind)) {
      const next = system(core, block, k, t);
      core.entry = 0;
      clock[core.id] = t + ticks;
      return next;
    }
    t += step(core, block, k, t) + ticks;
  }
  return leave(core, block, t);
}
