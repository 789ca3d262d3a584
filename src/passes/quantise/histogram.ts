/** What calibration keeps of a value: its extremes, and a histogram that grows with them, so that data is read once. */
import type { Data } from "../../ir/storage.js";
import type { Interval } from "./activation.js";

export interface Histogram {
  /** Extremes seen; `low` is above `high` before the first value. */
  low: number;
  high: number;
  /** The first bin begins here. */
  from: number;
  /** Of a bin; 0 before the first values. */
  width: number;
  readonly counts: Float64Array;
  total: number;
}

/** `bins` is even, for growing merges pairs; at least a quarter of them lie between the extremes, however these were reached. */
export const emptyHistogram = (bins: number): Histogram => ({
  low: Infinity,
  high: -Infinity,
  from: 0,
  width: 0,
  counts: new Float64Array(bins),
  total: 0,
});

/** The index of the first value that is not finite, before which nothing is counted; otherwise undefined. */
export function count(histogram: Histogram, data: Data): number | undefined {
  let [low, high] = [histogram.low, histogram.high];
  for (let i = 0; i < data.length; i++) {
    const v = Number(data[i]);
    if (!Number.isFinite(v)) return i;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  cover(histogram, low, high);
  const { from, width, counts } = histogram;
  const last = counts.length - 1;
  for (let i = 0; i < data.length; i++)
    counts[Math.min(last, Math.max(0, Math.floor((Number(data[i]) - from) / width)))]!++;
  histogram.total += data.length;
  return undefined;
}

/** Bins over [low, high]: laid out for the first values, then doubled on the side where there are too few. */
function cover(h: Histogram, low: number, high: number): void {
  const bins = h.counts.length;
  if (h.width === 0) {
    // A single value gets bins as fine as f32 distinguishes.
    h.width = Math.max((high - low) / bins, Math.abs(high) * 2 ** -24, Number.MIN_VALUE * bins);
    h.from = low;
  }
  while (low < h.from) {
    mergePairs(h.counts, bins / 2);
    h.from -= h.width * bins;
    h.width *= 2;
  }
  while (high > h.from + h.width * bins) {
    mergePairs(h.counts, 0);
    h.width *= 2;
  }
  [h.low, h.high] = [low, high];
}

/** All counts in half as many bins, from bin `to` on; the others become empty. */
function mergePairs(counts: Float64Array, to: number): void {
  const merged = Float64Array.from(
    { length: counts.length / 2 },
    (_, i) => counts[2 * i]! + counts[2 * i + 1]!,
  );
  counts.fill(0);
  counts.set(merged, to);
}

/** The middle of a bin, as far as it lies between the extremes. */
const middle = ({ low, high, from, width }: Histogram, bin: number): number =>
  Math.min(Math.max(from + (bin + 0.5) * width, low), high);

/** Leaves out the outermost values: `percent` of all lie inside, as many left out below as above. A side with no values of its sign stays. */
export function percentileRange(histogram: Histogram, percent: number): Interval {
  const { low, high, from, width, counts, total } = histogram;
  const outside = (total * (1 - percent / 100)) / 2;
  const skip = (bins: Iterable<number>): number => {
    let [left, skipped] = [outside, 0];
    for (const count of bins) {
      if (count > left) break;
      left -= count;
      skipped++;
    }
    return Math.min(skipped, counts.length - 1);
  };
  const until = from + width * counts.length;
  const below = Math.max(low, from + skip(counts) * width);
  const above = Math.min(high, until - skip(counts.toReversed()) * width);
  return {
    low: low >= 0 ? low : Math.min(below, 0),
    high: high <= 0 ? high : Math.max(above, 0),
  };
}

/** Parts of the full range that `mseRange` tries. */
const parts = Array.from({ length: 40 }, (_, i) => 1 - i * 0.02);

/** The part of the range, shrunk on both sides alike, in which `levels` steps give the smallest squared error, clipped values included. */
export function mseRange(histogram: Histogram, levels: number): Interval {
  const { low, high, counts } = histogram;
  let [best, least] = [1, Infinity];
  for (const part of parts) {
    const [from, to] = [Math.min(low, 0) * part, Math.max(high, 0) * part];
    const step = (to - from) / levels;
    if (!(step > 0)) continue;
    let error = 0;
    for (let bin = 0; bin < counts.length; bin++) {
      if (counts[bin] === 0) continue;
      const x = middle(histogram, bin);
      const beyond = x < from ? from - x : x > to ? x - to : 0;
      // A rounded value is off by a uniform error: step^2 / 12 on average.
      error += counts[bin]! * (beyond > 0 ? beyond ** 2 : step ** 2 / 12);
    }
    if (error < least) [best, least] = [part, error];
  }
  return { low: low >= 0 ? low : low * best, high: high <= 0 ? high : high * best };
}
