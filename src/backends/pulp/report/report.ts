/** What a network costs on the machine, layer by layer: numbers for report.json, the terminal and the page. */

import { describePlace } from "../../../ir/diagnostic.js";
import type { LevelUse, Program } from "../../schedule/program.js";
import { addTraffic, noTraffic, type Traffic, trafficOf } from "../../schedule/traffic.js";
import { macsOfLayer } from "../firmware/network.js";
import { gap8 } from "../planner/machine.js";
import { farTimings, farWaits } from "./far-time.js";
import type { Measured } from "./measure.js";
import { memoryUse, tightestLayer } from "./memory.js";
import { noPhases, type Phase, type Phases, phaseNames } from "./phases.js";
import { portableCycles } from "./portable.js";

/** A clock, and the power that the chip takes at it. */
export interface Power {
  readonly hertz: number;
  readonly watts: number;
}
/** Published for GAP8 at work: 51 mW at 100 MHz. */
export const joulesPerCycle = 51e-3 / 100e6;
export const usualHertz = 100e6;

/** What a layer waits for, or that it computes. `icache`: instructions that were not there, on the average of the cores. */
export type Wait = "compute" | "dma" | "l3" | "border" | "barrier" | "control" | "icache";

export interface Part {
  readonly wait: Wait;
  readonly share: number;
}

export interface Simulated {
  readonly cycles: number;
  readonly macsPerCycle: number;
  /** The estimate over the simulation, minus 1; null where nothing was estimated. */
  readonly estimateError: number | null;
  readonly seconds: number;
  readonly joules: number;
  /** Cycles of core 0 by what it does; they add up to `cycles`. */
  readonly phases: Phases;
  /** Cycles of all cores by cause. */
  readonly causes: Readonly<Record<string, number>>;
  readonly instructions: number;
  /** Cycles with other timing, by profile. */
  readonly others: Readonly<Record<string, number>>;
}
/** What a layer costs. Cycles are those of the cluster, memory and traffic are bytes. */
export interface LayerReport {
  readonly value: string;
  readonly ops: readonly string[];
  readonly kernel: string;
  readonly macs: number;
  readonly tiles: number;
  readonly estimatedCycles: number;
  /** Those of them in which core 0 is expected to wait for L3. */
  readonly estimatedL3: number;
  /** Bytes that are taken while the layer runs. */
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
  /** Bytes that the layer's transfers move. */
  readonly dma: Traffic;
  readonly simulated?: Simulated;
  readonly from: readonly string[];
}
export interface Totals {
  readonly macs: number;
  readonly estimatedCycles: number;
  readonly estimatedL3: number;
  readonly dma: Traffic;
  readonly simulated?: Simulated;
}
/** What cycles go to, the largest share first. */
export interface Spent {
  readonly waitsFor: Wait;
  readonly parts: readonly Part[];
}
export interface Bottleneck extends Spent {
  /** Of all layers together; the rest is of the one with the most cycles. */
  readonly overall: Spent;
  /** Index of the layer with the most cycles. */
  readonly layer: number;
  readonly value: string;
  /** Of all cycles. */
  readonly share: number;
}
export interface OtherProfile {
  readonly profile: string;
  readonly cycles: number;
  readonly seconds: number;
  readonly joules: number;
}
/** What a network costs on the machine: latency, energy, memory, traffic, layer by layer; what report.json holds. */
export interface FirmwareReport {
  readonly target: string;
  readonly cores: number;
  /** The layer that sets the lower bound of L2. */
  readonly tightest?: string;
  readonly memories: readonly LevelUse[];
  readonly clock: number;
  readonly watts: number;
  /** Of one inference, simulated from call to return where it was, else as estimated. */
  readonly cycles: number;
  readonly isSimulated: boolean;
  readonly profile?: string;
  readonly seconds: number;
  readonly joules: number;
  /** The same with other timing of the simulator, where that was asked for. */
  readonly others: readonly OtherProfile[];
  readonly total: Totals;
  /** Cycles of the call besides the layers, where simulated. */
  readonly callCycles?: number;
  readonly bottleneck?: Bottleneck;
  readonly layers: readonly LayerReport[];
}

