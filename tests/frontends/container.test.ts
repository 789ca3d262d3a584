/** `.pmod` containers: layout promises, packed bits, refusals. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { packBits, unpackBits } from "../../src/frontends/container/bits.js";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { GraphBuilder, makeParam } from "../../src/ir/build.js";
import { type Result, unwrap } from "../../src/ir/diagnostic.js";
import { type Module, paramsOf } from "../../src/ir/graph.js";
import { contentHash } from "../../src/ir/hash.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { conv } from "../../src/ir/ops/conv.js";
import { ops } from "../../src/ir/ops/index.js";
import { relu } from "../../src/ir/ops/relu.js";
import { printModule } from "../../src/ir/print.js";
import { type Data, type IntStorage, packedBytes, type Storage, storages } from "../../src/ir/storage.js";
import { tensor } from "../../src/ir/tensor.js";
import { tensorType } from "../../src/ir/type.js";
import { root, suite } from "../harness.js";

const test = suite("container");
const read = (bytes: Uint8Array) => readContainer(bytes, { file: "net.pmod", ops });
const ids = (result: Result<unknown>): string =>
  result.diagnostics.map((d) => `${d.id}: ${d.text}`).join("\n");

const text = `// head

meta producer = "hand"

param @s : f32[2] = [0.5, 0.25]
param @w : i4[2x3x1] * @s axis 0 trainable from {"param":"big","kept":[[0,1]],"bits":4} = [1, 2, 3, -8, 7, 0]

range @g %x = [-1, 1]

// of g
graph @g(%x: (u8[1x5x1] - 3) * 0.5) -> (%y: i32[1x3x2] * 0.5 * @s axis 2) stage integer {
  // of y
  %y = conv %x, @w : i32[1x3x2] * 0.5 * @s axis 2
}
`;
const module = async (): Promise<Module> => unwrap(await parseModule(text, { file: "net.pir", ops }));

test("a module comes back as it was", async () => {
  const bytes = await writeContainer(await module());
  const back = unwrap(await read(bytes));
  assert.is(printModule(back), text);
  assert.is(moduleHash(back), moduleHash(await module()));
  assert.equal(back.graphs[0]!.nodes[0]!.result.places, (await module()).graphs[0]!.nodes[0]!.result.places);
});

test("an element that flipped is damage, though the file can be read", async () => {
  const bytes = await writeContainer(await module());
  // 0.5 and 0.25 stand in the file as they are: the low bit of a mantissa is still a fine scale.
  const at = Buffer.from(bytes).indexOf(Buffer.from(new Float32Array([0.5, 0.25]).buffer));
  assert.ok(at > 0);
  assert.match(
    ids(await read(bytes.with(at, 1))),
    /container\/damaged: .*the content does not have the hash/,
  );
});

test("a file says what it is, in which version", async () => {
  const bytes = await writeContainer(await module());
  assert.is(Buffer.from(bytes.subarray(4, 8)).toString(), "PMOD");
  assert.is(bytes.length % 16, 0);
  assert.match(
    ids(await read(bytes.with(4, 0))),
    /^container\/not-a-container: net\.pmod is no \.pmod container/,
  );
  assert.match(ids(await read(new Uint8Array(0))), /^container\/not-a-container/);
  const root = new DataView(bytes.buffer).getInt32(0, true);
  const vtable = root - new DataView(bytes.buffer).getInt32(root, true);
  const version = root + new DataView(bytes.buffer).getInt16(vtable + 4, true);
  assert.match(ids(await read(bytes.with(version, 2))), /^container\/newer-version: .*newer pulsec/);
  assert.match(ids(await read(bytes.with(version, 0))), /^container\/damaged: .*version/);
});

/** One param of each storage, large enough to be worth a view. */
function wide(): Module {
  const b = new GraphBuilder("g", "integer");
  const x = b.input("x", tensorType("u8", [1, 64, 1]));
  const nodes = (["i8", "i16", "i4", "i2"] as const).map((s) => {
    const { min, max } = storages[s];
    const data = tensor(
      tensorType(s, [1, 63, 1]),
      Array.from({ length: 63 }, (_, i) => min + ((i * 37) % (max - min + 1))),
    ).data;
    return b.add(conv, [x, makeParam(s, tensorType(s, [1, 63, 1]), data)], {}, { name: `y_${s}` });
  });
  return { meta: {}, graphs: [b.finish(nodes)] };
}

test("elements are aligned to 16 bytes and viewed where they lie", async () => {
  const bytes = await writeContainer(wide());
  for (const param of paramsOf(unwrap(await read(bytes)).graphs)) {
    const packed = storages[param.type.storage].bits < 8;
    assert.is(param.data.buffer === bytes.buffer, !packed, param.name);
    if (!packed) assert.is(param.data.byteOffset % 16, 0, param.name);
  }
});

test("bytes at an odd address are copied instead", async () => {
  const bytes = await writeContainer(wide());
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  const params = paramsOf(unwrap(await read(shifted)).graphs);
  assert.equal(
    params.map((p) => p.data),
    paramsOf(wide().graphs).map((p) => p.data),
  );
  assert.is(params.find((p) => p.name === "i8")!.data.buffer, shifted.buffer);
  assert.is.not(params.find((p) => p.name === "i16")!.data.buffer, shifted.buffer);
});

