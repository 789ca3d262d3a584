/**
 * Running cores. Deterministic: always the core with the smallest local time goes on,
 * until its next access to anything shared would come after that of another core or after a device event. See `before` for
 * cores at the same time.
 */
import { type Block, createBlock, type CodeStore, l2Base } from "./block.js";
import { compile } from "./compile.js";
import { causeCount, type Core, coreCount, eventSlot, limitSlot, type Machine, Status, Trap } from "./contract.js";
import { interpreter } from "./interpret.js";

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
  const { period } = core;
  return (block) => {
    const slow = interpreter(block);
    return (c, x, clock) => {
      reserve(c, store.blocks.length);
      if (c.entry === 0 && ++block.heat > store.hotAfter) {
        block.run = compile(store, block, period, core.cache);
        return block.run(c, x, clock);
      }
      return slow(c, x, clock);
    };
  };
}

function translate(core: Core, pc: number): Block {
  const store = core.code;
  const block = createBlock(store, pc, firstRuns(core, store));
  const place = (pc - l2Base) >>> 1;
  if (place < store.table.length) store.table[place] = block;
  else store.others.set(pc, block);
  return block;
}

/** Runs one core until its time passes clock[limitSlot], or it sleeps. */
function runCore(core: Core, clock: Float64Array): void {
  const { code, x, id } = core;
  const { table } = code;
  let pc = core.pc;
  if (core.entry !== 0) pc = core.block!.run(core, x, clock);
  while (clock[id]! <= clock[limitSlot]!) {
    core.pc = pc;
    const block = table[(pc - l2Base) >>> 1] ?? code.others.get(pc) ?? translate(core, pc);
    if (core.runs.length <= block.id) reserve(core, code.blocks.length);
    pc = block.run(core, x, clock);
  }
  core.pc = pc;
}

/** Why `runUntil` came back. */
export type Pause = "exited" | "deadline" | "deadlock";

/**
 * Whether core `a` goes before core `b` in the cycle at `time`: priority alternates from cycle to cycle, as it does in GVSOC
 * (events of a cycle run in the reverse order of their scheduling) and, fairly, in a round-robin interconnect.
 */
const before = (a: number, b: number, time: number, period: number): boolean =>
  a < b === ((time / period) & 1) > 0;

/** Runs all cores and devices until the program exits, nothing can happen any more, or `deadline` (ticks, finite). */
export function runUntil(machine: Machine, cores: readonly Core[], deadline: number): Pause {
  const { clock } = machine;
  while (!machine.exited) {
    const { period } = cores[0]!;
    let best = 0;
    let first = clock[0]!;
    let second = Number.POSITIVE_INFINITY;
    let rival = coreCount;
    for (let id = 1; id < coreCount; id++) {
      const time = clock[id]!;
      if (time < first || (time === first && before(id, best, time, period))) {
        second = first;
        rival = best;
        first = time;
        best = id;
      } else if (time < second || (time === second && before(id, rival, time, period))) {
        second = time;
        rival = id;
      }
    }
    const event = clock[eventSlot]!;
    if (event <= first) {
      if (event === Number.POSITIVE_INFINITY) return "deadlock";
      if (event > deadline) return "deadline";
      machine.runEvents(event);
      continue;
    }
    if (first > deadline) return "deadline";
    const ahead = before(best, rival, second, period) ? second : second - 1;
    clock[limitSlot] = Math.min(Math.max(first, ahead), event - 1, deadline);
    runOne(cores[best]!, clock);
  }
  return "exited";
}

/** Runs a core; a trap leaves with the core and the place filled in. */
function runOne(core: Core, clock: Float64Array): void {
  try {
    runCore(core, clock);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    core.status = Status.halted;
    const inside = core.entry > 0 ? core.block?.pcs[core.entry - 1] : undefined;
    throw new Trap(error.kind, core.id, error.message, error.pc || (inside ?? core.pc), error.address);
  }
}
