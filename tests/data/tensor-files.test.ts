/** Tensor files: what is written reads back, what NumPy writes reads right, what is damaged is refused in words. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as assert from "uvu/assert";
import {
  type DType,
  type RawArray,
  type RawData,
  readTensorFile,
  writeBin,
  writeNpy,
  writeNpz,
  writeText,
} from "../../src/data/tensor-files/index.js";
import type { Result } from "../../src/ir/diagnostic.js";
import { suite } from "../harness.js";

const test = suite("tensor files");

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (file: string, content: Uint8Array | string) =>
  readTensorFile(file, typeof content === "string" ? bytes(content) : content);

function only(result: Result<readonly RawArray[]>): RawArray {
  assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.diagnostics));
  assert.is(result.value.length, 1);
  return result.value[0]!;
}
function refusal(result: Result<unknown>): string {
  assert.not.ok(result.ok);
  return result.diagnostics[0]!.id;
}

const samples: Readonly<Record<Exclude<DType, "f2">, RawData>> = {
  f4: Float32Array.of(0, -1.5, 3.25e10, 2 ** -149, Infinity, 7),
  f8: Float64Array.of(0, -1.5, 1e300, 2 ** -1074, 5, 6),
  i1: Int8Array.of(-128, 127, 0, 1, 2, 3),
  i2: Int16Array.of(-32768, 32767, 0, 1, 2, 3),
  i4: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3),
  i8: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n),
  u1: Uint8Array.of(0, 255, 1, 2, 3, 4),
  u2: Uint16Array.of(0, 65535, 1, 2, 3, 4),
  u4: Uint32Array.of(0, 2 ** 32 - 1, 1, 2, 3, 4),
  u8: BigUint64Array.of(0n, 2n ** 64n - 1n, 1n, 2n, 3n, 4n),
  b1: Uint8Array.of(0, 1, 1, 0, 1, 0),
};
const kinds = Object.keys(samples) as (keyof typeof samples)[];

/** A .npy by hand, for the forms that we do not write. */
function npy(
  descr: string,
  fortran: boolean,
  shape: string,
  data: ArrayLike<number>,
  version = 1,
): Uint8Array {
  const dict = bytes(
    `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }\n`,
  );
  const head = version === 1 ? [dict.length & 255, dict.length >> 8] : [dict.length, 0, 0, 0];
  return Uint8Array.of(0x93, ...bytes("NUMPY"), version, 0, ...head, ...dict, ...Array.from(data));
}

test("npy: every element type comes back as it was written", () => {
  for (const dtype of kinds) {
    const found = only(read("dir/x.npy", writeNpy({ dtype, shape: [2, 3], data: samples[dtype] })));
    assert.equal(found, { name: "x", shape: [2, 3], dtype, data: samples[dtype] });
  }
});

test("npy: scalars, empty arrays and single axes", () => {
  for (const [shape, data] of [
    [[], Int32Array.of(7)],
    [[0, 5], new Int32Array(0)],
    [[4], Int32Array.of(1, 2, 3, 4)],
  ] as const) {
    assert.equal(only(read("x.npy", writeNpy({ dtype: "i4", shape: [...shape], data }))).shape, shape);
  }
});

test("npy: big-endian elements are turned around", () => {
  assert.equal([...only(read("x.npy", npy(">i2", false, "(2,)", [1, 2, 255, 254]))).data], [258, -2]);
  assert.equal([...only(read("x.npy", npy(">u8", false, "(1,)", [0, 0, 0, 0, 0, 0, 1, 0]))).data], [256n]);
});

test("npy: Fortran order becomes row-major", () => {
  const found = only(read("x.npy", npy("|u1", true, "(2, 3)", [1, 4, 2, 5, 3, 6])));
  assert.equal([...found.data], [1, 2, 3, 4, 5, 6]);
  const cube = Array.from(
    { length: 24 },
    (_, i) => (i % 2) * 12 + (Math.floor(i / 2) % 3) * 4 + Math.floor(i / 6),
  );
  assert.equal([...only(read("x.npy", npy("|i1", true, "(2, 3, 4)", cube))).data], [...cube.keys()]);
});

