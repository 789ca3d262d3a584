/** The machine around the cores: memories, address decoding, and the devices behind each address. */

import { type Checks, createChecks } from "./checks.js";
import { createStore, flushCode } from "./core/block.js";
import {
  Cause,
  type Core,
  coreCount,
  fabric,
  limitSlot,
  type Machine,
  Trap,
  type TrapKind,
} from "./core/contract.js";
import { setPeriod } from "./core/control.js";
import { createCore } from "./core/create.js";
import { createCache } from "./core/icache.js";
import { type ClockDomain, createClockDomain } from "./devices/clock-domain.js";
import { type Console, createConsole } from "./devices/console.js";
import { createEventQueue } from "./devices/event-queue.js";
import { createDevices, type Devices } from "./devices/index.js";
import { createLink, passLink } from "./devices/link.js";
import type { Files } from "./devices/semihosting.js";
import type { Bytes, System } from "./devices/system.js";
import type { Recorder } from "./insight/trace.js";
import {
  describeStray,
  fabricTcdm,
  hex,
  isIn,
  l1,
  l2,
  type Region,
  testAndSet,
  withoutAlias,
} from "./memory-map.js";
import type { Profile } from "./profiles.js";

export interface MachineOptions {
  readonly profile: Profile;
  /** Traps beyond what the profile's model would show. */
  readonly checks: CheckOptions;
  readonly files: Files;
  readonly print?: ((text: string, core: number) => void) | undefined;
  readonly recorder?: Recorder | undefined;
}
export interface CheckOptions {
  /** Reads of L1 and L2 that nobody has written. Slow: every access goes through the machine. */
  readonly uninitialised: boolean;
  /** Stack pointers that run into another core's stack. */
  readonly stacks: boolean;
  /** DMA transfers that can freeze the chip. */
  readonly dma: boolean;
}

/** The whole chip. */
export interface Gap8 extends Machine {
  readonly cores: readonly Core[];
  readonly console: Console;
  readonly devices: Devices;
  readonly system: System;
  readonly checks: Checks;
  readonly notes: readonly string[];
  exitCode: number | undefined;
  /** Called at every region marker. */
  onMarker: (core: Core, id: number, time: number) => void;
  /** A byte as `core` sees it, without time; undefined where there is no memory. */
  peek(core: Core, address: number): number | undefined;
  poke(core: Core, address: number, value: number): boolean;
}

const hartOfFabric = 32 << 5;

