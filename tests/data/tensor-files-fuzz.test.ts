/** Damaged and hostile tensor files: always an answer, never an exception, a hang or a huge allocation. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import {
  type RawArray,
  readTensorFile,
  writeNpy,
  writeNpz,
  writeText,
} from "../../src/data/tensor-files/index.js";
import { suite } from "../harness.js";

const test = suite("damaged tensor files");

const array: RawArray = {
  name: "x",
  shape: [2, 3, 4],
  dtype: "i4",
  data: Int32Array.from({ length: 24 }, (_, i) => i * 7 - 50),
};
const bytes: RawArray = {
  name: "y",
  shape: [300],
  dtype: "u1",
  data: new Uint8Array(300).map((_, i) => i >> 3),
};
const seeds: readonly (readonly [file: string, content: Uint8Array])[] = [
  ["x.npy", writeNpy(array)],
  ["x.npz", writeNpz([array, bytes])],
  ["d.npz", writeNpz([array, bytes], { deflate: true })],
  ["x.txt", new TextEncoder().encode(writeText(array))],
  ["x.csv", new TextEncoder().encode("a,b\n1,2\n3,4\n")],
];

const edit = fc.record({
  at: fc.nat(),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)),
  length: fc.constantFrom(1, 1, 1, 2, 4, 8),
});
const mutation = fc.record({
  seed: fc.nat(seeds.length - 1),
  edits: fc.array(edit, { maxLength: 6 }),
  cut: fc.option(fc.nat(), { freq: 3 }),
  insert: fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 3 }),
});

function mutate({
  seed,
  edits,
  cut,
  insert,
}: typeof mutation extends fc.Arbitrary<infer M> ? M : never): readonly [string, Uint8Array] {
  const [file, original] = seeds[seed]!;
  let content = original.slice();
  for (const { at, value, length } of edits)
    content.fill(value, at % content.length, (at % content.length) + length);
  if (insert !== null)
    content = new Uint8Array([
      ...content.subarray(0, content.length >> 1),
      ...insert,
      ...content.subarray(content.length >> 1),
    ]);
  return [file, cut === null ? content : content.subarray(0, cut % content.length)];
}

test("mutated files give arrays or diagnostics, and no array is larger than the limit", () => {
  fc.assert(
    fc.property(mutation, (m) => {
      const limit = 1 << 16;
      const result = readTensorFile(...mutate(m), { limit });
      if (!result.ok)
        return result.diagnostics.length > 0 && result.diagnostics.every((d) => d.id.startsWith("file/"));
      return result.value.every((a) => a.data.byteLength <= limit);
    }),
    { numRuns: 4000 },
  );
});

test("random bytes under every ending give arrays or diagnostics", () => {
  const file = fc.constantFrom("x.npy", "x.npz", "x.txt", "x.csv", "x.bin", "x");
  const magic = fc.constantFrom([], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], [0x50, 0x4b, 3, 4]);
  fc.assert(
    fc.property(file, magic, fc.uint8Array({ maxLength: 200 }), (name, start, rest) => {
      const result = readTensorFile(name, Uint8Array.from([...start, ...rest]), {
        storage: "i8",
        limit: 1 << 16,
      });
      return result.ok || result.diagnostics.length > 0;
    }),
    { numRuns: 2000 },
  );
});

test("long lines, many separators and long headers take no more than linear time", () => {
  const started = performance.now();
  for (const text of [
    `${" ".repeat(2e6)}x`,
    `${",".repeat(2e6)}`,
    `# ${"(shape [".repeat(2e5)}\n1\n`,
    `${"9".repeat(2e6)}\n`,
    "1 ".repeat(1e6),
  ]) {
    readTensorFile("x.txt", new TextEncoder().encode(text));
  }
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': (${" ".repeat(60_000)}`;
  const npy = Uint8Array.of(
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    2,
    0,
    header.length & 255,
    header.length >> 8,
    0,
    0,
    ...new TextEncoder().encode(header),
  );
  assert.not.ok(readTensorFile("x.npy", npy).ok);
  assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
});

test.run();
