/** Interval analysis: what every value of an integer graph can be. The accumulator proof and the 32-bit paths rest on it. */
import { type Graph, isParam, type Node, type Value } from "./graph.js";
import { bind } from "./op.js";
import { type Data, storages } from "./storage.js";
import { type TensorType, zeroPoint } from "./type.js";

/** Closed intervals, one for the whole tensor or one per index of its last axis. */
export interface Bounds {
  readonly lo: readonly number[];
  readonly hi: readonly number[];
  /** Largest magnitude of any partial sum, in whatever order a kernel adds; per channel like `lo`. */
  readonly partial?: readonly number[];
}

/** An operand as `bounds` sees it: its type, its interval and, for params, its data. */
export interface Known {
  readonly type: TensorType;
  readonly bounds: Bounds;
  readonly data?: Data;
}

export const interval = (lo: number, hi: number): Bounds => ({ lo: [lo], hi: [hi] });
export const storageBounds = (type: TensorType): Bounds =>
  interval(storages[type.storage].min, storages[type.storage].max);

export const lowest = (b: Bounds): number => b.lo.reduce((a, v) => Math.min(a, v), Infinity);
export const highest = (b: Bounds): number => b.hi.reduce((a, v) => Math.max(a, v), -Infinity);
export const flat = (b: Bounds): Bounds => interval(lowest(b), highest(b));
export const at = (b: Bounds, channel: number): { lo: number; hi: number } => ({
  lo: b.lo[b.lo.length === 1 ? 0 : channel]!,
  hi: b.hi[b.hi.length === 1 ? 0 : channel]!,
});

export function union(all: readonly Bounds[]): Bounds {
  return interval(Math.min(...all.map(lowest)), Math.max(...all.map(highest)));
}

/** [lo, hi] * factor, whatever the sign. */
export const scaled = (lo: number, hi: number, factor: number): { lo: number; hi: number } =>
  factor >= 0 ? { lo: lo * factor, hi: hi * factor } : { lo: hi * factor, hi: lo * factor };

/** Interval of x - zero, where the zero point joins x: padding contributes 0. */
export function centred(x: Known): { lo: number; hi: number; magnitude: number } {
  const zero = zeroPoint(x.type);
  const lo = Math.min(lowest(x.bounds) - zero, 0);
  const hi = Math.max(highest(x.bounds) - zero, 0);
  return { lo, hi, magnitude: Math.max(-lo, hi) };
}

/**
 * Bounds of y[c] = bias[c] + sum over `terms(c)` of x * w with x in [lo, hi].
 * `partial` is the order-free bound sum|w| * max|x| + |bias| of the integer specification.
 */
export function weightedSum(
  channels: number,
  x: { lo: number; hi: number; magnitude: number },
  terms: (channel: number, visit: (w: number) => void) => void,
  bias: (channel: number) => number,
): Bounds {
  const lo: number[] = [];
  const hi: number[] = [];
  const partial: number[] = [];
  for (let c = 0; c < channels; c++) {
    let [min, max, magnitude] = [bias(c), bias(c), Math.abs(bias(c))];
    terms(c, (w) => {
      min += w >= 0 ? w * x.lo : w * x.hi;
      max += w >= 0 ? w * x.hi : w * x.lo;
      magnitude += Math.abs(w) * x.magnitude;
    });
    lo.push(min);
    hi.push(max);
    partial.push(magnitude);
  }
  return { lo, hi, partial };
}

const known = (value: Value, bounds: Bounds): Known =>
  isParam(value) ? { type: value.type, bounds, data: value.data } : { type: value.type, bounds };

function dataBounds(data: Data): Bounds {
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of data) [lo, hi] = [Math.min(lo, Number(v)), Math.max(hi, Number(v))];
  return interval(lo, hi);
}

function resultBounds(node: Node, of: (value: Value) => Bounds): Bounds {
  const { op, operands, attrs, result } = node;
  if (op.bounds)
    return op.bounds(
      bind(
        op,
        operands.map((v) => known(v, of(v))),
      ),
      attrs as never,
      result.type,
    );
  if (op.traits.includes("reads")) {
    const zero = zeroPoint(result.type);
    return union([...operands.filter((v) => !isParam(v)).map(of), interval(zero, zero)]);
  }
  return storageBounds(result.type);
}

/**
 * Intervals of all values of an integer graph; inputs may be anything their storage holds.
 * `all` carries on an earlier analysis of the graph's beginning, for graphs under construction.
 */
export function boundsOf(graph: Graph, all = new Map<Value, Bounds>()): ReadonlyMap<Value, Bounds> {
  const of = (value: Value): Bounds => {
    const had = all.get(value);
    if (had) return had;
    const fresh = isParam(value) ? dataBounds(value.data) : storageBounds(value.type);
    all.set(value, fresh);
    return fresh;
  };
  graph.inputs.forEach(of);
  for (const node of graph.nodes) if (!all.has(node.result)) all.set(node.result, resultBounds(node, of));
  return all;
}
