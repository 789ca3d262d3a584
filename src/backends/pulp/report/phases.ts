/** What cores are at inside of layers, from the marks of firmware that was built with PULSEC_PHASES. */

/** `control`: addresses, DMA programming and the loops around kernels. */
export const phaseNames = ["kernel", "dma", "l3", "border", "barrier", "control"] as const;
export type Phase = (typeof phaseNames)[number];
/** Cycles by phase. */
export type Phases = Readonly<Record<Phase, number>>;

export const noPhases: Phases = { kernel: 0, dma: 0, l3: 0, border: 0, barrier: 0, control: 0 };

/** Numbers of the marks, as pulsec_cluster.h has them; lower ones are layers, counted from 1. */
const marks: ReadonlyMap<number, Phase> = new Map([
  [2040, "control"],
  [2041, "kernel"],
  [2042, "dma"],
  [2043, "l3"],
  [2044, "border"],
  [2045, "barrier"],
]);
/** A core passed a mark at `time` (ticks). */
export interface Mark {
  readonly core: number;
  readonly id: number;
  readonly time: number;
}
/** A stretch of one core's time in one phase of a layer. */
export interface Segment {
  readonly core: number;
  readonly layer: number;
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/**
 * Segments in the order of their begin, core by core. In layers of `whole`, which portable kernels compute, control is
 * the kernel: nothing else happens there.
 */
export function segmentsOf(marked: readonly Mark[], whole: ReadonlySet<number>): readonly Segment[] {
  const found: Segment[] = [];
  const open = new Map<number, { layer: number; phase: Phase; from: number }>();
  for (const { core, id, time } of marked) {
    const last = open.get(core);
    if (last && time > last.from) {
      const phase = last.phase === "control" && core === 0 && whole.has(last.layer) ? "kernel" : last.phase;
      found.push({ core, layer: last.layer, phase, from: last.from, to: time });
    }
    const phase = marks.get(id);
    if (id === 0) open.delete(core);
    else if (!phase) open.set(core, { layer: id - 1, phase: "control", from: time });
    else if (last) open.set(core, { layer: last.layer, phase, from: time });
  }
  return found;
}

/** `cycles` divided as the segments of core 0 in a layer are: whole numbers that add up to it. */
export function phasesOf(segments: readonly Segment[], layer: number, cycles: number): Phases {
  const sums: Record<Phase, number> = { ...noPhases };
  for (const s of segments) if (s.core === 0 && s.layer === layer) sums[s.phase] += s.to - s.from;
  const all = phaseNames.reduce((n, p) => n + sums[p], 0);
  if (all === 0) return { ...noPhases, control: cycles };
  const parts = phaseNames.map((p) => Math.floor((cycles * sums[p]) / all));
  const largest = parts.indexOf(Math.max(...parts));
  parts[largest]! += cycles - parts.reduce((a, b) => a + b, 0);
  return Object.fromEntries(phaseNames.map((p, i) => [p, parts[i]!])) as Phases;
}
