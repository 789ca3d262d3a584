/**
 * Cycle models: what the slowest core has to do, counted in a few kinds of work, times what each kind costs. The costs
 * were fitted to gap8sim (profile gvsoc) by `npm run calibrate`; `npm run bench -- model` holds them against other tiles.
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

/** The most rows of `length` pieces that the pieces of one core lie in. */
export function rowsOfCore(pieces: number, length: number, cores: number): number {
  let most = 0;
  for (let core = 0; core < cores; core++) {
    const [begin, end] = share(pieces, core, cores);
    if (begin < end) most = Math.max(most, Math.floor((end - 1) / length) - Math.floor(begin / length) + 1);
  }
  return most;
}

/** Inputs whose elements do not follow each other where those of the output do. */
export const crossedInputs = ({ inputs, output }: LayerLayouts): number =>
  inputs.filter((i) => i.order !== output.order).length;

/** Runs and elements of the slowest core, where every element is computed by itself. */
export function elementCounts(
  { output }: LayerLayouts,
  { out }: TileShape,
  cores: number,
  step = 1,
): readonly [runs: number, elements: number] {
  const [runs, length] = output.order === "hwc" ? [out.h * out.w, out.c] : [out.c * out.h, out.w];
  const each = Math.ceil(length / step);
  return [rowsOfCore(runs * each, each, cores), mostOf(runs * each, cores)];
}
