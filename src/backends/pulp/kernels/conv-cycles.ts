/**
 * Cycle model of the packed convolutions: instructions of the blocks, counted in their text, and what blocks cost beside
 * them, fitted to gap8sim (profile gvsoc) by bench/pulp-calibrate.ts; bench/pulp-calibrate.txt holds the residuals.
 */
import { blockCycles } from "./conv-block.js";
import type { BlockSpec } from "./conv-registers.js";

/** What a tile asks of the functions of a grid. */
export interface GridWork {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly along: boolean;
  /** Cycles of a block of so many channels by so many columns. */
  readonly cost: (channels: number, columns: number) => number;
  readonly hasSingles: boolean;
}

/** Each other core makes every access wait this much longer, on average. */
const conflict = 0.0047;
/** Cycles of entering a kernel, of a grid, of a second share of its work, of a call of a block function or a single one. */
const perTile = 40;
const perGrid = 125;
const perShare = 60;
const perCall = 75;
const perSingle = 60;
/** A load across a word takes two more. */
const misaligned = 2;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Share of the loads of x that cross a word: none where all positions begin at one. */
function crossing({ columns, xColumn, stretches: { pieces, step, rows } }: BlockSpec): number {
  const steps = [columns > 1 ? xColumn : 4, pieces > 1 ? step : 4, rows > 1 ? xColumn : 4];
  return 1 - steps.reduce(gcd, 4) / 4;
}

/** Cycles of a block on one core. */
export function blockCost(spec: BlockSpec): number {
  const { rows, pieces, bytes } = spec.stretches;
  const loads = (spec.columns * rows * pieces * bytes) / 4;
  return blockCycles(spec) + loads * crossing(spec) * misaligned;
}

const share = (n: number, cores: number): number => Math.ceil(n / cores);

/** Cluster cycles until the slowest core has done its part. */
function gridCycles(g: GridWork, cores: number): number {
  const { rows, columns, channels } = g;
  if (rows * columns * channels <= 0) return perShare;
  return perGrid + workCycles(g, cores);
}

function workCycles({ rows, columns, channels, ...g }: GridWork, cores: number): number {
  const wide = columns >= 4 ? 4 : 1;
  const across = Math.ceil(columns / wide);
  const [full, rest] = [Math.floor(channels / 4), channels % 4];
  const cost = (n: number, w = wide) => g.cost(n, w);
  const slower = 1 + conflict * (cores - 1);
  const singles = share(rows * columns * channels, cores);
  const blocks = share(rows * columns * Math.ceil(channels / 4), cores);
  if (g.hasSingles && wide === 1 && 3 * blocks > singles) return singles * (cost(1, 1) * slower + perSingle);
  const of = (pieces: number, n: number) => {
    const mine = share(pieces, cores);
    const calls = Math.ceil(mine / across) + (columns % wide > 0 ? Math.ceil(mine / across) : 0);
    return mine * cost(n) * slower + Math.min(calls, mine) * perCall;
  };
  if (g.along)
    return (full > 0 ? of(rows * across * full, 4) : 0) + (rest > 0 ? perShare + of(rows * across, rest) : 0);
  const positions = (rows * across) / cores;
  const each = full * cost(4) + (rest > 0 ? cost(rest) : 0);
  const uneven =
    share(rows * across * (full + (rest > 0 ? 1 : 0)), cores) / (positions * (full + (rest > 0 ? 1 : 0)));
  return positions * uneven * each * slower + (Math.ceil(positions) + 1) * perCall * (rest > 0 ? 2 : 1);
}

export const tileCycles = (grids: readonly GridWork[], cores: number): number =>
  perTile + grids.reduce((n, g) => n + gridCycles(g, cores), 0);
