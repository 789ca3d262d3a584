import fc from "fast-check";
import * as assert from "uvu/assert";
import type { TileKernel } from "../../../../src/backends/pulp/contract.js";
import { copy } from "../../../../src/backends/pulp/kernels/copy.js";
import { elementwise } from "../../../../src/backends/pulp/kernels/elementwise.js";
import { scaledSum } from "../../../../src/backends/pulp/kernels/elementwise-sum.js";
import { globalSum } from "../../../../src/backends/pulp/kernels/global.js";
import { pool } from "../../../../src/backends/pulp/kernels/pool.js";
import { upsample } from "../../../../src/backends/pulp/kernels/upsample.js";
import type { Value } from "../../../../src/ir/graph.js";
import type { Attrs } from "../../../../src/ir/op.js";
import type { Storage } from "../../../../src/ir/storage.js";
import { hasCrossCompiler } from "../../../gap8sim/tools.js";
import { suite } from "../../../harness.js";
import { allRight, assertCosts, casesOf, drawn, randomCase, tile } from "./checking.js";
import { graphOf, requant, type Wiring } from "./element-cases.js";
import { type KernelCase, layerOf } from "./harness.js";

const test = suite("pulp pools, upsampling, copies, element-wise runs");
const onCores = hasCrossCompiler ? test : test.skip;

const max = (shape: number[], attrs: Attrs, storage: Storage = "i8") =>
  graphOf((w) => w.op("maxpool", [w.input(storage, shape)], attrs));
const up = (shape: number[], attrs: Attrs, storage: Storage = "i8") =>
  graphOf((w) => w.op("upsample", [w.input(storage, shape)], attrs));
const part = { y: 2, x: 5, c: 4, h: 7, w: 6, channels: 2 };

onCores("pools", () => {
  const image = [1, 9, 11, 6];
  const average = (attrs: Attrs, scale: (w: Wiring, y: Value) => Value, storage: Storage = "u8") =>
    graphOf((w) => scale(w, w.op("avgpool", [w.input(storage, image, 3)], attrs)));
  const counting = { kernel: [3, 2], pads: [1, 1, 1, 0], count_include_pad: true };
  const inside = { kernel: [3, 3], pads: [1, 1, 1, 1] };
  return allRight([
    ...casesOf("max 2x2", pool, max(image, { kernel: [2, 2], stride: [2, 2] }), { every: 5 }),
    ...casesOf("max dilated", pool, max([1, 31, 5], { kernel: [3], dilation: [2], pads: [2, 2] }, "u8"), {
      every: 5,
    }),
    ...casesOf(
      "pads count",
      pool,
      average(counting, (w, y) => requant(w, y, [40], [77], 8, "u8")),
      { every: 5 },
    ),
    ...casesOf(
      "pads do not count",
      pool,
      average(inside, (w, y) => requant(w, y, [1, 2, 1, 2, 1, 2], [16384], 15, "i8"), "i8"),
      { every: 5 },
    ),
    ...casesOf(
      "a tile",
      pool,
      average(inside, (_, y) => y),
      { every: 5, region: part, cores: 8 },
    ),
  ]);
});

onCores("sums over space", () => {
  const mean = graphOf((w) =>
    requant(w, w.op("global_avgpool", [w.input("u8", [1, 7, 9, 13], 5)]), [300], [0], 12, "u8"),
  );
  const sum = graphOf((w) => w.op("reduce_sum", [w.input("i8", [1, 33, 6])], { axes: [1], keepdims: false }));
  return allRight([
    ...casesOf("mean", globalSum, mean, { every: 3 }),
    ...casesOf("sum", globalSum, sum, { every: 3 }),
  ]);
});

onCores("upsampling", () => {
  const of = (mode: string, size: number[], align = "half_pixel") => ({ mode, size, align });
  const region = { y: 0, x: 21, c: 1, h: 1, w: 30, channels: 3 };
  const long = up([1, 31, 5], of("linear", [62], "align_corners"));
  return allRight([
    ...casesOf("nearest", upsample, up([1, 5, 7, 6], of("nearest", [11, 14])), { every: 5 }),
    ...casesOf("linear", upsample, long, { every: 5 }),
    ...casesOf("half pixel", upsample, up([1, 31, 5], of("linear", [63]), "u8"), { every: 5 }),
    ...casesOf("linear 2-D", upsample, up([1, 5, 7, 6], of("linear", [10, 15])), { every: 5 }),
    ...casesOf("i16", upsample, up([1, 5, 7, 6], of("linear", [10, 15], "align_corners"), "i16"), {
      every: 5,
    }),
    ...casesOf("a tile", upsample, long, { every: 5, region }),
    ...casesOf("a tile of nearest", upsample, up([1, 31, 5], of("nearest", [62])), { every: 5, region }),
  ]);
});

