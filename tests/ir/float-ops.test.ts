import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Attrs, FloatRun, OpDef } from "../../src/ir/op.js";
import { batchnorm } from "../../src/ir/ops/batchnorm.js";
import { dropout } from "../../src/ir/ops/dropout.js";
import { instancenorm } from "../../src/ir/ops/instancenorm.js";
import { leakyRelu } from "../../src/ir/ops/leaky_relu.js";
import { sigmoid } from "../../src/ir/ops/sigmoid.js";
import { softmax } from "../../src/ir/ops/softmax.js";
import { tanh } from "../../src/ir/ops/tanh.js";
import { suite } from "../harness.js";
import { graphOf, type OneOp, refusal, t } from "./build-one.js";
import { inference, runFloat } from "./float.js";

const test = suite("float ops");

const reals = (count: number) =>
  fc.array(fc.double({ noNaN: true, min: -8, max: 8 }), { minLength: count, maxLength: count });

function near(found: readonly number[], meant: readonly number[]): void {
  assert.is(found.length, meant.length);
  for (const [i, v] of found.entries())
    assert.ok(Math.abs(v - meant[i]!) < 1e-4, `element ${i} is ${v}, not ${meant[i]}`);
}

const firstOf = async (one: OneOp, op: OpDef, x: readonly number[], run?: FloatRun) =>
  (await runFloat(graphOf(op, one), [x], run)).outputs[0]!;

test("sigmoid, tanh and leaky_relu are their formulas", () =>
  fc.assert(
    fc.asyncProperty(reals(6), async (x) => {
      const one: OneOp = { operands: { x: [t("f32", [2, 3])] } };
      near(
        await firstOf(one, sigmoid, x),
        x.map((v) => 1 / (1 + Math.exp(-v))),
      );
      near(await firstOf(one, tanh, x), x.map(Math.tanh));
      const leaky = { ...one, attrs: { alpha: 0.1 } };
      near(
        await firstOf(leaky, leakyRelu, x),
        x.map((v) => (v < 0 ? 0.1 * v : v)),
      );
    }),
  ));

test("softmax sums to 1 along any axis; log gives its logarithm", () =>
  fc.assert(
    fc.asyncProperty(reals(12), fc.integer({ min: -3, max: 2 }), async (x, axis) => {
      const shape = [2, 3, 2];
      const along = axis < 0 ? axis + 3 : axis;
      const step = shape.slice(along + 1).reduce((a, b) => a * b, 1);
      const size = shape[along]!;
      const line = (i: number) => {
        const start = i - (Math.floor(i / step) % size) * step;
        return Array.from({ length: size }, (_, k) => Math.exp(x[start + k * step]!));
      };
      const meant = x.map((v, i) => Math.exp(v) / line(i).reduce((a, b) => a + b, 0));
      const one = (attrs: Attrs): OneOp => ({
        operands: { x: [t("f32", shape)] },
        attrs: { axis, ...attrs },
      });
      near(await firstOf(one({}), softmax, x), meant);
      near(await firstOf(one({ log: true }), softmax, x), meant.map(Math.log));
    }),
  ));

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const variance = (list: readonly number[]): number => mean(list.map((v) => (v - mean(list)) ** 2));

test("batchnorm uses stored statistics in inference; training uses the batch's and moves the stored ones", () =>
  fc.assert(
    fc.asyncProperty(reals(6), async (x) => {
      const param = (values: readonly number[]) => [t("f32", [1]), values] as const;
      const operands = { gamma: param([2]), beta: param([1]), mean: param([0.5]), var: param([4]) };
      const graph = graphOf(batchnorm, {
        operands: { x: [t("f32", ["N", 3, 1])], ...operands },
        attrs: { epsilon: 0.25, momentum: 0.75 },
      });
      const normal = (m: number, v: number) => x.map((e) => (2 * (e - m)) / Math.sqrt(v + 0.25) + 1);
      const calm = await runFloat(graph, [x]);
      near(calm.outputs[0]!, normal(0.5, 4));
      assert.is(calm.updates.size, 0, "inference moves nothing");
      const trained = await runFloat(graph, [x], { ...inference, training: true });
      near(trained.outputs[0]!, normal(mean(x), variance(x)));
      const moved = trained.updates.get("y")!;
      near(moved.mean!, [0.75 * 0.5 + 0.25 * mean(x)]);
      near(moved.var!, [0.75 * 4 + 0.25 * variance(x)]);
    }),
  ));