test("npy: versions 2 and 3, half floats and bools", () => {
  assert.equal([...only(read("x.npy", npy("|u1", false, "(2,)", [1, 2], 2))).data], [1, 2]);
  const halves = [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc];
  assert.equal(
    [...only(read("x.npy", npy("<f2", false, "(5,)", halves, 3))).data],
    [1, -2, 2 ** -24, 65504, -Infinity],
  );
  assert.equal([...only(read("x.npy", npy("|b1", false, "(3,)", [0, 1, 7]))).data], [0, 1, 1]);
});

test("npy: what cannot be read says why", () => {
  const good = writeNpy({ dtype: "i4", shape: [2, 2], data: Int32Array.of(1, 2, 3, 4) });
  assert.is(refusal(read("x.npy", new Uint8Array(0))), "file/truncated");
  assert.is(refusal(read("x.npy", good.subarray(0, good.length - 1))), "file/truncated");
  assert.is(refusal(read("x.npy", new Uint8Array([...good, 0]))), "file/trailing-bytes");
  assert.is(refusal(read("x.npy", good.subarray(0, 20))), "file/npy-header");
  assert.is(refusal(read("x.npy", "hello")), "file/npy-header");
  assert.is(refusal(read("x.npy", npy("|O", false, "(1,)", [0]))), "file/npy-dtype");
  assert.is(refusal(read("x.npy", npy("<c8", false, "(1,)", [0]))), "file/npy-dtype");
  assert.is(refusal(read("x.npy", npy("|u1", false, "(1,)", [0], 4))), "file/npy-header");
  assert.is(refusal(read("x.npy", npy("|u1", false, "(-1,)", [0]))), "file/npy-header");
  assert.is(refusal(read("x.npy", npy("|u1", false, "(99999999999, 99999999999)", [0]))), "file/npy-header");
  assert.is(refusal(read("x.npy", npy("<f8", false, "(4000000000,)", [0]))), "file/truncated");
});

const arrays: readonly RawArray[] = [
  { name: "conv.1", shape: [1, 2, 3], dtype: "i4", data: samples.i4 },
  { name: "b", shape: [600], dtype: "u1", data: new Uint8Array(600).fill(3) },
];

test("npz: stored and deflated, in order, the same bytes every time", () => {
  for (const deflate of [false, true]) {
    const file = writeNpz(arrays, { deflate });
    const found = read("x.npz", file);
    assert.ok(found.ok);
    assert.equal(found.value, arrays);
    assert.equal(writeNpz(arrays, { deflate }), file);
  }
  assert.ok(writeNpz(arrays, { deflate: true }).length < writeNpz(arrays).length);
});

/** Positions of the list of entries in an archive with these `arrays`. */
const central = (file: Uint8Array): number => new DataView(file.buffer).getUint32(file.length - 6, true);
function patched(file: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = file.slice();
  change(new DataView(copy.buffer));
  return copy;
}

test("npz: sizes of 64 bits are understood", () => {
  const file = writeNpz(arrays.slice(0, 1));
  const at = central(file);
  const size = new DataView(file.buffer).getUint32(at + 24, true);
  const entry = file.slice(at, at + 46 + 10);
  const view = new DataView(entry.buffer);
  view.setUint32(20, 0xffffffff, true);
  view.setUint32(24, 0xffffffff, true);
  view.setUint16(30, 20, true);
  const extra = new DataView(new ArrayBuffer(20));
  extra.setUint16(0, 1, true);
  extra.setUint16(2, 16, true);
  extra.setBigUint64(4, BigInt(size), true);
  extra.setBigUint64(12, BigInt(size), true);
  const wide = new Uint8Array([
    ...file.subarray(0, at),
    ...entry,
    ...new Uint8Array(extra.buffer),
    ...file.subarray(at + 56),
  ]);
  assert.equal(only(read("x.npz", wide)), arrays[0]);
  const absurd = patched(wide, (v) => v.setBigUint64(at + 56 + 4, 2n ** 60n, true));
  assert.is(refusal(read("x.npz", absurd)), "file/zip-structure");
});

