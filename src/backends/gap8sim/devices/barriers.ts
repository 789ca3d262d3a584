/** Hardware barriers of the event unit: eight, each with the cores that must arrive and the cores that are told. */
import type { Core } from "../core/contract.js";
import type { System } from "./system.js";
import { Reason, type Waiting } from "./waiting.js";

export interface Barriers {
  /** A core's own view: 0x18 and 0x1C arrive and wait. */
  read(offset: number, core: Core, local: number, time: number): number;
  readPlain(offset: number): number;
  /** `local` is -1 for a write from outside. */
  write(offset: number, value: number, local: number, time: number): void;
  /** The barrier and who is missing. */
  describe(index: number): string;
  /** How often the core has passed a barrier. */
  passes(local: number): number;
}

const barrierCount = 8;
const stride = 0x20;
const barrierEvent = 16;

export function createBarriers(system: System, waiting: Waiting, cores: number): Barriers {
  const expected = new Int32Array(barrierCount);
  const arrived = new Int32Array(barrierCount);
  const targets = new Int32Array(barrierCount);
  const passed = new Uint32Array(cores);
  const outside = (index: number) =>
    system.trap("unmapped-access", -1, `barrier ${index} of the event unit: there are ${barrierCount}`);

  const check = (index: number, time: number) => {
    if (arrived[index] !== expected[index] || expected[index] === 0) return;
    for (let i = 0; i < cores; i++) passed[i]! += (expected[index]! >> i) & 1;
    arrived[index] = 0;
    waiting.trigger(1 << barrierEvent, targets[index]!, time);
  };
  const arrive = (index: number, who: number, time: number) => {
    arrived[index]! |= who;
    check(index, time);
  };
  const readPlain = (offset: number): number => {
    const index = (offset / stride) | 0;
    if (index >= barrierCount) return outside(index);
    const register = offset % stride;
    if (register === 0x00) return expected[index]!;
    if (register === 0x04) return arrived[index]!;
    if (register === 0x08) return arrived.reduce((all, one) => all | one, 0);
    return register === 0x0c ? targets[index]! : 0;
  };
  const describe = (index: number): string => {
    const missing = expected[index]! & ~arrived[index]!;
    const names = Array.from({ length: cores }, (_, i) => i).filter((i) => (missing >> i) & 1);
    return names.length === 0
      ? `barrier ${index}`
      : `barrier ${index}: core ${names.join(", ")} not there yet`;
  };
  return {
    describe,
    readPlain,
    passes: (local) => passed[local]!,
    read: (offset, core, local, time) => {
      const index = (offset / stride) | 0;
      const register = offset % stride;
      if (register < 0x14 || index >= barrierCount) return readPlain(offset);
      const clear = register === 0x1c ? waiting.mask(local) : 0;
      arrive(index, 1 << local, time);
      return register === 0x14 ? 0 : waiting.sleep(core, local, clear, Reason.barrier | index, time);
    },
    write: (offset, value, local, time) => {
      const index = (offset / stride) | 0;
      if (index >= barrierCount) return outside(index);
      const register = offset % stride;
      if (register === 0x10) return arrive(index, value, time);
      if (register === 0x14) return arrive(index, local < 0 ? 0 : 1 << local, time);
      if (register === 0x00) expected[index] = value;
      else if (register === 0x04) arrived[index] = value;
      else if (register === 0x0c) targets[index] = value;
      check(index, time);
    },
  };
}
