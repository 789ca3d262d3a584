/** What the machine does to a core: start, stop, wake. Times are ticks. */
import { type CodeStore, eventBlock, flushCode } from "./block.js";
import {
  Cause,
  type Core,
  causeCount,
  changedSlot,
  limitSlot,
  nearSlot,
  orderSlot,
  Status,
} from "./contract.js";

/** Makes sure that the running core returns before it does anything shared after `time`. */
export function lowerLimit(clock: Float64Array, time: number): void {
  if (time < clock[limitSlot]!) clock[limitSlot] = time;
  if (time < clock[nearSlot]!) clock[nearSlot] = time;
}

/** Cycles for which a test-and-set makes the cores keep strict order. */
const lockLifetime = 1000;
/** Test-and-set by `core`: what it guards lies in L1, so that the order of plain accesses there matters for a while. */
export function keepOrder(core: Core, time: number): void {
  core.machine.clock[orderSlot] = time + lockLifetime * core.period;
  lowerLimit(core.machine.clock, time);
}

/** The first clock edge of the core at or after `time`. */
const alignToCycle = ({ origin, period }: Core, time: number): number =>
  origin + Math.ceil((time - origin) / period) * period;

/** Cycles since the start of the core, those asleep included. */
export const cyclesAt = (core: Core, time: number): number =>
  core.cyclesBefore + (time - core.countedAt) / core.period;

/** Fetch enable: the core begins at `pc`. */
export function startCore(core: Core, pc: number, time: number): void {
  core.pc = pc;
  core.entry = 0;
  core.status = Status.running;
  core.slept = core.cyclesBefore = 0;
  core.countedAt = core.machine.clock[core.id] = alignToCycle(core, time);
  core.machine.clock[changedSlot] = 1;
  lowerLimit(core.machine.clock, core.countedAt);
}

/**
 * Ends a p.elw: the event came at `time`, the core goes on `cycles` later (awake, so its cycle counter counts
 * them) with `value` in the register of the load.
 */
export function wakeCore(core: Core, value: number, time: number, cycles: number): void {
  if (core.status !== Status.asleep) return;
  const awake = Math.max(alignToCycle(core, time), core.sleepSince);
  if (core.pending !== 0) core.x[core.pending] = value;
  core.slept += (awake - core.sleepSince) / core.period;
  const latency = Math.ceil(cycles);
  const ticks = latency * core.period;
  core.stalls[eventBlock * causeCount + Cause.event]! += latency;
  core.status = Status.running;
  core.machine.clock[core.id] = awake + ticks;
  core.machine.clock[changedSlot] = 1;
  lowerLimit(core.machine.clock, awake + ticks);
}

/**
 * Gives the cores that share `code` another clock from the first edge at or after `time` on: a core that is n cycles
 * away from that edge stays n cycles away. Translations hold the period and are made anew.
 */
export function setPeriod(cores: readonly Core[], code: CodeStore, period: number, time: number): void {
  for (const core of cores) if (core.code === code) changePeriod(core, period, alignToCycle(core, time));
  flushCode(code);
}

function changePeriod(core: Core, period: number, edge: number): void {
  const { clock } = core.machine;
  const moved = (t: number): number => edge + Math.round((t - edge) / core.period) * period;
  if (core.status === Status.asleep) {
    core.slept += (edge - core.sleepSince) / core.period;
    core.sleepSince = edge;
  }
  core.cyclesBefore = cyclesAt(core, edge);
  core.countedAt = core.origin = edge;
  if (core.status === Status.running) clock[core.id] = moved(clock[core.id]!);
  core.period = period;
  clock[changedSlot] = 1;
}
