/** All devices, and which address belongs to which. */
import { type Core, fabric } from "../core/contract.js";
import { enableCache, fetchRest, flushCache, type InstructionCache } from "../core/icache.js";
import * as map from "../memory-map.js";
import type { Console } from "./console.js";
import { createDma, type Dma } from "./dma.js";
import { createHazards, type Hazards } from "./dma-command.js";
import { createEventUnit, type EventUnit, events } from "./event-unit.js";
import { createFll } from "./fll.js";
import { createHyper, type Hyper } from "./hyper.js";
import type { FileStore } from "./open-files.js";
import { createPower, type Power } from "./power.js";
import { createRegisters } from "./registers.js";
import { createSemihosting, type Semihosting } from "./semihosting.js";
import { createSocEvents } from "./soc-events.js";
import type { Device, System } from "./system.js";
import { createTimer } from "./timer.js";
import { createUdma } from "./udma.js";

type Kind = "cluster" | "fabric";

/** A device at its place. */
export interface Placed {
  readonly base: number;
  readonly size: number;
  readonly device: Device;
  readonly isCluster: boolean;
  /** Reached by the cluster's cores in one cycle, each with its own view. */
  readonly isDemux: boolean;
}
export interface Devices {
  readonly power: Power;
  readonly dma: Dma;
  readonly hyper: Hyper;
  readonly clusterEvents: EventUnit;
  readonly fabricEvents: EventUnit;
  find(address: number): Placed | undefined;
  readonly semihosting: Semihosting;
  /** What a sleeping core waits for. */
  describe(core: Core): string;
  /** Tells the recorder what the end of the run cuts off. */
  finish(time: number): void;
  /** Begins what runs from the start. */
  start(): void;
}
export interface Surroundings {
  readonly console: Console;
  readonly files: FileStore;
  readonly caches: Readonly<Record<Kind, InstructionCache>>;
  readonly checksDma: boolean;
  exit(code: number): void;
  peek(core: Core, address: number): number | undefined;
  poke(core: Core, address: number, value: number): boolean;
  setPeriod(kind: Kind, period: number, time: number): void;
  flushCode(kind: Kind): void;
}

/** soc_evt_hyper0_rx and _tx, and their lines to the FC (gap8_revc.json). */
const hyperEvents = { receive: 4, transmit: 5 };
const hyperLines = { receive: 30, transmit: 29 };

const pageSize = 0x400;

