/** From arrays in files to tensors of the graph: layouts, ranges, whole numbers. */
import * as assert from "uvu/assert";
import { type RawArray, toRawArray, toTensor } from "../../src/data/tensor-files/index.js";
import { tensorType } from "../../src/ir/type.js";
import { suite } from "../harness.js";

const test = suite("arrays to tensors");

const type = tensorType("u8", [1, 3, 2]);
const raw = (data: readonly number[], more: Partial<RawArray> = {}): RawArray => ({
  name: "input",
  dtype: "f8",
  data: Float64Array.from(data),
  ...more,
});
const data = (r: ReturnType<typeof toTensor>) => (r.ok ? [...r.value.data] : r.diagnostics.map((d) => d.id));
const lastFirst = [1, 2, 3, 4, 5, 6];
const channelsFirst = [1, 3, 5, 2, 4, 6];

test("flat arrays are taken in order", () => {
  assert.equal(data(toTensor(raw(lastFirst), type)), lastFirst);
  assert.equal(data(toTensor(raw(lastFirst, { shape: [6] }), type)), lastFirst);
});

test("the shape decides between channels last and the model's layout; axes of size 1 do not matter", () => {
  for (const shape of [
    [1, 3, 2],
    [3, 2],
    [1, 3, 1, 2],
  ])
    assert.equal(data(toTensor(raw(lastFirst, { shape }), type)), lastFirst);
  for (const shape of [
    [1, 2, 3],
    [2, 3],
    [2, 1, 3],
  ])
    assert.equal(data(toTensor(raw(channelsFirst, { shape }), type)), lastFirst);
  const perm = [1, 2, 0];
  assert.equal(data(toTensor(raw([1, 2, 3, 4, 5, 6], { shape: [3, 2, 1] }), type, { perm })), lastFirst);
});

test("images: N C H W and N H W C are told apart by their shapes", () => {
  const nhwc = Array.from({ length: 24 }, (_, i) => i);
  const nchw = nhwc.map((_, i) => (i % 12) * 2 + Math.floor(i / 12));
  const image = tensorType("u8", [1, 3, 4, 2]);
  assert.equal(data(toTensor(raw(nchw, { shape: [1, 2, 3, 4] }), image)), nhwc);
  assert.equal(data(toTensor(raw(nhwc, { shape: [1, 3, 4, 2] }), image)), nhwc);
});

test("a text file's header decides where it fits, and is ignored where it does not", () => {
  assert.equal(data(toTensor(raw(channelsFirst, { headerShape: [2, 3] }), type)), lastFirst);
  assert.equal(data(toTensor(raw(lastFirst, { headerShape: [1, 25, 5, 64] }), type)), lastFirst);
});

test("a square shape is the model's layout, with a warning, unless told", () => {
  const square = tensorType("u8", [1, 2, 2]);
  const array = raw([1, 2, 3, 4], { shape: [1, 2, 2] });
  const guessed = toTensor(array, square);
  assert.equal(data(guessed), [1, 3, 2, 4]);
  assert.equal(
    guessed.diagnostics.map((d) => [d.id, d.severity]),
    [["file/ambiguous-layout", "warning"]],
  );
  assert.equal(data(toTensor(array, square, { order: "channels-last" })), [1, 2, 3, 4]);
  assert.equal(data(toTensor(array, square, { order: "channels-first" })), [1, 3, 2, 4]);
  assert.equal(toTensor(raw([1, 2], { shape: [1, 2, 1] }), tensorType("u8", [1, 2, 1])).diagnostics, []);
});

test("a wrong count or shape is refused", () => {
  assert.equal(data(toTensor(raw([1, 2, 3]), type)), ["file/tensor-count"]);
  assert.equal(data(toTensor(raw(lastFirst, { shape: [6, 1, 1] }), tensorType("u8", [1, 2, 3]))), lastFirst);
  assert.equal(
    data(toTensor(raw([...lastFirst, ...lastFirst], { shape: [4, 3] }), tensorType("u8", [1, 6, 2]))),
    ["file/tensor-shape"],
  );
});

test("the element out of range is named, with the way out", () => {
  const wrong = toTensor(raw([1, 2, 3, 4, 256, 6]), type);
  assert.equal(data(wrong), ["file/tensor-range"]);
  assert.match(wrong.diagnostics[0]!.text, "element [0, 2, 0]");
  assert.match(toTensor(raw([0, 0, 0, -1, 0, 0]), type).diagnostics[0]!.help!, "add 128");
  assert.equal(data(toTensor(raw([0, 0, 0, 3, 0, 0]), tensorType("i2", [1, 3, 2]))), ["file/tensor-range"]);
  assert.equal(data(toTensor(raw([-2, 1, 0, 0, 0, 0]), tensorType("i2", [1, 3, 2]))), [-2, 1, 0, 0, 0, 0]);
});

test("fractions and NaN are refused with the formula of the type", () => {
  const wrong = toTensor(raw([1, 0.5, 0, 0, 0, 0]), tensorType("u8", [1, 3, 2], { scale: 0.25, zero: 128 }));
  assert.equal(data(wrong), ["file/tensor-fraction"]);
  assert.match(wrong.diagnostics[0]!.help!, "round(x / 0.25) + 128");
  assert.equal(data(toTensor(raw([NaN, 0, 0, 0, 0, 0]), type)), ["file/tensor-fraction"]);
  assert.equal(data(toTensor(raw([0.5, 1, 2, 3, 4, 5]), tensorType("f32", [1, 3, 2]))), [0.5, 1, 2, 3, 4, 5]);
});

test("64-bit integers, and back to an array", () => {
  const big: RawArray = {
    name: "input",
    shape: [1, 3, 2],
    dtype: "i8",
    data: BigInt64Array.from([1n, 2n, 3n, 4n, 5n, 255n]),
  };
  const tensor = toTensor(big, type);
  assert.ok(tensor.ok);
  assert.equal(toRawArray("y", tensor.value), {
    name: "y",
    shape: [1, 3, 2],
    dtype: "u1",
    data: Uint8Array.of(1, 2, 3, 4, 5, 255),
  });
  const huge: RawArray = { ...big, data: BigInt64Array.from([0n, 2n ** 62n, 0n, 0n, 0n, 0n]) };
  assert.equal(data(toTensor(huge, type)), ["file/tensor-range"]);
});

test.run();
