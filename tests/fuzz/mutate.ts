/** One damaged file of a format, from its seed alone. */
import { readZip, writeZip, type ZipEntry } from "../../src/data/tensor-files/zip.js";
import { Refusal } from "../../src/ir/diagnostic.js";
import { randomFrom } from "../../src/ir/random.js";
import { damaged, damagedText, mixedLines, pick, type Random, range, spliced } from "./damage.js";
import { type Format, formats } from "./formats.js";
import { damagedMessage } from "./protobuf.js";

const isText = (format: Format) => format === "onnxtxt" || format === "pulse" || format === "pir";

/** `seeds` from small to large: small ones are drawn more often, which makes more cases of the same time. */
export function mutated(format: Format, seeds: readonly Uint8Array[], seed: number): Uint8Array {
  const random = randomFrom(Math.imul(seed, formats.length) + formats.indexOf(format));
  const base = drawn(seeds, random);
  const donor = drawn(seeds, random);
  let bytes = base;
  do bytes = isText(format) ? textDamage(bytes, donor, random) : binaryDamage(format, bytes, donor, random);
  while (random() < 0.3);
  return bytes;
}

const drawn = (seeds: readonly Uint8Array[], random: Random): Uint8Array =>
  seeds[Math.floor(seeds.length * random() ** (random() < 0.8 ? 2 : 1))]!;

function textDamage(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const kind = random();
  if (kind < 0.1) return damaged(bytes, random);
  if (kind < 0.2) return spliced(bytes, donor, random);
  const [text, other] = [new TextDecoder().decode(bytes), new TextDecoder().decode(donor)];
  const damage = kind < 0.4 ? mixedLines : damagedText;
  return new TextEncoder().encode(damage(text, other, random));
}

function binaryDamage(format: Format, bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const kind = random();
  if (kind < 0.2) return damaged(bytes, random);
  if (kind < 0.25) return spliced(bytes, donor, random);
  switch (format) {
    case "onnx":
      return damagedMessage(bytes, donor, random);
    case "npy":
      return damagedNpy(bytes, random);
    case "npz":
      return random() < 0.4 ? damagedRecords(bytes, random) : damagedEntries(bytes, donor, random);
    case "elf":
      return damagedElf(bytes, random);
    default:
      return damaged(bytes, random);
  }
}

const headerStart = 10;

/** The header changed as text, its length right; often with as many bytes behind it as before. */
function damagedNpy(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length < headerStart) return damaged(bytes, random);
  const end = headerStart + bytes[8]! + bytes[9]! * 256;
  const header = Buffer.from(bytes.subarray(headerStart, end)).toString("latin1");
  const changed = Buffer.from(
    damagedText(
      header,
      "{'descr': '>f2', 'fortran_order': True, 'shape': (1, 0, 7L, 64), 'b1' 'O' 'V8'",
      random,
    ),
    "latin1",
  );
  const start = Buffer.from(bytes.subarray(0, headerStart));
  start.writeUInt16LE(changed.length % 65536, 8);
  const rest = bytes.subarray(end);
  const data = random() < 0.2 ? new Uint8Array(range(random, 4 * rest.length + 100)) : rest;
  return new Uint8Array(Buffer.concat([start, changed, data]));
}

const fileHeader = 52;
/** Fields of the file's header that say where tables are: offset and bytes. */
const tables: readonly (readonly [number, 2 | 4])[] = [
  [16, 2],
  [24, 4],
  [28, 4],
  [32, 4],
  [42, 2],
  [44, 2],
  [46, 2],
  [48, 2],
];

/** A field of the header, of a segment, of a section or of a symbol, or an instruction. */
function damagedElf(bytes: Uint8Array, random: Random): Uint8Array {
  const buffer = Buffer.from(bytes);
  if (buffer.length < fileHeader) return damaged(bytes, random);
  const sections = buffer.readUInt32LE(32);
  const values = [
    0,
    1,
    2,
    6,
    0x1c000000,
    0x10000000,
    0x7fffffff,
    0xffffffff,
    bytes.length,
    range(random, 2 ** 32),
  ];
  const put = (at: number, size: 2 | 4) => {
    const value = random() < 0.5 ? pick(random, values) : buffer[at]! + range(random, 64) - 32;
    if (at + size <= buffer.length) buffer.writeUIntLE((value + 2 ** 32) % 2 ** (8 * size), at, size);
  };
  pick(random, [
    () => put(...pick(random, tables)),
    () => put(fileHeader + 4 * range(random, 16), 4),
    () => put(sections + 4 * range(random, 40), 4),
    () => put(fileHeader + 4 * range(random, 64), 4),
    () => put(4 * range(random, buffer.length >> 2), 4),
  ])();
  return new Uint8Array(buffer);
}

/** Archives whose entries are damaged: sizes and checksums are right. */
function damagedEntries(bytes: Uint8Array, donor: Uint8Array, random: Random): Uint8Array {
  const entries = [...entriesOf(bytes)];
  const foreign = entriesOf(donor);
  if (entries.length === 0) return damaged(bytes, random);
  const at = range(random, entries.length);
  const entry = entries[at]!;
  pick(random, [
    () => entries.splice(at, 1, { ...entry, bytes: damagedNpy(entry.bytes, random) }),
    () => entries.splice(at, 1, { ...entry, bytes: damaged(entry.bytes, random) }),
    () => entries.splice(at, 1, { ...entry, name: damagedText(entry.name, "../a/b.npy/__proto__", random) }),
    () => entries.splice(at, 0, entry),
    () => entries.push(...foreign),
  ])();
  return writeZip(entries, random() < 0.5);
}

function entriesOf(bytes: Uint8Array): readonly ZipEntry[] {
  try {
    return readZip("seed.npz", bytes, 2 ** 24);
  } catch (e) {
    if (e instanceof Refusal) return [];
    throw e;
  }
}

/** A field of one of the archive's own records: they begin with PK. */
function damagedRecords(bytes: Uint8Array, random: Random): Uint8Array {
  const buffer = Buffer.from(bytes);
  const marks: number[] = [];
  for (let at = buffer.indexOf("PK"); at >= 0 && marks.length < 1000; at = buffer.indexOf("PK", at + 1))
    marks.push(at);
  if (marks.length === 0) return damaged(bytes, random);
  const at = pick(random, marks) + 4 + 2 * range(random, 22);
  const values = [
    0,
    1,
    8,
    9,
    30,
    0xffff,
    0x10000,
    0x7fffffff,
    0xffffffff,
    bytes.length,
    range(random, 2 ** 32),
  ];
  const size = random() < 0.5 ? 2 : 4;
  if (at + size <= buffer.length) buffer.writeUIntLE(pick(random, values) % 2 ** (8 * size), at, size);
  return new Uint8Array(buffer);
}