export function createDevices(system: System, around: Surroundings): Devices {
  const { settlesFrom } = system.profile.clocks;
  const clusterEvents = createEventUnit(system, "event unit of the cluster", system.cores.slice(0, fabric));
  const fabricEvents = createEventUnit(system, "event unit of the FC", system.cores.slice(fabric));
  const socEvents = createSocEvents(fabricEvents.pushSocEvent, clusterEvents.pushSocEvent);
  const hyper = createHyper(system, (isReceive, time) => {
    const way = isReceive ? "receive" : "transmit";
    fabricEvents.trigger(1 << hyperLines[way], 0, time);
    socEvents.raise(hyperEvents[way], time);
  });
  const quiet: Hazards = { pushed: () => {}, ended: () => {} };
  const dma = createDma(system, {
    hazards: around.checksDma ? createHazards(system, () => clusterEvents.barriers) : quiet,
    signal: (channel, isInterrupt, time) => {
      if (channel < fabric)
        clusterEvents.trigger(1 << (isInterrupt ? events.dmaInterrupt : events.dma), 1 << channel, time);
    },
  });
  const timerLine = (counter: number) => 1 << (counter === 0 ? events.timerLow : events.timerHigh);
  const raiser = (unit: EventUnit) => (counter: number, time: number) =>
    unit.trigger(timerLine(counter), 0, time);
  const power = createPower(system, around.exit);
  const flls = {
    fabric: createFll(system, "FLL of the fabric", settlesFrom, system.profile.clocks.fabric, (p, t) =>
      around.setPeriod("fabric", p, t),
    ),
    cluster: createFll(system, "FLL of the cluster", undefined, system.profile.clocks.cluster, (p, t) =>
      around.setPeriod("cluster", p, t),
    ),
  };
  const placed: Placed[] = [];
  const place = (region: map.Region, device: Device, where: "cluster" | "demux" | "soc") =>
    placed.push({ ...region, device, isCluster: where !== "soc", isDemux: where === "demux" });

  place(map.demuxEvents, view(clusterEvents), "demux");
  place(map.demuxDma, dma, "demux");
  place(map.clusterControl, power.cluster, "cluster");
  place(
    map.clusterTimer,
    createTimer(system, "cluster timer", system.cluster, raiser(clusterEvents)),
    "cluster",
  );
  place(map.clusterEvents, globalView(clusterEvents), "cluster");
  place(map.clusterCache, cacheControl("cluster"), "cluster");
  place(map.clusterDma, dma, "cluster");
  place(map.stdout, stdout(around.console), "soc");
  place(map.fabricTimer, createTimer(system, "FC timer", system.fabric, raiser(fabricEvents)), "soc");
  place(map.fabricEvents, globalView(fabricEvents), "soc");
  place(map.fabricDemux, view(fabricEvents), "soc");
  place(map.fabricCache, cacheControl("fabric"), "soc");
  place(map.fllFabric, flls.fabric, "soc");
  place(map.fllCluster, flls.cluster, "soc");
  place(map.udma, createUdma(system, hyper), "soc");
  place(map.socControl, power.soc, "soc");
  place(map.socEvents, socEvents, "soc");
  for (const region of [map.bootRom, map.gpio, map.pmu, map.rtc, map.efuse]) {
    place(region, createRegisters(system, region.name), "soc");
  }

  function cacheControl(kind: Kind): Device {
    return {
      name: "instruction cache control",
      read: () => (around.caches[kind].enabled ? -1 : 0),
      write: (offset, value, core) => {
        if (offset === 0) {
          enableCache(around.caches[kind], value !== 0);
          fetchRest(core, around.caches[kind]);
        } else {
          flushCache(around.caches[kind]);
          around.flushCode(kind);
        }
      },
    };
  }
  // Every device begins at a whole number of pages, but for the FLLs, which share theirs.
  const pages = new Map<number, Placed>();
  for (const p of placed) {
    for (let at = p.base; at < p.base + p.size; at += pageSize)
      if (!pages.has(at / pageSize)) pages.set(at / pageSize, p);
  }
  const find = (address: number): Placed | undefined => {
    const p = pages.get(Math.floor(address / pageSize));
    if (p === undefined || address - p.base < p.size) return p;
    return placed.find((other) => address >= other.base && address - other.base < other.size);
  };
  const byte = (core: Core, address: number) =>
    around.peek(core, address) ??
    system.trap(
      "unmapped-access",
      core.id,
      `semihosting call with an argument at ${map.hex(address)}, which is no memory`,
      address,
    );
  const setByte = (core: Core, address: number, value: number) => {
    if (!around.poke(core, address, value)) byte(core, address);
  };
  return {
    power,
    dma,
    hyper,
    clusterEvents,
    fabricEvents,
    find,
    semihosting: createSemihosting(system, { byte, setByte }, around.console, around.files, around.exit),
    describe: (core) => (core.id === fabric ? fabricEvents : clusterEvents).describe(core),
    finish: (time) => {
      clusterEvents.finish(time);
      fabricEvents.finish(time);
    },
    start: () => {
      if (settlesFrom === undefined) return;
      flls.fabric.start();
    },
  };
}

const view = (unit: EventUnit): Device => ({ name: unit.name, read: unit.read, write: unit.write });
const globalView = (unit: EventUnit): Device => ({
  name: unit.name,
  read: unit.readGlobal,
  write: unit.writeGlobal,
});

/** A store of a character at cluster * 128 + core * 8. */
const stdout = (console: Console): Device => ({
  name: "stdout",
  read: () => 0,
  write: (offset, value) => console.put((offset >> 7) * 16 + ((offset >> 3) & 15), value),
});
