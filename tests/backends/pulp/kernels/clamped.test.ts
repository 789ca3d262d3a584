import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Requant } from "../../../../src/backends/pulp/contract.js";
import { clampedChannel } from "../../../../src/backends/pulp/kernels/clamped.js";
import { suite } from "../../../harness.js";

const test = suite("pulp requant of sums clamped first");

const floor32 = (v: number): number => v | 0;

/** As the kernels compute it, in 32 bits. */
function computed(
  r: Requant,
  sum: number,
  reach: { lo: bigint; hi: bigint },
  lift: number,
): number | undefined {
  const k = clampedChannel(r, 0, reach, lift);
  if (!k) return undefined;
  const inside = Math.min(Math.max(sum * 2 ** lift, k.from), k.to);
  const scaled = floor32(Math.imul(inside, k.mul) + k.add);
  const shift = r.shift[0]! + lift;
  return r.lo >= 0 ? scaled >>> shift : scaled >> shift;
}

const exact = ({ mul, add, shift, lo, hi }: Requant, sum: number): number => {
  const v = (BigInt(sum) * BigInt(mul[0]!) + add[0]!) >> BigInt(shift[0]!);
  return Number(v < lo ? lo : v > hi ? hi : v);
};

test("gives what 64 bits give, wherever it applies", () => {
  let applied = 0;
  const requant = fc.record({
    mul: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((m) => [m]),
    add: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }).map((a) => [a]),
    shift: fc.integer({ min: 8, max: 26 }).map((s) => [s]),
    ends: fc.constantFrom([0, 255] as const, [-128, 127] as const, [0, 15] as const, [-100, 3] as const),
  });
  const sums = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
  const bounds = fc.tuple(fc.integer({ min: 0, max: 2 ** 24 }), fc.integer({ min: 0, max: 2 ** 24 }));
  fc.assert(
    fc.property(
      requant,
      sums,
      bounds,
      fc.constantFrom(0, 4, 6),
      ({ ends, ...rest }, places, [below, above], lift) => {
        const r: Requant = { ...rest, lo: ends[0], hi: ends[1], narrow: false };
        const reach = { lo: BigInt(-below), hi: BigInt(above) };
        for (const place of [0, 1, ...places]) {
          const sum = Math.round(-below + place * (above + below));
          const found = computed(r, sum, reach, lift);
          if (found === undefined) return;
          applied++;
          assert.is(found, exact(r, sum), `sum ${sum}`);
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(applied > 2000, `it applied to ${applied} sums`);
});

test("does not apply where results jump over an end of the clamp", () => {
  const r: Requant = { mul: [1000], add: [7n], shift: [2], lo: 0, hi: 255, narrow: false };
  assert.is(clampedChannel(r, 0, { lo: -1000n, hi: 1000n }), undefined);
});

test.run();
