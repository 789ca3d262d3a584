/** The multiply-accumulate of two values, in scalars: register-blocked, over any strides. */
import type { Code } from "./code.js";
import { add, type Expr, mul, sub } from "./expr.js";
import { type Cursor, nest, type View } from "./view.js";

/** A loop and how far each stream moves per turn, in elements. */
export interface Axis {
  readonly count: number;
  /** Turns that are computed together, sharing what they load. */
  readonly block?: number;
  readonly x: number;
  readonly w: number;
  readonly y: number;
}
/** A loop that is summed over. */
export interface Sum {
  readonly count: number;
  readonly x: number;
  readonly w: number;
}

const names = ["x", "w", "y"] as const;

/** Where a stream of the contraction begins. */
export interface Streams<S> {
  readonly x: S;
  readonly w: S;
  readonly y: S;
}
export type Start = Omit<View, "strides">;

/** Sums that fit into registers beside what they multiply. */
const sumsPerTile = 8;

/** How many positions and output channels to compute together: 2 x 4 where there are enough of both. */
export function blocksFor(positions: number, channels: number): { positions: number; channels: number } {
  const wide = Math.min(channels, sumsPerTile / 2);
  const high = Math.min(positions, Math.floor(sumsPerTile / wide));
  return { positions: high, channels: high === 1 ? Math.min(channels, sumsPerTile) : wide };
}

export interface Contraction {
  readonly streams: Streams<Start>;
  readonly axes: readonly Axis[];
  readonly sums: readonly Sum[];
  /** Taken from x and w as they are loaded. */
  readonly zeros: readonly [x: number, w: number];
}

/** y[axes] = sum over `sums` of (x - zero) * (w - zero). It wraps, yet is exact: the whole sum provably fits. */
export function contract(code: Code, c: Contraction): void {
  const axes = mergedAxes(c.axes);
  const first = axes.findIndex((axis) => axis.block);
  const [outer, blocked] = first < 0 ? [axes, []] : [axes.slice(0, first), axes.slice(first)];
  nestStreams(code, outer, c.streams, (streams) => {
    for (const parts of product(blocked.map(partsOf))) {
      const tile = parts.filter((p) => p.size > 1);
      nestStreams(code, parts.map(stepsOf), begins(streams, parts), (at) => emitTile(code, c, at, tile));
    }
  });
}

/** Axes that run once go; two become one where all streams step through them evenly. */
function mergedAxes(axes: readonly Axis[]): Axis[] {
  const kept: Axis[] = [];
  for (const axis of axes) {
    const outer = kept.at(-1);
    if (axis.count === 1) continue;
    if (outer && names.every((name) => outer[name] === axis[name] * axis.count))
      kept[kept.length - 1] = { ...axis, count: outer.count * axis.count };
    else kept.push(axis);
  }
  return kept;
}

/** A stretch of an axis: `count` blocks of `size` turns, from turn `from` on. */
interface Part {
  readonly axis: Axis;
  readonly from: number;
  readonly count: number;
  readonly size: number;
}
/** Whole blocks, then what is left. */
function partsOf(axis: Axis): Part[] {
  const size = axis.block ?? 1;
  const whole = Math.floor(axis.count / size);
  const parts = [
    { axis, from: 0, count: whole, size },
    { axis, from: whole * size, count: 1, size: axis.count % size },
  ];
  return parts.filter((p) => p.count > 0 && p.size > 0);
}
const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]]);

type Steps = Readonly<Record<(typeof names)[number], number>>;
const times = (axis: Steps, n: number): Steps => ({
  x: axis.x * n,
  w: axis.w * n,
  y: axis.y * n,
});
const plus = (a: Steps, b: Steps): Steps => ({
  x: a.x + b.x,
  w: a.w + b.w,
  y: a.y + b.y,
});
const none: Steps = { x: 0, w: 0, y: 0 };

const stepsOf = ({ axis, count, size }: Part): Axis => ({ ...times(axis, size), count });

function begins(streams: Streams<Start>, parts: readonly Part[]): Streams<Start> {
  const offset = parts.reduce((sum, p) => plus(sum, times(p.axis, p.from)), none);
  const moved = (s: Start, by: number): Start => ({ ...s, start: s.start + by });
  const { x, w, y } = streams;
  return {
    x: moved(x, offset.x),
    w: moved(w, offset.w),
    y: moved(y, offset.y),
  };
}

/** `nest` over the streams. */
function nestStreams(
  code: Code,
  axes: readonly Axis[],
  streams: Streams<Start>,
  body: (at: Streams<Cursor>) => void,
): void {
  const views = names.map((name): View => ({ ...streams[name], strides: axes.map((axis) => axis[name]) }));
  const counts = axes.map((axis) => axis.count);
  nest(code, counts, views, (x, w, y) => body({ x: x!, w: w!, y: y! }));
}

/** One sum per turn of the blocked axes; an element that several need is loaded once. */
function emitTile(code: Code, c: Contraction, at: Streams<Cursor>, tile: readonly Part[]): void {
  const turns = product(tile.map((p) => Array.from({ length: p.size }, (_, i) => times(p.axis, i))));
  const points = turns.map((steps) => steps.reduce(plus, none));
  const sums = points.map(() => code.variable(0));
  const views = [at.x.view(c.sums.map((s) => s.x)), at.w.view(c.sums.map((s) => s.w))];
  const [zx, zw] = c.zeros;
  const counts = c.sums.map((s) => s.count);
  nest(code, counts, views, (x, w) => {
    const [xs, ws] = [loadOnce(code, x!, zx), loadOnce(code, w!, zw)];
    for (const [i, p] of points.entries()) sums[i]!.set(add(sums[i]!.value, mul(xs(p.x), ws(p.w))));
  });
  for (const [i, p] of points.entries()) at.y.store(code, sums[i]!.value, p.y);
}

function loadOnce(code: Code, cursor: Cursor, zero: number): (offset: number) => Expr {
  const loaded = new Map<number, Expr>();
  return (offset) => {
    const value = loaded.get(offset) ?? code.let(sub(cursor.load(offset), zero));
    loaded.set(offset, value);
    return value;
  };
}
