/** Binding files: every mistake is refused with its place; layouts and packings keep every element. */
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { parseModule } from "../../src/frontends/text/index.js";
import { buildCase } from "../../src/golden/cases.js";
import { evaluateExpression, parseExpression } from "../../src/golden/expression.js";
import { bindingText, makeVectors, probedSignature, readBinding } from "../../src/golden/index.js";
import { fromMemory, type MemoryFormat, parseLayout, toMemory } from "../../src/golden/memory.js";
import { attempt, isSpan } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { type Storage, storages } from "../../src/ir/storage.js";
import { allocate } from "../../src/ir/tensor.js";
import { suite } from "../harness.js";
import { kernels } from "./kernels.js";

const test = suite("bindings");
const source = readFileSync(path.join(kernels, "conv.golden.json"), "utf8");
const read = (text: string) => attempt(() => readBinding(text, { file: "conv.golden.json", ops }));

/** What replaces what, the text that the refusal must hold, and what it must point at. */
const mistakes: readonly (readonly [from: string, to: string, says: string, at: string])[] = [
  ['"golden 1"', '"golden 9"', "version", '"pulsec"'],
  ['"conv", "requant"]', '"convv", "requant"]', "there is no op convv", '"'],
  ['"conv", "requant"]', '"sigmoid", "requant"]', "no integer meaning", '"'],
  ['"storage": "u8", "shape"', '"storage": "f32", "shape"', "f32 is no integer storage", '"storage"'],
  ['"layout": "HWC", "zero"', '"layout": "HWD", "zero"', "HWD is no order of the axes NHWC", '"layout"'],
  ['"packing": "low-first"', '"packing": "lowfirst"', '"lowfirst" is not known', '"packing"'],
  [
    '"layout": "HWC", "zero"',
    '"layout": "HWC", "packing": "low-first", "zero"',
    "fill whole bytes",
    '"packing"',
  ],
  ['[1, "H", "W", "Ci"]', '[1, "H", "V", "Ci"]', "nothing is called V", '"shape"'],
  ['[1, "H", "W", "Ci"]', '[1, "H", "Ci"]', "3 dimensions and 4 axes", '"axes"'],
  ['"stride": [[1, 1]', '"strides": [[1, 1]', "conv has no attribute strides", '"strides"'],
  ['"value": "stride[0]"', '"value": "stride[0"', "no expression", '"value"'],
  ['"value": "stride[0]"', '"value": "speed[0]"', "nothing is called speed[0]", "{"],
  ['"rounding": "floor"', '"rounding": "flor"', '"flor" is not known', '"rounding"'],
  ['"rounding": "floor"', '"round": "floor"', "there is no entry round", '"round"'],
  ['{ "tensor": "b"', '{ "tensor": "bias"', "there is no tensor bias", '"tensor"'],
  ['"H": [1, 7]', '"H": [7, 1]', "[smallest, largest]", '"H"'],
  ['"cores": [1]', '"cores": [0]', "a whole number is expected", ""],
  ['"name": "width"', '"name": "height"', "two arguments are called height", '"arguments"'],
];

for (const [from, to, says, at] of mistakes)
  test(`${to}: ${says}`, () => {
    const text = source.replace(from, to);
    assert.is.not(text, source);
    const result = read(text);
    const [d] = result.diagnostics;
    assert.is(result.ok, false);
    assert.is(d?.id, "golden/binding");
    assert.ok(d!.text.includes(says), d!.text);
    const place = d!.place!;
    if (at !== "") assert.ok(isSpan(place) && text.slice(place.start).startsWith(at), d!.text);
  });

test("JSON that is none, and files that hold something else", () => {
  for (const text of ["", "{", "[]", "3", "null", '{"pulsec": 1}', '{"pulsec": "golden 1"}']) {
    const result = read(text);
    assert.is(result.ok, false);
    assert.is(result.diagnostics[0]?.id, "golden/binding");
  }
});

test("expressions: precedence, floors, references", () => {
  const value = (text: string) =>
    evaluateExpression(parseExpression(text), ({ base, field, index }) =>
      base === "x" && field === "h" ? 7n : base === "stride" ? BigInt(index ?? 0) + 2n : 3n,
    );
  assert.is(value("2 + 3 * 4"), 14n);
  assert.is(value("(2 + 3) * -4"), -20n);
  assert.is(value("-7 / 2"), -4n);
  assert.is(value("-7 % 4"), 1n);
  assert.is(value("x.h * stride[1] - H"), 18n);
  assert.is(value("7 / 0"), 0n);
});

