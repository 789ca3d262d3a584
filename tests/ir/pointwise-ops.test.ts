import fc from "fast-check";
import * as assert from "uvu/assert";
import { boundsOf } from "../../src/ir/bounds.js";
import { GraphBuilder, makeParam } from "../../src/ir/build.js";
import type { Graph } from "../../src/ir/graph.js";
import { clip } from "../../src/ir/ops/clip.js";
import { dequantize } from "../../src/ir/ops/dequantize.js";
import { lut } from "../../src/ir/ops/lut.js";
import { prelu } from "../../src/ir/ops/prelu.js";
import { quantize } from "../../src/ir/ops/quantize.js";
import { relu } from "../../src/ir/ops/relu.js";
import { type IntStorage, integerStorages, storages } from "../../src/ir/storage.js";
import type { TensorType } from "../../src/ir/type.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";
import { anySample, anyValue, graphOf, outside, realOf, refusal, runInt, t } from "./build-one.js";
import { runFloat } from "./float.js";

const test = suite("pointwise ops");

const narrow: readonly IntStorage[] = ["i16", "i8", "u8", "i4", "u4", "i2", "u2"];
const row = fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
const real = ({ shape }: TensorType): TensorType => t("f32", shape);

/** The integer result, as real numbers, equals the float meaning on real numbers; and lies in its bounds. */
async function agree(integer: Graph, float: Graph, data: readonly number[]): Promise<void> {
  const stored = await runInt(integer, data);
  const { outputs } = await runFloat(float, [realOf(integer.inputs[0]!.type, data)]);
  const [found, meant] = [realOf(integer.outputs[0]!.type, stored), outputs[0]!];
  // -0 and 0 are one number.
  assert.equal(
    found.map((v) => v + 0),
    meant.map((v) => v + 0),
  );
  assert.is(outside(integer, stored), undefined);
}

test("relu on integers is relu on the reals that they stand for", () =>
  fc.assert(
    fc.asyncProperty(anySample(narrow, row), ({ type, data }) =>
      agree(
        graphOf(relu, { operands: { x: [type] } }),
        graphOf(relu, { operands: { x: [real(type)] } }),
        data,
      ),
    ),
  ));

test("clip on stored values is clip on the reals that they stand for", () => {
  const withLimits = anySample(narrow, row).chain((x) =>
    fc.tuple(fc.constant(x), anyValue(x.type.storage), anyValue(x.type.storage)),
  );
  return fc.assert(
    fc.asyncProperty(withLimits, ([{ type, data }, a, b]) => {
      const stored = { lo: Math.min(a, b), hi: Math.max(a, b) };
      const [lo, hi] = realOf(type, [stored.lo, stored.hi]);
      return agree(
        graphOf(clip, { operands: { x: [type] }, attrs: stored }),
        graphOf(clip, { operands: { x: [real(type)] }, attrs: { lo, hi } }),
        data,
      );
    }),
  );
});

test("prelu with two multipliers is prelu with slope alpha / positive", () => {
  const withSlopes = anySample(narrow, row).chain((x) => {
    const channels = x.type.shape.at(-1) as number;
    const slopes = fc
      .constantFrom(1, channels)
      .chain((n) => fc.array(anyValue("i8"), { minLength: n, maxLength: n }));
    return fc.tuple(fc.constant(x), slopes, fc.constantFrom(1, 2, 128));
  });
  return fc.assert(
    fc.asyncProperty(withSlopes, async ([{ type, data }, alpha, positive]) => {
      // 16-bit sums times 128 have more bits than f32; their float twin would round.
      const factor = type.storage === "i16" ? 1 : positive;
      const slopes = t("i8", [alpha.length]);
      await agree(
        graphOf(prelu, { operands: { x: [type], alpha: [slopes, alpha] }, attrs: { positive: factor } }),
        graphOf(prelu, {
          operands: { x: [real(type)], alpha: [real(slopes), alpha.map((a) => a / factor)] },
        }),
        data,
      );
    }),
  );
});

test("prelu is refused where a product or x - zero may leave i32", () => {
  const x = (storage: IntStorage, zero: number) => [t(storage, [1, 1], 1, zero)] as const;
  const problems = (graph: Graph) => verifyModule({ graphs: [graph], meta: {} }).map((d) => d.id);
  const steep = { operands: { x: x("i16", 0), alpha: [t("i32", [1]), [65536]] as const } };
  assert.equal(problems(graphOf(prelu, steep)), [], "-2^15 * 2^16 just fits");
  const steeper = { operands: { ...steep.operands, alpha: [t("i32", [1]), [65537]] as const } };
  assert.equal(problems(graphOf(prelu, steeper)), ["ir/accumulator"]);
  const far = { operands: { x: x("i32", 1), alpha: [t("i32", [1]), [0]] as const } };
  assert.equal(problems(graphOf(prelu, far)), ["ir/arithmetic"]);
});

test("lut looks up every value of its storage", async () => {
  for (const storage of ["i8", "u8", "i4", "u4", "i2", "u2"] as const) {
    const { min, max } = storages[storage];
    const all = Array.from({ length: max - min + 1 }, (_, i) => i + min);
    const table = all.map((v) => 3 * v);
    const graph = graphOf(lut, {
      operands: { x: [t(storage, [1, all.length])], table: [t("i16", [all.length]), table] },
    });
    const y = await runInt(graph, all);
    assert.equal([...y], table);
    assert.is(outside(graph, y), undefined);
  }
});

