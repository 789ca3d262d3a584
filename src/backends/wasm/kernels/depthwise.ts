/**
 * Depthwise convolution: eight channels at once. Two taps' inputs are interleaved, so that one `dot` multiplies and
 * adds both for four channels.
 */
import type { Code, Variable } from "../code.js";
import { add, type Expr, type Place } from "../expr.js";
import { type Finish, plain } from "../finish.js";
import type { Emission } from "../kernel.js";
import { bestLast, merged, steps, type Turns } from "../turns.js";
import { add4, byteAt, dot, further, interleaveHigh, interleaveLow, loadLanes } from "../vector.js";
import { type Cursor, nest } from "../view.js";
import type { Convolution } from "./window.js";

const width = 8;
/** Positions that share the weights they load. */
const tile = 2;
/** Taps of one step: with more, what V8 loads at once spills. */
const together = 4;

export const isDepthwise = ({ groups, x, y }: Convolution): boolean =>
  groups >= width && groups === x.shape[3] && groups === y.shape[3];

/** Taps as rows, in elements of x: a column of taps is a row of another distance. */
interface Taps {
  readonly rows: number;
  readonly down: number;
  readonly taps: number;
  readonly right: number;
}

function tapsOf({ kernel: [kh, kw], dilation: [dh, dw], x }: Convolution): Taps {
  const [, row, column] = x.view.strides as readonly [number, number, number];
  if (kw === 1) return { rows: 1, down: 0, taps: kh, right: dh * row };
  return { rows: kh, down: dh * row, taps: kw, right: dw * column };
}

/** Taps of each step of a row. */
const stepsOf = ({ taps }: Taps): number[] =>
  Array.from({ length: Math.ceil(taps / together) }, (_, i) => Math.min(together, taps - i * together));

/** Where a tile of positions works. */
interface Tile {
  readonly x: Cursor;
  readonly high: number;
  /** Elements of x from one position to the next. */
  readonly step: number;
  readonly w: Place;
  readonly factors: Place;
}

/** Channels are the inner loop, so that the rows a window sees stay in the cache. */
export function emitDepthwise(e: Emission, c: Convolution): void {
  const { code } = e;
  const finish = c.finish ?? plain;
  const taps = tapsOf(c);
  const [weights, numbers] = [packWeights(c, taps), packFactors(c, finish)];
  const [ws, fs] = [e.constant("i16", weights), e.constant("i32", numbers)];
  const positions = bestLast(merged(positionsOf(c)), tile);
  const [outer, last] = [positions.slice(0, -1), positions.at(-1)!];
  const high = Math.min(tile, last.count);
  const from = { ...c.x.view, strides: outer.map((t) => t.x) };
  const to = { ...c.y.view, strides: outer.map((t) => t.y) };
  const counts = outer.map((t) => t.count);
  nest(code, counts, [from, to], (x, y) => {
    const [w, f] = [code.variable(0), code.variable(0)];
    const channels = bytesPer(x!, 2, y!, finish.slot);
    steps(code, c.groups, width, channels, ([xc, yc]) => {
      const factors = byteAt(fs, f.value);
      const along = bytesPer(x!.at(xc!), 2 * last.x, y!.at(yc!), finish.slot * last.y);
      steps(code, last.count, high, along, ([xp, yp]) => {
        const at = { x: x!.at(xp!), high, step: last.x, w: byteAt(ws, w.value), factors };
        for (const [i, sums] of emitSums(code, taps, at).entries())
          storeSums(code, finish, y!.at(yp!).place(i * last.y), sums, factors);
      });
      w.set(add(w.value, (2 * weights.length) / blocksOf(c)));
      f.set(add(f.value, (4 * numbers.length) / blocksOf(c)));
    });
  });
}

const bytesPer = (x: Cursor, xBytes: number, y: Cursor, yBytes: number) =>
  [
    [x.pointer, xBytes],
    [y.pointer, yBytes],
  ] as const;

function positionsOf(c: Convolution): readonly Turns[] {
  const [x, y] = [c.x.view.strides, c.y.view.strides];
  return [1, ...c.stride].map((stride, d) => ({ count: c.y.shape[d]!, x: stride * x[d]!, y: y[d]! }));
}

type Halves = readonly [low: Expr, high: Expr];

