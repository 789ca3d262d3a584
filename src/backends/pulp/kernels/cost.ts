/**
 * Cycle models: what the slowest core has to do, counted in a few kinds of work, times what each kind costs. The costs
 * were fitted to gap8sim (profile gvsoc) by tests/backends/pulp/kernels/calibrate.ts, which prints the residuals.
 */
import type { LayerLayouts, TileShape } from "../contract.js";
import { costTable } from "./cost-table.js";

/** How often each kind of work is done; which kinds, the variant says. */
export interface Work {
  readonly variant: string;
  readonly counts: readonly number[];
}

/** [begin, end) of the pieces of work that a core gets, as pulsec_share deals them out. */
export const share = (pieces: number, core: number, cores: number): readonly [number, number] => [
  Math.floor((pieces * core) / cores),
  Math.floor((pieces * (core + 1)) / cores),
];

/** The most pieces that one of the cores gets. */
export const mostOf = (pieces: number, cores: number): number => Math.ceil(pieces / cores);

export const cyclesOf = ({ variant, counts }: Work): number => {
  const costs = costTable[variant];
  if (!costs) throw new Error(`no costs of ${variant}`);
  return counts.reduce((sum, n, i) => sum + n * costs[i]!, 0);
};

/** Runs and elements of the slowest core, where every element is computed by itself. */
export function elementCounts(
  { output }: LayerLayouts,
  { out }: TileShape,
  cores: number,
  step = 1,
): readonly [runs: number, elements: number] {
  const [runs, length] = output.order === "hwc" ? [out.h * out.w, out.c] : [out.c * out.h, out.w];
  const each = Math.ceil(length / step);
  const elements = mostOf(runs * each, cores);
  return [Math.ceil(elements / each), elements];
}
