/** Making cores. */
import { type CodeStore, loopPlace, placeBits } from "./block.js";
import { Cause, type Core, causeCount, type Machine, Status } from "./contract.js";
import { createCounters } from "./counters.js";
import type { InstructionCache } from "./icache.js";

/** Where a field may come to hold fractions, the engine had better know from the start. */
const fraction = 0.5;

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
  const first = id << placeBits;
  const core: Core = {
    id,
    hart,
    machine,
    timing: code.timing,
    x: code.state.subarray(first, first + loopPlace),
    loops: code.state.subarray(first + loopPlace, first + loopPlace + 6),
    csrs: new Int32Array(4096),
    period,
    origin: fraction,
    status: Status.off,
    pc: 0,
    entry: 0,
    block: undefined,
    passes: -1,
    pending: 0,
    sleepSince: fraction,
    latency: fraction,
    cause: Cause.issue,
    ticks: fraction,
    line: -1,
    isCold: false,
    fetched: fraction,
    fetchTicks: fraction,
    cache,
    code,
    counters: createCounters(),
    runs: new Float64Array(blocks),
    taken: new Float64Array(blocks),
    stalls: new Float64Array(blocks * causeCount),
    countedAt: fraction,
    cyclesBefore: fraction,
    slept: fraction,
    overcounted: fraction,
    crossedLoads: 0,
    crossedStores: 0,
    external: new Float64Array(4),
  };
  core.sleepSince = core.latency = core.ticks = core.origin = 0;
  core.fetched = -1;
  core.countedAt = core.cyclesBefore = core.slept = core.overcounted = 0;
  return core;
}