/** What a report says besides the program: clock in hertz, power in watts, and what the simulator measured. */
export interface ReportOptions {
  readonly sources?: ReadonlyMap<string, string>;
  readonly hertz?: number;
  readonly watts?: number;
  readonly measured?: Measured;
}

/** Numbers of a program; energy is cycles / clock x power, which is a statement of the caller. */
export function firmwareReport(program: Program, options: ReportOptions = {}): FirmwareReport {
  const { hertz = usualHertz, measured } = options;
  const power = { hertz, watts: options.watts ?? hertz * joulesPerCycle };
  const layers = layerReports(program, power, options);
  const total = totalOf(layers, power);
  const cycles = measured?.cycles ?? total.estimatedCycles;
  const tightest = tightestLayer(program);
  const bottleneck = bottleneckOf(layers, total, program.cores);
  return {
    target: program.target,
    cores: program.cores,
    ...(tightest === undefined ? {} : { tightest: program.layers[tightest]!.name }),
    memories: program.levels,
    clock: power.hertz,
    watts: power.watts,
    cycles,
    isSimulated: measured !== undefined,
    ...(measured ? { profile: measured.profile, callCycles: cycles - total.simulated!.cycles } : {}),
    ...energyOf(cycles, power),
    others: (measured?.others ?? []).map((o) => ({
      profile: o.profile,
      cycles: o.cycles,
      ...energyOf(o.cycles, power),
    })),
    total,
    ...(bottleneck ? { bottleneck } : {}),
    layers,
  };
}

function layerReports(
  program: Program,
  power: Power,
  { sources = new Map(), measured }: ReportOptions,
): readonly LayerReport[] {
  const [traffic, memory] = [trafficOf(program), memoryUse(program)];
  const waits = farWaits(program, farTimings[measured?.profile ?? "gvsoc"]);
  return program.layers.map((layer, i) => {
    const macs = macsOfLayer(layer);
    const estimatedL3 = waits[i]!;
    const estimatedCycles = Math.round(layer.estimate) + portableCycles(layer) + estimatedL3;
    const others = Object.fromEntries((measured?.others ?? []).map((o) => [o.profile, o.layers[i]!]));
    const own = measured && { ...measured.layers[i]!, others };
    return {
      value: layer.name,
      ops: layer.nodes.map((n) => n.op.name),
      kernel: layer.kernel,
      macs,
      tiles: layer.tiles,
      estimatedCycles,
      estimatedL3,
      ...memory[i]!,
      dma: traffic[i]!,
      ...(own ? { simulated: costed(own, macs, estimatedCycles, power) } : {}),
      from: [...new Set(layer.nodes.flatMap((n) => n.result.places.map((p) => describePlace(p, sources))))],
    };
  });
}

const energyOf = (cycles: number, { hertz, watts }: Power) => ({
  seconds: cycles / hertz,
  joules: (cycles / hertz) * watts,
});

type Costs = Pick<Simulated, "cycles" | "phases" | "causes" | "instructions" | "others">;

const costed = (own: Costs, macs: number, estimated: number, power: Power): Simulated => ({
  cycles: own.cycles,
  macsPerCycle: own.cycles > 0 ? macs / own.cycles : 0,
  estimateError: estimated > 0 && own.cycles > 0 ? estimated / own.cycles - 1 : null,
  ...energyOf(own.cycles, power),
  phases: own.phases,
  causes: own.causes,
  instructions: own.instructions,
  others: own.others,
});

