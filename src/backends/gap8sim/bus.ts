/** How accesses of cores travel: which memory or device answers, and what it costs on the way. */

import type { Checks } from "./checks.js";
import { claimForOthers } from "./core/banks.js";
import { Cause, type Core, fabric } from "./core/contract.js";
import { keepOrder } from "./core/control.js";
import type { Devices, Placed } from "./devices/index.js";
import { passLink } from "./devices/link.js";
import type { System } from "./devices/system.js";
import { describeStray, fabricTcdm, hex, isIn, l1, l2, testAndSet, withoutAlias } from "./memory-map.js";

export interface Bus {
  load(core: Core, address: number, size: number, time: number): number;
  store(core: Core, address: number, size: number, value: number, time: number): void;
  refill(core: Core, address: number, time: number): number;
  /** A byte as `core` sees it, without time; undefined where there is no memory. */
  peek(core: Core, address: number): number | undefined;
  poke(core: Core, address: number, value: number): boolean;
}

/** A wait on the way to L2 beyond this comes from transfers, not from other cores. */
const longestQueueOfCores = 8;
const bytesPerLine = 16;

const getFrom = (view: DataView, at: number, size: number): number =>
  size === 4 ? view.getInt32(at, true) : size === 2 ? view.getUint16(at, true) : view.getUint8(at);

function setIn(view: DataView, at: number, size: number, value: number): void {
  if (size === 4) view.setInt32(at, value, true);
  else if (size === 2) view.setInt16(at, value, true);
  else view.setInt8(at, value);
}

