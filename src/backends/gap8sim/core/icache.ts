/** Instruction caches: one shared by the cluster, one of the fabric controller. Lines of 16 bytes. */

import type { Block } from "./block.js";
import { Cause, type Core, limitSlot } from "./contract.js";
import { stall } from "./counters.js";
import type { CacheShape } from "./timing.js";

export interface InstructionCache {
  readonly shape: CacheShape;
  /** address >> 4 per set and way, -1 if empty, and the tick from which the line may be used. */
  readonly tags: Int32Array;
  readonly ready: Float64Array;
  enabled: boolean;
  /** State of the 8-bit feedback shift register that picks the way to replace. */
  random: number;
  /** [0] counts changes of contents: a block found present at an epoch needs no check until the next. */
  readonly epoch: Int32Array;
}

export const createCache = (shape: CacheShape): InstructionCache => ({
  shape,
  tags: new Int32Array(shape.sets * shape.ways).fill(-1),
  ready: new Float64Array(shape.sets * shape.ways),
  enabled: false,
  random: 0,
  epoch: new Int32Array(1),
});

export function enableCache(cache: InstructionCache, on: boolean): void {
  cache.enabled = on;
  cache.epoch[0]!++;
}
export function flushCache(cache: InstructionCache): void {
  cache.tags.fill(-1);
  cache.epoch[0]!++;
}

/** Pseudo-random replacement: taps 7, 3, 2, 1, inverted; the way is read from bit 1 up (GAP8's caches, as GVSOC has it). */
function nextWay(cache: InstructionCache): number {
  const r = cache.random;
  const bit = ~((r >> 7) ^ (r >> 3) ^ (r >> 2) ^ (r >> 1)) & 1;
  cache.random = ((r << 1) | bit) & 255;
  return (cache.random >> 1) & (cache.shape.ways - 1);
}

/** Whether all lines of a block are in the cache. */
function isPresent({ cache }: Core, block: Block): boolean {
  const { sets, ways } = cache.shape;
  for (let line = block.firstLine; line <= block.lastLine; line++) {
    const first = (line & (sets - 1)) * ways;
    const found = cache.tags.indexOf(line, first);
    if (found < 0 || found >= first + ways) return false;
  }
  return cache.enabled;
}

/** Makes one line available to the core: the tick at which it can execute from it. */
function fetchLine(core: Core, line: number, time: number): number {
  const { cache } = core;
  const { sets, ways } = cache.shape;
  const first = (line & (sets - 1)) * ways;
  for (let way = first; way < first + ways; way++) {
    if (cache.tags[way] === line) return Math.max(time, cache.ready[way]!);
  }
  const arrived = core.machine.refill(core, line << 4, time);
  const way = first + nextWay(cache);
  cache.tags[way] = line;
  if (cache.shape.waitsForLine) cache.ready[way] = arrived;
  cache.epoch[0]!++;
  return arrived;
}

/**
 * Fetches the lines of a block: the tick at which it can begin. -1 if that must wait for other cores, or if lines are not in
 * the cache (`core.isCold`): then the block is executed with a fetch at each instruction.
 */
export function enterBlock(core: Core, block: Block, time: number): number {
  const { clock } = core.machine;
  const isAllowed = time <= clock[limitSlot]!;
  if (isPresent(core, block) || (isAllowed && !core.cache.enabled)) return fetchBlock(core, block, time);
  core.isCold = isAllowed;
  core.entry = -1;
  clock[core.id] = time;
  return -1;
}

/** Fetches what an instruction needs beyond the line in the prefetch buffer; the ticks that it takes. */
export function fetchInstruction(core: Core, block: Block, pc: number, time: number): number {
  let t = time;
  for (let line = pc >>> 4; line <= (pc + 3) >>> 4; line++) {
    if (line === core.line) continue;
    t += fetchLine(core, line, time) - time;
    core.line = line;
  }
  const ticks = Math.ceil((t - time) / core.period) * core.period;
  if (ticks > 0) stall(core, block, Cause.fetch, ticks);
  return ticks;
}

function fetchBlock(core: Core, block: Block, time: number): number {
  const { cache } = core;
  let t = time;
  for (let line = block.firstLine; line <= block.lastLine; line++) {
    if (cache.enabled) t = fetchLine(core, line, t);
    else if (line !== core.line) t = core.machine.refill(core, line << 4, t);
    core.line = line;
  }
  const edge = time + Math.ceil((t - time) / core.period) * core.period;
  if (edge > time) stall(core, block, Cause.fetch, edge - time);
  core.fetched = edge;
  core.fetchTicks = edge - time;
  return edge;
}

/** The block that `core` executes has just enabled the cache: its lines behind this instruction come through the cache. */
export function fetchRest(core: Core, cache: InstructionCache): void {
  const { block, entry } = core;
  if (core.cache !== cache || !cache.enabled || block === undefined || entry <= 0) return;
  const { sets, ways } = cache.shape;
  for (let line = ((block.pcs[entry - 1]! + 3) >>> 4) + 1; line <= block.lastLine; line++) {
    const first = (line & (sets - 1)) * ways;
    if (!cache.tags.subarray(first, first + ways).includes(line)) cache.tags[first + nextWay(cache)] = line;
  }
  cache.epoch[0]!++;
}
