/** Hardware loops, system instructions and what both executions do alike at the end of a block. */
import type { Decoded } from "../instructions/index.js";
import { decode } from "../instructions/index.js";
import { type Block, codeWord, crossesWord, dependent, entryOf, flushCode } from "./block.js";
import { Cause, type Core, Trap } from "./contract.js";
import { stall } from "./counters.js";
import { flushCache } from "./icache.js";

/**
 * At the last instruction of a loop: the address to go back to, or -1. Loop 0 counts first; loop 1 when loop 0 is done
 * (RI5CY manual, chapter 7). A count of 0 or 1 runs the body once.
 */
export function loopBack(core: Core, end: number): number {
  const { loops } = core;
  for (let k = 0; k < 6; k += 3) {
    if (loops[k + 2] === 0 || loops[k + 1] !== end) continue;
    loops[k + 2] = loops[k + 2]! - 1;
    if (loops[k + 2] !== 0) return loops[k]!;
  }
  return -1;
}

/** Whether a loop that is still to go round ends at `end`. */
export const loopActive = (core: Core, end: number): boolean =>
  (core.loops[2] !== 0 && core.loops[1] === end) || (core.loops[5] !== 0 && core.loops[4] === end);

/** A jump or branch as last instruction of a running loop. */
export function brokenLoop(core: Core, pc: number): never {
  throw new Trap(
    "hardware-loop",
    core.id,
    "the last instruction of a running hardware loop is a jump or branch",
    pc,
  );
}

/** lp.*: sets up (a part of) a loop. */
export function setLoop(core: Core, d: Decoded, pc: number): void {
  const { loops, x } = core;
  const { name } = entryOf(d);
  const at = 3 * d.imm2;
  const target = pc + (d.imm << 1);
  if (name === "lp.starti") loops[at] = target;
  else if (name === "lp.endi") loops[at + 1] = target;
  else if (name === "lp.count") loops[at + 2] = x[d.rs1]!;
  else if (name === "lp.counti") loops[at + 2] = d.imm;
  else {
    if (target <= pc + 4) throw shortLoop(core, pc);
    loops[at] = pc + 4;
    loops[at + 1] = target;
    loops[at + 2] = name === "lp.setup" ? x[d.rs1]! : d.rs3;
  }
}
const shortLoop = (core: Core, pc: number): Trap =>
  new Trap("hardware-loop", core.id, "a hardware loop needs a body of two instructions or more", pc);

/** Ticks of the load-use stall of a loop's last load, now that the next instruction is known (profile rtl). */
export function lateHazard(core: Core, block: Block, next: number): number {
  const last = block.code.at(-1)!;
  if (entryOf(last).kind !== "load") return 0;
  if (!dependent(core.code.timing, last, decode(codeWord(core.code, next)))) return 0;
  const ticks = core.code.timing.loadUse * core.period;
  stall(core, block, Cause.loadUse, ticks);
  return ticks;
}

/** Ticks for a jump through a register to an instruction that crosses a word (profile rtl). */
export function registerTarget(core: Core, block: Block, target: number): number {
  const { timing } = core.code;
  if (timing.unalignedTarget === 0 || !crossesWord(core.code, target)) return 0;
  const ticks = timing.unalignedTarget * core.period;
  stall(core, block, Cause.jump, ticks);
  return ticks;
}

const mepc = 0x341;
/** The no-ops around the ebreak of a semihosting call. */
const semihostBefore = 0x01f01013;
const semihostAfter = 0x40705013;

/** ecall, ebreak, mret, wfi, fence.i: the address of the next instruction. */
export function system(core: Core, block: Block, k: number, time: number): number {
  const d = block.code[k]!;
  const pc = block.pcs[k]!;
  const { kind } = entryOf(d);
  const next = pc + d.size;
  core.entry = k + 1;
  core.block = block;
  if (kind === "mret") return core.csrs[mepc]! >>> 0;
  if (kind === "fence-i") {
    flushCode(core.code);
    flushCache(core.cache);
  }
  if (kind === "ecall") throw new Trap("environment-call", core.id, "ecall: there is no system to call", pc);
  if (kind === "ebreak") {
    const framed =
      codeWord(core.code, pc - 4) === semihostBefore &&
      codeWord(core.code, next) === semihostAfter &&
      d.size === 4;
    if (!framed) throw new Trap("breakpoint", core.id, "ebreak outside a semihosting call", pc);
    core.machine.semihost(core, time);
  }
  return next;
}
