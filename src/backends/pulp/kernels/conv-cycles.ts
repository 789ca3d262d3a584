/**
 * Work of the packed convolutions: instructions of the blocks, counted in their text, and how often the slowest core
 * calls them, as pulsec_conv_run deals out the pieces of a grid.
 */
import { blockCycles } from "./conv-block.js";
import type { BlockSpec } from "./conv-registers.js";
import { mostOf, share } from "./cost.js";

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

/** Grids, calls of blocks, changes from one row or channel block to the next, single results, cycles of blocks. */
export type GridCounts = readonly [
  grids: number,
  calls: number,
  turns: number,
  singles: number,
  cycles: number,
];

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

/** Multiples of `of` in [at, end). */
const multiples = (at: number, end: number, of: number): number => Math.ceil(end / of) - Math.ceil(at / of);

/** Pieces [at, end) along rows of `across`, the last of which may overlap the one before it. */
function alongRows(at: number, end: number, across: number, ragged: boolean, cost: number): GridCounts {
  if (at >= end) return [0, 0, 0, 0, 0];
  const turns = multiples(at + 1, end, across);
  // A row that is entered at its last piece has no others.
  const last = ragged ? multiples(at + 1, end + 1, across) : 0;
  const others = turns + 1 - (ragged && at % across === across - 1 ? 1 : 0);
  return [0, others + last, turns, 0, (end - at) * cost];
}

const plus = (a: GridCounts, b: GridCounts): GridCounts =>
  a.map((n, i) => n + b[i]!) as unknown as GridCounts;

/** What core number `core` does in a grid. */
function countsOf(g: GridWork, core: number, cores: number): GridCounts {
  const { rows, columns, channels } = g;
  const wide = columns >= 4 ? 4 : 1;
  const across = Math.ceil(columns / wide);
  const ragged = columns % wide > 0;
  const [full, rest] = [Math.floor(channels / 4), channels % 4];
  if (g.along) {
    const of = (pieces: number, c: number, n: number) => {
      const [at, end] = share(pieces, c, cores);
      return alongRows(at, end, across, ragged, pieces > 0 ? g.cost(n, wide) : 0);
    };
    const left = rest > 0 ? of(rows * across, cores - 1 - core, rest) : undefined;
    const whole = of(rows * across * full, core, 4);
    return plus([1, 0, 0, 0, 0], left ? plus(whole, left) : whole);
  }
  const blocks = full + (rest > 0 ? 1 : 0);
  const [at, end] = share(rows * across * blocks, core, cores);
  if (at >= end) return [1, 0, 0, 0, 0];
  const turns = multiples(at + 1, end, blocks);
  const ends = rest > 0 ? multiples(at + 1, end + 1, blocks) : 0;
  const cycles =
    ends > 0 ? (end - at - ends) * g.cost(4, wide) + ends * g.cost(rest, wide) : (end - at) * g.cost(4, wide);
  return [1, turns + 1 + (full > 0 ? ends : 0), turns, 0, cycles];
}

/** What the slowest core does in a grid. */
export function gridCounts(g: GridWork, cores: number): GridCounts {
  const { rows, columns, channels } = g;
  if (rows * columns * channels <= 0) return [0, 0, 0, 0, 0];
  if (g.hasSingles && columns < 4) {
    const singles = mostOf(rows * columns * channels, cores);
    if (9 * mostOf(rows * columns * Math.ceil(channels / 4), cores) > 3 * singles)
      return [1, 0, 0, singles, singles * g.cost(1, 1)];
  }
  const total = ([, calls, turns, , cycles]: GridCounts) => cycles + 60 * calls + 20 * turns;
  const all = Array.from({ length: cores }, (_, core) => countsOf(g, core, cores));
  return all.reduce((a, b) => (total(b) > total(a) ? b : a));
}
