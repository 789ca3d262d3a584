/** Weights as integers with a scale per output channel. */
import { type IntStorage, storages } from "../../ir/storage.js";
import type { Bits } from "./activation.js";
import { exactRatio } from "./multiplier.js";

export interface WeightOptions {
  readonly bits: Bits;
  readonly perChannel: boolean;
  /** `max`: the largest weight is stored exactly; `mse`: large weights are clipped where that makes the squared error smaller. */
  readonly method: "max" | "mse";
  readonly exactMultipliers: boolean;
}
/** What the layer says beside its weights. */
export interface LayerScales {
  /** Scale of the input, and scale of what the sum is requantised to; both without channels. */
  readonly input: number;
  readonly output: number;
  /** Largest |x - zero| of the stored input. */
  readonly reach: number;
  /** Steepest slope between the sum and what is requantised; 1 without a bend. */
  readonly steepest: number;
  /** What is requantised reaches this far where the sum reaches `reach`. */
  widened(reach: number): number;
}
export interface QuantisedWeights {
  readonly storage: IntStorage;
  readonly weights: Int8Array;
  /** One per output channel; all equal where `perChannel` is off. f32, as params hold them. */
  readonly scales: Float32Array;
  readonly bias?: Int32Array;
}

/** A weight grid at most this much coarser, for a multiplier without any error. */
const latticeGrowth = 1 / 64;
/** Larger biases would leave too little of 32 bits to the sum. */
const biasLimit = 2 ** 28;
/** Parts of the largest weight that `mse` tries as the largest stored one. */
const clips = Array.from({ length: 13 }, (_, i) => 1 - i * 0.05);

/**
 * Integers and scales of `weights` [Co, ...], `bias` [Co] at the scale of the sum. Scales stand on the lattice on which the
 * requantisation's multiplier is exact, where that costs no more than 1/64 of the weight grid.
 */
export function quantiseWeights(
  weights: Float32Array,
  bias: Float32Array | undefined,
  channels: number,
  layer: LayerScales,
  options: WeightOptions,
): QuantisedWeights {
  const storage: IntStorage = `i${options.bits}`;
  const taps = weights.length / channels;
  const rows = Array.from({ length: channels }, (_, c) => weights.subarray(c * taps, (c + 1) * taps));
  const wishes = rows.map((row, c) => {
    const wish = Math.max(rowScale(row, storage, options.method), biasScale(bias?.[c] ?? 0, layer.input));
    if (wish === 0) return layer.output / layer.input / 2 ** 8;
    // At a smaller scale not even the largest sum would reach half a step of the result.
    return Math.max(wish, layer.output / layer.input / layer.steepest / 2 ** 31);
  });
  const reach = (c: number, scale: number): number => {
    const sum = rounded(rows[c]!, scale, storage).reduce((total, w) => total + Math.abs(w), 0);
    return sum * layer.reach + Math.ceil(Math.abs(bias?.[c] ?? 0) / (layer.input * scale)) + 1;
  };
  const settle = (scale: number, most: number): number =>
    Math.fround(options.exactMultipliers ? onLattice(scale, most, layer) : scale);
  const widest = wishes.reduce((most, w) => Math.max(most, w), 0);
  const common = settle(
    widest,
    rows.reduce((most, _, c) => Math.max(most, reach(c, widest)), 0),
  );
  const scales = Float32Array.from(wishes, (wish, c) =>
    options.perChannel ? settle(wish, reach(c, wish)) : common,
  );
  const integers = new Int8Array(weights.length);
  for (const [c, row] of rows.entries()) integers.set(rounded(row, scales[c]!, storage), c * taps);
  const biases = bias && Int32Array.from(bias, (b, c) => Math.floor(b / (layer.input * scales[c]!) + 0.5));
  return { storage, weights: integers, scales, ...(biases ? { bias: biases } : {}) };
}

/** The next scale up at which the sum's multiplier is exact; the sum stays within `reach`, for weights only get smaller. */
function onLattice(scale: number, reach: number, { input, output, widened }: LayerScales): number {
  const unit = input / output;
  const exact = exactRatio(unit * scale, widened(reach), latticeGrowth);
  return exact === undefined ? scale : exact / unit;
}

const biasScale = (bias: number, input: number): number => Math.abs(bias) / (input * biasLimit);

function rowScale(row: Float32Array, storage: IntStorage, method: "max" | "mse"): number {
  const { min, max } = storages[storage];
  const widest = row.reduce((most, w) => Math.max(most, w / max, w / min), 0);
  if (method === "max" || widest === 0) return widest;
  let [best, least] = [widest, Infinity];
  for (const clip of clips) {
    const error = squaredError(row, widest * clip, storage);
    if (error < least) [best, least] = [widest * clip, error];
  }
  return best;
}

// Written as loops: a search over bits quantises the same network hundreds of times.
function squaredError(row: Float32Array, scale: number, storage: IntStorage): number {
  const { min, max } = storages[storage];
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    const w = row[i]!;
    const q = Math.min(Math.max(Math.floor(w / scale + 0.5), min), max);
    sum += (w - q * scale) ** 2;
  }
  return sum;
}

function rounded(row: Float32Array, scale: number, storage: IntStorage): Int8Array {
  const { min, max } = storages[storage];
  const integers = new Int8Array(row.length);
  for (let i = 0; i < row.length; i++)
    integers[i] = Math.min(Math.max(Math.floor(row[i]! / scale + 0.5), min), max);
  return integers;
}
