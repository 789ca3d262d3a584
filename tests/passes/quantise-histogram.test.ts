/** Histograms that grow while data comes in say the same as those laid out for data known beforehand. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { count, emptyHistogram, mseRange, percentileRange } from "../../src/passes/quantise/histogram.js";
import { seed, suite } from "../harness.js";

const test = suite("growing histograms");
const bins = 64;

const chunk = fc
  .tuple(
    fc.float({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { maxLength: 40 }),
  )
  .map(([scale, unit]) => Float32Array.from(unit, (v) => v * scale));

test("extremes are exact, every value is counted, in the bin that holds it or beside it", () =>
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 8 }), (chunks) => {
      const all = chunks.flatMap((c) => [...c]);
      if (all.length === 0) return;
      const h = emptyHistogram(bins);
      for (const c of chunks) if (c.length > 0) assert.is(count(h, c), undefined);
      assert.is(h.low, Math.min(...all));
      assert.is(h.high, Math.max(...all));
      assert.is(h.total, all.length);
      assert.is(
        h.counts.reduce((a, b) => a + b, 0),
        all.length,
      );
      // What lies below a bin's begin, by the counts and by the data, a bin to each side allowed for rounding.
      for (const bin of [1, bins / 4, bins / 2, bins - 1]) {
        const below = h.counts.subarray(0, bin).reduce((a, b) => a + b, 0);
        const edge = h.from + bin * h.width;
        assert.ok(below >= all.filter((v) => v < edge - h.width).length);
        assert.ok(below <= all.filter((v) => v < edge + h.width).length);
      }
    }),
    { seed, numRuns: 300 },
  ));

test("at least a quarter of the bins lie between the extremes, for values spread by more than rounding", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 }),
      (values) => {
        const h = emptyHistogram(bins);
        for (const v of values) count(h, Float32Array.of(v));
        if (h.high > h.low) assert.ok((h.high - h.low) / h.width >= bins / 4 - 1e-9);
      },
    ),
    { seed, numRuns: 300 },
  ));

test("one value, and values that are all equal", () => {
  for (const v of [0, -3.5, 1e-38, 1e38]) {
    const h = emptyHistogram(bins);
    count(h, Float32Array.of(v, v));
    assert.equal([h.low, h.high, h.total], [Math.fround(v), Math.fround(v), 2]);
    assert.ok(h.width > 0 && Number.isFinite(h.width));
  }
});

test("the first value that is not finite is named, and nothing is counted", () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    const h = emptyHistogram(bins);
    count(h, Float32Array.of(1, 2));
    assert.is(count(h, Float32Array.of(3, bad, 4)), 1);
    assert.is(h.total, 2);
    assert.is(h.high, 2);
  }
});

/** 0, 1, ..., 9999, in pieces that make the histogram grow. */
const ramp = () => {
  const h = emptyHistogram(8192);
  for (let i = 0; i < 100; i++)
    count(
      h,
      Float32Array.from({ length: 100 }, (_, k) => 100 * i + k),
    );
  return h;
};

test("percentileRange leaves out as many values as it says", () => {
  const { low, high } = percentileRange(ramp(), 90);
  assert.is(low, 0, "a side without values of its sign stays");
  assert.ok(Math.abs(high - 9500) < 10, `high is ${high}`);
  assert.equal(percentileRange(ramp(), 100), { low: 0, high: 9999 });
});

test("mseRange keeps a uniform range and cuts off far outliers", () => {
  assert.equal(mseRange(ramp(), 255), { low: 0, high: 9999 });
  const h = emptyHistogram(8192);
  count(
    h,
    Float32Array.from({ length: 10000 }, (_, i) => Math.sin(i)),
  );
  count(h, Float32Array.of(8, -8));
  const { high } = mseRange(h, 15);
  assert.ok(high < 4, `4 bits for values within 1 and two of 8: high is ${high}`);
});

test.run();