test("npz: bombs are refused before anything is unpacked", () => {
  const file = writeNpz(arrays, { deflate: true });
  const at = central(file);
  const claim = read(
    "x.npz",
    patched(file, (v) => v.setUint32(at + 24, 0x7000000, true)),
  );
  assert.match(claim.diagnostics[0]!.text, "claims 117440512 bytes out of");
  assert.is(refusal(readTensorFile("x.npz", file, { limit: 100 })), "file/zip-size");
  const zeros = writeNpz([{ name: "z", dtype: "u1", data: new Uint8Array(2 ** 22) }], { deflate: true });
  assert.ok(zeros.length < 10_000);
  assert.is(refusal(readTensorFile("x.npz", zeros, { limit: 2 ** 21 })), "file/zip-size");
  assert.is(
    refusal(
      read(
        "x.npz",
        patched(zeros, (v) => v.setUint32(central(zeros) + 24, 4096, true)),
      ),
    ),
    "file/zip-structure",
  );
});

test("npz: entries that share their bytes are refused", () => {
  const file = writeNpz([arrays[1]!, { ...arrays[1]!, name: "c" }]);
  const first = new DataView(file.buffer).getUint32(central(file) + 20, true);
  const overlapping = patched(file, (v) => {
    v.setUint32(central(file) + 20, first + 2000, true);
    v.setUint32(central(file) + 24, first + 2000, true);
  });
  assert.is(refusal(read("x.npz", overlapping)), "file/zip-structure");
});

test("npz: damage, encryption and unknown methods are named", () => {
  const file = writeNpz(arrays);
  const at = central(file);
  assert.is(
    refusal(
      read(
        "x.npz",
        patched(file, (v) => v.setUint8(300, v.getUint8(300) ^ 1)),
      ),
    ),
    "file/zip-checksum",
  );
  assert.is(
    refusal(
      read(
        "x.npz",
        patched(file, (v) => v.setUint16(at + 8, 1, true)),
      ),
    ),
    "file/zip-method",
  );
  assert.is(
    refusal(
      read(
        "x.npz",
        patched(file, (v) => v.setUint16(at + 10, 14, true)),
      ),
    ),
    "file/zip-method",
  );
  assert.is(refusal(read("x.npz", file.subarray(0, file.length - 30))), "file/zip-structure");
  assert.is(refusal(read("x.npz", "PK")), "file/zip-structure");
});

test("text: the dumps of DORY and PLiNIO", () => {
  const dory = only(
    read("out_layer1.txt", "# act1 (shape [2, 3]),\n25.000,\\\n-7.000,\\\n1,\\\n2,\n3, \n4,\n"),
  );
  assert.equal(dory, {
    name: "out_layer1",
    label: "act1",
    headerShape: [2, 3],
    dtype: "f8",
    data: Float64Array.of(25, -7, 1, 2, 3, 4),
  });
  const bare = only(read("x.txt", "layers.0.relu1 (shape [1, 25, 5, 64]),\\\r\n0,\\\r\n-3,"));
  assert.equal([bare.label, bare.headerShape, [...bare.data]], ["layers.0.relu1", [1, 25, 5, 64], [0, -3]]);
  assert.is(only(read("x.txt", "# # input_0 (shape [1]),\n5,\n")).label, "input_0");
});

