/** Cycles of firmware, layer by layer, from the simulator: of the second of two inferences, when caches are warm. */
import { error, Refusal, unwrap } from "../../../ir/diagnostic.js";
import { bytesOf, type Tensor } from "../../../ir/tensor.js";
import { loadElf } from "../../gap8sim/elf.js";
import { added, type Profile } from "../../gap8sim/insight/profile.js";
import type { RunReport } from "../../gap8sim/insight/report.js";
import type { Recorder } from "../../gap8sim/insight/trace.js";
import { createSimulation, type Simulation } from "../../gap8sim/simulate.js";
import type { Program, Step } from "../../schedule/program.js";
import { filesFor, withEngine } from "../firmware/engine.js";
import { bootSources, type FirmwareProject } from "../firmware/project.js";
import { buildFirmware } from "../firmware/toolchain.js";
import { type Mark, type Phases, phasesOf, type Segment, segmentsOf } from "./phases.js";

/** Tracks of a timeline besides the cores. */
export const links = ["L2 to L1", "L1 to L2", "L3 to L2", "L2 to L3"] as const;
export type Link = (typeof links)[number];

/** A transfer from its command to its end. */
export interface Transfer {
  readonly link: Link;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}
/** One inference, in cycles of the cluster from the begin of its first layer; of the build with marks. */
export interface Timeline {
  readonly cycles: number;
  readonly segments: readonly Segment[];
  readonly transfers: readonly Transfer[];
}

export interface MeasuredLayer {
  /** From the layer's begin to its end on core 0. */
  readonly cycles: number;
  readonly instructions: number;
  /** Where core 0 spent them; they add up to `cycles`. */
  readonly phases: Phases;
  /** Cycles of all cores by cause. */
  readonly causes: Readonly<Record<string, number>>;
}
export type ProfileName = "gvsoc" | "rtl";

/** Cycles with other timing. */
export interface MeasuredCycles {
  readonly profile: ProfileName;
  /** Cluster cycles from the call to the return, which is more than the layers'. */
  readonly cycles: number;
  readonly layers: readonly number[];
}
/** What the simulator saw of the second of two inferences. Cycles are those of the cluster. */
export interface Measured {
  readonly profile: ProfileName;
  /** Cluster cycles from the call to the return, which is more than the layers'. */
  readonly cycles: number;
  readonly layers: readonly MeasuredLayer[];
  readonly timeline: Timeline;
  readonly others: readonly MeasuredCycles[];
}

/** What is simulated: timing, and one inference's inputs in the order of the graph. */
export interface MeasureOptions {
  /** `gvsoc` where it is not said. */
  readonly profile?: ProfileName;
  /** Profiles of which only cycles are counted. */
  readonly others?: readonly ProfileName[];
  readonly inputs: readonly Tensor[];
}
interface Run {
  readonly profile: ProfileName;
  readonly inputs: readonly Tensor[];
}

/**
 * Builds the firmware twice: as it is, for cycles, and with marks, for what cores do inside of a layer. Throws a `Refusal`
 * where it cannot be built, or does not run to its end. Layers beyond `mostRegions` get no cycles.
 */
export async function measureFirmware(
  project: FirmwareProject,
  { profile = "gvsoc", others = [], inputs }: MeasureOptions,
): Promise<Measured> {
  const { layers } = project.emission.program;
  const [plain, marked] = await Promise.all([build(project, []), build(project, ["PULSEC_PHASES"])]);
  const { before, after } = cyclesOf(project, plain, { profile, inputs });
  const timeline = watch(project, marked, { profile, inputs });
  return {
    profile,
    cycles: after.cycles.cluster - before.cycles.cluster,
    layers: layers.map((_, i) => layerOf(i, before, after, timeline)),
    timeline,
    others: others.map((other): MeasuredCycles => {
      const { before: b, after: a } = cyclesOf(project, plain, { profile: other, inputs });
      return {
        profile: other,
        cycles: a.cycles.cluster - b.cycles.cluster,
        layers: layers.map((_, i) => cyclesOfLayer(i, b, a)),
      };
    }),
  };
}

function build(project: FirmwareProject, defines: readonly string[]): Promise<Uint8Array> {
  return buildFirmware(withEngine(project), {
    sources: [...bootSources, ...project.networkSources, "engine/main.c", "engine/run.c"],
    defines: [...project.defines, ...defines],
  });
}

