import fc from "fast-check";
import * as assert from "uvu/assert";
import { makeParam } from "../../src/ir/build.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Attrs, OpDef } from "../../src/ir/op.js";
import { flatten } from "../../src/ir/ops/flatten.js";
import { reduceMean } from "../../src/ir/ops/reduce_mean.js";
import { reduceSum } from "../../src/ir/ops/reduce_sum.js";
import { reshape } from "../../src/ir/ops/reshape.js";
import { squeeze } from "../../src/ir/ops/squeeze.js";
import { transpose } from "../../src/ir/ops/transpose.js";
import type { IntStorage } from "../../src/ir/storage.js";
import { printType, type TensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";
import { anySample, graphOf, outside, realOf, refusal, runInt, type Sample, t } from "./build-one.js";
import { runFloat } from "./float.js";

const test = suite("shape ops");

const narrow: readonly IntStorage[] = ["i16", "i8", "u8", "i4", "u4", "i2", "u2"];
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const real = ({ shape }: TensorType): TensorType => t("f32", shape);

async function agree(op: OpDef, attrs: Attrs, { type, data }: Sample): Promise<Graph> {
  const integer = graphOf(op, { operands: { x: [type] }, attrs });
  const stored = await runInt(integer, data);
  const float = graphOf(op, { operands: { x: [real(type)] }, attrs });
  const { outputs } = await runFloat(float, [realOf(type, data)]);
  const found = realOf(integer.outputs[0]!.type, stored);
  // Float sums of at most 256 elements round each partial sum to 24 bits; where terms cancel, the error is relative to them.
  const largest = realOf(type, data).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const close = (v: number, w: number) => Math.abs(v - w) <= 256 * 2 ** -24 * largest;
  assert.is(found.length, outputs[0]!.length);
  const off = found.findIndex((v, i) => !close(v, outputs[0]![i]!));
  assert.is(off, -1, `element ${off} is ${found[off]}, not ${outputs[0]![off]}`);
  assert.is(outside(integer, stored), undefined);
  assert.equal(float.outputs[0]!.type.shape, integer.outputs[0]!.type.shape);
  return integer;
}

/** A sample and one of `of(rank)`. */
const sampleWith = <T>(of: (sample: Sample) => fc.Arbitrary<T>): fc.Arbitrary<readonly [Sample, T]> =>
  anySample(narrow, shapes).chain((s) => fc.tuple(fc.constant(s), of(s)));
const axesOf = ({ type }: Sample): fc.Arbitrary<number[]> =>
  fc.subarray([...type.shape.keys()], { minLength: 1 });

test("reshape keeps every element in its place", () =>
  fc.assert(
    fc.asyncProperty(
      sampleWith(() => fc.boolean()),
      async ([sample, keep]) => {
        const [first, ...rest] = sample.type.shape as number[];
        const joined = rest.reduce((a, b) => a * b, 1);
        await agree(reshape, { shape: keep ? [0, joined] : [joined, first!] }, sample);
      },
    ),
  ));

test("flatten joins the dimensions from its axis on, counted from either end", () =>
  fc.assert(
    fc.asyncProperty(
      sampleWith(({ type }) => fc.integer({ min: -type.shape.length, max: type.shape.length - 1 })),
      async ([sample, axis]) => {
        await agree(flatten, { axis }, sample);
      },
    ),
  ));

test("transpose moves index i of the result to perm[i]", () =>
  fc.assert(
    fc.asyncProperty(
      sampleWith(({ type }) => fc.shuffledSubarray([...type.shape.keys()], { minLength: type.shape.length })),
      async ([sample, perm]) => {
        await agree(transpose, { perm }, sample);
      },
    ),
  ));

test("reduce_sum and reduce_mean sum x - zero; only the scale differs", () =>
  fc.assert(
    fc.asyncProperty(sampleWith(axesOf), fc.boolean(), async ([sample, axes], keep) => {
      const keepdims = keep || axes.length === sample.type.shape.length;
      const sum = await agree(reduceSum, { axes, keepdims }, sample);
      const mean = await agree(reduceMean, { axes, keepdims }, sample);
      const count = axes.reduce((n, axis) => n * (sample.type.shape[axis] as number), 1);
      assert.is(mean.outputs[0]!.type.quant!.scale, sum.outputs[0]!.type.quant!.scale / count);
      assert.equal(await runInt(mean, sample.data), await runInt(sum, sample.data));
    }),
  ));

test("squeeze leaves out the sizes 1 that it is told to", () => {
  const typeOf = (axes: readonly number[]) =>
    printType(
      graphOf(squeeze, { operands: { x: [t("i8", [1, 3, 1, 2])] }, attrs: { axes } }).outputs[0]!.type,
    );
  assert.is(typeOf([0]), "i8[3x1x2]");
  assert.is(typeOf([-2, 0]), "i8[3x2]");
});

test("scales per channel follow their axis, and are refused where it is joined or summed", () => {
  const channels = makeParam("s", t("f32", [3]), Float32Array.of(1, 2, 3));
  const x: readonly [TensorType] = [
    { storage: "i8", shape: [1, 2, 3], quant: { scale: 1, zero: 0, channels, axis: 2 } },
  ];
  const typeOf = (op: OpDef, attrs: Attrs) =>
    printType(graphOf(op, { operands: { x }, attrs }).outputs[0]!.type);
  assert.is(typeOf(transpose, { perm: [0, 2, 1] }), "i8[1x3x2] * @s axis 1");
  assert.is(typeOf(reduceSum, { axes: [1], keepdims: false }), "i32[1x3] * @s axis 1");
  assert.is(typeOf(reduceMean, { axes: [1] }), "i32[1x1x3] * 0.5 * @s axis 2");
  assert.match(refusal(reduceSum, { operands: { x }, attrs: { axes: [2] } })!, "cannot be summed over");
  assert.match(refusal(flatten, { operands: { x } })!, "one scale per index of axis 2");
});

test("a symbolic batch is kept in front", () => {
  const x = [t("f32", ["N", 2, 3])] as const;
  const shapeOf = (op: OpDef, attrs: Attrs) => graphOf(op, { operands: { x }, attrs }).outputs[0]!.type.shape;
  assert.equal(shapeOf(reshape, { shape: [0, 6] }), ["N", 6]);
  assert.equal(shapeOf(flatten, {}), ["N", 6]);
  assert.equal(shapeOf(transpose, { perm: [0, 2, 1] }), ["N", 3, 2]);
  assert.equal(shapeOf(reduceMean, { axes: [1, 2], keepdims: false }), ["N"]);
  assert.match(refusal(reshape, { operands: { x }, attrs: { shape: [6] } })!, "must begin with 0");
  assert.match(refusal(flatten, { operands: { x }, attrs: { axis: 0 } })!, "cannot be joined");
  assert.match(
    refusal(transpose, { operands: { x }, attrs: { perm: [1, 0, 2] } })!,
    "stays the first dimension",
  );
  assert.match(refusal(reduceSum, { operands: { x }, attrs: { axes: [0] } })!, "cannot be reduced");
});

test("a sum that may leave i32 is refused", () => {
  const sum = (count: number) => {
    const graph = graphOf(reduceSum, { operands: { x: [t("i16", [1, count])] }, attrs: { axes: [1] } });
    return verifyModule({ graphs: [graph], meta: {} }).map((d) => d.id);
  };
  assert.equal(sum(2 ** 16 - 1), []);
  assert.equal(sum(2 ** 16 + 1), ["ir/accumulator"]);
});

test("shape ops refuse in words", () => {
  const x = [t("i8", [1, 2, 3])] as const;
  const why = (op: OpDef, attrs: Attrs) => refusal(op, { operands: { x }, attrs }) ?? "accepted";
  assert.match(why(reshape, { shape: [0, 7] }), "[1x2x3] does not hold the elements of [1x7]");
  assert.match(why(reshape, { shape: [1, 0] }), "not in first place");
  assert.match(why(reshape, { shape: [] }), "shape is empty");
  assert.match(why(flatten, { axis: 3 }), "axis 3 does not exist in rank 3");
  assert.match(why(squeeze, { axes: [1] }), "axis 1 has size 2");
  assert.match(why(squeeze, { axes: [0, -3] }), "named twice");
  assert.match(why(transpose, { perm: [0, 1] }), "perm = [0, 1] is no order of the dimensions 0 to 2");
  assert.match(why(transpose, { perm: [0, 1, 1] }), "is no order");
  assert.match(why(reduceSum, { axes: [] }), "axes is empty");
  assert.match(why(reduceSum, { axes: [0, 1, 2], keepdims: false }), "no dimension would be left");
  const scalar = refusal(squeeze, { operands: { x: [t("i8", [1])] }, attrs: { axes: [0] } });
  assert.match(scalar!, "no dimension would be left");
});

test.run();
