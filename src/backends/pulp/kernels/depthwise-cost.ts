/** What the slowest core does in a depthwise layer: the loops of the kernel, counted. */
import type { Layer, LayerLayouts, TileShape } from "../contract.js";
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

/** Calls of the assembly, its repeats (rows or channels), cycles of its steps, calls and blocks of transposition. */
type Counts = [calls: number, repeats: number, steps: number, rows: number, blocks: number];

/** One call for `repeats` rows of outputs [first, last). */
function part(counts: Counts, repeats: number, outputs: number, step: number, strided: boolean): void {
  const whole = strided ? Math.floor(outputs / 4) : Math.ceil(outputs / 4);
  const rest = strided && outputs % 4 !== 0 ? 1 : 0;
  counts[0] += (whole > 0 ? 1 : 0) + rest;
  counts[1] += repeats * ((whole > 0 ? 1 : 0) + rest);
  counts[2] += repeats * (whole + rest) * step;
}

/** What the slowest core does. */
export function depthwiseWork(layer: Layer, layouts: LayerLayouts, { out }: TileShape, cores: number): Work {
  const d = depthwiseOf(layer);
  if (!inAssembly(layer)) {
    const outputs = Math.ceil((out.h * out.w * out.c) / cores);
    return { variant: "depthwise.plain", counts: [1, outputs, outputs * d.y.kernel * d.x.kernel] };
  }
  const of = Array.from({ length: cores }, (_, core) => countsOf(layer, layouts, out, core, cores));
  const total = (c: Counts) => c[2] + 50 * c[0] + 30 * c[1] + 18 * c[4] + 30 * c[3];
  const slowest = of.reduce((a, b) => (total(b) > total(a) ? b : a));
  return { variant: fromPixels(layouts) ? "depthwise.pixels" : "depthwise.planes", counts: [1, ...slowest] };
}

function countsOf(
  layer: Layer,
  layouts: LayerLayouts,
  out: TileShape["out"],
  core: number,
  cores: number,
): Counts {
  const { y, x } = depthwiseOf(layer);
  const single = layer.out.h === 1;
  const count = single ? Math.ceil(out.w / 4) : out.h;
  const grouped = fromPixels(layouts);
  const strided = layouts.output.order === "hwc";
  const step = stepOf(layer, layouts);
  const counts: Counts = [0, 0, 0, 0, 0];
  let [piece, end] = share((grouped ? Math.ceil(out.c / 4) : out.c) * count, core, cores);
  let at = piece % count;
  while (piece < end) {
    let n = Math.min(count - at, end - piece);
    let channels = 1;
    if (grouped) n = Math.min(n, single ? pieceSteps : pieceRows);
    else if (single && at === 0 && end - piece >= count) channels = Math.floor((end - piece) / count);
    const outputs = single ? Math.min(4 * (at + n), out.w) - 4 * at : out.w;
    if (grouped) {
      const width = (outputs - 1) * x.stride + (x.kernel - 1) * x.dilation + 1;
      const high = single ? 1 : (n - 1) * y.stride + (y.kernel - 1) * y.dilation + 1;
      counts[3] += high;
      counts[4] += high * Math.ceil(width / 4);
    }
    if (single) part(counts, grouped ? 4 : channels, outputs, step, strided);
    else for (let k = 0; k < (grouped ? 4 : 1); k++) part(counts, n, outputs, step, strided);
    piece += channels * n;
    at = (at + n) % count;
  }
  return counts;
}
