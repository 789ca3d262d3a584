/** Bits for a budget of bytes. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { type BudgetJob, fitBudget } from "../../src/passes/quantise/budget.js";
import { seed, suite } from "../harness.js";

const test = suite("bits for a budget");

/** Layers of so many weights; at b bits each adds `cost * 4^-b` of error. */
const job = (
  sizes: readonly number[],
  costs: readonly number[],
  bytes: number,
): BudgetJob & { trials(): number } => {
  let trials = 0;
  return {
    layers: sizes.map((_, i) => `l${i}`),
    widths: [8, 4, 2],
    bytes,
    async measure(widths) {
      trials++;
      const bits = [...widths.values()];
      return {
        error: costs.reduce((sum, c, i) => sum + c * 4 ** -bits[i]!, 0),
        bytes: sizes.reduce((sum, n, i) => sum + Math.ceil((n * bits[i]!) / 8), 0),
      };
    },
    trials: () => trials,
  };
};

test("a budget that all layers fit changes nothing", async () => {
  const done = await fitBudget(job([100, 50], [1, 1], 150));
  assert.equal([...done.widths.values()], [8, 8]);
  assert.ok(done.fits && done.steps.length === 0);
});

test("bits go where they cost least error per byte", async () => {
  const done = await fitBudget(job([100, 100, 100], [100, 1, 10], 250));
  assert.equal(
    [...done.widths],
    [
      ["l0", 8],
      ["l1", 4],
      ["l2", 8],
    ],
  );
  const more = await fitBudget(job([100, 100, 100], [1000, 1, 100], 160));
  assert.equal(
    more.steps.map((s) => `${s.layer}=${s.bits}`),
    ["l1=4", "l1=2", "l2=4", "l0=4"],
  );
});

test("what cannot fit ends with the fewest bits everywhere", async () => {
  const done = await fitBudget(job([100, 100], [1, 1], 49));
  assert.is(done.fits, false);
  assert.equal([...done.widths.values()], [2, 2]);
  assert.is(done.bytes, 50);
});

const layers = fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 50 })), {
  minLength: 1,
  maxLength: 6,
});

test("always fits where it can, never spends a step after it fits, is the same every time", () =>
  fc.assert(
    fc.asyncProperty(layers, fc.double({ min: 0.2, max: 1, noNaN: true }), async (rows, part) => {
      const [sizes, costs] = [rows.map((r) => r[0]), rows.map((r) => r[1])];
      const whole = sizes.reduce((a, b) => a + b, 0);
      const bytes = Math.floor(whole * part);
      const make = () => job(sizes, costs, bytes);
      const one = make();
      const [done, again] = [await fitBudget(one), await fitBudget(make())];
      assert.equal(done, again);
      const least = sizes.reduce((sum, n) => sum + Math.ceil(n / 4), 0);
      assert.is(done.fits, least <= bytes);
      assert.is(done.fits, done.bytes <= bytes);
      const before = done.steps.at(-2)?.bytes ?? whole;
      if (done.fits && done.steps.length > 0) assert.ok(before > bytes);
      // Nothing that still fits would lower the error: bits that were not needed went back.
      for (const [layer, now] of done.fits ? done.widths : [])
        for (const bits of [8, 4] as const)
          if (bits === now * 2 && costs[Number(layer.slice(1))]! > 0)
            assert.ok((await make().measure(new Map(done.widths).set(layer, bits))).bytes > bytes);
      assert.ok(one.trials() <= 1 + 4 * rows.length * (done.steps.length + 1));
    }),
    { seed, numRuns: 200 },
  ));

test.run();
