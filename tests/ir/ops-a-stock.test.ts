/** The moving and resizing ops against other stock tfjs kernels than those their float meanings use. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Attrs, OpDef } from "../../src/ir/op.js";
import { conv } from "../../src/ir/ops/conv.js";
import { pad } from "../../src/ir/ops/pad.js";
import { slice } from "../../src/ir/ops/slice.js";
import { upsample } from "../../src/ir/ops/upsample.js";
import { suite } from "../harness.js";
import { graphOf, runInt, t } from "./build-one.js";
import { runFloat } from "./float.js";

const test = suite("ops-a-stock");
const runs = { numRuns: 150, interruptAfterTimeLimit: 3000 };
const size = (min: number, max: number) => fc.integer({ min, max });
const numbers = (n: number) => fc.array(size(-128, 127), { minLength: n, maxLength: n });

type Image = [number, number, number, number];
/** Some NHWC image of one or two channels. */
const image = (most = 6) =>
  fc
    .tuple(size(1, most), size(1, most), size(1, 2))
    .chain(([h, w, c]) => fc.record({ shape: fc.constant<Image>([1, h, w, c]), data: numbers(h * w * c) }));

async function bothWays(op: OpDef, shape: Image, data: readonly number[], attrs: Attrs) {
  const stored = await runInt(graphOf(op, { operands: { x: [t("i8", shape)] }, attrs }), data);
  const { outputs } = await runFloat(graphOf(op, { operands: { x: [t("f32", shape)] }, attrs }), [data]);
  return { stored: Array.from(stored, Number), float: outputs[0]! };
}
const within = (found: readonly number[], wanted: readonly number[], tolerance: number) => {
  assert.is(found.length, wanted.length);
  for (const [i, v] of found.entries())
    assert.ok(Math.abs(v - wanted[i]!) <= tolerance, `element ${i} is ${v}, stock tfjs gives ${wanted[i]}`);
};

test("linear upsampling is resizeBilinear", async () => {
  const align = fc.constantFrom("half_pixel", "align_corners");
  const property = fc.asyncProperty(
    image(),
    size(1, 9),
    size(1, 9),
    align,
    async ({ shape, data }, h, w, a) => {
      const { stored, float } = await bothWays(upsample, shape, data, {
        size: [h, w],
        mode: "linear",
        align: a,
      });
      const corners = a === "align_corners";
      const wanted = tf.tidy(() => [
        ...tf.image.resizeBilinear(tf.tensor4d([...data], shape), [h, w], corners, !corners).dataSync(),
      ]);
      within(float, wanted, 1e-3);
      // Half a unit of rounding and 2^-16 of the largest difference per axis.
      within(stored, wanted, 2 * (0.5 + 255 * 2 ** -16) + 1e-3);
    },
  );
  await fc.assert(property, runs);
});

test("nearest upsampling by whole factors is resizeNearestNeighbor", async () => {
  const property = fc.asyncProperty(image(), size(1, 4), size(1, 4), async ({ shape, data }, fh, fw) => {
    const to: [number, number] = [shape[1] * fh, shape[2] * fw];
    const { stored, float } = await bothWays(upsample, shape, data, { size: to });
    const wanted = [...tf.image.resizeNearestNeighbor(tf.tensor4d([...data], shape), to).dataSync()];
    within(stored, wanted, 0);
    within(float, wanted, 0);
  });
  await fc.assert(property, runs);
});

test("reflect pads are mirrorPad, edge pads are clamped indices", async () => {
  const property = fc.asyncProperty(image(), numbers(4), async ({ shape, data }, draw) => {
    const pads = draw.map((v, i) => Math.abs(v) % shape[1 + (i % 2)]!);
    const x = tf.tensor4d([...data], shape);
    const sides: [number, number][] = [
      [0, 0],
      [pads[0]!, pads[2]!],
      [pads[1]!, pads[3]!],
      [0, 0],
    ];
    const reflected = await bothWays(pad, shape, data, { pads, pad_mode: "reflect" });
    const mirrored = [...tf.mirrorPad(x, sides, "reflect").dataSync()];
    within(reflected.stored, mirrored, 0);
    within(reflected.float, mirrored, 0);
    const edge = await bothWays(pad, shape, data, { pads, pad_mode: "edge" });
    const rows = Array.from({ length: shape[1] + pads[0]! + pads[2]! }, (_, i) => i - pads[0]!);
    const columns = Array.from({ length: shape[2] + pads[1]! + pads[3]! }, (_, i) => i - pads[1]!);
    const clamp = (v: number, n: number) => Math.min(Math.max(v, 0), n - 1);
    const at = (r: number, c: number, k: number) =>
      data[(clamp(r, shape[1]) * shape[2] + clamp(c, shape[2])) * shape[3] + k]!;
    const wanted = rows.flatMap((r) =>
      columns.flatMap((c) => [...Array(shape[3]).keys()].map((k) => at(r, c, k))),
    );
    within(edge.stored, wanted, 0);
    within(edge.float, wanted, 0);
  });
  await fc.assert(property, runs);
});

test("slices are stridedSlice", async () => {
  const property = fc.asyncProperty(
    image(),
    size(0, 3),
    size(0, 5),
    size(0, 5),
    size(1, 3),
    async (x, axis, p, q, step) => {
      const begin = p % x.shape[axis]!;
      const end = begin + 1 + (q % (x.shape[axis]! - begin));
      const { stored, float } = await bothWays(slice, x.shape, x.data, { axis, begin, end, step });
      const whole = { begin: [0, 0, 0, 0], end: [...x.shape], step: [1, 1, 1, 1] };
      const part = tf.stridedSlice(
        tf.tensor4d([...x.data], x.shape),
        whole.begin.with(axis, begin),
        whole.end.with(axis, end),
        whole.step.with(axis, step),
      );
      within(stored, [...part.dataSync()], 0);
      within(float, [...part.dataSync()], 0);
    },
  );
  await fc.assert(property, runs);
});

test("a dilated convolution is conv2d with dilations, computed without them", async () => {
  const geometry = fc.record({
    k: fc.tuple(size(1, 3), size(1, 3)),
    d: fc.tuple(size(1, 3), size(1, 3)),
    more: size(0, 3),
  });
  const property = fc.asyncProperty(
    geometry,
    numbers(9 * 9 * 2),
    numbers(9 * 2),
    async ({ k, d, more }, xs, ws) => {
      const shape: Image = [1, (k[0] - 1) * d[0] + 1 + more, (k[1] - 1) * d[1] + 1 + more, 1];
      const data = xs.slice(0, shape[1] * shape[2]);
      const taps = ws.slice(0, k[0] * k[1]);
      const graph = graphOf(conv, {
        operands: { x: [t("f32", shape)], w: [t("f32", [1, ...k, 1]), taps] },
        attrs: { dilation: d },
      });
      const { outputs } = await runFloat(graph, [data]);
      const filter = tf.tensor4d(taps, [...k, 1, 1]);
      const wanted = tf.conv2d(tf.tensor4d(data, shape), filter, 1, "valid", "NHWC", d);
      within(outputs[0]!, [...wanted.dataSync()], 0);
    },
  );
  await fc.assert(property, runs);
});

test.run();
