/** The arithmetic of the conversion: multipliers, pairs of multipliers, and the rule that is checked. */
import * as assert from "uvu/assert";
import { multiplier, pairFor, shifted } from "../../src/frontends/onnx/integer/multiplier.js";
import { checkRule, type Rounding } from "../../src/frontends/onnx/integer/rule.js";
import { randomFrom } from "../../src/ir/random.js";
import { tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";

const test = suite("onnx quantised rule");
const next = randomFrom(5);

test("a multiplier has 31 bits and misses its factor by less than 2^-30 of it", () => {
  for (let i = 0; i < 2000; i++) {
    const factor = (0.5 + next()) * (next() < 0.5 ? -1 : 1) * 2 ** Math.floor(57 * next() - 28);
    const m = multiplier(factor)!;
    assert.ok(Math.abs(m.mul) < 2 ** 31 && m.shift >= 0 && m.shift <= 62, `${factor}`);
    assert.ok(Math.abs(m.mul / 2 ** m.shift - factor) <= Math.abs(factor) * 2 ** -30, `${factor}`);
  }
  assert.equal(multiplier(0.5), { mul: 2 ** 30, shift: 31 });
  assert.is(multiplier(2 ** 32), undefined);
});

test("an offset takes room from the shift, so that the sum stays within 62 bits", () => {
  const m = multiplier(2 ** -30, 2 ** 20)!;
  assert.ok(shifted(2 ** 20, m.shift) < 2n ** 61n);
  assert.is(shifted(-0.75, 2), -3n);
});

test("pairs of multipliers meet a ratio within 2e-7 and keep their sum within 32 bits", () => {
  for (let i = 0; i < 300; i++) {
    const ratio = 2 ** (12 * next() - 6);
    const [p, q] = pairFor(ratio, 255, 255)!;
    assert.ok(Math.abs(q / p / ratio - 1) <= 2e-7, `${ratio}`);
    assert.ok(255 * (p + q) < 2 ** 31, `${ratio}`);
  }
  assert.equal(pairFor(2, 255, 255), [1, 2]);
  assert.is(pairFor(Math.PI, 2 ** 29, 2 ** 28), undefined);
});

const rounding = (reals: readonly number[]): Rounding => ({
  value: "y",
  type: tensorType("i8", [1, reals.length], { scale: 0.5, zero: 3 }),
  lo: -128,
  hi: 127,
  real: () => (i) => reals[i]!,
});

const checked = (reals: readonly number[], found: readonly number[]) => {
  const r = rounding(reals);
  return checkRule([r], new Map([["y", tensor(r.type, found)]]));
};

test("the rule counts ties, and takes one beside on a tie only", () => {
  // 1.2 / 0.5 = 2.4; 1.25 / 0.5 = 2.5: even 2, up 3; 0.75 / 0.5 = 1.5: even 2, as is up.
  const kept = checked([1.2, 1.25, 0.75, 1000], [5, 6, 5, 127]);
  assert.equal([kept.elements, kept.ties, kept.different, kept.wrong], [4, 2, 1, 0]);
  const broken = checked([1.2, 1.25], [6, 7]);
  assert.equal([broken.different, broken.wrong, broken.firstWrong.length], [0, 2, 1]);
  assert.match(broken.firstWrong[0]!, "%y[0] is 6, in float64 it is 5.4");
});

test.run();