test("batchnorm takes vectors, sequences and images", async () => {
  for (const shape of [
    [2, 2],
    [1, 2, 2],
    [1, 2, 1, 2],
  ]) {
    const ones = [t("f32", [2]), [1, 1]] as const;
    const one = {
      operands: { x: [t("f32", shape)] as const, gamma: ones, beta: ones, mean: ones, var: ones },
    };
    near(await firstOf({ ...one, attrs: { epsilon: 3 } }, batchnorm, [1, 3, 5, 7]), [1, 2, 3, 4]);
  }
});

test("instancenorm takes its statistics from every sample by itself", () =>
  fc.assert(
    fc.asyncProperty(reals(6), async (x) => {
      const operands = {
        x: [t("f32", ["N", 3, 1])] as const,
        gamma: [t("f32", [1]), [2]] as const,
        beta: [t("f32", [1]), [1]] as const,
      };
      const normal = (sample: readonly number[]) =>
        sample.map((e) => (2 * (e - mean(sample))) / Math.sqrt(variance(sample) + 0.25) + 1);
      const meant = [...normal(x.slice(0, 3)), ...normal(x.slice(3))];
      near(await firstOf({ operands, attrs: { epsilon: 0.25 } }, instancenorm, x), meant);
    }),
  ));

test("dropout shares its noise as the axis says, and scales what it keeps", async () => {
  const noise = (shape: readonly number[]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(
      Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 0.1 : 0.9)),
      [...shape],
    );
  };
  const training: FloatRun = { ...inference, training: true, uniform: noise };
  const x = [1, 2, 3, 4, 5, 6, 7, 8];
  const dropped = (axis: string) =>
    firstOf({ operands: { x: [t("f32", [2, 2, 2])] }, attrs: { rate: 0.5, axis } }, dropout, x, training);
  assert.equal(await dropped("element"), [0, 4, 0, 8, 0, 12, 0, 16]);
  assert.equal(await dropped("channel"), [0, 4, 0, 8, 0, 12, 0, 16]);
  assert.equal(await dropped("step"), [0, 0, 6, 8, 0, 0, 14, 16]);
  const half: OneOp = { operands: { x: [t("f32", [1, 2])] } };
  assert.equal(await firstOf(half, dropout, [1, 2]), [1, 2], "inference is the identity");
});

test("float ops refuse in words", () => {
  const x = [t("f32", [1, 2, 2])] as const;
  const two = [t("f32", [2]), [1, 1]] as const;
  const three = [t("f32", [3]), [1, 1, 1]] as const;
  const affine = { x, gamma: two, beta: two };
  const why = (op: OpDef, one: OneOp) => refusal(op, one) ?? "accepted";
  const norm = (more: OneOp["operands"], attrs: Attrs = {}) =>
    why(instancenorm, { operands: { ...affine, ...more }, attrs });
  assert.is(norm({}), "accepted");
  assert.match(norm({}, { statistics: "running" }), "needs the operands mean and var");
  assert.match(norm({ mean: two }, { statistics: "running" }), "needs the operands mean and var");
  assert.match(norm({ mean: two, var: two }), "only read when statistics = running");
  assert.match(norm({}, { epsilon: 0 }), "epsilon = 0 is not positive");
  const stored = { ...affine, mean: two, var: three };
  assert.match(why(batchnorm, { operands: stored }), "var has 3 elements for 2 channels");
  const good = { ...affine, mean: two, var: two };
  assert.match(
    why(batchnorm, { operands: good, attrs: { momentum: 2 } }),
    "momentum = 2 lies outside [0, 1]",
  );
  assert.match(why(dropout, { operands: { x }, attrs: { rate: 1 } }), "rate = 1 lies outside [0, 1)");
  assert.match(why(softmax, { operands: { x }, attrs: { axis: 3 } }), "axis 3 does not exist in rank 3");
  assert.match(why(leakyRelu, { operands: { x } }), "leaky_relu needs alpha");
  assert.match(why(sigmoid, { operands: { x: [t("i8", [1])] } }), "sigmoid takes f32");
});

test.run();