onCores("copies", () => {
  const crop = graphOf((w) => w.op("crop", [w.input("i8", [1, 9, 11, 6])], { edges: [1, 2, 0, 3] }));
  const pad = graphOf((w) => w.op("pad", [w.input("u8", [1, 30, 7], 9)], { pads: [3, -2] }));
  const attrs = { axis: 1, begin: 3, end: 29, step: 3 };
  const slice = graphOf((w) => w.op("slice", [w.input("i16", [1, 30, 7])], attrs));
  return allRight([
    ...casesOf("crop", copy, crop, { every: 3 }),
    ...casesOf("pad", copy, pad, { every: 3 }),
    ...casesOf("slice", copy, slice, { every: 3 }),
  ]);
});

const shape = [1, 21, 10];
const channels = (f: (c: number) => number) => Array.from({ length: 10 }, (_, c) => f(c));
const sumOf = (
  op: string,
  a: Storage,
  b: Storage,
  mul: number[],
  scale: number,
  shift: number,
  zero?: number,
) =>
  graphOf((w) =>
    requant(
      w,
      w.op(op, [w.input(a, shape), w.input(b, shape, 7)], { mul }),
      [scale],
      [300],
      shift,
      "i8",
      zero,
    ),
  );

test("sums of bytes are one formula where 32 bits hold it", () => {
  const of = (scale: number, shift: number) =>
    scaledSum(layerOf(sumOf("sub", "i8", "u8", [3, 5], scale, shift, 2)));
  const found = of(9, 7);
  assert.equal(found?.factors, [3, -5]);
  assert.is(found?.add, 300 + 2 * 128 + 5 * 7 * 9);
  assert.is(of(2 ** 30, 40), undefined);
});

onCores("element-wise runs", () => {
  const table = Uint8Array.from({ length: 256 }, (_, i) => (i * 7) & 255);
  const slopes = Int8Array.from(channels((c) => c - 3));
  const gate = (other: number[]) =>
    graphOf((w) => requant(w, w.op("mul", [w.input("i8", shape), w.input("u8", other)]), [3], [0], 9, "i8"));
  const bent = graphOf((w) => {
    const y = w.op("prelu", [w.input("i8", shape), w.param("i8", [10], slopes)], { positive: 8 });
    return w.op("clip", [requant(w, y, [1], [4], 3, "i8")], { lo: -100, hi: 90 });
  });
  const each = graphOf((w) =>
    requant(
      w,
      w.op("sub", [w.input("i8", shape), w.input("i8", shape)]),
      channels((c) => 5 * c + 1),
      channels((c) => c),
      5,
      "i8",
    ),
  );
  const wide = graphOf((w) =>
    requant(
      w,
      w.input("i32", shape),
      channels((c) => 2 ** 28 + c),
      [2n ** 40n],
      44,
      "i8",
    ),
  );
  const param = graphOf((w) =>
    w.op("relu", [w.op("add", [w.input("i16", shape), w.param("i8", [1, 1, 10], slopes)])]),
  );
  const lut = graphOf((w) => w.op("lut", [w.input("i8", shape), w.param("u8", [256], table)], {}, "u8"));
  return allRight([
    ...casesOf("bytes", elementwise, sumOf("add", "i8", "i8", [3, 5], 9, 7), { every: 19 }),
    ...casesOf("small", elementwise, sumOf("sub", "u8", "u8", [1, 1], 9, 4, 3), { every: 19 }),
    ...casesOf("mixed", elementwise, sumOf("add", "i8", "u8", [3, 5], 9, 7), { every: 19 }),
    ...casesOf("per channel", elementwise, each, { every: 19 }),
    ...casesOf("wide", elementwise, wide, { every: 5 }),
    ...casesOf("gate", elementwise, gate([1, 1, 10]), { every: 19 }),
    ...casesOf("one gate for all channels", elementwise, gate([1, 21, 1]), { every: 19 }),
    ...casesOf("slopes", elementwise, bent, { every: 5 }),
    ...casesOf("table", elementwise, lut, { every: 5 }),
    ...casesOf("param", elementwise, param, { every: 5 }),
  ]);
});

