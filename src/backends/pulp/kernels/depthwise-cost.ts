/** What the slowest core does in a depthwise layer: the loops of the kernel, counted. */
import type { Extent, Layer, LayerLayouts, TileShape } from "../contract.js";
import { share, type Work } from "./cost.js";
import { stepCycles } from "./depthwise-assembly.js";
import { fromPixels, inAssembly, pieceRows, pieceSteps } from "./depthwise-plan.js";
import { depthwiseOf } from "./depthwise-weights.js";

const steps = new WeakMap<Layer, Map<string, number>>();
function stepOf(layer: Layer, layouts: LayerLayouts): number {
  const known = steps.get(layer) ?? new Map<string, number>();
  steps.set(layer, known);
  const { order } = layouts.output;
  const had = known.get(order) ?? stepCycles(layer, layouts);
  known.set(order, had);
  return had;
}

/** What a core does. */
interface Counts {
  /** Of the function for rows in assembler, of the rows or channels in them, cycles of their steps. */
  calls: number;
  repeats: number;
  steps: number;
  /** Of four channels of pixels, rows of them that are transposed, blocks of four by four bytes. */
  groups: number;
  rows: number;
  blocks: number;
  /** Rows and outputs that C computes one by one. */
  plainRows: number;
  plain: number;
}
const nothing: Counts = {
  calls: 0,
  repeats: 0,
  steps: 0,
  groups: 0,
  rows: 0,
  blocks: 0,
  plainRows: 0,
  plain: 0,
};

/** Outputs [first, last) of `repeats` rows or channels. */
function part(counts: Counts, repeats: number, first: number, last: number, of: Sharing): void {
  const outputs = last - first;
  const whole = of.strided ? Math.floor(outputs / 4) : Math.ceil(outputs / 4);
  const rest = of.strided && outputs % 4 !== 0;
  if (!of.assembly || (rest && last < 4)) {
    counts.plainRows += repeats;
    counts.plain += repeats * outputs;
    return;
  }
  const calls = (whole > 0 ? 1 : 0) + (rest ? 1 : 0);
  counts.calls += calls;
  counts.repeats += repeats * calls;
  counts.steps += repeats * (whole + (rest ? 1 : 0)) * of.step;
}

/** How a tile is dealt out to cores. */
interface Sharing {
  readonly assembly: boolean;
  readonly strided: boolean;
  readonly step: number;
}

/** What the slowest core does. */
export function depthwiseWork(
  layer: Layer,
  layouts: LayerLayouts,
  { out }: Pick<TileShape, "out">,
  cores: number,
): Work {
  const { y, x } = depthwiseOf(layer);
  const assembly = inAssembly(layer);
  const sharing = {
    assembly,
    strided: layouts.output.order === "hwc",
    step: assembly ? stepOf(layer, layouts) : 0,
  };
  const all = Array.from({ length: cores }, (_, core) =>
    countsOf(layer, layouts, out, sharing, share(piecesOf(layer, layouts, out), core, cores)),
  );
  const taps = y.kernel * x.kernel;
  const total = (c: Counts) =>
    c.steps + 80 * c.calls + 20 * c.repeats + 12 * c.blocks + 60 * c.rows + (10 + 22 * taps) * c.plain;
  const slowest = all.reduce((a, b) => (total(b) > total(a) ? b : a));
  const { plain, ...counts } = slowest;
  const kind = assembly ? (fromPixels(layouts) ? "pixels" : "planes") : "plain";
  return { variant: `depthwise.${kind}`, counts: [1, ...Object.values(counts), plain, plain * taps] };
}

/** Steps of four outputs or rows, of every channel or group of channels. */
const alongOne = (layer: Layer, out: Extent): number => (layer.out.h === 1 ? Math.ceil(out.w / 4) : out.h);
const piecesOf = (layer: Layer, layouts: LayerLayouts, out: Extent): number =>
  (fromPixels(layouts) ? Math.ceil(out.c / 4) : out.c) * alongOne(layer, out);

function countsOf(
  layer: Layer,
  layouts: LayerLayouts,
  out: Extent,
  sharing: Sharing,
  [begin, end]: readonly [number, number],
): Counts {
  const single = layer.out.h === 1;
  const count = alongOne(layer, out);
  const grouped = fromPixels(layouts);
  const counts = { ...nothing };
  let at = begin % count;
  for (let piece = begin; piece < end; ) {
    let n = Math.min(count - at, end - piece);
    let channels = 1;
    if (grouped) n = Math.min(n, single ? pieceSteps : pieceRows);
    else if (single && at === 0 && end - piece >= count) channels = Math.floor((end - piece) / count);
    const [first, last] = single ? [4 * at, Math.min(4 * (at + n), out.w)] : [0, out.w];
    const live = grouped ? Math.min(4, out.c - 4 * Math.floor(piece / count)) : channels;
    if (grouped)
      transposed(counts, layer, n, sharing.strided && last - first < 4 && last >= 4 ? 4 : last - first);
    if (single) part(counts, live, first, last, sharing);
    else for (let k = 0; k < live; k++) part(counts, n, first, last, sharing);
    piece += channels * n;
    at = (at + n) % count;
  }
  return counts;
}

/** Planes of what `outputs` outputs of `n` rows need of four channels of pixels. */
function transposed(counts: Counts, layer: Layer, n: number, outputs: number): void {
  const { y, x } = depthwiseOf(layer);
  const width = (outputs - 1) * x.stride + (x.kernel - 1) * x.dilation + 1;
  const high = layer.out.h === 1 ? 1 : (n - 1) * y.stride + (y.kernel - 1) * y.dilation + 1;
  counts.groups += 1;
  counts.rows += high;
  counts.blocks += high * Math.ceil(width / 4);
}
