import fc from "fast-check";
import * as assert from "uvu/assert";
import { identity, inverse, plus, ratios, times } from "../../src/frontends/onnx/affine.js";
import { asShift, floorDiv } from "../../src/frontends/onnx/divide.js";
import {
  axisFactors,
  channelsLast,
  isRowMajor,
  orderOf,
  permOf,
  permuted,
  refined,
  rowMajor,
  runIndices,
} from "../../src/frontends/onnx/layout.js";
import { ceilExtra, reshaped, samePads } from "../../src/frontends/onnx/shapes.js";
import { suite } from "../harness.js";

const test = suite("onnx: algebra of the importer");

test("a division becomes multiply, add and shift with the same floor at every integer of its interval", () => {
  const small = fc.bigInt({ min: -400n, max: 400n });
  const quotient = fc.record({
    mul: small,
    add: fc.bigInt({ min: -(10n ** 6n), max: 10n ** 6n }),
    lo: small,
    width: fc.bigInt({ min: 0n, max: 300n }),
  });
  fc.assert(
    fc.property(
      fc.array(quotient, { minLength: 1, maxLength: 3 }),
      fc.bigInt({ min: 1n, max: 5000n }),
      (channels, div) => {
        const quotients = channels.map(({ mul, add, lo, width }) => ({ mul, add, div, lo, hi: lo + width }));
        const found = asShift(quotients);
        assert.ok(found);
        for (const [c, q] of quotients.entries())
          for (let x = q.lo; x <= q.hi; x++) {
            const { mul, add } = found.channels[c]!;
            assert.is((x * mul + add) >> BigInt(found.shift), floorDiv(x * q.mul + q.add, q.div), `x = ${x}`);
          }
      },
    ),
    { numRuns: 300 },
  );
});

test("the shift of an average is small enough for 32-bit products", () => {
  const area = (n: bigint, hi: bigint) => asShift([{ mul: 1n, add: 0n, div: n, lo: 0n, hi }])!;
  assert.is(area(4n, 1020n).shift, 2);
  const found = area(49n, 49n * 255n);
  assert.ok(found.channels[0]!.mul * 49n * 255n < 2n ** 31n);
});

test("no shift is found where 64 bits do not suffice", () => {
  const wide = { mul: 2n ** 31n - 1n, add: 0n, div: 2n ** 61n - 1n, lo: -(2n ** 31n), hi: 2n ** 31n - 1n };
  assert.is(asShift([wide]), undefined);
});

test("averages cancel against the multiplication by their area", () => {
  const mean = times(identity, { num: [1n], den: 125n });
  const back = times(times(mean, { num: [125n], den: 1n }), { num: [33n], den: 4096n });
  assert.equal([back.mul, back.add, back.div], [[33n], [0n], 4096n]);
});

test("ratios are exact or none", () => {
  assert.equal(ratios([3, -0.5]), { num: [6n, -1n], den: 2n });
  assert.is(ratios([0.1]), undefined);
  assert.is(ratios([Math.fround(0.1)]), undefined);
  assert.equal(ratios([2 ** -24, 5]), { num: [1n, 5n * 2n ** 24n], den: 2n ** 24n });
  assert.is(ratios([Number.NaN]), undefined);
  assert.equal(inverse({ num: [4n, -6n], den: 3n }), { num: [9n, -6n], den: 12n });
  assert.is(inverse({ num: [0n], den: 1n }), undefined);
  assert.equal(plus(identity, { num: [1n], den: 2n }), { mul: [2n], add: [1n], div: 2n });
});

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const shuffled = (n: number) =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );

/** The ONNX positions of a value's elements, by walking all indices. */
function positions(shape: readonly number[], perm: readonly number[]): number[] {
  const strides = shape.map((_, i) => size(shape.slice(i + 1)));
  return perm.reduce<number[]>(
    (at, a) => at.flatMap((base) => Array.from({ length: shape[a]! }, (_, i) => base + i * strides[a]!)),
    [0],
  );
}

test("a layout knows where every element lies, through reshapes that fit it", () => {
  fc.assert(
    fc.property(
      shapes.chain((shape) => fc.tuple(fc.constant(shape), shuffled(shape.length), shapes)),
      ([shape, perm, other]) => {
        const layout = permuted(shape, perm);
        assert.equal(runIndices(layout, layout.order), positions(shape, perm));
        assert.equal(
          permOf(
            layout,
            shape,
            perm.map((a) => shape[a]!),
          )!.map((a) => shape[a]),
          perm.map((a) => shape[a]),
        );
        const target = reshaped(shape, [...other, -1], false);
        if ("wrong" in target) return;
        const fine = refined(layout, target);
        if (!fine) return assert.not.ok(isRowMajor(layout));
        assert.equal(runIndices(fine, fine.order), positions(shape, perm));
        assert.equal(
          axisFactors(fine, target).map((run) => size(run.map((f) => fine.factors[f]!))),
          target,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("an axis that cuts a permuted factor oddly has no layout", () => {
  const layout = permuted([1, 4, 6], channelsLast(3));
  assert.is(refined(layout, [1, 3, 8]), undefined);
  assert.equal(refined(layout, [1, 8, 3])!.factors, [4, 2, 3]);
  assert.equal(refined(layout, [1, 2, 2, 6])!.order, [2, 0, 1]);
  assert.equal(orderOf(rowMajor([2, 3]), [2, 3], [1, 0]), [1, 0]);
});

test("auto_pad and ceil_mode as padding", () => {
  const window = { spatial: [5], kernel: [3], stride: [2], dilation: [1] };
  assert.equal(samePads(window, false), [1, 1]);
  const even = { spatial: [4], kernel: [3], stride: [2], dilation: [1] };
  assert.equal(
    [samePads(even, false), samePads(even, true)],
    [
      [0, 1],
      [1, 0],
    ],
  );
  assert.equal(ceilExtra({ spatial: [6], kernel: [3], stride: [2], dilation: [1] }, [0, 0]), [1]);
  assert.equal(ceilExtra({ spatial: [3], kernel: [1], stride: [2], dilation: [1] }, [0, 1]), [0]);
});

test.run();
