import fc from "fast-check";
import * as assert from "uvu/assert";
import { boundsOf } from "../../src/ir/bounds.js";
import { requant, requantFits32 } from "../../src/ir/ops/requant.js";
import { type IntStorage, type Storage, storages } from "../../src/ir/storage.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";
import { extremes, graphOf, type OneOp, outside, refusal, runInt, t } from "./build-one.js";

const test = suite("requant");

interface Case {
  readonly from: Storage;
  readonly to: IntStorage;
  readonly x: readonly number[];
  readonly channels: number;
  readonly mul: readonly number[];
  readonly add: readonly bigint[];
  readonly shift: readonly number[];
  readonly zero: number;
}

const one = (c: Case): OneOp => ({
  operands: {
    x: [t(c.from, [1, c.x.length / c.channels, c.channels])],
    mul: [t("i32", [c.mul.length]), c.mul],
    add: [t("i64", [c.add.length]), c.add],
  },
  attrs: { shift: c.shift },
  type: t(c.to, [1, c.x.length / c.channels, c.channels], 1, c.zero),
});

/** Floor division on rationals, digit for digit, without a shift. */
function floorDivide(n: bigint, d: bigint): bigint {
  const q = n / d;
  return n % d !== 0n && n < 0n ? q - 1n : q;
}

function expected(c: Case): number[] {
  const { min, max } = storages[c.to];
  const of = <T>(list: readonly T[], i: number): T => list[list.length === 1 ? 0 : i % c.channels]!;
  return c.x.map((x, i) => {
    const wide = BigInt(x) * BigInt(of(c.mul, i)) + of(c.add, i);
    const y = floorDivide(wide, 2n ** BigInt(of(c.shift, i))) + BigInt(c.zero);
    return Number(y < BigInt(min) ? BigInt(min) : y > BigInt(max) ? BigInt(max) : y);
  });
}

const edge = (storage: Storage) =>
  fc.oneof(
    fc.constantFrom(...extremes(storage)),
    fc.integer({ min: storages[storage].min, max: storages[storage].max }),
  );
const perChannel = <T>(channels: number, of: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.array(of, { minLength: 1, maxLength: 1 }),
    fc.array(of, { minLength: channels, maxLength: channels }),
  );

const cases: fc.Arbitrary<Case> = fc
  .record({
    from: fc.constantFrom<Storage>("i32", "i32", "i16", "i8", "u8", "i4", "u2"),
    to: fc.constantFrom<IntStorage>("i32", "i16", "i8", "u8", "i4", "u4", "i2", "u2"),
    channels: fc.integer({ min: 1, max: 3 }),
    positions: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ from, to, channels, positions }) =>
    fc.record({
      from: fc.constant(from),
      to: fc.constant(to),
      channels: fc.constant(channels),
      x: fc.array(edge(from), { minLength: channels * positions, maxLength: channels * positions }),
      mul: perChannel(channels, edge("i32")),
      add: perChannel(channels, fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n })),
      shift: perChannel(
        channels,
        fc.oneof(fc.constantFrom(0, 1, 31, 32, 62), fc.integer({ min: 0, max: 62 })),
      ),
      zero: edge(to),
    }),
  );

test("equals a rational computation at extremes, and stays inside its bounds", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (c) => {
      const graph = graphOf(requant, one(c));
      const y = await runInt(graph, c.x);
      assert.equal([...y], expected(c));
      assert.is(outside(graph, y), undefined);
    }),
    { numRuns: 1000 },
  );
});

test("bounds see a shift per channel although mul and add are shared", () => {
  const graph = graphOf(requant, {
    operands: { x: [t("u8", [1, 2])], mul: [t("i32", [1]), [1]], add: [t("i64", [1]), [0]] },
    attrs: { shift: [4, 0] },
    type: t("u8", [1, 2]),
  });
  assert.equal(boundsOf(graph).get(graph.outputs[0]!), { lo: [0, 0], hi: [15, 255] });
});

test("channels may run along an inner axis", async () => {
  const graph = graphOf(requant, {
    operands: { x: [t("i8", [2, 2])], mul: [t("i32", [2]), [1, 10]], add: [t("i64", [1]), [0]] },
    attrs: { shift: [0], axis: 0 },
    type: t("i8", [2, 2]),
  });
  assert.equal([...(await runInt(graph, [1, 2, 3, 4]))], [1, 2, 30, 40]);
});

test("the verifier refuses what may leave 64 bits, and names the channel", () => {
  const graph = graphOf(requant, {
    operands: {
      x: [t("i32", [1, 2])],
      mul: [t("i32", [2]), [1, 2 ** 31 - 1]],
      add: [t("i64", [2]), [0n, 2n ** 63n - 1n]],
    },
    attrs: { shift: [0] },
    type: t("i8", [1, 2]),
  });
  const [found] = verifyModule({ graphs: [graph], meta: {} });
  assert.is(found?.id, "ir/arithmetic");
  assert.match(found!.text, "may leave 64 bits in channel 1");
});

test("the verifier refuses a multiplier that the scales contradict", () => {
  const half: OneOp = {
    operands: { x: [t("i32", [1, 1], 0.5)], mul: [t("i32", [1]), [1]], add: [t("i64", [1]), [0]] },
    attrs: { shift: [1] },
    type: t("i8", [1, 1], 1),
  };
  assert.equal(verifyModule({ graphs: [graphOf(requant, half)], meta: {} }), []);
  const quarter = graphOf(requant, { ...half, attrs: { shift: [2] } });
  assert.match(
    verifyModule({ graphs: [quarter], meta: {} })[0]!.text,
    "the scales of x and the result ask for 0.5",
  );
});

test("the 32-bit path is open exactly as far as the product and the sum fit", () => {
  const known = (hi: number, add: bigint) => {
    const type = t("i32", [1, 1]);
    const param = (data: Int32Array | BigInt64Array) => ({ type, bounds: { lo: [0], hi: [0] }, data });
    const acc = { type, bounds: { lo: [0], hi: [hi] } };
    return requantFits32(acc, param(Int32Array.of(2)), param(BigInt64Array.of(add)), -1);
  };
  assert.ok(known(2 ** 30 - 1, 1n));
  assert.not(known(2 ** 30 - 1, 2n));
  assert.not(known(2 ** 30, -(2n ** 31n)), "the product alone must fit as well");
});

test("refuses in words", () => {
  const base: OneOp = {
    operands: { x: [t("i32", [1, 3])], mul: [t("i32", [1]), [1]], add: [t("i64", [1]), [0]] },
    attrs: { shift: [0] },
    type: t("i8", [1, 3]),
  };
  const { type: _, ...untyped } = base;
  assert.match(refusal(requant, untyped)!, "write its type");
  assert.match(refusal(requant, { ...base, attrs: { shift: [0, 0] } })!, "shift has 2 elements; 1 or 3");
  assert.match(
    refusal(requant, { ...base, attrs: { shift: [0], axis: 5 } })!,
    "axis 5 does not exist in rank 2",
  );
  assert.match(refusal(requant, { ...base, attrs: { shift: [63] } })!, "outside [0, 62]");
  assert.match(
    refusal(requant, { ...base, attrs: { shift: [0], lo: -129 } })!,
    "[-129, 127] is no range within i8",
  );
  assert.match(refusal(requant, { ...base, type: t("f32", [1, 3]) })!, "not as f32");
});

test.run();
