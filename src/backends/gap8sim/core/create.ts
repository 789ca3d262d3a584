/** Making cores. */
import type { CodeStore } from "./block.js";
import { Cause, causeCount, type Core, type Machine, Status } from "./contract.js";
import { createCounters } from "./counters.js";
import type { InstructionCache } from "./icache.js";

/** A core that does not run yet. `hart` is what mhartid reads; cores of a kind share `code` and `cache`. */
export function createCore(
  id: number,
  hart: number,
  period: number,
  machine: Machine,
  code: CodeStore,
  cache: InstructionCache,
): Core {
  machine.clock[id] = Number.POSITIVE_INFINITY;
  const blocks = 256;
  return {
    id,
    hart,
    machine,
    timing: code.timing,
    x: new Int32Array(32),
    loops: new Int32Array(6),
    csrs: new Int32Array(4096),
    period,
    origin: 0,
    status: Status.off,
    pc: 0,
    entry: 0,
    block: undefined,
    pending: 0,
    sleepSince: 0,
    latency: 0,
    cause: Cause.issue,
    ticks: 0,
    line: -1,
    cache,
    code,
    counters: createCounters(),
    runs: new Float64Array(blocks),
    taken: new Float64Array(blocks),
    stalls: new Float64Array(blocks * causeCount),
    countedAt: 0,
    cyclesBefore: 0,
    slept: 0,
    overcounted: 0,
    crossedLoads: 0,
    crossedStores: 0,
  };
}
