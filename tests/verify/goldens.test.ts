/** Matching goldens to values: names, content, order, layouts, and the words for what does not match. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { RawArray } from "../../src/data/tensor-files/index.js";
import type { Storage } from "../../src/ir/storage.js";
import { permute } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { assign } from "../../src/verify/assign.js";
import {
  type GoldenReport,
  matchGoldens,
  type NamedValue,
  renderGoldenReport,
} from "../../src/verify/index.js";
import { suite } from "../harness.js";

const test = suite("goldens");

/** Distinct, unsorted numbers from a small seed. */
const noise = (count: number, seed: number) =>
  Int32Array.from({ length: count }, (_, i) => (((i + 1) * 2654435761 * (seed + 3)) % 251) | 0);
const value = (
  name: string,
  shape: readonly number[],
  data: Int32Array,
  more: Partial<NamedValue> = {},
  storage: Storage = "i32",
): NamedValue => ({
  name,
  type: tensorType(storage, shape),
  data,
  ...more,
});
const golden = (name: string, data: ArrayLike<number>, more: Partial<RawArray> = {}): RawArray => ({
  name,
  dtype: "f8",
  data: Float64Array.from(data),
  ...more,
});
const layers = (values: readonly NamedValue[], list: readonly RawArray[]) =>
  matchGoldens(values, [], { layers: list, outputs: [] });
const pairs = (r: GoldenReport) => r.matches.map((m) => m.value);

const shape = [1, 4, 3];
const first = (data: Int32Array) => permute(data, shape, [0, 2, 1]) as Int32Array;
const [a, b, c] = [1, 2, 3].map((s) => noise(12, s)) as [Int32Array, Int32Array, Int32Array];
const abc = [value("a", shape, a), value("b", shape, b), value("c", shape, c)];

test("content decides where names say nothing", () => {
  const report = layers(abc, [golden("out_layer0", a), golden("out_layer1", c)]);
  assert.equal([report.ok, report.layout, pairs(report)], [true, "channels-last", ["a", "c"]]);
  assert.equal(
    report.matches.map((m) => m.by),
    ["content", "content"],
  );
});

test("one layout for all: channels first when more goldens match so", () => {
  const all = layers(
    abc,
    [a, b, c].map((d, i) => golden(`g${i}`, first(d))),
  );
  assert.equal([all.ok, all.layout, pairs(all)], [true, "channels-first", ["a", "b", "c"]]);
  const mixed = layers(abc, [golden("g0", first(a)), golden("g1", first(b)), golden("g2", c)]);
  assert.equal([mixed.ok, mixed.layout, pairs(mixed)], [false, "channels-first", ["a", "b", undefined]]);
  assert.match(mixed.divergence!.explanation!, "channels last");
  const perm = [1, 2, 0];
  const odd = [value("a", [3, 2, 2], a, { perm })];
  assert.ok(layers(odd, [golden("g", permute(a, [3, 2, 2], perm) as Int32Array)]).ok);
});

test("64-bit goldens compare exactly", () => {
  const wide = (v: bigint): RawArray => ({ name: "g", dtype: "i8", data: BigInt64Array.of(v, 2n) });
  const v = value("v", [1, 2], Int32Array.of(5, 2));
  assert.ok(layers([v], [wide(5n)]).ok);
  assert.not.ok(layers([v], [wide(5n + 2n ** 60n)]).ok);
});

test("exact names bind: the same content elsewhere does not help", () => {
  const report = layers(abc, [golden("b", a)]);
  assert.equal([report.ok, pairs(report), report.divergence?.value], [false, [undefined], "b"]);
  assert.match(report.divergence!.explanation!, "equals %a");
  const onnx = [value("v1", shape, a, { onnxName: "x.3" }), value("v2", shape, a, { onnxName: "x.7" })];
  assert.equal(pairs(layers(onnx, [golden("x.7", a), golden("x.3", a)])), ["v2", "v1"]);
});

