/** Weights and factors in the order in which the vector kernels read them. */
import type { Finish } from "../finish.js";
import { pairsOf, type Sum } from "./sum.js";

/** Channels of one vector of sums. */
export const width = 4;

/** First channel of vector `v` of `channels`: the last vector may overlap the one before, so that it is full. */
export const channelOf = (v: number, channels: number): number =>
  Math.max(0, Math.min(v * width, channels - width));

interface Weighted extends Sum {
  readonly w: ArrayLike<number | bigint>;
  readonly init: Int32Array | undefined;
  readonly channels: number;
  readonly groups: { readonly count: number };
}

/** Calls `each` for every vector of every group: its block's first vector, its index and size, its channels. */
function forVectors(
  { channels, groups }: Weighted,
  blocks: readonly number[],
  each: (first: number, v: number, size: number, channel: number, count: number) => void,
): void {
  const perGroup = channels / groups.count;
  const count = Math.min(width, perGroup);
  let first = 0;
  for (let g = 0; g < groups.count; g++) {
    let inGroup = 0;
    for (const size of blocks) {
      for (let v = 0; v < size; v++)
        each(first, v, size, g * perGroup + channelOf(inGroup + v, perGroup), count);
      inGroup += size;
      first += size;
    }
  }
}

const vectorsOf = ({ groups }: Weighted, blocks: readonly number[]): number =>
  groups.count * blocks.reduce((a, b) => a + b, 0);

/** By block of vectors, pair of inputs, vector, channel, input of the pair; what there is not is 0. */
export function packWeights(p: Weighted, blocks: readonly number[]): Int16Array {
  const pairs = pairsOf(p);
  const vector = 2 * width;
  const packed = new Int16Array(vectorsOf(p, blocks) * pairs * vector);
  const taps = p.w.length / p.channels;
  forVectors(p, blocks, (first, v, size, channel, count) => {
    for (let lane = 0; lane < count; lane++) {
      let from = (channel + lane) * taps;
      const end = from + taps;
      let to = (first * pairs + v) * vector + 2 * lane;
      for (; from < end; )
        for (let r = 0; r < p.run; r += 2) {
          packed[to] = Number(p.w[from++]);
          if (r + 1 < p.run) packed[to + 1] = Number(p.w[from++]);
          to += size * vector;
        }
    }
  });
  return packed;
}

/** By vector: what four sums start from, then what finishes them. */
export function packFactors(p: Weighted, blocks: readonly number[], finish: Finish): Int32Array {
  const words = width + finish.words;
  const packed = new Int32Array(vectorsOf(p, blocks) * words);
  forVectors(p, blocks, (first, v, _, channel, count) => {
    const at = (first + v) * words;
    if (p.init) packed.set(p.init.subarray(channel, channel + count), at);
    finish.fill(
      packed,
      at + width,
      [0, 1, 2, 3].map((lane) => channel + lane),
    );
  });
  return packed;
}