/** The firmware before its first inference, with the inputs in place. */
function ready(
  { emission }: FirmwareProject,
  elf: Uint8Array,
  { profile, inputs }: Run,
  recorder?: Recorder,
): Simulation {
  const simulation = unwrap(
    createSimulation(unwrap(loadElf(elf, "network.elf")), {
      profile,
      breakpoints: ["engine_ready"],
      files: filesFor(emission),
      ...(recorder ? { recorder } : {}),
    }),
  );
  goOn(simulation);
  inputs.forEach((t, i) => void simulation.write(`engine_input${i}`, bytesOf(t.data)));
  return simulation;
}

/** To the end of the next inference. */
function goOn(simulation: Simulation): void {
  const end = simulation.run();
  if (end.kind === "breakpoint") return;
  const what = end.kind === "exit" ? `it exited with ${end.code}` : end.trap.text;
  throw new Refusal(
    error("pulp/run", "the firmware did not run to its end on the simulator", { found: what }),
  );
}

function cyclesOf(project: FirmwareProject, elf: Uint8Array, options: Run) {
  const simulation = ready(project, elf, options);
  goOn(simulation);
  const before = simulation.report();
  goOn(simulation);
  return { before, after: simulation.report() };
}

/** The profile of a region on one core, or on all. */
function regionOf({ regions }: RunReport, id: number, core?: number): Profile {
  return added(regions.filter((r) => r.id === id && (core === undefined || r.core === core)));
}

const cyclesOfLayer = (i: number, before: RunReport, after: RunReport): number =>
  regionOf(after, i + 1, 0).cycles - regionOf(before, i + 1, 0).cycles;

function layerOf(i: number, before: RunReport, after: RunReport, timeline: Timeline): MeasuredLayer {
  const cycles = cyclesOfLayer(i, before, after);
  const [a, b] = [regionOf(after, i + 1), regionOf(before, i + 1)];
  const causes = Object.entries(a.byCause).map(([c, n]) => [c, n - (b.byCause[c] ?? 0)] as const);
  return {
    cycles,
    instructions: a.instructions - b.instructions,
    phases: phasesOf(timeline.segments, i, cycles),
    causes: Object.fromEntries(causes.filter(([, n]) => n !== 0)),
  };
}

const linkOf: Readonly<Record<string, Link>> = {
  "DMA in": "L2 to L1",
  "DMA out": "L1 to L2",
  "uDMA HyperRAM in": "L3 to L2",
  "uDMA HyperRAM out": "L2 to L3",
};

function watch(project: FirmwareProject, elf: Uint8Array, options: Run): Timeline {
  let marked: Mark[] = [];
  let moved: Transfer[] = [];
  const recorder: Recorder = {
    awake: () => {},
    transfer(channel, from, to, { bytes }) {
      const link = linkOf[channel];
      if (link) moved.push({ link, from, to, bytes: Number(bytes) });
    },
  };
  const simulation = ready(project, elf, options, recorder);
  const { machine } = simulation;
  machine.onMarker = ({ id: core }, id, time) => void marked.push({ core, id, time });
  goOn(simulation);
  [marked, moved] = [[], []];
  goOn(simulation);
  return timelineOf(project.emission.program, marked, moved, machine.cores[0]!.period);
}

const isWhole = (steps: readonly Step[]): boolean =>
  steps.some((s) => s.kind === "whole" || ((s.kind === "loop" || s.kind === "when") && isWhole(s.body)));

/** Ticks become cycles from the begin of the first layer. */
function timelineOf(
  { layers }: Program,
  marked: readonly Mark[],
  moved: readonly Transfer[],
  period: number,
): Timeline {
  const whole = new Set(layers.flatMap((l, i) => (isWhole(l.steps) ? [i] : [])));
  const ticks = segmentsOf(marked, whole);
  const zero = ticks.reduce((least, s) => Math.min(least, s.from), Number.POSITIVE_INFINITY);
  const at = <T extends { readonly from: number; readonly to: number }>(s: T): T => ({
    ...s,
    from: (s.from - zero) / period,
    to: (s.to - zero) / period,
  });
  const segments = ticks.map(at);
  return {
    cycles: segments.reduce((most, s) => Math.max(most, s.to), 0),
    segments,
    transfers: moved.map(at),
  };
}
