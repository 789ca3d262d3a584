/** Control and status registers. */
import { addLoopEnd } from "./block.js";
import type { Core } from "./contract.js";
import { readCounter, setCounting, writeAllCounters, writeCounter } from "./counters.js";

const firstCounter = 0x780;
const allCounters = 0x79f;
const pcer = 0x7a0;
const pcmr = 0x7a1;
const firstLoop = 0x7b0;
const mhartid = 0xf14;
/** Places of lpstart0, lpend0, lpcount0, (0x7B3 is free), lpstart1, lpend1, lpcount1 in `Core.loops`. */
const loopPlace = [0, 1, 2, -1, 3, 4, 5];

function readCsr(core: Core, csr: number, time: number): number {
  if (csr >= firstCounter && csr < allCounters) return readCounter(core, csr - firstCounter, time);
  if (csr === mhartid || csr === 0x014) return core.hart;
  if (csr === pcer) return core.counters.enabled;
  if (csr === pcmr) return core.counters.mode;
  const loop = loopPlace[csr - firstLoop] ?? -1;
  return loop >= 0 ? core.loops[loop]! : core.csrs[csr]!;
}

function writeCsr(core: Core, csr: number, value: number, time: number): void {
  const loop = loopPlace[csr - firstLoop] ?? -1;
  if (csr >= firstCounter && csr < allCounters) writeCounter(core, csr - firstCounter, value, time);
  else if (csr === allCounters) writeAllCounters(core, value, time);
  else if (csr === pcer) setCounting(core, value, core.counters.mode, time);
  else if (csr === pcmr) setCounting(core, core.counters.enabled, value, time);
  else if (loop >= 0) {
    core.loops[loop] = value;
    if (loop === 1 || loop === 4) addLoopEnd(core.code, value >>> 0);
  } else if (csr !== mhartid) core.csrs[csr] = value;
}

/** The six CSR instructions: returns the old value. `operand` is rs1 or the immediate, `writes` is false for csrrs rd,csr,x0. */
export function accessCsr(
  core: Core,
  name: string,
  csr: number,
  operand: number,
  writes: boolean,
  time: number,
): number {
  const waited = core.timing.executesAhead && time === core.fetched ? core.fetchTicks : 0;
  const old = readCsr(core, csr, time - waited);
  if (name.startsWith("csrrw")) writeCsr(core, csr, operand, time);
  else if (writes) writeCsr(core, csr, name.startsWith("csrrs") ? old | operand : old & ~operand, time);
  return old;
}
