/** A run as a trace of events for Chrome's trace viewer and Perfetto: cores, DMA channels and regions are tracks. */
import { coreName } from "./profile.js";
import type { RegionSpan } from "./regions.js";

/** What a run tells whoever records it; times in ticks (picoseconds). */
export interface Recorder {
  /** A core was awake: from its start or wake-up until it slept, or the run ended. */
  awake(core: number, from: number, to: number): void;
  /** A transfer of a DMA channel (`DMA in`, `DMA out`, `uDMA HyperRAM out`), from its command to its end. */
  transfer(
    channel: string,
    from: number,
    to: number,
    details: Readonly<Record<string, number | string>>,
  ): void;
}

interface Slice {
  readonly track: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly args?: Readonly<Record<string, number | string>>;
}
/** Records what cores and devices do, and writes it as a trace. */
export interface TraceRecorder extends Recorder {
  /** JSON in the trace event format; complete events (`ph: "X"`), microseconds. */
  toJson(regions: readonly RegionSpan[]): string;
}

/** More slices than this would not open in a viewer; the first ones are kept. */
const mostSlices = 2_000_000;

/** A recorder for `createSimulation`, whose trace Perfetto and chrome://tracing show. */
export function createTrace(): TraceRecorder {
  const slices: Slice[] = [];
  let dropped = 0;
  const push = (slice: Slice) => {
    if (slice.to <= slice.from) return;
    if (slices.length < mostSlices) slices.push(slice);
    else dropped++;
  };
  return {
    awake: (core, from, to) => push({ track: coreName(core), name: "awake", from, to }),
    transfer: (track, from, to, args) => push({ track, name: transferName(args), from, to, args }),
    toJson(regions) {
      const marked = regions.map(
        (r): Slice => ({
          track: `${coreName(r.core)} regions`,
          name: `region ${r.id}`,
          from: r.from,
          to: r.to,
        }),
      );
      return traceJson([...slices, ...marked], dropped);
    },
  };
}

const transferName = ({ bytes }: Readonly<Record<string, number | string>>): string => `${bytes} bytes`;

/** The fabric controller first, then cores with their regions, then DMA channels. */
function order(track: string): string {
  if (track.startsWith("FC")) return `0 ${track}`;
  return track.startsWith("core") ? `1 ${track}` : `2 ${track}`;
}

/** Ticks are picoseconds. */
const microseconds = (ticks: number): number => ticks / 1e6;

function traceJson(slices: readonly Slice[], dropped: number): string {
  const tracks = [...new Set(slices.map((s) => s.track))].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const number = new Map(tracks.map((name, i) => [name, i + 1]));
  const names = tracks.flatMap((name) => [
    { ph: "M", pid: 1, tid: number.get(name), name: "thread_name", args: { name } },
    {
      ph: "M",
      pid: 1,
      tid: number.get(name),
      name: "thread_sort_index",
      args: { sort_index: number.get(name) },
    },
  ]);
  const events = [...slices]
    .sort((a, b) => a.from - b.from || number.get(a.track)! - number.get(b.track)!)
    .map((s) => ({
      ph: "X",
      pid: 1,
      tid: number.get(s.track),
      name: s.name,
      ts: microseconds(s.from),
      dur: microseconds(s.to - s.from),
      ...(s.args ? { args: s.args } : {}),
    }));
  const machine = { ph: "M", pid: 1, name: "process_name", args: { name: "GAP8" } };
  const lines = [machine, ...names, ...events].map((e) => JSON.stringify(e));
  return `{"displayTimeUnit":"ns","otherData":{"dropped":${dropped}},"traceEvents":[\n${lines.join(",\n")}\n]}\n`;
}
