import fc from "fast-check";
import * as assert from "uvu/assert";
import { depthwise } from "../../../../src/backends/pulp/kernels/depthwise.js";
import { rowPlan } from "../../../../src/backends/pulp/kernels/depthwise-weights.js";
import { hasCrossCompiler } from "../../../gap8sim/tools.js";
import { suite } from "../../../harness.js";
import { allRight, assertCosts, casesOf, drawn, randomCase, tile } from "./checking.js";
import { type DepthwiseShape, depthwiseGraph } from "./depthwise-cases.js";
import { type KernelCase, layerOf } from "./harness.js";

const test = suite("pulp depthwise");
const onCores = hasCrossCompiler ? test : test.skip;

test("four outputs share words of moved taps", () => {
  const words = (kernel: number, stride: number, dilation = 1) =>
    rowPlan({ kernel, stride, dilation }).starts.length;
  assert.equal(
    [3, 5, 7, 9].map((k) => words(k, 1)),
    [6, 8, 10, 12],
  );
  assert.equal(
    [3, 5].map((k) => words(k, 2)),
    [3, 4],
  );
  assert.equal(words(3, 1, 4), 12);
});

test("refuses what it cannot do, in words", () => {
  const text = (s: DepthwiseShape) =>
    depthwise.refuses(layerOf(depthwiseGraph(s)), { bounds: new Map(), cores: 8 });
  assert.is(text({ channels: 4, spatial: [9], kernel: [3], stride: [5] }), "its stride 5 is above 4");
  assert.is(text({ channels: 4, spatial: [9], kernel: [3], input: "i16" }), "its input is i16, not bytes");
  const long = (kernel: number, dilation: number) =>
    text({ channels: 2, spatial: [4000], kernel: [kernel], dilation: [dilation] });
  assert.is(long(3, 1000), "its window reaches over 2001 positions of a row; 1997 are possible");
  assert.is(long(600, 1), "the moved taps of a channel take 2412 bytes; 2000 are possible");
});

const cases = (name: string, shape: DepthwiseShape, every = 1): KernelCase[] =>
  casesOf(name, depthwise, depthwiseGraph(shape), { every });

onCores("every layout, every way to finish a sum", () =>
  allRight([
    ...cases("k5", { channels: 10, spatial: [37], kernel: [5], pads: [2, 2] }),
    ...cases("3x3", { channels: 9, spatial: [10, 11], kernel: [3, 3], pads: [1, 1, 1, 1] }, 4),
    ...cases("wide", { channels: 5, spatial: [33], kernel: [3], finish: "wide" }, 4),
    ...cases("clamped before", { channels: 5, spatial: [33], kernel: [3], finish: "clamped" }, 4),
    ...cases(
      "clamped before, unsigned",
      { channels: 5, spatial: [33], kernel: [3], finish: "clamped", output: "u8" },
      4,
    ),
    ...cases("sum", { channels: 5, spatial: [33], kernel: [3], finish: "sum" }, 4),
    ...cases("i16", { channels: 5, spatial: [33], kernel: [3], output: "i16" }, 4),
    ...cases("clamped", { channels: 5, spatial: [33], kernel: [3], lo: 3, hi: 100 }, 4),
  ]),
);

const axis = fc.record({
  length: fc.integer({ min: 1, max: 15 }),
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 4 }),
  before: fc.integer({ min: 0, max: 3 }),
  behind: fc.integer({ min: 0, max: 3 }),
});
const layers = fc.record({
  axes: fc.oneof(
    axis.map((a) => [{ ...a, length: a.length * 6, kernel: 2 * a.kernel - 1 }]),
    fc.tuple(axis, axis),
  ),
  channels: fc.integer({ min: 2, max: 21 }),
  input: fc.constantFrom("i8" as const, "u8" as const, "u4" as const),
  output: fc.constantFrom("i8" as const, "u8" as const, "i16" as const),
  weights: fc.constantFrom("i8" as const, "i4" as const, "i2" as const),
  zero: fc.integer({ min: 0, max: 3 }),
  finish: fc.constantFrom(
    "narrow" as const,
    "clamped" as const,
    "wide" as const,
    "exact" as const,
    "sum" as const,
  ),
  perChannel: fc.boolean(),
  hi: fc.option(fc.constantFrom(127, 100, 31), { nil: undefined }),
  seed: fc.nat(1000),
});
type Drawn = typeof layers extends fc.Arbitrary<infer T> ? T : never;

/** With kernels that fit into what they slide over. */
function legal({ axes, hi, ...rest }: Drawn): DepthwiseShape {
  const kernel = axes.map((a) =>
    Math.max(1, Math.min(a.kernel, Math.floor((a.length + a.before + a.behind - 1) / a.dilation) + 1)),
  );
  return {
    ...rest,
    spatial: axes.map((a) => a.length),
    kernel,
    stride: axes.map((a) => a.stride),
    dilation: axes.map((a) => a.dilation),
    pads: [...axes.map((a) => a.before), ...axes.map((a) => a.behind)],
    ...(hi === undefined ? {} : { hi, lo: 0 }),
  };
}

test("random layers have costs", () => {
  for (const layer of drawn(layers, 60))
    assertCosts(JSON.stringify(layer), depthwise, depthwiseGraph(legal(layer)));
});

onCores("random layers, tiles, layouts and teams", async () => {
  const list: KernelCase[] = [];
  for (const [layer, drawnTile] of drawn(fc.tuple(layers, tile), 16)) {
    const shape = legal(layer);
    list.push(...(await randomCase(JSON.stringify(shape), depthwise, depthwiseGraph(shape), drawnTile)));
  }
  assert.ok(list.length > 8);
  await allRight(list);
});

test.run();
