/**
 * Running cores. Deterministic: always the core with the smallest local time goes on (see ring.ts for equal times), until
 * its next access to anything shared would come after that of another core or after a device event.
 */
import { type Block, type CodeStore, createBlock, l2Base } from "./block.js";
import { compile } from "./compile.js";
import {
  type Core,
  causeCount,
  changedSlot,
  eventSlot,
  fabric,
  horizonSlot,
  limitSlot,
  type Machine,
  nearSlot,
  orderSlot,
  Status,
  Trap,
} from "./contract.js";
import { interpreter, runCold } from "./interpret.js";
import { advance, createRing, fillRing, putBack, type Ring, takeFirst } from "./ring.js";

/** Makes room for the counts of a block. */
function reserve(core: Core, blocks: number): void {
  if (core.runs.length >= blocks) return;
  const grown = (old: Float64Array, size: number): Float64Array => {
    const made = new Float64Array(size);
    made.set(old);
    return made;
  };
  const capacity = 2 * blocks;
  core.runs = grown(core.runs, capacity);
  core.taken = grown(core.taken, capacity);
  core.stalls = grown(core.stalls, capacity * causeCount);
}

/** Interprets until the block is hot, then compiles it. */
function firstRuns(core: Core, store: CodeStore): (block: Block) => Block["run"] {
  return (block) => {
    const slow = interpreter(block);
    return (c) => {
      reserve(c, store.blocks.length);
      if (c.entry <= 0 && ++block.heat > store.hotAfter) {
        block.run = compile(store, block, core);
        return block.run(c);
      }
      return slow(c);
    };
  };
}

/** What a block at a breakpoint does: it stops the core, unless that was told to pass. */
function stopping(block: Block): Block["run"] {
  const run = interpreter(block);
  return (core) => {
    if (core.entry <= 0 && core.passes !== block.pc) {
      throw new Trap("breakpoint", core.id, "breakpoint", block.pc);
    }
    const next = run(core);
    if (core.entry !== -1) core.passes = -1;
    return next;
  };
}

function translate(core: Core, pc: number): Block {
  const store = core.code;
  const runs = store.breakpoints.has(pc) ? stopping : firstRuns(core, store);
  const block = createBlock(store, pc, runs);
  const place = (pc - l2Base) >>> 1;
  if (place < store.table.length) store.table[place] = block.id;
  else store.others.set(pc, block);
  return block;
}

/** Runs one core until it has to wait for others, passes clock[horizonSlot], or sleeps. */
function runCore(core: Core, clock: Float64Array): void {
  const { code, id } = core;
  const { table, blocks } = code;
  let pc = core.pc;
  if (core.entry > 0) pc = core.isCold ? runCold(core, core.block!) : core.block!.run(core);
  else core.entry = 0;
  while (core.entry === 0 && clock[id]! <= clock[horizonSlot]!) {
    core.pc = pc;
    const block = blocks[table[(pc - l2Base) >>> 1] ?? 0] ?? code.others.get(pc) ?? translate(core, pc);
    if (core.runs.length <= block.id) reserve(core, code.blocks.length);
    pc = block.run(core);
    if (core.isCold) pc = runCold(core, block);
  }
  core.pc = pc;
}

/** Why `runUntil` came back. */
export type Pause = "exited" | "deadline" | "deadlock";

/** Cycles that a core may run ahead of the others where they cannot notice. */
const farthest = 1000;
/** Cycles that a core may run ahead of the others with accesses to L1; banks.ts sets conflicts right. */
const nearest = 32;

/** Runs all cores and devices until the program exits, nothing can happen any more, or `deadline` (ticks, finite). */
export function runUntil(machine: Machine, cores: readonly Core[], deadline: number): Pause {
  const { clock } = machine;
  const ring = createRing();
  clock[changedSlot] = 1;
  if (clock[orderSlot] === Number.POSITIVE_INFINITY) clock[orderSlot] = 0;
  while (!machine.exited) {
    let time = advance(ring);
    if (clock[changedSlot] !== 0 || (time === Number.POSITIVE_INFINITY && ring.far !== 0)) {
      fillRing(ring, cores, clock);
      time = advance(ring);
    }
    const due = Math.min(clock[eventSlot]!, clock[fabric]!, time);
    if (due === Number.POSITIVE_INFINITY) return "deadlock";
    if (due > deadline) return "deadline";
    if (clock[eventSlot] === due) machine.runEvents(due);
    else if (time === due) runCluster(ring, cores, clock, deadline);
    else runFabric(cores[fabric]!, clock, time, deadline);
  }
  return "exited";
}

/** Runs the fabric controller until it would touch something shared at or after `time`. */
function runFabric(core: Core, clock: Float64Array, time: number, deadline: number): void {
  const own = clock[fabric]!;
  const until = Math.min(clock[eventSlot]! - 1, deadline);
  clock[limitSlot] = clock[nearSlot] = Math.max(own, Math.min(time - 1, until));
  clock[horizonSlot] = Math.max(own, Math.min(own + farthest * core.period, until));
  guarded(core, clock);
}

/** Runs turns of cluster cores until something else comes first. */
function runCluster(ring: Ring, cores: readonly Core[], clock: Float64Array, deadline: number): void {
  const ahead = farthest * ring.period;
  const near = nearest * ring.period;
  for (let time = advance(ring); time <= deadline; time = advance(ring)) {
    if (clock[eventSlot]! <= time || clock[fabric]! < time) return;
    const id = takeFirst(ring);
    const own = clock[id]!;
    if (own >= time + ring.period) {
      putBack(ring, id, own);
      continue;
    }
    // A core alone may go on until something else is due; one among others, in this cycle.
    const alone = ring.near === 0 && ring.far === 0;
    const until = Math.min(clock[eventSlot]! - 1, deadline);
    const limit = alone ? Math.max(own, Math.min(clock[fabric]!, until)) : own;
    clock[limitSlot] = limit;
    clock[nearSlot] = clock[orderSlot]! > own ? limit : Math.max(limit, Math.min(own + near, until));
    clock[horizonSlot] = Math.max(own, Math.min(own + ahead, deadline));
    guarded(cores[id]!, clock);
    if (clock[changedSlot] !== 0 || clock[horizonSlot] === 0) {
      clock[changedSlot] = 1;
      return;
    }
    putBack(ring, id, clock[id]!);
  }
}

/** Runs a core; a trap leaves with the core and the place filled in. */
function guarded(core: Core, clock: Float64Array): void {
  try {
    runCore(core, clock);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    core.status = Status.halted;
    const inside = core.entry > 0 ? core.block?.pcs[core.entry - 1] : undefined;
    throw new Trap(error.kind, core.id, error.message, error.pc || (inside ?? core.pc), error.address);
  }
}
