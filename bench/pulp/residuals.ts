/** The cycle models of kernels against gap8sim, on tiles that they were not fitted to. */
import { cyclesOf } from "../../src/backends/pulp/kernels/cost.js";
import { type Cells, markdownTable, table } from "../table.js";
import { type MeasuredTile, measureTiles } from "./tiles.js";

/** Tiles are drawn with another seed than those that `npm run calibrate` fits the costs to. */
const seed = 2;

interface Residual {
  readonly family: string;
  readonly tiles: number;
  /** Shares of the simulator's cycles: mean, what nine in ten stay below, worst. */
  readonly mean: number;
  readonly most: number;
  readonly worst: number;
  /** Of all cycles together. */
  readonly together: number;
}

function residualOf(family: string, tiles: readonly MeasuredTile[]): Residual {
  const models = tiles.map((t) => cyclesOf(t.work));
  const errors = tiles.map((t, i) => Math.abs(models[i]! / t.cycles - 1)).sort((a, b) => a - b);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  return {
    family,
    tiles: tiles.length,
    mean: sum(errors) / errors.length,
    most: errors[Math.floor(0.9 * errors.length)]!,
    worst: errors.at(-1)!,
    together: sum(models) / sum(tiles.map((t) => t.cycles)) - 1,
  };
}

const about =
  "Cycle models of the kernels, which the search for tiles uses, against gap8sim (profile gvsoc, data in L1, code in the instruction cache): random layers, layouts and tiles, full ones and the smaller ones at the ends, on 1, 2, 4 and 8 cores. The costs in `src/backends/pulp/kernels/cost-table.ts` were fitted to other tiles by `npm run calibrate`. Errors in per cent of the simulator's cycles.";

/** Mean and worst error of every family of kernels. */
export async function residuals(quick: boolean): Promise<{ json: unknown; terminal: string; page: string }> {
  const tiles = await measureTiles(seed, quick ? 10 : 60);
  const families = [...new Set(tiles.map((t) => t.case.name))];
  const found = families.map((f) =>
    residualOf(
      f,
      tiles.filter((t) => t.case.name === f),
    ),
  );
  const percent = (v: number) => (100 * v).toFixed(1);
  const cells: Cells = [
    ["kernels", "tiles", "mean", "9 in 10 below", "worst", "all together"],
    ...[...found, residualOf("all", tiles)].map((r) => [
      r.family,
      String(r.tiles),
      ...[r.mean, r.most, r.worst, r.together].map(percent),
    ]),
  ];
  return {
    json: found,
    terminal: `${about}\n\n${table(cells)}`,
    page: `${about}\n\n${markdownTable(cells)}`,
  };
}
