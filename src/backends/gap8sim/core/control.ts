/** What the machine does to a core: start, stop, wake. Times are ticks. */
import { eventBlock } from "./block.js";
import { Cause, causeCount, type Core, limitSlot, Status } from "./contract.js";

/** Makes sure that the running core returns before it does anything shared after `time`. */
export function lowerLimit(clock: Float64Array, time: number): void {
  if (time < clock[limitSlot]!) clock[limitSlot] = time;
}

/** The first clock edge of the core at or after `time`. */
export const alignToCycle = (core: Core, time: number): number => Math.ceil(time / core.period) * core.period;

/** Fetch enable: the core begins at `pc`. */
export function startCore(core: Core, pc: number, time: number): void {
  core.pc = pc;
  core.entry = 0;
  core.status = Status.running;
  core.slept = 0;
  core.startedAt = core.machine.clock[core.id] = alignToCycle(core, time);
  lowerLimit(core.machine.clock, core.startedAt);
}

/**
 * Ends a p.elw: the event came at `time`, the core goes on `latency` cycles later (awake, so its cycle counter counts
 * them) with `value` in the register of the load.
 */
export function wakeCore(core: Core, value: number, time: number, latency: number): void {
  if (core.status !== Status.asleep) return;
  const awake = Math.max(alignToCycle(core, time), core.sleepSince);
  if (core.pending !== 0) core.x[core.pending] = value;
  core.slept += awake - core.sleepSince;
  const ticks = latency * core.period;
  core.stalls[eventBlock * causeCount + Cause.event]! += ticks;
  core.status = Status.running;
  core.machine.clock[core.id] = awake + ticks;
  lowerLimit(core.machine.clock, awake + ticks);
}

/** Takes the core out of the schedule for good. */
export function haltCore(core: Core): void {
  core.status = Status.halted;
  core.machine.clock[core.id] = Number.POSITIVE_INFINITY;
}
