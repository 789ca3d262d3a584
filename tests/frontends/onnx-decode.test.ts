import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import onnxProto from "onnx-proto";
import * as assert from "uvu/assert";
import { type DecodeOptions, decodeModel } from "../../src/frontends/onnx/decode.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import { sharedPath, suite } from "../harness.js";
import { refusal } from "./onnx-check.js";
import { onnxFile } from "./onnx-model.js";

const { onnx } = onnxProto;
const test = suite("onnx: decoding");

/** A model whose only initialiser is this TensorProto. */
function fileWith(tensor: object, opset = 13): Uint8Array {
  const graph = {
    node: [{ opType: "Identity", input: ["t"], output: ["y"] }],
    initializer: [{ name: "t", ...tensor }],
    output: [{ name: "y" }],
  };
  return onnx.ModelProto.encode({ opsetImport: [{ version: opset }], graph } as never).finish();
}

async function elements(tensor: object, options: Partial<DecodeOptions> = {}): Promise<number[]> {
  const model = await decodeModel(fileWith(tensor), { file: "m.onnx", ...options });
  return Array.from(model.initialisers.get("t")!.data() as ArrayLike<number | bigint>, Number);
}

async function complaint(tensor: object, options: Partial<DecodeOptions> = {}): Promise<string> {
  try {
    await elements(tensor, options);
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.id;
    throw e;
  }
  return "none";
}

const bytes = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer);

test("raw bytes of every element type", async () => {
  const values = [1, -2, 100];
  assert.equal(await elements({ dataType: 1, dims: [3], rawData: bytes(Float32Array.from(values)) }), values);
  assert.equal(
    await elements({ dataType: 11, dims: [3], rawData: bytes(Float64Array.from(values)) }),
    values,
  );
  assert.equal(await elements({ dataType: 3, dims: [3], rawData: bytes(Int8Array.from(values)) }), values);
  assert.equal(
    await elements({ dataType: 2, dims: [3], rawData: bytes(Uint8Array.from(values)) }),
    [1, 254, 100],
  );
  assert.equal(await elements({ dataType: 5, dims: [3], rawData: bytes(Int16Array.from(values)) }), values);
  assert.equal(
    await elements({ dataType: 4, dims: [3], rawData: bytes(Uint16Array.from(values)) }),
    [1, 65534, 100],
  );
  assert.equal(await elements({ dataType: 6, dims: [3], rawData: bytes(Int32Array.from(values)) }), values);
  assert.equal(await elements({ dataType: 12, dims: [3], rawData: bytes(Uint32Array.from(values)) }), [
    1,
    2 ** 32 - 2,
    100,
  ]);
  assert.equal(
    await elements({ dataType: 7, dims: [3], rawData: bytes(BigInt64Array.from(values, BigInt)) }),
    values,
  );
  assert.equal(
    await elements({ dataType: 13, dims: [2], rawData: bytes(BigUint64Array.from([1n, 2n ** 63n])) }),
    [1, 2 ** 63],
  );
  assert.equal(await elements({ dataType: 9, dims: [2], rawData: Uint8Array.of(0, 1) }), [0, 1]);
});

test("16-bit floats are widened: ordinary, subnormal, infinite", async () => {
  const half = Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7c00, 0x8000);
  assert.equal(await elements({ dataType: 10, dims: [5], rawData: bytes(half) }), [
    1,
    -2.5,
    2 ** -24,
    Infinity,
    -0,
  ]);
  assert.equal(
    await elements({ dataType: 16, dims: [2], rawData: bytes(Uint16Array.of(0x3f80, 0xc020)) }),
    [1, -2.5],
  );
  assert.equal(await elements({ dataType: 10, dims: [1], int32Data: [0x3c00] }), [1]);
});

test("4-bit and 2-bit integers: first element in the low bits, odd counts", async () => {
  assert.equal(await elements({ dataType: 21, dims: [3], rawData: Uint8Array.of(0x21, 0x0f) }), [1, 2, 15]);
  assert.equal(await elements({ dataType: 22, dims: [3], rawData: Uint8Array.of(0x8f, 0x07) }), [-1, -8, 7]);
  assert.equal(await elements({ dataType: 22, dims: [3], int32Data: [0x8f, 0x07] }), [-1, -8, 7]);
  assert.equal(
    await elements({ dataType: 25, dims: [5], rawData: Uint8Array.of(0b11100100, 0b10) }),
    [0, 1, 2, 3, 2],
  );
  assert.equal(
    await elements({ dataType: 26, dims: [4], rawData: Uint8Array.of(0b11100100) }),
    [0, 1, -2, -1],
  );
});