test("text: rows and columns, with and without a header", () => {
  const rows = only(read("x.csv", "time,ppg\n0.5,1e3\n-.25,2\n"));
  assert.equal(
    [rows.headerShape, [...rows.data]],
    [
      [2, 2],
      [0.5, 1000, -0.25, 2],
    ],
  );
  assert.equal([...only(read("x.txt", "1 2 3\n4\t5;6\n\n7\n")).data], [1, 2, 3, 4, 5, 6, 7]);
  assert.is(only(read("x.txt", "1 2 3\n4 5\n")).headerShape, undefined);
  assert.equal([...only(read("x.csv", "1\n# note\n2\n")).data], [1, 2]);
});

test("text: the line that cannot be read is named", () => {
  const wrong = read("x.csv", "1,2\n3,four\n");
  assert.is(refusal(wrong), "file/text-number");
  assert.match(wrong.diagnostics[0]!.text, "line 2");
  assert.is(wrong.diagnostics[0]!.found, '"four"');
  assert.is(refusal(read("x.csv", "1,,3\n")), "file/text-number");
  assert.is(refusal(read("x.csv", ",1\n")), "file/text-number");
  assert.is(refusal(read("x.csv", "1,2\n3\n4,5\n")), "file/text-rows");
  assert.is(refusal(read("x.csv", "1,2\n3,4,5\n")), "file/text-rows");
  assert.is(refusal(read("x.csv", "nan\n")), "file/text-number");
  assert.is(refusal(read("x.txt", Uint8Array.of(0x31, 0x0a, 0xff, 0xfe))), "file/text-encoding");
});

test("text: what is written reads back", () => {
  const raw: RawArray = { name: "act", shape: [2, 3], dtype: "i4", data: samples.i4 };
  const back = only(read("act.txt", writeText(raw)));
  assert.equal([back.label, back.headerShape, [...back.data]], ["act", [2, 3], [...samples.i4]]);
});

test("raw bytes need a type and whole elements", () => {
  const raw: RawArray = { name: "x", dtype: "i2", data: samples.i2 };
  const back = readTensorFile("x.bin", writeBin(raw), { storage: "i16" });
  assert.equal(only(back).data, samples.i2);
  assert.equal(only(readTensorFile("x.bin", Uint8Array.of(255), { storage: "i4" })).data, Int8Array.of(-1));
  assert.is(refusal(read("x.bin", "abc")), "file/raw-type");
  assert.is(refusal(readTensorFile("x.bin", bytes("abc"), { storage: "i32" })), "file/truncated");
});

test("without a known ending the first bytes decide", () => {
  assert.is(only(read("golden", writeNpy({ dtype: "u1", data: Uint8Array.of(1) }))).name, "golden");
  assert.ok(read("golden.dat", writeNpz(arrays)).ok);
  assert.is(refusal(read("golden.dat", "1,2")), "file/unknown-format");
});

const python = (() => {
  try {
    execFileSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const withNumPy = python ? test : test.skip;

withNumPy("NumPy reads our archives and writes the same .npy bytes", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "pulsec-npy-"));
  try {
    const all = kinds.map((dtype): RawArray => ({ name: dtype, shape: [2, 3], dtype, data: samples[dtype] }));
    writeFileSync(path.join(dir, "ours.npz"), writeNpz(all, { deflate: true }));
    const script = `
import numpy, sys
z = numpy.load("ours.npz")
assert z.files == ${JSON.stringify(kinds)}, z.files
for k in z.files: numpy.save(k + ".npy", z[k])
numpy.savez_compressed("theirs.npz", **{k: numpy.asfortranarray(z[k]).astype(z[k].dtype.newbyteorder(">")) for k in z.files})`;
    execFileSync("python3", ["-c", script], { cwd: dir });
    for (const raw of all)
      assert.equal(new Uint8Array(readFileSync(path.join(dir, `${raw.name}.npy`))), writeNpy(raw));
    const theirs = read("theirs.npz", new Uint8Array(readFileSync(path.join(dir, "theirs.npz"))));
    assert.ok(theirs.ok);
    assert.equal(theirs.value, all);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
