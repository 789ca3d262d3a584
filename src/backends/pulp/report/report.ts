/** What a network costs on the machine, layer by layer: numbers for report.json, the terminal and the page. */
import { describePlace } from "../../../ir/diagnostic.js";
import type { LevelUse, Program } from "../../schedule/program.js";
import { macsOfLayer } from "../network.js";
import type { Measured } from "./measure.js";
import { memoryUse, tightestLayer } from "./memory.js";
import { noPhases, type Phase, type Phases, phaseNames } from "./phases.js";
import { addTraffic, noTraffic, type Traffic, trafficOf } from "./traffic.js";

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
}
export interface LayerReport {
  readonly value: string;
  readonly ops: readonly string[];
  readonly kernel: string;
  readonly macs: number;
  readonly tiles: number;
  readonly estimatedCycles: number;
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
  readonly dma: Traffic;
  readonly simulated?: Simulated;
}
export interface Bottleneck {
  /** Index of the layer with the most cycles. */
  readonly layer: number;
  readonly value: string;
  /** Of all cycles. */
  readonly share: number;
  readonly waitsFor: Wait;
  /** Shares of the layer's cycles, the largest first; none where nothing was simulated. */
  readonly parts: readonly Part[];
}
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
  readonly total: Totals;
  /** Cycles of the call besides the layers, where simulated. */
  readonly callCycles?: number;
  readonly bottleneck?: Bottleneck;
  readonly layers: readonly LayerReport[];
}

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
  const bottleneck = bottleneckOf(layers, program.cores);
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
  return program.layers.map((layer, i) => {
    const macs = macsOfLayer(layer);
    const estimatedCycles = Math.round(layer.estimate);
    const own = measured?.layers[i];
    return {
      value: layer.name,
      ops: layer.nodes.map((n) => n.op.name),
      kernel: layer.kernel,
      macs,
      tiles: layer.tiles,
      estimatedCycles,
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

type Costs = Pick<Simulated, "cycles" | "phases" | "causes" | "instructions">;

const costed = (own: Costs, macs: number, estimated: number, power: Power): Simulated => ({
  cycles: own.cycles,
  macsPerCycle: own.cycles > 0 ? macs / own.cycles : 0,
  estimateError: estimated > 0 && own.cycles > 0 ? estimated / own.cycles - 1 : null,
  ...energyOf(own.cycles, power),
  phases: own.phases,
  causes: own.causes,
  instructions: own.instructions,
});

function totalOf(layers: readonly LayerReport[], power: Power): Totals {
  const sum = (of: (l: LayerReport) => number) => layers.reduce((n, l) => n + of(l), 0);
  const [macs, estimatedCycles] = [sum((l) => l.macs), sum((l) => l.estimatedCycles)];
  const dma = layers.reduce((t, l) => addTraffic(t, l.dma), noTraffic);
  const runs = layers.flatMap((l) => (l.simulated ? [l.simulated] : []));
  if (runs.length === 0 || runs.length < layers.length) return { macs, estimatedCycles, dma };
  const phases = Object.fromEntries(
    phaseNames.map((p) => [p, runs.reduce((n, r) => n + r.phases[p], 0)]),
  ) as Phases;
  const causes: Record<string, number> = {};
  for (const r of runs) for (const [c, n] of Object.entries(r.causes)) causes[c] = (causes[c] ?? 0) + n;
  const all = {
    cycles: runs.reduce((n, r) => n + r.cycles, 0),
    instructions: runs.reduce((n, r) => n + r.instructions, 0),
    phases: { ...noPhases, ...phases },
    causes,
  };
  return { macs, estimatedCycles, dma, simulated: costed(all, macs, estimatedCycles, power) };
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
  return spent
    .map(([wait, n]) => ({ wait, share: cycles > 0 ? n / cycles : 0 }))
    .sort((x, y) => y.share - x.share);
}

/** Cycles that transfers take at least: 8 bytes a cycle between L2 and L1, one between L3 and L2. */
function leastTransfer({ dma }: LayerReport): readonly [Wait, number] {
  const near = (dma.l2ToL1 + dma.l1ToL2) / 8;
  const far = dma.l3ToL2 + dma.l2ToL3;
  return far > near ? ["l3", far] : ["dma", near];
}

/** What a layer mainly does or waits for, and its parts where it was simulated; else what its transfers take at least decides. */
export function mainWait(layer: LayerReport, cores: number): Pick<Bottleneck, "waitsFor" | "parts"> {
  if (layer.simulated) {
    const parts = partsOf(layer.simulated, cores);
    return { waitsFor: parts[0]!.wait, parts };
  }
  const [wait, cycles] = leastTransfer(layer);
  return { waitsFor: cycles > layer.estimatedCycles / 2 ? wait : "compute", parts: [] };
}

/** Simulated where that was done, else estimated. */
export const cyclesOf = (l: Pick<LayerReport, "simulated" | "estimatedCycles">): number =>
  l.simulated?.cycles ?? l.estimatedCycles;

function bottleneckOf(layers: readonly LayerReport[], cores: number): Bottleneck | undefined {
  const all = layers.reduce((n, l) => n + cyclesOf(l), 0);
  if (all === 0) return undefined;
  const index = layers.reduce((best, l, i) => (cyclesOf(l) > cyclesOf(layers[best]!) ? i : best), 0);
  const layer = layers[index]!;
  return {
    layer: index,
    value: layer.value,
    share: cyclesOf(layer) / all,
    ...mainWait(layer, cores),
  };
}