function totalOf(layers: readonly LayerReport[], power: Power): Totals {
  const sum = (of: (l: LayerReport) => number) => layers.reduce((n, l) => n + of(l), 0);
  const macs = sum((l) => l.macs);
  const [estimatedCycles, estimatedL3] = [sum((l) => l.estimatedCycles), sum((l) => l.estimatedL3)];
  const dma = layers.reduce((t, l) => addTraffic(t, l.dma), noTraffic);
  const runs = layers.flatMap((l) => (l.simulated ? [l.simulated] : []));
  if (runs.length === 0 || runs.length < layers.length) return { macs, estimatedCycles, estimatedL3, dma };
  const phases = Object.fromEntries(
    phaseNames.map((p) => [p, runs.reduce((n, r) => n + r.phases[p], 0)]),
  ) as Phases;
  const all = {
    cycles: runs.reduce((n, r) => n + r.cycles, 0),
    instructions: runs.reduce((n, r) => n + r.instructions, 0),
    phases: { ...noPhases, ...phases },
    causes: summed(runs.map((r) => r.causes)),
    others: summed(runs.map((r) => r.others)),
  };
  // Layers of which nothing is foretold do not count as an error of the estimate.
  const known = layers.filter((l) => l.estimatedCycles > 0).reduce((n, l) => n + l.simulated!.cycles, 0);
  const simulated = {
    ...costed(all, macs, estimatedCycles, power),
    estimateError: known > 0 ? estimatedCycles / known - 1 : null,
  };
  return { macs, estimatedCycles, estimatedL3, dma, simulated };
}

function summed(list: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const one of list) for (const [k, n] of Object.entries(one)) sums[k] = (sums[k] ?? 0) + n;
  return sums;
}

const waitOf: Readonly<Record<Phase, Wait>> = {
  kernel: "compute",
  dma: "dma",
  l3: "l3",
  border: "border",
  barrier: "barrier",
  control: "control",
};

/** What a layer's cycles went to, the largest share first. Instructions that were missing count against the kernel. */
export function partsOf({ cycles, phases, causes }: Simulated, cores: number): readonly Part[] {
  const missing = Math.min((causes.fetch ?? 0) / cores, phases.kernel);
  const spent: readonly (readonly [Wait, number])[] = [
    ...phaseNames.map((p) => [waitOf[p], phases[p] - (p === "kernel" ? missing : 0)] as const),
    ["icache", missing],
  ];
  return sharesOf(spent, cycles);
}

const sharesOf = (spent: readonly (readonly [Wait, number])[], cycles: number): readonly Part[] =>
  spent.map(([wait, n]) => ({ wait, share: cycles > 0 ? n / cycles : 0 })).sort((x, y) => y.share - x.share);

/** What the estimate of a layer consists of, as far as one can tell: waits for L3, and what takes longer of kernel and DMA. */
function estimatedParts({ dma, estimatedCycles, estimatedL3 }: Totals): readonly Part[] {
  const rest = estimatedCycles - estimatedL3;
  const isMoving = (dma.l2ToL1 + dma.l1ToL2) / gap8.bytesPerCycle > rest / 2;
  const parts: readonly (readonly [Wait, number])[] = [
    [isMoving ? "dma" : "compute", rest],
    ["l3", estimatedL3],
  ];
  return sharesOf(parts, estimatedCycles);
}

/** What a layer mainly does or waits for, and its parts: as simulated where it was, else as far as the estimate tells. */
export function mainWait(layer: Totals, cores: number): Spent {
  const parts = layer.simulated ? partsOf(layer.simulated, cores) : estimatedParts(layer);
  return { waitsFor: parts[0]!.wait, parts };
}

/** Simulated where that was done, else estimated. */
export const cyclesOf = (l: Pick<LayerReport, "simulated" | "estimatedCycles">): number =>
  l.simulated?.cycles ?? l.estimatedCycles;

function bottleneckOf(layers: readonly LayerReport[], total: Totals, cores: number): Bottleneck | undefined {
  const all = cyclesOf(total);
  if (all === 0) return undefined;
  const index = layers.reduce((best, l, i) => (cyclesOf(l) > cyclesOf(layers[best]!) ? i : best), 0);
  const layer = layers[index]!;
  return {
    layer: index,
    value: layer.value,
    share: cyclesOf(layer) / all,
    ...mainWait(layer, cores),
    overall: mainWait(total, cores),
  };
}