onCores("results of 32 bits, which no clip has a field for", () => {
  const to = (add: number, attrs: Attrs) =>
    graphOf((w) => {
      const scaled = requant(w, w.input("i8", shape, 128), [3257], [add], 1, "i32");
      return Object.keys(attrs).length > 0 ? w.op("clip", [scaled], attrs) : scaled;
    });
  const sums = graphOf((w) => {
    const sum = w.op("add", [w.input("i8", shape), w.input("i8", shape)], { mul: [9, 5] });
    return w.op("relu", [requant(w, sum, [1000], [0], 1, "i32")]);
  });
  const pooled = graphOf((w) => {
    const y = w.op("avgpool", [w.input("i8", shape)], { kernel: [3] });
    return requant(w, y, [9], [-100], 0, "i32");
  });
  return allRight([
    ...casesOf("all", elementwise, to(2 ** 30 - 1, {}), { every: 3, cores: 3 }),
    ...casesOf("from 0", elementwise, to(0, { lo: 0 }), { every: 3 }),
    ...casesOf("from -9", elementwise, to(0, { lo: -9 }), { every: 3 }),
    ...casesOf("relu of sums", elementwise, sums, { every: 19 }),
    ...casesOf("pool", pool, pooled, { every: 5 }),
  ]);
});

const axis = fc.record({
  length: fc.integer({ min: 1, max: 16 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: 0, max: 3 }),
  behind: fc.integer({ min: 0, max: 3 }),
  stretch: fc.integer({ min: 1, max: 40 }),
});
const layers = fc.record({
  kind: fc.constantFrom("max", "mean", "global", "nearest", "linear", "crop", "pad", "sum", "gate"),
  axes: fc.oneof(
    axis.map((a) => [{ ...a, length: a.length * 4 }]),
    fc.tuple(axis, axis),
  ),
  channels: fc.integer({ min: 1, max: 40 }),
  storage: fc.constantFrom("i8" as const, "u8" as const),
  other: fc.constantFrom("i8" as const, "u8" as const, "i16" as const),
  zero: fc.integer({ min: 0, max: 4 }),
  counts: fc.boolean(),
  factors: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
});
type Drawn = typeof layers extends fc.Arbitrary<infer T> ? T : never;

function wire(w: Wiring, d: Drawn): Value {
  const list = (of: (a: Drawn["axes"][number]) => number) => d.axes.map(of);
  const dims = [1, ...list((a) => a.length), d.channels];
  const x = w.input(d.storage, dims, d.zero);
  const kernel = list((a) => Math.min(a.kernel, a.length));
  // No window may lie wholly in the pads.
  const pads = [
    ...d.axes.map((a, i) => Math.min(a.before, kernel[i]! - 1)),
    ...d.axes.map((a, i) => Math.min(a.behind, kernel[i]! - 1)),
  ];
  const stride = list((a) => a.stride);
  const each = Array.from({ length: d.channels }, (_, c) => 1 + ((c * 7) % 90));
  switch (d.kind) {
    case "max":
      return w.op("maxpool", [x], { kernel, stride, pads });
    case "mean": {
      const y = w.op("avgpool", [x], { kernel, stride, pads, count_include_pad: d.counts });
      return requant(w, y, d.counts ? each : [3], [99], 10, d.storage);
    }
    case "global":
      return requant(
        w,
        w.op("global_avgpool", [x]),
        d.counts ? each : [2 ** 29],
        [1234],
        d.counts ? 12 : 36,
        "i8",
      );
    case "nearest":
    case "linear": {
      const size = list((a) => a.length + a.stretch);
      return w.op("upsample", [x], { size, mode: d.kind, align: d.counts ? "half_pixel" : "align_corners" });
    }
    case "crop":
      return w.op("crop", [x], {
        edges: [...list((a) => Math.min(a.before, a.length - 1)), ...list(() => 0)],
      });
    case "pad":
      return w.op("pad", [x], { pads: [...list((a) => a.before), ...list((a) => a.behind)] });
    case "sum": {
      const y = w.op("add", [x, w.input(d.other, dims)], { mul: [...d.factors] });
      return requant(w, y, d.counts ? each : [d.factors[0]], [-77], 12, "i8");
    }
    default: {
      const y = w.op("mul", [x, w.input(d.other, [1, ...list(() => 1), d.channels])]);
      return requant(w, y, [d.factors[0]], [55], 14, d.storage);
    }
  }
}

const kernels = {
  max: pool,
  mean: pool,
  global: globalSum,
  nearest: upsample,
  linear: upsample,
  crop: copy,
  pad: copy,
};

const kernelOf = (d: Drawn): TileKernel => kernels[d.kind as keyof typeof kernels] ?? elementwise;

test("random layers have costs", () => {
  for (const layer of drawn(layers, 60))
    assertCosts(
      JSON.stringify(layer),
      kernelOf(layer),
      graphOf((w) => wire(w, layer)),
    );
});

onCores("random layers, tiles, layouts and teams", async () => {
  const list: KernelCase[] = [];
  for (const [layer, drawnTile] of drawn(fc.tuple(layers, tile), 20)) {
    const graph = graphOf((w) => wire(w, layer));
    list.push(...(await randomCase(JSON.stringify(layer), kernelOf(layer), graph, drawnTile)));
  }
  assert.ok(list.length > 10);
  await allRight(list);
});

test.run();
