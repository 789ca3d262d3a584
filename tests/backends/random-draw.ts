/** Drawing of types and data for random graphs: extremes first, everything small enough to prove. */
import fc from "fast-check";
import type { GraphBuilder } from "../../src/ir/build.js";
import type { Param, Value } from "../../src/ir/graph.js";
import { activationStorages, type Data, type IntStorage, storages } from "../../src/ir/storage.js";
import { allocate, type Tensor } from "../../src/ir/tensor.js";
import { elements, type TensorType, tensorType, zeroPoint } from "../../src/ir/type.js";

/** Choices, each of which fast-check knows how to shrink. */
export interface Draw {
  int(lo: number, hi: number): number;
  bool(): boolean;
  pick<T>(list: readonly T[]): T;
}

export const drawFrom = (g: fc.GeneratorValue): Draw => {
  const int = (lo: number, hi: number) => g(fc.integer, { min: lo, max: hi });
  return { int, bool: () => g(fc.boolean), pick: (list) => list[int(0, list.length - 1)]! };
};

/** A small deterministic noise: one seed from fast-check instead of a draw per element. */
function noise(seed: number): () => number {
  let state = (seed | 0) ^ 0x9e3779b9;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

export const largest = 2 ** 31 - 1;
export const byteStorages = activationStorages.filter((s) => s !== "i16");

const patterns = [
  "noise",
  "noise",
  "noise",
  "noise",
  "lowest",
  "highest",
  "zero",
  "alternating",
  "edges",
] as const;

/** Elements within [lo, hi]: noise, or one of the patterns that break kernels. */
export function drawData(
  d: Draw,
  storage: IntStorage,
  count: number,
  lo: number,
  hi: number,
  zero = 0,
): Data {
  const data = allocate(storage, count) as Int32Array;
  const [pattern, random] = [d.pick(patterns), noise(d.int(0, 2 ** 30))];
  const calm = Math.min(Math.max(zero, lo), hi);
  const of: Record<(typeof patterns)[number], (i: number) => number> = {
    noise: () => Math.min(hi, lo + Math.floor(random() * (hi - lo + 1))),
    lowest: () => lo,
    highest: () => hi,
    zero: () => calm,
    alternating: (i) => (i % 2 === 0 ? lo : hi),
    edges: () => [lo, hi, calm][Math.floor(random() * 3)]!,
  };
  for (let i = 0; i < count; i++) data[i] = of[pattern](i);
  return data;
}

/** A tensor for a graph input. */
export function drawTensor(d: Draw, type: TensorType): Tensor {
  const { min, max } = storages[type.storage];
  return { type, data: drawData(d, type.storage as IntStorage, elements(type), min, max, zeroPoint(type)) };
}

/** A type of the given shape, with a zero point at an edge, in the middle, or no scale at all. */
export function drawType(
  d: Draw,
  shape: readonly number[],
  among: readonly IntStorage[] = activationStorages,
): TensorType & { readonly storage: IntStorage } {
  const storage = d.pick(among);
  const { min, max } = storages[storage];
  const zero = d.pick([0, 0, min, max, d.int(min, max)]);
  return {
    ...(d.bool()
      ? tensorType(storage, shape)
      : tensorType(storage, shape, { scale: 2 ** -d.int(0, 8), zero })),
    storage,
  };
}

/** [n, l, c] or [n, h, w, c]. */
export function drawShape(d: Draw, channels = d.int(1, 9)): readonly number[] {
  const n = d.pick([1, 1, 2]);
  return d.bool() ? [n, d.int(1, 12), channels] : [n, d.int(1, 6), d.int(1, 7), channels];
}

/** Largest |x - zero| of a type. */
export function magnitude(type: TensorType): number {
  const { min, max } = storages[type.storage];
  return Math.max(zeroPoint(type) - min, max - zeroPoint(type));
}

/** Weights whose sums with x stay in half of i32, whatever their storage. */
export function drawWeights(d: Draw, b: GraphBuilder, x: TensorType, shape: readonly number[]): Param {
  const storage = d.pick(["i8", "i8", "i16", "i4", "i2"] as const);
  const terms = shape.slice(1).reduce((p, q) => p * q, 1);
  const limit = Math.floor(largest / 2 / (terms * magnitude(x)));
  const { min, max } = storages[storage];
  const data = drawData(d, storage, terms * shape[0]!, Math.max(min, -limit), Math.min(max, limit));
  return b.param("w", tensorType(storage, shape), data);
}

/** Biases that use up what the weights leave of i32, or stay small. */
export function drawBias(d: Draw, b: GraphBuilder, x: TensorType, w: Param): Param {
  const channels = w.type.shape[0] as number;
  const terms = w.data.length / channels;
  const data = new Int32Array(channels);
  const random = noise(d.int(0, 2 ** 30));
  const extreme = d.bool();
  for (let o = 0; o < channels; o++) {
    let used = 0;
    for (let t = 0; t < terms; t++) used += Math.abs(Number(w.data[o * terms + t])) * magnitude(x);
    const room = extreme ? largest - used : 1000;
    data[o] = extreme && random() < 0.5 ? -room : Math.floor((2 * random() - 1) * room);
  }
  return b.param("b", tensorType("i32", [channels]), data);
}

export const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
export const shapeOf = (v: Value): readonly number[] => v.type.shape as readonly number[];
export const divisors = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((g) => n % g === 0);