test("prelu bounds are as narrow as what x can be", () => {
  const bounds = (lo: number, hi: number, slope: number) => {
    const b = new GraphBuilder("narrowed", "integer");
    const alpha = b.param("alpha", t("i8", [1]), Int8Array.of(slope));
    const y = b.add(prelu, [b.add(clip, [b.input("x", t("i8", [1, 1]))], { lo, hi }), alpha], {
      positive: 3,
    });
    return boundsOf(b.finish([y])).get(y)!;
  };
  assert.equal(bounds(4, 5, -2), { lo: [12], hi: [15] });
  assert.equal(bounds(-5, -4, 2), { lo: [-10], hi: [-8] });
  assert.equal(bounds(-5, 4, 2), { lo: [-10], hi: [12] });
  assert.equal(bounds(-5, 1, -2), { lo: [0], hi: [10] });
});

test("lut bounds follow what x can be", () => {
  const b = new GraphBuilder("narrowed", "integer");
  const x = b.input("x", t("u8", [1, 1]));
  const squares = b.param(
    "squares",
    t("i16", [256]),
    Int16Array.from({ length: 256 }, (_, i) => (i - 128) ** 2),
  );
  const y = b.add(lut, [b.add(clip, [x], { lo: 120, hi: 130 }), squares], {});
  assert.equal(boundsOf(b.finish([y])).get(y), { lo: [0], hi: [64] });
});

test("lut wants an entry for every value", () => {
  const table = Array.from({ length: 256 }, (_, i) => i);
  const refused = refusal(lut, { operands: { x: [t("i4", [1, 1])], table: [t("u8", [256]), table] } });
  assert.match(refused!, "table has 256 entries; i4 has 16 values");
});

test("quantize undoes dequantize for every storage of up to 16 bits", () =>
  fc.assert(
    fc.asyncProperty(
      anySample(narrow, row),
      fc.float({ noNaN: true, min: Math.fround(1e-6), max: 1e6 }),
      async ({ type, data }, scale) => {
        const exact: TensorType = { ...type, quant: { scale, zero: type.quant!.zero } };
        const there = graphOf(dequantize, { operands: { x: [exact] } }, "quantised");
        const values = await runInt(there, data);
        const back = graphOf(quantize, { operands: { x: [real(type)] }, type: exact }, "quantised");
        assert.equal([...(await runInt(back, [...values].map(Number)))], data);
      },
    ),
  ));

test("quantize and dequantize take a scale per channel", async () => {
  const channels = makeParam("s", t("f32", [2]), Float32Array.of(0.5, 4));
  const type: TensorType = {
    storage: "i8",
    shape: [1, 2, 2],
    quant: { scale: 2, zero: 1, channels, axis: 2 },
  };
  const there = graphOf(dequantize, { operands: { x: [type] } }, "quantised");
  assert.equal([...(await runInt(there, [1, 2, 3, 4]))], [0, 8, 2, 24]);
  const back = graphOf(quantize, { operands: { x: [real(type)] }, type }, "quantised");
  assert.equal([...(await runInt(back, [0, 8, 2, 24]))], [1, 2, 3, 4]);
});

test("quantize rounds half up and clamps instead of wrapping", async () => {
  const graph = graphOf(quantize, { operands: { x: [t("f32", [1, 6])] }, type: t("i4", [1, 6], 2, 1) });
  assert.equal([...(await runInt(graph, [1, -1, -3, 1e30, -1e30, -Infinity]))], [2, 1, 0, 7, -8, -8]);
});

test("pointwise ops refuse in words", () => {
  const x = [t("i8", [1, 2], 0.5)] as const;
  assert.match(refusal(clip, { operands: { x }, attrs: { lo: 3, hi: 2 } })!, "lo = 3 lies above hi = 2");
  assert.match(refusal(clip, { operands: { x }, attrs: { hi: 200 } })!, "hi = 200 is no stored value of i8");
  assert.match(refusal(clip, { operands: { x }, attrs: { lo: 0.5 } })!, "lo = 0.5 is no stored value of i8");
  const slopes = [t("i8", [3]), [1, 2, 3]] as const;
  assert.match(
    refusal(prelu, { operands: { x, alpha: slopes } })!,
    "alpha has 3 elements; 1 or 2 are needed",
  );
  const floats = [t("f32", [1]), [0.5]] as const;
  assert.match(refusal(prelu, { operands: { x, alpha: floats } })!, "both float or both integer");
  const scaled = [t("i8", [1], 0.5), [1]] as const;
  assert.match(refusal(prelu, { operands: { x, alpha: scaled } })!, "alpha counts in units of 1 / positive");
  assert.is(refusal(prelu, { operands: { x, alpha: scaled }, attrs: { positive: 2 } }), undefined);
  assert.match(refusal(quantize, { operands: { x: [t("f32", [1])] }, type: t("i8", [1]) })!, "needs a scale");
  assert.match(refusal(dequantize, { operands: { x: [t("i8", [1])] } })!, "x has no scale");
  for (const storage of integerStorages)
    assert.is(refusal(relu, { operands: { x: [t(storage, [1])] } }), undefined);
});

test.run();
