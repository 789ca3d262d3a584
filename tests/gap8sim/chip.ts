/** A chip without a program: tests use its devices as cores do. */
import { type Core, Status, Trap } from "../../src/backends/gap8sim/core/contract.js";
import { type CheckOptions, createMachine, type Gap8 } from "../../src/backends/gap8sim/machine.js";
import { type Profile, profiles } from "../../src/backends/gap8sim/profiles.js";

export interface Chip {
  readonly machine: Gap8;
  readonly core: (id: number) => Core;
  /** Cycles of the cluster as ticks. */
  readonly at: (cycle: number) => number;
  readonly load: (core: number, address: number, cycle: number) => number;
  readonly store: (core: number, address: number, value: number, cycle: number) => void;
  /** p.elw: the value, or "asleep". */
  readonly wait: (core: number, address: number, cycle: number) => number | "asleep";
  /** Runs device events until there are none; the cycle of the last one. */
  readonly settle: () => number;
  /** Cycle at which a core goes on. */
  readonly resumes: (core: number) => number;
  readonly trapOf: (body: () => unknown) => Trap;
}

export const eventUnit = 0x00204000;
export const dmaQueue = 0x00204400;
export const l1 = 0x10000000;
export const l2 = 0x1c000000;

/** A chip whose cluster is on; all of its cores run (nowhere in particular). */
export function newChip(name: Profile["name"] = "gvsoc", checks: Partial<CheckOptions> = {}): Chip {
  const printed = { uninitialised: false, stacks: true, dma: name === "rtl", ...checks };
  const machine = createMachine({ profile: profiles[name], checks: printed, files: new Map() });
  const { period } = machine.system.cluster;
  const core = (id: number) => machine.cores[id]!;
  const at = (cycle: number) => cycle * period;
  for (const c of machine.cores) c.status = Status.running;
  const store = (id: number, address: number, value: number, cycle: number) =>
    machine.store(core(id), address, 4, value, at(cycle));
  store(8, 0x1a104070, 8, 0);
  store(8, 0x1a10400c, 0, 0);
  return {
    machine,
    core,
    at,
    store,
    load: (id, address, cycle) => machine.load(core(id), address, 4, at(cycle)),
    wait: (id, address, cycle) => {
      const value = machine.wait(core(id), address, at(cycle));
      core(id).sleepSince = at(cycle);
      return core(id).status === Status.asleep ? "asleep" : value;
    },
    settle: () => {
      let last = 0;
      for (let next = nextEvent(machine); Number.isFinite(next); next = nextEvent(machine)) {
        machine.runEvents(next);
        last = next;
      }
      return last / period;
    },
    resumes: (id) => machine.clock[id]! / period,
    trapOf: (body) => {
      try {
        body();
      } catch (e) {
        if (e instanceof Trap) return e;
        throw e;
      }
      throw new Error("no trap");
    },
  };
}

const eventSlot = 10;
const nextEvent = (machine: Gap8): number => machine.clock[eventSlot]!;
