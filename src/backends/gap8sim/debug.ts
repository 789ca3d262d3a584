/** Breakpoints, steps and watchpoints: what debuggers and tests ask of a machine between its runs. */
import { flushCode } from "./core/block.js";
import { type Core, Status } from "./core/contract.js";
import { type Pause, runUntil } from "./core/run.js";
import type { Gap8 } from "./machine.js";

/** An access that a watchpoint waited for. */
export interface Watched {
  readonly core: number;
  readonly address: number;
  readonly isWrite: boolean;
}
/** Bytes that are watched for loads, stores or both. */
export interface Watch {
  readonly address: number;
  readonly size: number;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Every instruction a block of its own, and every access through the machine: exact places, at a tenth of the speed. */
export function makeDebuggable(machine: Gap8): void {
  for (const { code } of machine.cores) {
    code.longest = 1;
    code.hotAfter = Number.POSITIVE_INFINITY;
  }
}

export function setBreakpoint(machine: Gap8, address: number): void {
  for (const { code } of machine.cores) {
    if (code.breakpoints.has(address)) continue;
    code.breakpoints.add(address);
    flushCode(code);
  }
}

export function clearBreakpoint(machine: Gap8, address: number): void {
  for (const { code } of machine.cores) if (code.breakpoints.delete(address)) flushCode(code);
}

/** Lets a core that a breakpoint or another trap stopped go on with the instruction there. */
export function release(core: Core): void {
  if (core.status === Status.halted) core.status = Status.running;
  core.passes = core.pc;
}

/** Executes the next instruction of the core (with `makeDebuggable`), and what others do in that time. */
export function step(machine: Gap8, core: Core): Pause {
  release(core);
  for (;;) {
    const pause = runUntil(machine, machine.cores, machine.clock[core.id]!);
    // Fetching it may have taken the core past the time up to which it was to run.
    if (pause !== "deadline" || core.entry === 0 || core.status !== Status.running) return pause;
  }
}

export const overlaps = ({ address, size }: Watch, at: number, bytes: number): boolean =>
  at < address + size && address < at + bytes;
