/** ONNX's textual syntax: the same model as its protobuf, and mistakes with their places. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { decodeModel } from "../../src/frontends/onnx/decode.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import type { RawModel, RawNode, RawTensor, RawValue } from "../../src/frontends/onnx/raw.js";
import { readModelText } from "../../src/frontends/onnx/text/index.js";
import { type Diagnostic, isSpan, Refusal, unwrap } from "../../src/ir/diagnostic.js";
import { printModule } from "../../src/ir/print.js";
import { suite } from "../harness.js";
import { i64, node, onnxFile } from "./onnx-model.js";

const test = suite("onnx-text");

const head = '<ir_version: 8, opset_import: ["" : 17]>\n';
const read = (text: string): RawModel => readModelText(text, { file: "m.onnxtxt" });
function mistakes(text: string): readonly Diagnostic[] {
  try {
    read(text);
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics;
    throw e;
  }
  throw new Error("the text is accepted");
}
const texts = (found: readonly Diagnostic[]): readonly string[] => found.map((d) => d.text);
/** What the place of a diagnostic covers. */
function covered(text: string, d: Diagnostic): string {
  assert.ok(d.place && isSpan(d.place));
  return text.slice(d.place.start, d.place.end);
}

const plainTensor = ({ name, type, shape, data }: RawTensor) => ({
  name,
  type,
  shape,
  data: [...data()].map(Number),
});
const plainValue = ({ name, type, shape }: RawValue) => ({ name, type, shape });
const plainNode = ({ name, op, domain, inputs, outputs, attributes }: RawNode) => ({
  name,
  op,
  domain,
  inputs,
  outputs,
  attributes: [...attributes].map(([key, a]) => [key, a.kind === "tensor" ? plainTensor(a.value) : a]),
});
const plain = (m: RawModel) => ({
  opset: m.opset,
  inputs: m.inputs.map(plainValue),
  outputs: m.outputs.map((v) => v.name),
  initialisers: [...m.initialisers.values()].map(plainTensor),
  nodes: m.nodes.map(plainNode),
});

test("the text and the protobuf of a model decode to the same structure", async () => {
  const bytes = onnxFile({
    opset: 17,
    inputs: { x: ["N", 2, 8] },
    outputs: ["y"],
    initialisers: { "conv.w": { shape: [1, 2, 2], data: [0.5, -1.25, 2, 3] }, shape: i64(1, -1) },
    nodes: [
      { ...node("Conv", ["x", "conv.w"], "c", { strides: [1], auto_pad: "VALID" }), name: "first" },
      node("Custom", ["c", "", "x"], "d", {
        alpha: { float: 0.5 },
        value: { tensor: { shape: [2], data: [1, 2] } },
      }),
      node("Reshape", ["d", "shape"], "y"),
    ],
  });
  const text = `${head}test (float[N, 2, 8] x) => (float y)
<float[1, 2, 2] "conv.w" = {0.5, -1.25, 2, 3.0}, int64[2] shape = {1, -1}, float[N] unused>
{
  ["first"] c = Conv <strides = [1], auto_pad = "VALID"> (x, "conv.w")
  d = Custom (c, "", x) <alpha: float = 0.5, value = float[2] {1, 2}>
  y = Reshape (d, shape)
}
`;
  assert.equal(plain(read(text)), plain(await decodeModel(bytes, { file: "m.onnx" })));
});

test("all there is: types, numbers, attributes, domains, inner graphs, comments", () => {
  const found = read(`# a comment
< ir_version: 10, opset_import: ["" : 21, "com.example" : 2], producer_name: "me", producer_version: "1.0",
  doc_string: "a \\"quoted\\" text", metadata_props: ["key": "value"] >
"my net" (float x, float[] r, int4[3] q, bfloat16[?, "batch size"] b, seq(map(int64, float[2])) s, float[2] preset = {1, 2}) => (float y)
<float[3] f = {inf, -inf, nan}, int64[2] wide = {9223372036854775807, -9223372036854775808}, uint4[3] n = {0, 7, 15},
 float16[2] half = {15360, 49152}, bool[2] flags = {0, 1}, float[0] none = {}>
{
  a = com.example.Op <i = 3, f = 3.0, g: float = 3, s = "text", is = [1, 2], fs = [1, 2.5], ss = ["a", "b"],
    none: ints = [], body = inner (float z) => (float w) { w = Relu (z) }, ref = @outer> (x, , r)
  y, = If (a)
}
`);
  assert.equal(found.producer, "me 1.0");
  assert.equal([found.opset, found.domains], [21, ["com.example"]]);
  assert.equal(found.inputs.map(plainValue), [
    { name: "x", type: "f32", shape: [] },
    { name: "r", type: "f32", shape: undefined },
    { name: "q", type: "i4", shape: [3] },
    { name: "b", type: "bf16", shape: ["?", "batch size"] },
    { name: "s", type: "undefined", shape: undefined },
  ]);
  const data = (name: string) => [...found.initialisers.get(name)!.data()];
  assert.equal(data("preset"), [1, 2]);
  assert.equal(data("f"), [Infinity, -Infinity, Number.NaN]);
  assert.equal(data("wide"), [2n ** 63n - 1n, -(2n ** 63n)]);
  assert.equal([data("n"), data("half"), data("flags"), data("none")], [[0, 7, 15], [1, -2], [0, 1], []]);
  const [op, last] = found.nodes as [RawNode, RawNode];
  assert.equal([op.domain, op.op, op.inputs, last.outputs], ["com.example", "Op", ["x", "", "r"], ["y"]]);
  assert.equal(Object.fromEntries(op.attributes), {
    i: { kind: "int", value: 3 },
    f: { kind: "float", value: 3 },
    g: { kind: "float", value: 3 },
    s: { kind: "string", value: "text" },
    is: { kind: "ints", value: [1, 2] },
    fs: { kind: "floats", value: [1, 2.5] },
    ss: { kind: "strings", value: ["a", "b"] },
    none: { kind: "ints", value: [] },
    body: { kind: "other" },
    ref: { kind: "other" },
  });
});