test("typed fields, scalars and empty tensors", async () => {
  assert.equal(await elements({ dataType: 1, dims: [2], floatData: [1.5, -2] }), [1.5, -2]);
  assert.equal(await elements({ dataType: 3, dims: [2], int32Data: [-1, 7] }), [-1, 7]);
  assert.equal(await elements({ dataType: 7, dims: [2], int64Data: [-5, 2 ** 40] }), [-5, 2 ** 40]);
  assert.equal(await elements({ dataType: 12, dims: [], uint64Data: [4e9] }), [4e9]);
  assert.equal(await elements({ dataType: 1, dims: [0] }), []);
});

test("data that does not match its shape is refused", async () => {
  assert.is(await complaint({ dataType: 1, dims: [3], floatData: [1] }), "onnx/tensor-data");
  assert.is(await complaint({ dataType: 1, dims: [3], rawData: new Uint8Array(11) }), "onnx/tensor-data");
  assert.is(
    await complaint({ dataType: 1, dims: [2 ** 31, 2 ** 31], rawData: new Uint8Array(4) }),
    "onnx/tensor-data",
  );
  assert.is(await complaint({ dataType: 1, dims: [-1], rawData: new Uint8Array(4) }), "onnx/tensor-data");
  assert.is(await complaint({ dataType: 8, dims: [1], rawData: new Uint8Array(4) }), "onnx/element-type");
});

const external = (entries: Record<string, string>) => ({
  dataType: 3,
  dims: [2],
  dataLocation: 1,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
});

test("external data: a stretch of a file in the model's folder", async () => {
  const options = {
    external: (path: string) => (path === "w/a.bin" ? Uint8Array.of(9, 9, 1, 255) : undefined),
  };
  assert.equal(await elements(external({ location: "w/a.bin", offset: "2", length: "2" }), options), [1, -1]);
  assert.equal(await elements(external({ location: "w/a.bin" }), options), [9, 9]);
  assert.is(await complaint(external({ location: "w/b.bin" }), options), "onnx/external-data");
  assert.is(
    await complaint(external({ location: "w/a.bin", offset: "3", length: "2" }), options),
    "onnx/external-data",
  );
  assert.is(await complaint(external({ location: "w/a.bin", offset: "-1" }), options), "onnx/external-data");
});

test("external data never leaves the model's folder", async () => {
  const options = { external: () => Uint8Array.of(1, 2) };
  for (const location of ["../a", "w/../../a", "/etc/passwd", "C:a", "..\\a", "", "a\0b"])
    assert.is(await complaint(external({ location }), options), "onnx/external-data", location);
  assert.equal(await elements(external({ location: "a..b/c" }), options), [1, 2]);
});

test("no model, no graph, an opset that is too old", async () => {
  assert.is((await refusal(new TextEncoder().encode("no protobuf at all")))[0]!.id, "onnx/malformed");
  assert.is((await refusal(new Uint8Array(0)))[0]!.id, "onnx/malformed");
  assert.is((await refusal(fileWith({ dataType: 1, dims: [0] }, 5)))[0]!.id, "onnx/opset");
});

test("cut off or disturbed files give diagnostics, never another exception", async () => {
  const whole = onnxFile({
    inputs: { x: [1, 2, 4] },
    outputs: ["y"],
    initialisers: { w: { shape: [3, 2, 2], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] } },
    nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"] }],
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
      async (cut, changes) => {
        const disturbed = whole.slice(0, changes.length === 0 ? cut : whole.length);
        for (const [at, value] of changes) disturbed[at] = value;
        const result = await importOnnx(disturbed, { file: "m.onnx" });
        assert.ok(result.ok || result.diagnostics.length > 0);
      },
    ),
    { numRuns: 400 },
  );
});

const cases = sharedPath("fixtures", "onnx-node");

(cases ? test : test.skip)(
  "every given ONNX operator case imports or is refused with a diagnostic",
  async () => {
    for (const name of readdirSync(cases!)) {
      const result = await importOnnx(readFileSync(`${cases}/${name}/model.onnx`), { file: name });
      assert.ok(
        result.ok || result.diagnostics.every((d) => d.id.startsWith("onnx/") && d.text !== ""),
        name,
      );
    }
  },
);

test.run();
