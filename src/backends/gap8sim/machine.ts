/** The machine around the cores: memories, clocks, the bus and the devices behind it. */

import { type Bus, createBus } from "./bus.js";
import { type Checks, createChecks } from "./checks.js";
import { createBanks } from "./core/banks.js";
import { createStore, flushCode } from "./core/block.js";
import {
  type Core,
  coreCount,
  fabric,
  horizonSlot,
  limitSlot,
  type Machine,
  type Observer,
  Trap,
} from "./core/contract.js";
import { setPeriod } from "./core/control.js";
import { createCore } from "./core/create.js";
import { createCache } from "./core/icache.js";
import { overlaps, type Watch, type Watched } from "./debug.js";
import { type ClockDomain, createClockDomain } from "./devices/clock-domain.js";
import { type Console, createConsole } from "./devices/console.js";
import { createEventQueue } from "./devices/event-queue.js";
import { createDevices, type Devices } from "./devices/index.js";
import { createLink } from "./devices/link.js";
import { type FileStore, filesInMemory } from "./devices/open-files.js";
import type { System } from "./devices/system.js";
import type { Recorder } from "./insight/trace.js";
import { fabricTcdm, l1, l2 } from "./memory-map.js";
import type { Profile } from "./profiles.js";

export interface MachineOptions {
  readonly profile: Profile;
  readonly checks: CheckOptions;
  /** What semihosting opens. */
  readonly files: FileStore | Map<string, Uint8Array>;
  readonly print?: ((text: string, core: number) => void) | undefined;
  readonly recorder?: Recorder | undefined;
  /** Watchpoints can be set: every access goes through the machine. */
  readonly watches?: boolean;
  readonly observe?: Observer | undefined;
}
/** Traps beyond what the profile's model would show. */
export interface CheckOptions {
  /** Reads of L1 and L2 that nobody has written. Slow: every access goes through the machine. */
  readonly uninitialised: boolean;
  /** Stack pointers that run into another core's stack. */
  readonly stacks: boolean;
  /** DMA transfers that can freeze the chip. */
  readonly dma: boolean;
}

/** The whole chip. */
export interface Gap8 extends Machine, Pick<Bus, "peek" | "poke"> {
  readonly cores: readonly Core[];
  readonly console: Console;
  readonly devices: Devices;
  readonly system: System;
  readonly checks: Checks;
  /** What the user should know about the run. */
  readonly notes: readonly string[];
  exitCode: number | undefined;
  /** Watchpoints (`MachineOptions.watches`). */
  readonly watches: Watch[];
  /** Lets a machine run that a watchpoint has stopped; what that saw. */
  resume(): Watched | undefined;
  /** Called at every region marker. */
  onMarker: (core: Core, id: number, time: number) => void;
}

const hartOfFabric = 32 << 5;
const clockSlots = 16;

/** The parts that devices share. `checks` is asked for late, because it watches what it is part of. */
function createSystem(
  options: MachineOptions,
  clock: Float64Array,
  notes: string[],
  checks: () => Checks,
): System {
  const { profile } = options;
  const memories = {
    l1: new ArrayBuffer(l1.size),
    l2: new ArrayBuffer(l2.size),
    fc: new ArrayBuffer(fabricTcdm.size),
  };
  const domains = {
    cluster: createClockDomain(profile.clocks.cluster),
    fabric: createClockDomain(profile.clocks.fabric),
  };
  const link = (domain: ClockDomain) => createLink(domain, profile.l2.bytesPerCycle);
  return {
    profile,
    cores: [],
    memories,
    bytes: {
      l1: new Uint8Array(memories.l1),
      l2: new Uint8Array(memories.l2),
      fc: new Uint8Array(memories.fc),
    },
    queue: createEventQueue(clock),
    ...domains,
    banks: createBanks(),
    links: {
      out: link(domains.cluster),
      soc: link(domains.fabric),
      l2: link(domains.fabric),
      peripherals: link(domains.fabric),
    },
    recorder: options.recorder,
    trap: (kind, core, text, address) => {
      throw new Trap(kind, core, text, 0, address);
    },
    note: (text) => {
      if (!notes.includes(text)) notes.push(text);
    },
    written: (memory, offset, size) => checks().written(memory, offset, size),
  };
}

export function createMachine(options: MachineOptions): Gap8 {
  const { profile } = options;
  const clock = new Float64Array(clockSlots).fill(Number.POSITIVE_INFINITY);
  const notes: string[] = [];
  const system = createSystem(options, clock, notes, () => checks);
  const checks = createChecks(system, options.checks);
  const console = createConsole(options.print);
  const watches: Watch[] = [];
  let watched: Watched | undefined;
  const stop = () => {
    machine.exited = true;
    clock[limitSlot] = clock[horizonSlot] = 0;
  };
  const bus = createBus(
    system,
    checks,
    () => devices,
    (core, address, size, isWrite) => {
      const kind = isWrite ? "writes" : "reads";
      if (!watches.some((w) => w[kind] && overlaps(w, address, size))) return;
      watched = { core: core.id, address, isWrite };
      stop();
    },
  );
  const machine: Gap8 = {
    checking: options.checks.uninitialised || (options.watches ?? false) || options.observe !== undefined,
    ...(options.observe ? { observe: options.observe } : {}),
    watches,
    resume: () => {
      const seen = watched;
      watched = undefined;
      if (seen) machine.exited = machine.exitCode !== undefined;
      return seen;
    },
    memories: system.memories,
    clock,
    banks: system.banks,
    ...bus,
    wait: (core, address, time) => {
      checks.stack(core);
      return bus.load(core, address, 4, time);
    },
    marker: (core, id, time) => machine.onMarker(core, id, time),
    onMarker: () => {},
    semihost: (core, time) => devices.semihosting.call(core, time),
    runEvents: system.queue.run,
    exited: false,
    exitCode: undefined,
    cores: system.cores,
    console,
    get devices() {
      return devices;
    },
    system,
    checks,
    notes,
  };
  const { stores, caches } = addCores(machine, profile);
  const devices: Devices = createDevices(system, {
    console,
    files: options.files instanceof Map ? filesInMemory(options.files) : options.files,
    caches,
    checksDma: options.checks.dma,
    exit: (code) => {
      machine.exitCode = code;
      stop();
      console.flush();
    },
    peek: bus.peek,
    poke: bus.poke,
    setPeriod: (kind, period, time) => {
      if (system[kind].period === period) return;
      system[kind].setPeriod(period, time);
      setPeriod(system.cores, stores[kind], period, time);
    },
    flushCode: (kind) => flushCode(stores[kind]),
  });
  return machine;
}

/** The eight cores of the cluster and the fabric controller, none of them running. */
function addCores(machine: Gap8, profile: Profile) {
  const stores = {
    cluster: createStore("cluster", machine, profile.core),
    fabric: createStore("fabric", machine, profile.core),
  };
  const caches = {
    cluster: createCache(profile.caches.cluster),
    fabric: createCache(profile.caches.fabric),
  };
  for (let id = 0; id < coreCount; id++) {
    const kind = id === fabric ? "fabric" : "cluster";
    const hart = id === fabric ? hartOfFabric : id;
    const { period } = machine.system[kind];
    machine.system.cores.push(createCore(id, hart, period, machine, stores[kind], caches[kind]));
  }
  return { stores, caches };
}