export function createMachine(options: MachineOptions): Gap8 {
  const { profile, print, recorder } = options;
  const clock = new Float64Array(16).fill(Number.POSITIVE_INFINITY);
  const memories = {
    l1: new ArrayBuffer(l1.size),
    l2: new ArrayBuffer(l2.size),
    fc: new ArrayBuffer(fabricTcdm.size),
  };
  const bytes: Bytes = {
    l1: new Uint8Array(memories.l1),
    l2: new Uint8Array(memories.l2),
    fc: new Uint8Array(memories.fc),
  };
  const cores: Core[] = [];
  const notes: string[] = [];
  const clusterDomain = createClockDomain(profile.clocks.cluster);
  const fabricDomain = createClockDomain(profile.clocks.fabric);
  const link = (domain: ClockDomain) => createLink(domain, profile.l2.bytesPerCycle);
  const system: System = {
    profile,
    cores,
    memories,
    bytes,
    queue: createEventQueue(clock),
    cluster: clusterDomain,
    fabric: fabricDomain,
    banks: new Float64Array(16),
    links: {
      out: link(clusterDomain),
      soc: link(fabricDomain),
      l2: link(fabricDomain),
      peripherals: link(fabricDomain),
    },
    trap: (kind: TrapKind, core: number, text: string, address?: number): never => {
      throw new Trap(kind, core, text, 0, address);
    },
    note: (text) => {
      if (!notes.includes(text)) notes.push(text);
    },
    recorder,
    written: (memory, offset, size) => checks.written(memory, offset, size),
  };
  const checks = createChecks(system, options.checks);
  const views = {
    l1: new DataView(memories.l1),
    l2: new DataView(memories.l2),
    fc: new DataView(memories.fc),
  };
  const console = createConsole(print);

  const getView = (view: DataView, at: number, size: number): number =>
    size === 4 ? view.getInt32(at, true) : size === 2 ? view.getUint16(at, true) : view.getUint8(at);
  const setView = (view: DataView, at: number, size: number, value: number) => {
    if (size === 4) view.setInt32(at, value, true);
    else if (size === 2) view.setInt16(at, value, true);
    else view.setInt8(at, value);
  };
  /** Cycles of an access of `core` beyond the first, up to the border of the target. */
  const travel = (core: Core, time: number, size: number, toFabric: boolean): number => {
    const { out, soc } = system.links;
    if (core.id === fabric) return toFabric ? 0 : passLink(soc, time, size, 0);
    return toFabric ? passLink(soc, time, size, passLink(out, time, size, 0)) : 0;
  };
  const toL2 = (core: Core, time: number, size: number) => {
    const waited = passLink(system.links.l2, time, size, travel(core, time, size, true));
    core.latency = waited + profile.l2.latency;
    core.cause = waited > 8 ? Cause.dma : Cause.l2;
  };
  const claimBank = (core: Core, address: number, time: number, slots: number) => {
    const bank = (address >> 2) & 15;
    const start = Math.max(system.banks[bank]!, time);
    system.banks[bank] = start + slots * clusterDomain.period;
    core.latency = Math.ceil((start - time) / core.period);
    core.cause = Cause.bank;
  };
  const toDevice = (core: Core, time: number, toFabric: boolean, isDemux: boolean) => {
    core.cause = Cause.device;
    core.latency = 0;
    if (isDemux) return;
    const waited = travel(core, time, 4, toFabric);
    core.latency =
      (toFabric ? passLink(system.links.peripherals, time, 4, waited) : waited) + profile.peripheralLatency;
  };
  const within = (r: Region, address: number) => isIn(r, address);
  const requireCluster = (core: Core, address: number, isWrite: boolean) => {
    const why = core.id === fabric ? devices.power.unreachable() : undefined;
    if (why === undefined) return;
    const text = `${isWrite ? "store to" : "load from"} ${hex(address)} in the cluster, which cannot answer: ${why}`;
    system.trap("unmapped-access", core.id, text, address);
  };
  const stray = (core: Core, address: number, size: number, isWrite: boolean): never => {
    const text = `${isWrite ? "store" : "load"} of ${size} bytes at ${hex(address)}: no memory and no device there (${describeStray(address)})`;
    return system.trap("unmapped-access", core.id, text, address);
  };

  const load = (core: Core, given: number, size: number, time: number): number => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    if (address >= l2.base) {
      if (!within(l2, address)) return stray(core, given, size, false);
      toL2(core, time, size);
      checks.read(core, "l2", address - l2.base, size);
      return getView(views.l2, address - l2.base, size);
    }
    if (within(l1, address)) {
      requireCluster(core, given, false);
      claimBank(core, address, time, 1);
      checks.read(core, "l1", address - l1.base, size);
      return getView(views.l1, address - l1.base, size);
    }
    if (within(testAndSet, address)) {
      requireCluster(core, given, false);
      claimBank(core, address, time, 2);
      const at = address - testAndSet.base;
      const value = getView(views.l1, at, size);
      setView(views.l1, at, size, -1);
      checks.written("l1", at, size);
      return value;
    }
    if (within(fabricTcdm, address)) {
      core.latency = core.id === fabric ? 0 : travel(core, time, size, true);
      core.cause = Cause.l2;
      return getView(views.fc, address - fabricTcdm.base, size);
    }
    const entry = devices.find(core, address) ?? stray(core, given, size, false);
    if (entry.isCluster) requireCluster(core, given, false);
    toDevice(core, time, !entry.isCluster, entry.isDemux);
    const value = entry.device.read((address - entry.base) & ~3, core, time);
    return size === 4 ? value : (value >>> (8 * (address & 3))) & (size === 2 ? 0xffff : 0xff);
  };
  const store = (core: Core, given: number, size: number, value: number, time: number): void => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    if (address >= l2.base) {
      if (!within(l2, address)) return stray(core, given, size, true);
      toL2(core, time, size);
      checks.stored(core, "l2", address - l2.base, size);
      return setView(views.l2, address - l2.base, size, value);
    }
    if (within(l1, address) || within(testAndSet, address)) {
      requireCluster(core, given, true);
      claimBank(core, address, time, 1);
      checks.stored(core, "l1", address & 0xffff, size);
      return setView(views.l1, address & 0xffff, size, value);
    }
    if (within(fabricTcdm, address)) {
      core.latency = core.id === fabric ? 0 : travel(core, time, size, true);
      core.cause = Cause.l2;
      return setView(views.fc, address - fabricTcdm.base, size, value);
    }
    const entry = devices.find(core, address) ?? stray(core, given, size, true);
    if (entry.isCluster) requireCluster(core, given, true);
    toDevice(core, time, !entry.isCluster, entry.isDemux);
    checks.stack(core);
    entry.device.write((address - entry.base) & ~3, value | 0, core, time);
  };
  const wait = (core: Core, given: number, time: number): number => {
    checks.waits(core);
    return load(core, given, 4, time);
  };
  const refill = (core: Core, address: number, time: number): number => {
    if (!within(l2, address)) return time;
    const waited = passLink(system.links.l2, time, 16, travel(core, time, 16, true));
    return time + (waited + profile.l2.latency + profile.l2.lineCycles) * core.period;
  };
  const memoryAt = (core: Core, given: number): readonly [Uint8Array, number] | undefined => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    if (within(l1, address)) return [bytes.l1, address - l1.base];
    if (within(l2, address)) return [bytes.l2, address - l2.base];
    return within(fabricTcdm, address) ? [bytes.fc, address - fabricTcdm.base] : undefined;
  };
  const exit = (code: number) => {
    machine.exited = true;
    machine.exitCode = code;
    clock[limitSlot] = 0;
    console.flush();
  };

  const machine: Gap8 = {
    checking: options.checks.uninitialised,
    memories,
    clock,
    banks: system.banks,
    load,
    store,
    wait,
    refill,
    marker: (core, id, time) => machine.onMarker(core, id, time),
    onMarker: () => {},
    semihost: (core) => devices.semihost(core),
    runEvents: system.queue.run,
    exited: false,
    exitCode: undefined,
    cores,
    console,
    get devices() {
      return devices;
    },
    system,
    checks,
    notes,
    peek: (core, address) => {
      const place = memoryAt(core, address);
      return place && place[0][place[1]];
    },
    poke: (core, address, value) => {
      const place = memoryAt(core, address);
      if (place) place[0][place[1]] = value;
      return place !== undefined;
    },
  };
  const stores = {
    cluster: createStore("cluster", machine, profile.core),
    fabric: createStore("fabric", machine, profile.core),
  };
  const caches = { cluster: createCache(profile.caches.cluster), fabric: createCache(profile.caches.fabric) };
  for (let id = 0; id < coreCount; id++) {
    const kind = id === fabric ? "fabric" : "cluster";
    const hart = id === fabric ? hartOfFabric : id;
    cores.push(createCore(id, hart, profile.clocks[kind], machine, stores[kind], caches[kind]));
  }
  const devices = createDevices(system, {
    console,
    files: options.files,
    caches,
    checksDma: options.checks.dma,
    exit,
    peek: (core, address) => machine.peek(core, address),
    poke: (core, address, value) => machine.poke(core, address, value),
    setPeriod: (kind, period, time) => {
      const domain = kind === "fabric" ? fabricDomain : clusterDomain;
      if (domain.period === period) return;
      domain.setPeriod(period, time);
      setPeriod(cores, stores[kind], period, time);
    },
    flushCode: (kind) => flushCode(stores[kind]),
  });
  return machine;
}
