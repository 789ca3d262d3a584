/** Stall bookkeeping and the performance counters (PCER 0x7A0, PCMR 0x7A1, PCCR 0x780..). */
import type { Block } from "./block.js";
import { Cause, type Core, type Counters, causeCount } from "./contract.js";
import { cyclesAt } from "./control.js";

const counterCount = 17;
/** Loads and stores outside of the own memory, and cycles that they waited. */
const firstExternal = 11;

export const createCounters = (): Counters => ({
  enabled: 0,
  mode: 0,
  counted: new Float64Array(counterCount),
  raw: new Float64Array(counterCount),
});

/** Books ticks that an instruction of the block lost, as cycles. */
export function stall(core: Core, block: Block, cause: Cause, ticks: number): void {
  core.stalls[block.id * causeCount + cause]! += ticks / core.period;
}

/** Cycles lost for a cause, over all blocks. */
function lost(core: Core, cause: Cause): number {
  let sum = 0;
  for (let k = cause; k < core.stalls.length; k += causeCount) sum += core.stalls[k]!;
  return sum;
}

type Static = (block: Block) => number;
const perBlock: Readonly<Record<number, Static>> = {
  1: (b) => b.events.instructions,
  2: (b) => b.events.loadStalls,
  3: (b) => b.events.jumpStalls,
  5: (b) => b.events.loads,
  6: (b) => b.events.stores,
  7: (b) => b.events.jumps,
  8: (b) => b.events.branches,
  10: (b) => b.events.compressed,
};

/** Sum over the blocks that a core ran of runs times `of`. */
function sumRuns(core: Core, of: Static): number {
  let sum = 0;
  const { blocks } = core.code;
  for (let id = 1; id < blocks.length; id++) {
    const runs = core.runs[id]!;
    if (runs !== 0) sum += runs * of(blocks[id]!);
  }
  return sum;
}

/** An event since the core started, at `time` (only cycles depend on it): numbers as in PCER. */
function rawEvent(core: Core, event: number, time: number): number {
  if (event === 0) return Math.round(cyclesAt(core, time) - core.slept + core.overcounted);
  const of = perBlock[event];
  if (of !== undefined)
    return sumRuns(core, of) + (event === 5 ? core.crossedLoads : event === 6 ? core.crossedStores : 0);
  if (event === 4) return Math.round(lost(core, Cause.fetch));
  if (event === 9) return core.taken.reduce((sum, n) => sum + n, 0);
  if (event >= firstExternal && event < firstExternal + 4) return core.external[event - firstExternal]!;
  if (event === 15) return Math.round(lost(core, Cause.bank));
  return 0;
}

const counting = (core: Core, event: number): boolean =>
  (core.counters.mode & 1) === 1 && ((core.counters.enabled >>> event) & 1) === 1;

/** PCCR number `event` at `time`. */
export function readCounter(core: Core, event: number, time: number): number {
  if (event >= counterCount) return 0;
  const { counted, raw } = core.counters;
  const now = counting(core, event) ? rawEvent(core, event, time) - raw[event]! : 0;
  return (counted[event]! + now) | 0;
}

export function writeCounter(core: Core, event: number, value: number, time: number): void {
  if (event >= counterCount) return;
  core.counters.counted[event] = value;
  core.counters.raw[event] = rawEvent(core, event, time);
}

/** Sets PCER and PCMR, keeping what was counted. */
export function setCounting(core: Core, enabled: number, mode: number, time: number): void {
  const { counters } = core;
  for (let event = 0; event < counterCount; event++) {
    counters.counted[event] = readCounter(core, event, time);
    counters.raw[event] = rawEvent(core, event, time);
  }
  counters.enabled = enabled;
  counters.mode = mode;
}

/** Sets all counters, as a write to 0x79F does. */
export function writeAllCounters(core: Core, value: number, time: number): void {
  for (let event = 0; event < counterCount; event++) writeCounter(core, event, value, time);
}
