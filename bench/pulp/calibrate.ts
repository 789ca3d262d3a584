/**
 * `npm run calibrate`: fits the costs of the cycle models to gap8sim, and writes src/backends/pulp/kernels/cost-table.ts.
 * Where no seed is given, the tiles are others than those that `npm run bench -- model` holds the models against.
 *
 *   npm run calibrate -- [--tiles N] [--seed N] [--print]
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { costTable } from "../../src/backends/pulp/kernels/cost-table.js";
import { root } from "../root.js";
import { fit } from "./fit.js";
import { type MeasuredTile, measureTiles } from "./tiles.js";

const { values } = parseArgs({
  options: {
    tiles: { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
    print: { type: "boolean", default: false },
  },
});

function entry(variant: string, tiles: readonly MeasuredTile[]): string {
  const costs = fit(
    tiles.map((t) => t.work.counts),
    tiles.map((t) => t.cycles),
  );
  const errors = tiles.map(({ work, cycles }) =>
    Math.abs(work.counts.reduce((n, v, i) => n + v * costs[i]!, 0) / cycles - 1),
  );
  const percent = (v: number) => `${(100 * v).toFixed(1)} %`;
  const mean = errors.reduce((n, e) => n + e, 0) / errors.length;
  return `  // ${tiles.length} tiles: ${percent(mean)} off on average, ${percent(Math.max(...errors))} at most.
${line(variant, costs)}`;
}

const tiles = await measureTiles(Number(values.seed), Number(values.tiles));
/** Fewer tiles than kinds of work say nothing: what is in the table stays then. */
const isEnough = ({ work: { variant, counts } }: MeasuredTile): boolean =>
  !costTable[variant] || tiles.filter((t) => t.work.variant === variant).length > counts.length;
const drawn = new Set(tiles.filter(isEnough).map((t) => t.work.variant));
const line = (variant: string, costs: readonly number[]): string =>
  `  ${variant.includes(".") ? `"${variant}"` : variant}: [${costs.join(", ")}],`;
const entries = [...new Set([...drawn, ...Object.keys(costTable)])].sort().map((v) =>
  drawn.has(v)
    ? entry(
        v,
        tiles.filter((t) => t.work.variant === v),
      )
    : line(v, costTable[v]!),
);
const text = `/** Costs in cycles, by variant and kind of work: written by \`npm run calibrate\`, which keeps those that it draws no tiles of. */
export const costTable: Readonly<Record<string, readonly number[]>> = {
${entries.join("\n")}
};
`;
if (values.print) process.stdout.write(text);
else writeFileSync(path.join(root, "src", "backends", "pulp", "kernels", "cost-table.ts"), text);