test("elements beyond the end of the file are not read, even where memory follows", async () => {
  const bytes = await writeContainer(wide());
  for (const missing of [16, 32, 48, 64, 100]) {
    const refusal = ids(await read(bytes.subarray(0, bytes.length - missing)));
    assert.match(refusal, /container\/damaged: net\.pmod: an offset leads out of the file/);
  }
});

test("packed elements are one bit stream, the first in the lowest bits", () => {
  assert.equal([...packBits(Int8Array.of(1, -1, 7), "i4")], [0xf1, 0x07]);
  assert.equal([...packBits(Uint8Array.of(1, 2, 3, 0, 3), "u2")], [0b00111001, 0b11]);
  assert.equal([...unpackBits(Uint8Array.of(0b10_01_00_11), "i2", 3)], [-1, 0, 1]);
});

test("packing is undone by unpacking", () => {
  const packed = ["i4", "u4", "i2", "u2"] as const satisfies IntStorage[];
  const sample = fc.constantFrom(...packed).chain((storage) => {
    const { min, max } = storages[storage];
    return fc.record({
      storage: fc.constant<Storage>(storage),
      elements: fc.array(fc.integer({ min, max })),
    });
  });
  fc.assert(
    fc.property(sample, ({ storage, elements }) => {
      const { data } = tensor(tensorType(storage, [elements.length]), elements);
      const bytes = packBits(data, storage);
      assert.is(bytes.length, packedBytes(storage, elements.length));
      assert.equal(unpackBits(bytes, storage, elements.length), data);
    }),
  );
});

test("params are found by their hash", async () => {
  const bytes = await writeContainer(wide());
  const params: (sha256: string) => Data | undefined = unwrap(
    await containerParams(bytes, { file: "net.pmod" }),
  );
  for (const param of paramsOf(wide().graphs)) assert.equal(params(contentHash(param)), param.data);
  assert.is(params("0".repeat(64)), undefined);
  assert.match(ids(await containerParams(bytes.slice(0, 100), { file: "net.pmod" })), /container\/damaged/);
});

test("an op that this version does not know is named", async () => {
  const result = await readContainer(await writeContainer(await module()), { file: "net.pmod", ops: [] });
  assert.match(ids(result), /container\/unknown-op: %y: there is no op conv/);
  assert.equal(result.diagnostics[0]!.place, { file: "net.pmod", node: "@g %y" });
});

test("a module that contradicts itself is refused in the op's words", async () => {
  const sound = await module();
  const [graph] = sound.graphs;
  const [node] = graph!.nodes;
  const changed = (result: object): Module => {
    const value = { ...node!.result, ...result };
    return { ...sound, graphs: [{ ...graph!, nodes: [{ ...node!, result: value }], outputs: [value] }] };
  };
  const refusal = async (result: object) => ids(await read(await writeContainer(changed(result))));
  assert.match(
    await refusal({ type: tensorType("i32", [1, 4, 2]) }),
    /ir\/type: %y: conv gives another type/,
  );
  assert.match(
    await refusal({ type: tensorType("i32", [1, 4, 2], { scale: -1, zero: 0 }) }),
    /container\/damaged: .*scale -1/,
  );
  assert.match(await refusal({ name: "a b" }), /container\/damaged: .*no proper name/);
  assert.match(await refusal({ name: "x" }), /container\/damaged: .*two values named %x/);
  const groups = { ...node!, attrs: { ...node!.attrs, groups: 0 } };
  const bad = { ...sound, graphs: [{ ...graph!, nodes: [groups], outputs: [groups.result] }] };
  assert.match(ids(await read(await writeContainer(bad))), /ir\/operands: %y: groups = 0/);
});

test("a node cannot read what comes after it", async () => {
  const b = new GraphBuilder("g", "integer");
  const first = b.add(relu, [b.input("x", tensorType("u8", [1, 4]))], {}, { name: "first" });
  const graph = b.finish([b.add(relu, [first], {}, { name: "second" })]);
  const swapped = { ...graph, nodes: graph.nodes.toReversed() };
  const refusal = ids(await read(await writeContainer({ meta: {}, graphs: [swapped] })));
  assert.match(refusal, /container\/damaged: .*%second reads value 2 before it is defined/);
});

const flatc = spawnSync("flatc", ["--version"]).status === 0;
(flatc ? test : test.skip)("the generated code is what the schema gives", () => {
  const out = mkdtempSync(path.join(tmpdir(), "pulsec-fbs-"));
  try {
    execFileSync(path.join(root, "scripts/generate-container.sh"), [out]);
    const kept = path.join(root, "src/frontends/container/generated");
    assert.equal(readdirSync(out).sort(), readdirSync(kept).sort());
    for (const file of readdirSync(out))
      assert.is(readFileSync(path.join(out, file), "utf8"), readFileSync(path.join(kept, file), "utf8"));
  } finally {
    rmSync(out, { recursive: true });
  }
});

test.run();
