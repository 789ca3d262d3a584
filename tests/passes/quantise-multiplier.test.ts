/** Multipliers of requantisations: products stay in 32 bits, errors stay small, exact ratios are exact. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { exactRatio, half, multiplierFor } from "../../src/passes/quantise/multiplier.js";
import { seed, suite } from "../harness.js";

const test = suite("multipliers");

const ratios = fc.double({ min: 2 ** -40, max: 2 ** 8, noNaN: true });
const reaches = fc.integer({ min: 1, max: 2 ** 30 });
const value = (mul: number, shift: number): number => mul * 2 ** -shift;
const product = (reach: number, mul: number, shift: number): number => reach * mul + Number(half(shift));

test("the multiplier is positive, below 2^31, and as near as the tolerance asks or as 31 bits can be", () =>
  fc.assert(
    fc.property(ratios, reaches, fc.constantFrom(0, 2 ** -20, 2 ** -10, 1), (ratio, reach, tolerance) => {
      const { mul, shift } = multiplierFor(ratio, reach, tolerance);
      assert.ok(Number.isInteger(mul) && mul >= 1 && mul < 2 ** 31);
      assert.ok(Number.isInteger(shift) && shift >= 0 && shift <= 62);
      const error = Math.abs(value(mul, shift) - ratio) / ratio;
      // Ratios below 2^-32 have fewer than 30 bits left of the 62 that a shift can reach.
      const best = Math.max(2 ** -30, 2 ** -63 / ratio);
      assert.ok(error <= Math.max(tolerance, best), `error ${error}`);
      const possible = ratio > 2 ** -30 && reach * ratio < 2 ** 29;
      if (tolerance === 1 && possible)
        assert.ok(product(reach, mul, shift) < 2 ** 31, "the product is narrow");
    }),
    { seed, numRuns: 2000 },
  ));

test("exhaustive for small sums: no wider multiplier has a 32-bit product", () => {
  for (let reach = 2 ** 20; reach < 2 ** 20 + 40; reach++)
    for (let k = 1; k <= 40; k++) {
      const ratio = k / 4001;
      const { mul, shift } = multiplierFor(ratio, reach, 1);
      assert.ok(product(reach, mul, shift) < 2 ** 31);
      const wider = Math.round(ratio * 2 ** (shift + 1));
      assert.ok(
        product(reach, wider, shift + 1) >= 2 ** 31,
        `reach ${reach}, ratio ${ratio}: shift ${shift}`,
      );
    }
});

test("an exact ratio is at most the growth above the wish, and has a multiplier without error in 32 bits", () =>
  fc.assert(
    fc.property(fc.double({ min: 2 ** -30, max: 1, noNaN: true }), reaches, (ratio, reach) => {
      const exact = exactRatio(ratio, reach, 1 / 64);
      if (exact === undefined) return;
      assert.ok(exact >= ratio && exact <= ratio * (1 + 1 / 64));
      const { mul, shift } = multiplierFor(exact, reach, 0);
      assert.is(value(mul, shift), exact);
      assert.ok(product(reach, mul, shift) < 2 ** 31);
    }),
    { seed, numRuns: 2000 },
  ));

test("half rounds up: floor((x + half) / 2^shift) is the nearest, of two the larger", () => {
  for (let shift = 0; shift <= 4; shift++)
    for (let x = -40; x <= 40; x++)
      assert.is(Number((BigInt(x) + half(shift)) >> BigInt(shift)), Math.floor(x / 2 ** shift + 0.5));
});

test.run();
