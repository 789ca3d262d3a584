/** Interval analysis: what every value of an integer graph can be. The accumulator proof and the 32-bit paths rest on it. */
import { guarded } from "./fault.js";
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
const storageBounds = (type: TensorType): Bounds =>
  interval(storages[type.storage].min, storages[type.storage].max);

export const lowest = (b: Bounds): number => b.lo.reduce((a, v) => Math.min(a, v), Infinity);
export const highest = (b: Bounds): number => b.hi.reduce((a, v) => Math.max(a, v), -Infinity);
export const flat = (b: Bounds): Bounds => interval(lowest(b), highest(b));
export const at = (b: Bounds, channel: number): { lo: number; hi: number } => ({
  lo: b.lo[b.lo.length === 1 ? 0 : channel]!,
  hi: b.hi[b.hi.length === 1 ? 0 : channel]!,
});

export function union(all: readonly Bounds[]): Bounds {
  return interval(
    all.reduce((lo, b) => Math.min(lo, lowest(b)), Infinity),
    all.reduce((hi, b) => Math.max(hi, highest(b)), -Infinity),
  );
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
 * Bounds of y[c] = bias[c] + sum of x * weights[c, ...] with x in [lo, hi].
 * `partial` is the order-free bound sum|w| * max|x| + |bias| of the integer specification.
 */
export function weightedSum(
  channels: number,
  x: { lo: number; hi: number; magnitude: number },
  weights: ArrayLike<number>,
  bias: (channel: number) => number,
): Bounds {
  const taps = weights.length / channels;
  const result = {
    lo: new Array<number>(channels),
    hi: new Array<number>(channels),
    partial: new Array<number>(channels),
  };
  for (let c = 0; c < channels; c++) {
    let [positive, negative] = [0, 0];
    for (let t = c * taps; t < (c + 1) * taps; t++) {
      const w = weights[t]!;
      if (w > 0) positive += w;
      else negative += w;
    }
    const b = bias(c);
    result.lo[c] = b + positive * x.lo + negative * x.hi;
    result.hi[c] = b + positive * x.hi + negative * x.lo;
    result.partial[c] = Math.abs(b) + (positive - negative) * x.magnitude;
  }
  return result;
}

const known = (value: Value, bounds: Bounds): Known =>
  isParam(value) ? { type: value.type, bounds, data: value.data } : { type: value.type, bounds };

function dataBounds(data: Data): Bounds {
  let [lo, hi] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    const v = Number(data[i]);
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return interval(lo, hi);
}

function resultBounds(node: Node, of: (value: Value) => Bounds): Bounds {
  const { op, operands, attrs, result } = node;
  if (op.bounds) {
    const x = bind(
      op,
      operands.map((v) => known(v, of(v))),
    );
    return guarded(`bounds of ${op.name}`, node, () => op.bounds!(x, attrs as never, result.type));
  }
  if (op.traits.includes("reads")) {
    const zero = zeroPoint(result.type);
    return union([...operands.map(of), interval(zero, zero)]);
  }
  return storageBounds(result.type);
}

const analysed = new WeakMap<Graph, ReadonlyMap<Value, Bounds>>();

/** Intervals of all values of an integer graph; inputs may be anything their storage holds. Graphs are immutable: each is analysed once. */
export function boundsOf(graph: Graph): ReadonlyMap<Value, Bounds> {
  const had = analysed.get(graph);
  if (had) return had;
  const all = extendBounds(graph, new Map());
  analysed.set(graph, all);
  return all;
}

/** Carries an earlier analysis of a growing graph's beginning on to its end, in place. */
export function extendBounds(graph: Graph, all: Map<Value, Bounds>): ReadonlyMap<Value, Bounds> {
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