/** `watch` sees every access of cores that comes here. */
export function createBus(
  system: System,
  checks: Checks,
  devices: () => Devices,
  watch: (core: Core, address: number, size: number, isWrite: boolean) => void,
): Bus {
  const { profile, memories, bytes, links } = system;
  const views = {
    l1: new DataView(memories.l1),
    l2: new DataView(memories.l2),
    fc: new DataView(memories.fc),
  };
  const travel = travelling(system);
  const refuse = refusals(system, devices);

  const toL2 = (core: Core, time: number, size: number) => {
    const waited = passLink(links.l2, time, size, travel(core, time, size));
    core.latency = waited + profile.l2.latency;
    core.cause = waited > longestQueueOfCores ? Cause.dma : Cause.l2;
  };
  const toL1 = (core: Core, address: number, time: number, slots: number, isWrite: boolean) => {
    refuse.unreachable(core, address, isWrite);
    const bank = (address >> 2) & 15;
    const start = claimForOthers(system, bank, time, slots);
    core.latency = Math.ceil((start - time) / core.period);
    core.cause = Cause.bank;
  };
  const toTcdm = (core: Core, time: number, size: number) => {
    core.latency = core.id === fabric ? 0 : travel(core, time, size);
    core.cause = Cause.l2;
  };
  const toDevice = (core: Core, time: number, entry: Placed, address: number, isWrite: boolean) => {
    if (entry.isCluster) refuse.unreachable(core, address, isWrite);
    core.cause = Cause.device;
    if (entry.isDemux) core.latency = 0;
    else if (entry.isCluster)
      core.latency = (core.id === fabric ? passLink(links.soc, time, 4, 0) : 0) + profile.peripheralLatency;
    else
      core.latency = passLink(links.peripherals, time, 4, travel(core, time, 4)) + profile.peripheralLatency;
  };
  const readTestAndSet = (at: number, size: number): number => {
    const value = getFrom(views.l1, at, size);
    setIn(views.l1, at, size, -1);
    checks.written("l1", at, size);
    return value;
  };
  const readDevice = (core: Core, address: number, size: number, time: number): number => {
    const entry = devices().find(address) ?? refuse.stray(core, address, size, false);
    toDevice(core, time, entry, address, false);
    const value = entry.device.read((address - entry.base) & ~3, core, time);
    return size === 4 ? value : (value >>> (8 * (address & 3))) & (size === 2 ? 0xffff : 0xff);
  };
  /** Counts an access for the performance counters, unless it is one to the core's own memory. */
  const counted = (core: Core, address: number, isWrite: boolean): void => {
    const own = core.id === fabric ? fabricTcdm : l1;
    if (isIn(own, address) || isIn(testAndSet, address)) return;
    core.external[isWrite ? 1 : 0]!++;
    core.external[isWrite ? 3 : 2]! += core.latency;
  };
  const load = (core: Core, given: number, size: number, time: number): number => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    const value = loadAt(core, address, size, time);
    counted(core, address, false);
    watch(core, address, size, false);
    return value;
  };
  const loadAt = (core: Core, address: number, size: number, time: number): number => {
    if (isIn(l2, address)) {
      toL2(core, time, size);
      checks.read(core, "l2", address - l2.base, size);
      return getFrom(views.l2, address - l2.base, size);
    }
    if (isIn(l1, address)) {
      toL1(core, address, time, 1, false);
      checks.read(core, "l1", address - l1.base, size);
      return getFrom(views.l1, address - l1.base, size);
    }
    if (isIn(testAndSet, address)) {
      keepOrder(core, time);
      toL1(core, address, time, 2, false);
      return readTestAndSet(address - testAndSet.base, size);
    }
    if (!isIn(fabricTcdm, address)) return readDevice(core, address, size, time);
    toTcdm(core, time, size);
    return getFrom(views.fc, address - fabricTcdm.base, size);
  };
  const writeDevice = (core: Core, address: number, size: number, value: number, time: number) => {
    const entry = devices().find(address) ?? refuse.stray(core, address, size, true);
    toDevice(core, time, entry, address, true);
    checks.stack(core);
    entry.device.write((address - entry.base) & ~3, value | 0, core, time);
  };
  const store = (core: Core, given: number, size: number, value: number, time: number): void => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    storeAt(core, address, size, value, time);
    counted(core, address, true);
    watch(core, address, size, true);
  };
  const storeAt = (core: Core, address: number, size: number, value: number, time: number): void => {
    if (isIn(l2, address)) {
      toL2(core, time, size);
      checks.stored(core, "l2", address - l2.base, size);
      setIn(views.l2, address - l2.base, size, value);
    } else if (isIn(l1, address) || isIn(testAndSet, address)) {
      const at = address & (l1.size - 1);
      toL1(core, address, time, 1, true);
      checks.stored(core, "l1", at, size);
      setIn(views.l1, at, size, value);
    } else if (isIn(fabricTcdm, address)) {
      toTcdm(core, time, size);
      setIn(views.fc, address - fabricTcdm.base, size, value);
    } else writeDevice(core, address, size, value, time);
  };
  const memoryAt = (core: Core, given: number): readonly [Uint8Array, number] | undefined => {
    const address = withoutAlias(core.id === fabric, given >>> 0);
    if (isIn(l1, address)) return [bytes.l1, address - l1.base];
    if (isIn(l2, address)) return [bytes.l2, address - l2.base];
    return isIn(fabricTcdm, address) ? [bytes.fc, address - fabricTcdm.base] : undefined;
  };
  return {
    load,
    store,
    refill: (core, address, time) => {
      if (!isIn(l2, address)) return time;
      const waited = passLink(links.l2, time, bytesPerLine, travel(core, time, bytesPerLine));
      return time + (waited + profile.l2.latency + profile.l2.lineCycles) * core.period;
    },
    peek: (core, address) => {
      const place = memoryAt(core, address);
      return place?.[0][place[1]];
    },
    poke: (core, address, value) => {
      const place = memoryAt(core, address);
      if (place) place[0][place[1]] = value;
      return place !== undefined;
    },
  };
}

/** Cycles from a core to the border of the fabric's own ways. */
function travelling({ links }: System): (core: Core, time: number, size: number) => number {
  return (core, time, size) =>
    core.id === fabric ? 0 : passLink(links.soc, time, size, passLink(links.out, time, size, 0));
}

/** Accesses that nothing answers. */
function refusals(system: System, devices: () => Devices) {
  return {
    stray: (core: Core, address: number, size: number, isWrite: boolean): never => {
      const text =
        `${isWrite ? "store" : "load"} of ${size} byte${size === 1 ? "" : "s"} at ${hex(address)}: ` +
        `no memory and no device there (${describeStray(address)})`;
      return system.trap("unmapped-access", core.id, text, address);
    },
    /** The fabric controller asks for something in a cluster that is off. */
    unreachable: (core: Core, address: number, isWrite: boolean): void => {
      if (core.id !== fabric) return;
      const why = devices().power.unreachable();
      if (why === undefined) return;
      const text = `${isWrite ? "store to" : "load from"} ${hex(address)} in the cluster, which cannot answer: ${why}`;
      system.trap("unmapped-access", core.id, text, address);
    },
  };
}