const sound = `${head}net (float[1, 2, 8] x) => (float[1, 4, 6] y)
<float[4, 2, 3] w = {${new Array(24).fill("0.5").join(", ")}}>
{
  ["first"] c = Conv (x, w)
  y = Relu (c)
}
`;

test("a model as text imports as IR", async () => {
  const { module } = unwrap(await importOnnx(sound, { file: "m.onnxtxt" }));
  assert.match(printModule(module), "%c = conv %x, @w : f32[1x6x4]");
});

test("a refusal says the node, its operator and its operands, and stands on its line", async () => {
  const text = sound.replace("float[1, 2, 8]", "float[1, 3, 8]");
  const result = await importOnnx(text, { file: "m.onnxtxt" });
  const { place } = result.diagnostics[0]!;
  assert.ok(place && !isSpan(place));
  const start = text.indexOf('["first"]');
  assert.equal(place, {
    file: "m.onnxtxt",
    node: "first",
    op: "Conv",
    inputs: [
      { name: "x", type: "f32[1x3x8]" },
      { name: "w", type: "f32[4x2x3]" },
    ],
    span: { file: "m.onnxtxt", start, end: text.indexOf("\n", start) },
  });
});

test("several mistakes are told at once, each where it is", () => {
  const text = `${head}net (float x) => (float y)\n{\n  a = Relu (x\n  b = Add x, a)\n  c = Neg (b)\n  d = Op <k = [1, > (c)\n  y = Abs (d)\n}\n`;
  const found = mistakes(text);
  assert.equal(texts(found), [
    '")" is expected after the operands of Relu',
    '"(" is expected after the operator Add',
    "the value of an attribute is expected here",
  ]);
  assert.equal(
    found.map((d) => covered(text, d)),
    ["\n", "x", ">"],
  );
});

test("a mistake in an inner graph costs its node only", () => {
  const text = `${head}net (float x) => (float y)\n{\n  a = If <then_branch = t () => (float z) { z = Neg (x) > (x)\n  y = Abs a)\n}\n`;
  assert.match(texts(mistakes(text))[1]!, '"(" is expected after the operator Abs');
  assert.is(mistakes(text).length, 2);
});

test("words that every JavaScript object knows are only words", async () => {
  const text = `${head}net (float[1, 4] x) => (float[1, 4] y)\n{\n  y = constructor <__proto__ = 1, toString = "valueOf"> (x)\n}\n`;
  const result = await importOnnx(text, { file: "m.onnxtxt" });
  assert.equal(
    result.diagnostics.map((d) => [d.id, d.help]),
    [["onnx/unsupported", "ONNX has no operator constructor"]],
  );
});

test("elements are counted and fit their type", () => {
  const found = mistakes(
    `${head}net (float x) => (float y) <float[2, 2] w = {1, 2, 3}, int8[1] b = {128}> { y = Relu (x) }`,
  );
  assert.equal(
    found.map((d) => [d.id, d.found, d.expected]),
    [
      ["onnx/tensor-data", "3 elements", "4 elements"],
      ["onnx/tensor-data", "128", "[-128, 127]"],
    ],
  );
});

test("what is no model, and what follows one", () => {
  assert.equal(texts(mistakes("")), ["the name of the graph is expected here"]);
  assert.equal(texts(mistakes('net "')), ["a string does not end"]);
  assert.equal(texts(mistakes("net $")), ['the character "$" means nothing here']);
  assert.equal(texts(mistakes(`${sound}rest`)), ["the model ends before this"]);
  assert.equal(
    mistakes(`${sound}<domain: "local"> f (x) => (y) { y = Relu (x) }`)[0]!.id,
    "onnx/unsupported",
  );
  assert.equal(
    mistakes(sound.slice(head.length))[0]!.help,
    'begin the file with < ir_version: 10, opset_import: ["" : 20] >',
  );
});

test("nesting is bounded, mistakes are counted", () => {
  const deep = `${head}net (${"seq(".repeat(100000)}float${")".repeat(100000)} x) => (float y) { y = Relu (x) }`;
  assert.match(texts(mistakes(deep)).join(), "nested too deeply");
  const many = `${head}net (float x) => (float y)\n{\n${"  a = Relu (x\n".repeat(1000)}}\n`;
  assert.is(mistakes(many).length, 20);
});

test("disturbed texts give diagnostics, never another exception, and in time", async () => {
  const pieces = [
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "=>",
    ",",
    ":",
    '"',
    "@",
    "x",
    "1e9",
    "-",
    "float",
    "#",
    "\n",
    "\\",
  ];
  const edit = fc.tuple(fc.nat(sound.length), fc.nat(12), fc.constantFrom("", ...pieces));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      let text = sound;
      for (const [at, cut, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + cut);
      const result = await importOnnx(text, { file: "m.onnxtxt" });
      assert.ok(result.ok || result.diagnostics.every((d) => d.id.startsWith("onnx/")));
    }),
    { numRuns: 600 },
  );
  const started = performance.now();
  for (const text of [
    "(".repeat(1e6),
    `${head}n (x${",".repeat(1e6)}`,
    `"${"\\".repeat(1e6)}`,
    `n () => () {${"a=".repeat(5e5)}`,
  ])
    assert.ok(mistakes(text).length > 0);
  assert.ok(performance.now() - started < 4000, "a million characters take their time");
});

test.run();
