/** Weights as integers: within their storage, near the real ones, on scales whose multiplier is exact. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { storages } from "../../src/ir/storage.js";
import { multiplierFor } from "../../src/passes/quantise/multiplier.js";
import { quantiseWeights, type WeightOptions } from "../../src/passes/quantise/weights.js";
import { seed, suite } from "../harness.js";

const test = suite("quantised weights");

const layer = { input: 0.02, output: 0.05, reach: 255, steepest: 1, widened: (r: number) => r };
const options: WeightOptions = { bits: 8, perChannel: true, method: "max", exactMultipliers: true };
const values = fc.array(
  fc.float({ min: -2, max: 2, noNaN: true }).map((v) => (Math.abs(v) < 1e-3 ? 0 : v)),
  { minLength: 12, maxLength: 12 },
);
const bits = fc.constantFrom(8 as const, 4 as const, 2 as const);

test("every weight is the nearest integer at its channel's scale, inside its storage", () =>
  fc.assert(
    fc.property(
      values,
      bits,
      fc.boolean(),
      fc.constantFrom("max" as const, "mse" as const),
      (w, bits, perChannel, method) => {
        const weights = Float32Array.from(w);
        const q = quantiseWeights(weights, undefined, 3, layer, { ...options, bits, perChannel, method });
        const { min, max } = storages[q.storage];
        for (const [i, stored] of q.weights.entries()) {
          const scale = q.scales[Math.floor(i / 4)]!;
          const nearest = Math.floor(weights[i]! / scale + 0.5);
          assert.is(stored, Math.min(Math.max(nearest, min), max));
          if (method === "max") assert.is(stored, nearest, "nothing is clipped");
        }
        if (!perChannel) assert.is(new Set(q.scales).size, 1);
      },
    ),
    { seed, numRuns: 300 },
  ));

test("scales lie on the lattice: the sum's multiplier has the error of f32 at most, in 32 bits", () =>
  fc.assert(
    fc.property(values, bits, (w, bits) => {
      const weights = Float32Array.from(w);
      const free = quantiseWeights(weights, undefined, 3, layer, {
        ...options,
        bits,
        exactMultipliers: false,
      });
      const q = quantiseWeights(weights, undefined, 3, layer, { ...options, bits });
      for (let c = 0; c < 3; c++) {
        assert.ok(q.scales[c]! >= free.scales[c]! * (1 - 2 ** -23));
        assert.ok(q.scales[c]! <= free.scales[c]! * (1 + 1 / 64) * (1 + 2 ** -23));
        const magnitudes = q.weights.subarray(4 * c, 4 * c + 4).reduce((total, v) => total + Math.abs(v), 0);
        const sum = magnitudes * layer.reach + 1;
        const ratio = (layer.input * q.scales[c]!) / layer.output;
        const { mul, shift } = multiplierFor(ratio, sum, 1);
        assert.ok(Math.abs(mul * 2 ** -shift - ratio) / ratio < 2 ** -22, `channel ${c}`);
        assert.ok(sum * mul + 2 ** (shift - 1) < 2 ** 31);
      }
    }),
    { seed, numRuns: 300 },
  ));

test("mse clips a lone large weight where that costs less than a coarse grid for all", () => {
  const weights = Float32Array.from({ length: 200 }, (_, i) => (i === 7 ? 1 : Math.sin(i) / 2.5));
  const scale = (method: "max" | "mse") =>
    quantiseWeights(weights, undefined, 1, layer, { ...options, bits: 2, method }).scales[0]!;
  assert.ok(scale("mse") < scale("max"));
});

test("biases stand at the scale of the sum; a large one widens the scale so that it fits", () => {
  const weights = Float32Array.of(0.5, -0.25);
  const near = quantiseWeights(weights, Float32Array.of(0.3), 1, layer, options);
  assert.ok(
    Math.abs(near.bias![0]! * layer.input * near.scales[0]! - 0.3) <=
      (layer.input * near.scales[0]!) / 2 + 1e-9,
  );
  const far = quantiseWeights(weights, Float32Array.of(1e7), 1, layer, options);
  assert.ok(Math.abs(far.bias![0]!) <= 2 ** 28);
});

test("weights far below a step of the result get a scale that has a multiplier", () => {
  for (const tiny of [1e-12, 1e-30, 1e-45]) {
    const q = quantiseWeights(Float32Array.of(tiny, 0), undefined, 1, layer, options);
    const { mul } = multiplierFor((layer.input * q.scales[0]!) / layer.output, layer.reach, 2 ** -10);
    assert.ok(mul >= 1);
  }
});

test("a channel of zeros has a scale, and zeros", () => {
  const q = quantiseWeights(new Float32Array(4), undefined, 2, layer, options);
  assert.ok(q.scales.every((s) => s > 0 && Number.isFinite(s)));
  assert.equal([...q.weights], [0, 0, 0, 0]);
});

test.run();