/** Per position the sums of channels 0 to 3 and of 4 to 7. */
function emitSums(code: Code, { rows, down, taps, right }: Taps, at: Tile): readonly Halves[] {
  const init = [0, 16].map((b) => code.let(loadLanes(further(at.factors, b))));
  const sums = Array.from({ length: at.high }, () => init.map((v) => code.variable(v)));
  const [row, w] = [code.variable(at.x.pointer), code.variable(at.w.pointer)];
  code.repeat(rows, () => {
    const x = code.variable(row.value);
    const step = (count: number) => {
      emitTaps(code, at, sums, x.value, w.value, count, right);
      x.set(add(x.value, 2 * count * right));
      w.set(add(w.value, 32 * Math.ceil(count / 2)));
    };
    code.repeat(Math.floor(taps / together), () => step(together));
    if (taps % together > 0) step(taps % together);
    row.set(add(row.value, 2 * down));
  });
  return sums.map(([low, high]) => [low!.value, high!.value]);
}

/** Adds the products of `count` taps of a row; positions share the inputs that they have in common. */
function emitTaps(
  code: Code,
  at: Tile,
  sums: readonly (readonly Variable[])[],
  x: Expr,
  w: Expr,
  count: number,
  right: number,
): void {
  const loaded = new Map<number, Expr>();
  const input = (offset: number): Expr => {
    const value = loaded.get(offset) ?? code.let(loadLanes(at.x.at(x).place(offset)));
    loaded.set(offset, value);
    return value;
  };
  for (let t = 0; t < count; t += 2) {
    const weights = [0, 16].map((b) => code.let(loadLanes({ ...at.w, pointer: w, offset: 16 * t + b })));
    for (const [i, halves] of sums.entries()) {
      const tap = (n: number) => input(i * at.step + n * right);
      const [a, b] = [tap(t), tap(Math.min(t + 1, count - 1))];
      for (const [h, pair] of [interleaveLow(a, b), interleaveHigh(a, b)].entries())
        halves[h]!.set(add4(halves[h]!.value, dot(pair, weights[h]!)));
    }
  }
}

function storeSums(code: Code, finish: Finish, to: Place, [low, high]: Halves, factors: Place): void {
  const own = (half: number) => further(factors, 32 + half * finish.words * 4);
  finish.storePair(code, to, finish.apply(low, own(0)), finish.apply(high, own(1)));
}

const blocksOf = ({ groups }: Convolution): number => Math.ceil(groups / width);
/** First channel of each block: the last one may overlap the one before. */
const channelsOf = (c: Convolution): number[] =>
  Array.from({ length: blocksOf(c) }, (_, b) => Math.min(b * width, c.groups - width));

/** By block, row, step, pair of taps, channel, tap of the pair; an odd tap's partner is 0. */
function packWeights(c: Convolution, taps: Taps): Int16Array {
  const rowSteps = stepsOf(taps);
  const pairs = rowSteps.reduce((n, count) => n + Math.ceil(count / 2), 0);
  const packed = new Int16Array(blocksOf(c) * taps.rows * pairs * 2 * width);
  let to = 0;
  for (const channel of channelsOf(c)) {
    let first = 0;
    for (let row = 0; row < taps.rows; row++)
      for (const count of rowSteps) {
        for (let t = 0; t < count; t += 2, to += 2 * width)
          for (let i = 0; i < width; i++) {
            const from = (channel + i) * taps.rows * taps.taps + first + t;
            packed[to + 2 * i] = Number(c.w[from]);
            if (t + 1 < count) packed[to + 2 * i + 1] = Number(c.w[from + 1]);
          }
        first += count;
      }
  }
  return packed;
}

/** By block: what eight sums start from, then what finishes them. */
function packFactors(c: Convolution, finish: Finish): Int32Array {
  const words = width + 2 * finish.words;
  const packed = new Int32Array(blocksOf(c) * words);
  for (const [b, channel] of channelsOf(c).entries()) {
    if (c.init) packed.set(c.init.subarray(channel, channel + width), b * words);
    for (const half of [0, 1])
      finish.fill(
        packed,
        b * words + width + half * finish.words,
        [0, 1, 2, 3].map((lane) => channel + 4 * half + lane),
      );
  }
  return packed;
}
