/** What the slowest core does in a convolution: the grids of its phases. */
import type { Layer, LayerLayouts, TileShape } from "../contract.js";
import { type GridWork, gridCounts } from "./conv-cycles.js";
import { isFlat, isThin, planOf, spread, walkOf } from "./conv-plan.js";
import { type ConvShape, convShape, type Taps } from "./conv-shape.js";
import type { Work } from "./cost.js";

/** How many of `n` output positions, from a multiple of the stride on, belong to a phase. */
function phasePositions(shape: ConvShape, n: number, axis: 0 | 1, { phase }: Taps): number {
  const [every, before] = [spread(shape)[axis], shape.before[axis]];
  const first = (((phase - before) % every) + every) % every;
  return Math.max(0, Math.ceil((n - first) / every));
}

/** What the slowest core does. */
export function convWork(
  layer: Layer,
  at: LayerLayouts,
  { out }: Pick<TileShape, "out">,
  cores: number,
): Work {
  const shape = convShape(layer);
  const plan = planOf(layer, at);
  const flat = isFlat(shape, at);
  const hasSingles = isThin(layer, shape, at);
  const along = walkOf(layer, at) === "columns";
  const sums = [1, 0, 0, 0, 0, 0, 0];
  for (const phase of plan.phases) {
    const [h, w] = [
      phasePositions(shape, out.h, 0, phase.taps[0]),
      phasePositions(shape, out.w, 1, phase.taps[1]),
    ];
    const [rows, columns] = flat ? [1, h * w] : [h, w];
    const cost: GridWork["cost"] = (channels, wide) => plan.cost(phase, channels, wide);
    const counts = gridCounts({ rows, columns, channels: out.c, along, cost, hasSingles }, cores);
    for (const [i, n] of counts.entries()) sums[i + 1]! += n;
  }
  // Each other core makes every access wait a little longer.
  sums[6] = sums[5]! * (cores - 1);
  return { variant: "conv", counts: sums };
}