test("likely names are preferred among equal contents, as Deeploy writes them", () => {
  const hints = (n: number) => ({ hints: [`model.0._QL_REPLACED__INTEGERIZE_PACT_CONV2D_PASS_${n}`] });
  const values = [value("v0", shape, a, hints(1)), value("v1", shape, a, hints(0)), value("v2", shape, a)];
  const report = layers(values, [golden("model_0__ql_replaced__integerize_pact_conv2d_pass_0", a)]);
  assert.equal([pairs(report), report.matches[0]!.by], [["v1"], "name"]);
});

test("a likely name does not bind: a module may mean its convolution or its activation", () => {
  const values = [value("conv0", shape, a, { hints: ["conv0"] }), value("act", shape, b)];
  assert.equal(pairs(layers(values, [golden("out_layer0", b, { label: "conv0" })])), ["act"]);
});

test("every golden gets a value of its own, in order: zeros do not steal places", () => {
  const zero = new Int32Array(12);
  const values = [value("z0", shape, zero), value("b", shape, b), value("z1", shape, zero)];
  assert.equal(pairs(layers(values, [golden("g0", b), golden("g1", zero)])), ["b", "z1"]);
  assert.equal(pairs(layers(values, [golden("g0", zero), golden("g1", b), golden("g2", zero)])), [
    "z0",
    "b",
    "z1",
  ]);
  const twice = layers(values, [golden("g0", b), golden("g1", b)]);
  assert.equal(twice.matches.filter((m) => m.value === undefined).length, 1);
  assert.match(twice.divergence!.explanation!, "equals %b: another golden has it");
});

test("when two equal goldens compete for one value, the earlier one is the divergence", () => {
  const zero = new Int32Array(12);
  const values = [value("a", shape, a), value("broken", shape, c), value("z", shape, zero)];
  const report = layers(values, [golden("g0", a), golden("g1", zero), golden("g2", zero)]);
  assert.equal(
    [pairs(report), report.divergence?.golden, report.divergence?.value],
    [["a", undefined, "z"], "g1", "broken"],
  );
});

test("goldens out of order still match", () => {
  assert.equal(pairs(layers(abc, [golden("g0", c), golden("g1", a), golden("g2", b)])), ["c", "a", "b"]);
});

test("outputs are compared with the outputs only, and may equal a layer", () => {
  const report = (outputs: readonly RawArray[]) =>
    matchGoldens(abc, ["c"], { layers: [golden("g", c)], outputs });
  assert.equal(
    report([golden("output", c)]).matches.map((m) => [m.role, m.value]),
    [
      ["layer", "c"],
      ["output", "c"],
    ],
  );
  assert.not.ok(report([golden("output", a)]).ok);
});

test("the first divergence has its layer, element, values, distance and count", () => {
  const wrong = Float64Array.from(b);
  wrong[4]! -= 7;
  wrong[9]! += 1;
  const report = layers(abc, [golden("g0", a), golden("g1", wrong), golden("g2", c)]);
  const { golden: name, value: of, difference } = report.divergence!;
  assert.equal([name, of], ["g1", "b"]);
  assert.equal(difference, {
    index: [0, 1, 1],
    expected: b[4]! - 7,
    got: b[4]!,
    distance: 7,
    largest: 7,
    differing: 2,
    elements: 12,
  });
  const shown = renderGoldenReport(report).split("\n");
  assert.is(shown[0], "first divergence: g1 against %b");
  assert.is(shown[1], `  element [0, 1, 1]: expected ${b[4]! - 7}, got ${b[4]} (+7 LSB)`);
  assert.is(shown[2], "  2 of 12 elements differ, by at most 7");
  assert.equal(shown.slice(3), ["goldens: 3 layers, 2 equal, bit for bit, channels last", "not matched: g1"]);
});

