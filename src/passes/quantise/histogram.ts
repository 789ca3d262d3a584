/** What calibration keeps of a value: extremes, then a histogram between them. */
import type { Data } from "../../ir/storage.js";
import type { Interval } from "./activation.js";

export interface Histogram extends Interval {
  readonly counts: Float64Array;
  total: number;
}

export function extremes(data: Data, so: Interval = { low: Infinity, high: -Infinity }): Interval {
  let { low, high } = so;
  for (let i = 0; i < data.length; i++) {
    const v = Number(data[i]);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

export const emptyHistogram = ({ low, high }: Interval, bins: number): Histogram => ({
  low,
  high,
  counts: new Float64Array(bins),
  total: 0,
});

export function count(histogram: Histogram, data: Data): void {
  const { low, high, counts } = histogram;
  const bins = counts.length;
  const perBin = high > low ? bins / (high - low) : 0;
  for (let i = 0; i < data.length; i++)
    counts[Math.min(bins - 1, Math.floor((Number(data[i]) - low) * perBin))]!++;
  histogram.total += data.length;
}

const middle = ({ low, high, counts }: Histogram, bin: number): number =>
  low + ((bin + 0.5) * (high - low)) / counts.length;

/** Leaves out the outermost values: `percent` of all lie inside, as many left out below as above. A side with no values of its sign stays. */
export function percentileRange(histogram: Histogram, percent: number): Interval {
  const { low, high, counts, total } = histogram;
  const outside = (total * (1 - percent / 100)) / 2;
  const width = (high - low) / counts.length;
  const skip = (bins: Iterable<number>): number => {
    let [left, skipped] = [outside, 0];
    for (const count of bins) {
      if (count > left) break;
      left -= count;
      skipped++;
    }
    return Math.min(skipped, counts.length - 1);
  };
  return {
    low: low >= 0 ? low : Math.min(low + skip(counts) * width, 0),
    high: high <= 0 ? high : Math.max(high - skip([...counts].reverse()) * width, 0),
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
