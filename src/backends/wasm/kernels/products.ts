/**
 * Sums of products, the heart of conv and linear: four output channels per vector. A pair of neighbouring inputs is
 * repeated over a vector and multiplied by the weights of both for four channels: one `dot` is eight products.
 */
import type { Code } from "../code.js";
import { add, type Expr, type Place } from "../expr.js";
import { type Finish, plain } from "../finish.js";
import type { Emission } from "../kernel.js";
import { bestLast, merged, steps, type Turns } from "../turns.js";
import { add4, byteAt, dot, further, loadLanes } from "../vector.js";
import { nest, type View } from "../view.js";
import { channelOf, packFactors, packWeights, width } from "./pack.js";
import { overPairs, type Sum } from "./sum.js";

type Start = Omit<View, "strides">;

/** y[position, channel] = finish(init[channel] + sum of x * w), wrapping in 32 bits. */
export interface Products extends Sum {
  /** i16, with one readable element behind the last. */
  readonly x: Start;
  readonly y: Start;
  readonly positions: readonly Turns[];
  readonly groups: Turns;
  /** Output channels of all groups, segments, run: row major. */
  readonly w: ArrayLike<number | bigint>;
  readonly init: Int32Array | undefined;
  readonly channels: number;
  readonly finish?: Finish | undefined;
}

/** Positions of a tile, where there are as many. */
const usualHeight = 4;
/** Numbers of positions that waste less in tiles of three. */
const inThrees: readonly number[] = [5, 6, 9];

/**
 * Positions and vectors that are computed together: their sums, the inputs and weights of one step and a product have to
 * fit into 15 registers.
 */
function tileFor(positions: number, vectors: number): { high: number; wide: number } {
  const high = inThrees.includes(positions) ? 3 : Math.min(positions, usualHeight);
  const wide = Math.min(vectors, [6, 4, 2, 2][high - 1]!);
  return { high: wide === 1 ? Math.min(positions, 6) : high, wide };
}

export function emitProducts(e: Emission, p: Products): void {
  const { code } = e;
  const finish = p.finish ?? plain;
  const perGroup = p.channels / p.groups.count;
  const vectors = Math.ceil(perGroup / width);
  const positions = bestLast(merged(p.positions), usualHeight);
  const { wide } = tileFor(positions.at(-1)!.count, vectors);
  // Blocks of full vectors are a loop; the rest is a block of its own.
  const whole = Math.floor(Math.floor(perGroup / width) / wide);
  const rest = vectors - whole * wide;
  const blocks = [...new Array<number>(whole).fill(wide), ...(rest > 0 ? [rest] : [])];
  const [w, f] = [
    e.constant("i16", packWeights(p, blocks)),
    e.constant("i32", packFactors(p, blocks, finish)),
  ];
  const [wp, fp] = [code.variable(0), code.variable(0)];
  const [x, y] = [code.variable(p.x.pointer), code.variable(p.y.pointer)];
  const block = (to: Expr, first: number, count: number): void => {
    const channels = Array.from({ length: count }, (_, v) => channelOf(first + v, perGroup));
    const constants = { w: byteAt(w, wp.value), factors: byteAt(f, fp.value) };
    emitBlock(code, p, finish, positions, { ...constants, x: x.value, y: to, channels });
    for (const [pointer, { bytes }] of [
      [wp, w],
      [fp, f],
    ] as const)
      pointer.set(add(pointer.value, (bytes / (p.groups.count * vectors)) * count));
  };
  code.repeat(p.groups.count, () => {
    const to = code.variable(y.value);
    code.repeat(whole, () => {
      block(to.value, 0, wide);
      to.set(add(to.value, wide * width * finish.slot));
    });
    if (rest > 0) block(y.value, whole * wide, rest);
    x.set(add(x.value, 2 * p.groups.x));
    y.set(add(y.value, finish.slot * p.groups.y));
  });
}

/** Where a block of vectors works: places and pointers that its loops start from. */
interface BlockAt {
  readonly x: Expr;
  readonly y: Expr;
  readonly w: Place;
  readonly factors: Place;
  /** First channel of each vector, past `y`. */
  readonly channels: readonly number[];
}

function emitBlock(code: Code, p: Products, finish: Finish, positions: readonly Turns[], at: BlockAt): void {
  const outer = positions.slice(0, -1);
  const last = positions.at(-1)!;
  const { high } = tileFor(last.count, at.channels.length);
  const x = { ...p.x, pointer: at.x, strides: outer.map((t) => t.x) };
  const y = { ...p.y, pointer: at.y, strides: outer.map((t) => t.y) };
  nest(
    code,
    outer.map((t) => t.count),
    [x, y],
    (from, to) => {
      const streams = [
        [from!.pointer, 2 * last.x],
        [to!.pointer, finish.slot * last.y],
      ] as const;
      steps(code, last.count, high, streams, ([px, py]) => {
        const sums = emitSums(code, p, { ...at, x: px! }, high, last.x);
        emitFinish(code, p, finish, { ...at, y: py! }, sums, last.y);
      });
    },
  );
}

/** The sums of `high` positions, `step` elements of x apart, by vectors of channels. */
function emitSums(
  code: Code,
  p: Products,
  at: BlockAt,
  high: number,
  step: number,
): readonly (readonly Expr[])[] {
  const vectors = at.channels.length;
  const words = width + (p.finish ?? plain).words;
  const inits = at.channels.map((_, v) => code.let(loadLanes(further(at.factors, v * words * 4))));
  const sums = Array.from({ length: high }, () => inits.map((init) => code.variable(init)));
  const w = code.variable(at.w.pointer);
  overPairs(code, p, at.x, (x) => {
    const ws = at.channels.map((_, v) => code.let(loadLanes({ ...at.w, pointer: w.value, offset: v * 16 })));
    for (const [i, row] of sums.entries()) {
      const pair = byteAt(p.x.buffer, x, 2 * (p.x.start + i * step));
      const both = code.let(loadLanes(pair, "load32_splat"));
      for (const [v, sum] of row.entries()) sum.set(add4(sum.value, dot(both, ws[v]!)));
    }
    w.set(add(w.value, vectors * 16));
  });
  return sums.map((row) => row.map((sum) => sum.value));
}

/** Stores what becomes of the sums; neighbouring vectors go together. */
function emitFinish(
  code: Code,
  p: Products,
  finish: Finish,
  at: BlockAt,
  sums: readonly (readonly Expr[])[],
  step: number,
): void {
  const count = Math.min(width, p.channels / p.groups.count);
  const factors = (v: number) => further(at.factors, (v * (width + finish.words) + width) * 4);
  for (const [i, row] of sums.entries()) {
    const results = row.map((sum, v) => finish.apply(sum, factors(v)));
    for (let v = 0; v < row.length; v++) {
      const channel = at.channels[v]!;
      const to = byteAt(p.y.buffer, at.y, finish.slot * (p.y.start + i * step + channel));
      if (at.channels[v + 1] === channel + width) finish.storePair(code, to, results[v]!, results[++v]!);
      else finish.store(code, to, results[v]!, count);
    }
  }
}