/** Any order of the axes, perhaps in blocks, and any packing. */
const anyFormat = fc.record({
  storage: fc.constantFrom<Storage>("i8", "u8", "i16", "i32", "i4", "u4", "i2", "u2"),
  shape: fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 9 }),
  ),
  layout: fc.constantFrom("HWC", "CHW", "WHC", "HCW2c", "CHW4c", "HWC", "HWC3w"),
  packing: fc.constantFrom("none", "low-first", "high-first"),
  seed: fc.integer(),
});

test("memory holds every element once, whatever the layout and the packing", () => {
  fc.assert(
    fc.property(anyFormat, ({ storage, shape, layout, packing, seed }) => {
      const { bits, min, max } = storages[storage];
      const format: MemoryFormat = {
        storage,
        levels: parseLayout("HWC", layout)!,
        element: `${min < 0 ? "" : "u"}int${Math.max(8, bits)}_t` as MemoryFormat["element"],
        packing: bits < 8 ? packing : "none",
      } as MemoryFormat;
      const data = allocate(storage, shape[0] * shape[1] * shape[2]) as Int32Array;
      for (let i = 0; i < data.length; i++)
        data[i] = min + ((Math.imul(seed + i, 0x9e3779b1) >>> 0) % (max - min + 1));
      assert.equal(fromMemory(toMemory(data, shape, format), shape, format), data);
    }),
    { numRuns: 300 },
  );
});

test("PULP-NN's order: the first element in the lowest bits, pairs of channels in a byte of depthwise weights", () => {
  const bytes = (storage: Storage, axes: string, layout: string, shape: readonly number[], data: number[]) =>
    [
      ...toMemory(data, shape, {
        storage,
        levels: parseLayout(axes, layout)!,
        element: "uint8_t",
        packing: "low-first",
      }),
    ].map((b) => b.toString(16));
  assert.equal(bytes("u4", "C", "C", [4], [1, 2, 3, 4]), ["21", "43"]);
  assert.equal(bytes("i4", "C", "C", [3], [-1, 7, -8]), ["7f", "8"]);
  assert.equal(bytes("i2", "C", "C", [5], [1, 0, -1, -2, 1]), ["b1", "1"]);
  // Two channels of two taps: one byte per tap.
  assert.equal(bytes("i4", "OL", "OL2o", [2, 2], [1, 2, 3, 4]), ["31", "42"]);
});

test("vectors are the same for the same seed, and meet borders, odd channels and packed bytes", () => {
  const result = read(source);
  if (!result.ok) return assert.unreachable();
  const make = (seed: number) => makeVectors(result.value, { seed, random: 5 });
  const data = (cases: ReturnType<typeof make>) => cases.map((c) => [c.name, ...c.tensors.get("x")!.data]);
  assert.equal(data(make(4)), data(make(4)));
  assert.not.equal(data(make(4)), data(make(5)));
  const names = make(4).map((c) => c.name);
  for (const kind of [
    "smallest",
    "extremes",
    "borders",
    "odd channels: Ci = 3",
    "lanes: w, field 1",
    "zero point 7",
  ])
    assert.ok(
      names.some((n) => n.startsWith(kind)),
      kind,
    );
  for (const c of make(4)) assert.ok(c.recipe && typeof buildCase(result.value, c.recipe) !== "string");
});

test("every op that has integers only can be bound, its signature read off its record", async () => {
  const bound: string[] = [];
  for (const op of ops.filter((o) => o.int)) {
    const parsed = await Promise.all(
      op.examples.map((e) => parseModule(e.text, { file: "example.pir", ops })),
    );
    const signature = probedSignature(
      op,
      parsed.flatMap((p) => (p.ok ? p.value.graphs : [])),
    );
    if (!signature) continue;
    const text = bindingText(signature, { kernel: "k", adapter: "k.c", rounding: "floor", ops });
    const vectors = makeVectors(readBinding(text, { file: "k.golden.json", ops }), { seed: 1, random: 4 });
    assert.ok(vectors.length >= 2, op.name);
    bound.push(op.name);
  }
  for (const name of [
    "conv",
    "linear",
    "matmul",
    "add",
    "requant",
    "maxpool",
    "concat",
    "upsample",
    "lut",
    "prelu",
  ])
    assert.ok(bound.includes(name), name);
});

test.run();
