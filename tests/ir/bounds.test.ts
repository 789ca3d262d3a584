/** Interval analysis: the helpers, and that no run leaves its bounds. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import {
  at,
  boundsOf,
  centred,
  flat,
  highest,
  interval,
  lowest,
  scaled,
  union,
  weightedSum,
} from "../../src/ir/bounds.js";
import { GraphBuilder, makeParam } from "../../src/ir/build.js";
import { interpret } from "../../src/ir/interpreter.js";
import { clip } from "../../src/ir/ops/clip.js";
import { concat } from "../../src/ir/ops/concat.js";
import { conv } from "../../src/ir/ops/conv.js";
import { requant } from "../../src/ir/ops/requant.js";
import { blindAtEnds, tapCounts, windowCounts, wrongWindow } from "../../src/ir/ops/window.js";
import { type IntStorage, storages } from "../../src/ir/storage.js";
import { tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";

const test = suite("bounds");

test("intervals join, scale and flatten", () => {
  const perChannel = { lo: [-1, 2], hi: [0, 9] };
  assert.equal(union([perChannel, interval(-5, -4)]), interval(-5, 9));
  assert.equal([lowest(perChannel), highest(perChannel)], [-1, 9]);
  assert.equal(flat(perChannel), interval(-1, 9));
  assert.equal(at(perChannel, 1), { lo: 2, hi: 9 });
  assert.equal(at(interval(3, 4), 17), { lo: 3, hi: 4 });
  assert.equal(scaled(-1, 3, -2), { lo: -6, hi: 2 });
});

test("the zero point joins a centred interval: padding contributes 0", () => {
  const type = tensorType("u8", [1], { scale: 1, zero: 10 });
  assert.equal(centred({ type, bounds: interval(20, 30) }), { lo: 0, hi: 20, magnitude: 20 });
  assert.equal(centred({ type, bounds: interval(0, 255) }), { lo: -10, hi: 245, magnitude: 245 });
});

test("a weighted sum has an interval and an order-free bound", () => {
  const sum = weightedSum(2, { lo: -1, hi: 10, magnitude: 10 }, [2, -3, 0, 4], (c) => c * 100);
  assert.equal(sum, { lo: [-2 - 30, 100 - 4], hi: [20 + 3, 140], partial: [50, 140] });
});

test("elements that are only moved keep their interval, those of params too", () => {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("u8", [1, 2]));
  const low = b.add(clip, [x], { hi: 3 }, { name: "low" });
  const big = makeParam("big", tensorType("u8", [1, 1]), Uint8Array.of(200));
  const both = b.add(concat, [low, big], { axis: 1 }, { name: "both" });
  const bounds = boundsOf(b.finish([both]));
  assert.equal(bounds.get(low), interval(0, 3));
  assert.equal(bounds.get(both), interval(0, 200));
});

const storage = fc.constantFrom<IntStorage>("u8", "i8", "u4", "i4", "u2", "i2");

interface Network {
  readonly from: IntStorage;
  readonly to: IntStorage;
  readonly zero: number;
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  readonly mul: number;
  readonly add: bigint;
  readonly shift: number;
  readonly elements: readonly number[];
}
const network: fc.Arbitrary<Network> = fc.tuple(storage, storage).chain(([from, to]) => {
  const { min, max } = storages[from];
  const element = fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));
  return fc.record({
    from: fc.constant(from),
    to: fc.constant(to),
    zero: element,
    weights: fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 6, maxLength: 6 }),
    biases: fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 2 }),
    mul: fc.integer({ min: -1000, max: 1000 }),
    add: fc.bigInt({ min: -100_000n, max: 100_000n }),
    shift: fc.nat(20),
    elements: fc.array(element, { minLength: 5, maxLength: 5 }),
  });
});

test("no value of a run leaves its interval", async () => {
  await fc.assert(
    fc.asyncProperty(network, async (n) => {
      const b = new GraphBuilder("g", "integer");
      const x = b.input("x", tensorType(n.from, [1, 5, 1], { scale: 1, zero: n.zero }));
      const w = b.param("w", tensorType("i8", [2, 3, 1]), Int8Array.from(n.weights));
      const bias = b.param("b", tensorType("i32", [2]), Int32Array.from(n.biases));
      const acc = b.add(conv, [x, w, bias], { pads: [1, 1] }, { name: "acc" });
      const mul = b.param("mul", tensorType("i32", [1]), Int32Array.of(n.mul));
      const add = b.param("add", tensorType("i64", [1]), BigInt64Array.of(n.add));
      const y = b.add(
        requant,
        [acc, mul, add],
        { shift: [n.shift] },
        { name: "y", type: tensorType(n.to, acc.type.shape) },
      );
      const graph = b.finish([y]);
      const values = await interpret(graph).run([tensor(x.type, n.elements)]);
      for (const [value, { lo, hi }] of boundsOf(graph)) {
        const data = values.get(value.name)?.data ?? [];
        for (const [i, v] of Array.from(data, Number).entries()) {
          const c = lo.length === 1 ? 0 : i % lo.length;
          assert.ok(v >= lo[c]! && v <= hi[c]!, `%${value.name}[${i}] = ${v} in [${lo[c]}, ${hi[c]}]`);
        }
      }
    }),
    { numRuns: 300 },
  );
});

const window = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 4 }),
  begin: fc.integer({ min: -3, max: 8 }),
  end: fc.integer({ min: -3, max: 8 }),
});

test("the kinds of windows are those of all positions", () => {
  fc.assert(
    fc.property(window, ({ size, kernel, stride, dilation, begin, end }) => {
      const w = { kernel: [kernel], stride: [stride], dilation: [dilation], pads: [begin, end] };
      fc.pre(wrongWindow([size], w) === undefined);
      const [every] = windowCounts([size], w);
      const taps = (p: number) => Array.from({ length: kernel }, (_, t) => p * stride + t * dilation - begin);
      assert.equal(
        every,
        every!.map((_, p) => taps(p).filter((at) => at >= 0 && at < size).length),
      );
      assert.equal(tapCounts([size], w)![0]!.toSorted(), [...new Set(every)].toSorted());
      assert.is(blindAtEnds([size], w), every![0] === 0 || every!.at(-1) === 0);
    }),
    { numRuns: 2000 },
  );
});

test("the kinds of windows over a huge tensor are found at its borders", () => {
  const w = { kernel: [3], stride: [2], dilation: [1], pads: [2, 1] };
  assert.equal(tapCounts([2 ** 30], w)![0]!.toSorted(), [1, 2, 3]);
  assert.is(tapCounts([2 ** 30], { ...w, kernel: [2 ** 29], pads: [2 ** 29, 2 ** 29] }), undefined);
});

test("extremes reach the interval of a convolution", async () => {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("i8", [1, 3, 1]));
  const y = b.add(
    conv,
    [x, b.param("w", tensorType("i8", [1, 3, 1]), Int8Array.of(127, -128, 1))],
    {},
    { name: "y" },
  );
  const graph = b.finish([y]);
  const { lo, hi } = boundsOf(graph).get(y)!;
  const on = async (elements: readonly number[]) =>
    Number((await interpret(graph).run([tensor(x.type, elements)])).get("y")!.data[0]);
  assert.is(await on([127, -128, 127]), hi[0]);
  assert.is(await on([-128, 127, -128]), lo[0]);
});

test.run();
