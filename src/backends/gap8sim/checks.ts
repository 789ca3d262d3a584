/** What the machine watches for that no hardware would report: stacks that meet, memory that nobody wrote. */
import { type Core, fabric } from "./core/contract.js";
import type { Bytes, System } from "./devices/system.js";
import type { CheckOptions } from "./machine.js";
import { hex, isIn, l1, l2 } from "./memory-map.js";

export interface Checks {
  /** The core's stack pointer is still in its own stack. */
  stack(core: Core): void;
  /** A load of a core. */
  read(core: Core, memory: "l1" | "l2", offset: number, size: number): void;
  /** A store of a core. */
  stored(core: Core, memory: "l1" | "l2", offset: number, size: number): void;
  /** Bytes that came some other way. */
  written(memory: keyof Bytes, offset: number, size: number): void;
  writtenAt(address: number, size: number): void;
}

/** Bytes that a stack pointer is believed to sink between two looks at it. */
const longestStep = 2048;

export function createChecks(system: System, options: CheckOptions): Checks {
  const known = {
    l1: new Uint8Array(options.uninitialised ? l1.size : 0),
    l2: new Uint8Array(options.uninitialised ? l2.size : 0),
  };
  /** Stack pointer of each core when it first waited or touched a device: near the top of its stack. */
  const tops = new Float64Array(fabric).fill(-1);
  const last = new Float64Array(fabric);
  const bases = { l1: l1.base, l2: l2.base };

  const mark = (memory: keyof Bytes, offset: number, size: number) => {
    if (options.uninitialised && memory !== "fc") known[memory].fill(1, offset, offset + size);
  };
  /** The core whose stack begins right below that of `core`. */
  const neighbour = (core: Core): number => {
    let best = -1;
    for (let i = 0; i < fabric; i++) {
      if (i === core.id || tops[i]! < 0 || tops[i]! >= tops[core.id]!) continue;
      if (best < 0 || tops[i]! > tops[best]!) best = i;
    }
    return best;
  };
  const stack = (core: Core) => {
    if (!options.stacks || core.id === fabric) return;
    const pointer = core.x[2]! >>> 0;
    const before = last[core.id]!;
    last[core.id] = pointer;
    if (tops[core.id]! < 0) {
      tops[core.id] = pointer;
      return;
    }
    const below = neighbour(core);
    if (below < 0 || pointer >= tops[below]!) return;
    // A pointer that jumps far is a switch of stacks.
    if (before < tops[below]! || tops[below]! - pointer > longestStep) return;
    const text =
      `the stack of core ${core.id} has run into that of core ${below}: sp is ${hex(pointer)}, ` +
      `${tops[below]! - pointer} bytes below ${hex(tops[below]!)}, where core ${below} began; give core ${core.id} a larger stack`;
    system.trap("stack-overflow", core.id, text, pointer);
  };
  const read = (core: Core, memory: "l1" | "l2", offset: number, size: number) => {
    if (!options.uninitialised) return;
    for (let i = offset; i < offset + size; i++) {
      if (known[memory][i]) continue;
      const address = bases[memory] + i;
      const text = `core ${core.id === fabric ? "FC" : core.id} reads ${hex(address)}, which nothing has written`;
      system.trap("uninitialised-read", core.id, text, address);
    }
  };
  return {
    stack,
    read,
    stored: (core, memory, offset, size) => {
      mark(memory, offset, size);
      if (options.uninitialised) stack(core);
    },
    written: mark,
    writtenAt: (address, size) => {
      if (isIn(l1, address)) mark("l1", address - l1.base, size);
      else if (isIn(l2, address)) mark("l2", address - l2.base, size);
    },
  };
}