test("under channels first, the element is still named in the value's own axes", () => {
  const wrong = first(b);
  wrong[5]! += 1;
  const report = layers(abc, [golden("g0", first(a)), golden("g1", wrong), golden("g2", first(c))]);
  assert.equal([report.layout, report.divergence?.difference?.index], ["channels-first", [0, 1, 1]]);
  const images = [5, 6].map((seed) => noise(24, seed));
  const values = images.map((d, i) => value(`v${i}`, [1, 3, 4, 2], d));
  const nchw = images.map((d) => permute(d, [1, 3, 4, 2], [0, 3, 1, 2]) as Int32Array);
  nchw[1]![12 + 2 * 4 + 1]! += 1;
  const second = layers(values, [golden("g0", nchw[0]!), golden("g1", nchw[1]!)]).divergence?.difference;
  assert.equal([second?.index, second?.differing], [[0, 2, 1, 1], 1]);
});

const why = (v: NamedValue, data: ArrayLike<number>) =>
  layers([v], [golden("g", data)]).divergence?.explanation ?? "";

test("any order of the axes and reversed channels are recognised", () => {
  const [dims, data] = [[1, 4, 5, 3], noise(60, 9)];
  const v = value("v", dims, data);
  assert.match(why(v, permute(data, dims, [0, 2, 1, 3]) as Int32Array), "in the order N W H C");
  assert.match(why(v, permute(data, dims, [0, 3, 2, 1]) as Int32Array), "in the order N C W H");
  const reversed = Int32Array.from(data, (_, i) => data[i - (i % 3) + 2 - (i % 3)]!);
  assert.match(why(v, reversed), "channels in reverse order");
  const flat = value("v", [1, 60], data);
  assert.match(why(flat, permute(data, [20, 3], [1, 0]) as Int32Array), "read as 20 x 3 and transposed");
});

test("roundings, offsets, signs, missing clamps and scales are recognised", () => {
  const act = Int32Array.of(0, 5, 9, 200, 255, 255);
  const v = value("v", [1, 2, 3], act, {}, "u8");
  assert.match(why(v, [0, 6, 9, 201, 255, 255]), "round half up, where the graph floors");
  assert.match(why(v, [0, 4, 9, 199, 255, 255]), "floor, where the graph rounds half up");
  assert.match(why(v, [0, 4, 10, 200, 255, 255]), "+1 or -1");
  assert.match(why(value("v", [1, 3], Int32Array.of(-3, -8, 4)), [-2, -7, 4]), "towards zero");
  assert.match(
    why(
      v,
      Array.from(act, (x) => x - 128),
    ),
    "differs by 128",
  );
  assert.match(why(v, [0, 5, 9, -56, -1, -1]), "multiple of 256");
  assert.match(why(v, [0, 5, 9, 200, 300, 256]), "beyond [0, 255]");
  assert.match(
    why(
      v,
      Array.from(act, (x) => x * 0.125),
    ),
    "times 0.125000",
  );
  assert.match(why(v, [0.5, 5, 9, 200, 255, 255]), "fractions");
});

test("a golden of a size that no value has, or that its namesake has not, says so", () => {
  assert.match(
    layers(abc, [golden("g", [1, 2])]).divergence!.explanation!,
    "no value of the graph has 2 elements",
  );
  assert.match(
    layers(abc, [golden("b", [1, 2])]).divergence!.explanation!,
    "it has 12 elements, the golden of that name 2",
  );
});

/** The largest number of goldens that get distinct values, by trying everything. */
function best(fits: readonly (readonly number[])[], g = 0, taken: readonly number[] = []): number {
  if (g === fits.length) return 0;
  const with_ = fits[g]!.filter((v) => !taken.includes(v)).map((v) => 1 + best(fits, g + 1, [...taken, v]));
  return Math.max(best(fits, g + 1, taken), ...with_);
}

test("property: the matching is distinct, fitting and as large as can be", () => {
  const fits = fc.array(
    fc.uniqueArray(fc.nat(5), { maxLength: 4 }).map((l) => l.sort()),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(fits, (f) => {
      const chosen = assign({ fits: f, favours: () => false }, 6);
      const used = chosen.filter((v) => v !== undefined);
      assert.is(new Set(used).size, used.length);
      for (const [g, v] of chosen.entries()) assert.ok(v === undefined || f[g]!.includes(v));
      assert.is(used.length, best(f));
    }),
    { numRuns: 500 },
  );
});

test.run();
