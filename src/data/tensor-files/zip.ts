/** Zip archives as `.npz` uses them: stored and deflated entries, zip64 sizes (PKWARE APPNOTE 6.3, 4.3 and 4.5). */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { refuseFile } from "./array.js";

export const zipMagic = Uint8Array.of(0x50, 0x4b, 3, 4);

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endRecord = 0x06054b50;
const endRecord64 = 0x06064b50;
const locator64 = 0x07064b50;
/** Deflate cannot expand further than this (RFC 1951: 258 bytes for two bits). */
const deflateRatio = 1032;
const entryLimit = 65536;
/** 1980-01-01 in MS-DOS form: the same content gives the same bytes. */
const dosDate = 0x21;

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}
interface Listed {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const corrupt = (file: string, what: string): never =>
  refuseFile("file/zip-structure", file, `the archive is damaged: ${what}`, {
    help: "copy or export the file again",
  });
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** All files of an archive, checked against their CRC. Throws a `Refusal`; never unpacks more than `limit` bytes. */
export function readZip(file: string, bytes: Uint8Array, limit: number): readonly ZipEntry[] {
  const entries = listEntries(file, bytes).filter((e) => !e.name.endsWith("/"));
  const sum = (pick: (e: Listed) => number) => entries.reduce((total, e) => total + pick(e), 0);
  if (sum((e) => e.packed) > bytes.length) corrupt(file, "its entries overlap");
  const size = sum((e) => e.size);
  if (size > limit) {
    const more = { found: `${size} bytes unpacked`, expected: `at most ${limit}`, help: "split the archive" };
    refuseFile("file/zip-size", file, "the archive is larger than is read here", more);
  }
  return entries.map((e) => ({ name: e.name, bytes: unpack(file, bytes, e) }));
}

/** The end record stands last, before a comment of at most 65535 bytes. */
function findEnd(file: string, view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 65535); at--) {
    if (view.getUint32(at, true) === endRecord) return at;
  }
  return corrupt(file, "its list of entries is missing");
}

function listEntries(file: string, bytes: Uint8Array): readonly Listed[] {
  const view = viewOf(bytes);
  const { count, start } = directory(file, view);
  if (count > entryLimit) corrupt(file, `it claims ${count} entries`);
  const entries: Listed[] = [];
  for (let i = 0, at = start; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== centralHeader)
      return corrupt(file, `entry ${i} is not where it should be`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) =>
      view.getUint16(at + o, true),
    ) as [number, number, number];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) return corrupt(file, `entry ${i} reaches past the end`);
    entries.push(readCentral(file, view, at, nameLength, extraLength));
    at = next;
  }
  return entries;
}

function directory(file: string, view: DataView): { count: number; start: number } {
  const end = findEnd(file, view);
  const plain = { count: view.getUint16(end + 10, true), start: view.getUint32(end + 16, true) };
  const wide = plain.count === 0xffff || plain.start === 0xffffffff;
  if (!wide || end < 20 || view.getUint32(end - 20, true) !== locator64) return plain;
  const at = long(file, view, end - 12);
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== endRecord64)
    return corrupt(file, "its zip64 end record is missing");
  return { count: long(file, view, at + 32), start: long(file, view, at + 48) };
}

/** An unsigned 64-bit size or offset; none beyond the exact integers is believable. */
function long(file: string, view: DataView, at: number): number {
  if (at + 8 > view.byteLength) return corrupt(file, "it ends within a record");
  const value = Number(view.getBigUint64(at, true));
  return Number.isSafeInteger(value) ? value : corrupt(file, `it claims ${value} bytes`);
}

function readCentral(
  file: string,
  view: DataView,
  at: number,
  nameLength: number,
  extraLength: number,
): Listed {
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
  if (view.getUint16(at + 8, true) & 1)
    refuseFile("file/zip-method", file, `${name} is encrypted`, {
      help: "save the archive without a password",
    });
  const fields = { size: 24, packed: 20, offset: 42 };
  const wide = wideFields(file, view, at + 46 + nameLength, extraLength);
  const field = (key: keyof typeof fields): number => {
    const value = view.getUint32(at + fields[key], true);
    return value === 0xffffffff ? (wide.shift() ?? value) : value;
  };
  // The extra field holds, in this order, only those sizes that are 0xffffffff in the entry.
  const [size, packed, offset] = [field("size"), field("packed"), field("offset")];
  return {
    name,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed,
    size,
    offset,
  };
}

/** The 64-bit numbers of the zip64 extra field (id 1), none without it. */
function wideFields(file: string, view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; ) {
    const [id, size] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1)
      return Array.from({ length: Math.min(3, Math.floor(size / 8)) }, (_, i) =>
        long(file, view, at + 4 + 8 * i),
      );
    at += 4 + size;
  }
  return [];
}

function unpack(file: string, bytes: Uint8Array, e: Listed): Uint8Array {
  const view = viewOf(bytes);
  if (e.offset + 30 > bytes.length || view.getUint32(e.offset, true) !== localHeader)
    return corrupt(file, `${e.name} is not where it should be`);
  const start = e.offset + 30 + view.getUint16(e.offset + 26, true) + view.getUint16(e.offset + 28, true);
  if (start + e.packed > bytes.length)
    return refuseFile("file/truncated", file, `${e.name} reaches past the end of the archive`, {
      help: "copy the file again",
    });
  const out = expand(file, e, bytes.subarray(start, start + e.packed));
  if (crc32(out) !== e.crc)
    refuseFile("file/zip-checksum", file, `${e.name} does not have the checksum that the archive states`, {
      help: "copy the file again",
    });
  return out;
}

function expand(file: string, e: Listed, packed: Uint8Array): Uint8Array {
  if (e.method === 0)
    return e.packed === e.size ? packed : corrupt(file, `${e.name} is stored with two different sizes`);
  if (e.method !== 8) {
    return refuseFile("file/zip-method", file, `${e.name} is packed by method ${e.method}`, {
      expected: "stored (0) or deflated (8)",
      help: "write it with numpy.savez or numpy.savez_compressed",
    });
  }
  if (e.size > e.packed * deflateRatio + 64)
    return corrupt(file, `${e.name} claims ${e.size} bytes out of ${e.packed}`);
  try {
    const out = inflateRawSync(packed, { maxOutputLength: Math.max(1, e.size) });
    if (out.length === e.size) return out;
  } catch {
    // Fall through: a damaged stream and one that is longer than it says are the same to the user.
  }
  return corrupt(file, `${e.name} does not unpack to its ${e.size} bytes`);
}

/** Entries in the given order, without times. Deflated bytes depend on zlib's version, stored ones on nothing. */
export function writeZip(entries: readonly ZipEntry[], deflate: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const packed = deflate ? deflateRawSync(bytes) : bytes;
    const common = {
      name: new TextEncoder().encode(name),
      method: deflate ? 8 : 0,
      crc: crc32(bytes),
      packed: packed.length,
      size: bytes.length,
    };
    const local = record(localHeader, common);
    parts.push(local, packed);
    central.push(record(centralHeader, common, offset));
    offset += local.length + packed.length;
  }
  const size = central.reduce((total, c) => total + c.length, 0);
  if (offset + size >= 0xffffffff || entries.length >= 0xffff)
    throw new Error("archives of 4 GiB or 65535 entries are not written");
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, endRecord, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return new Uint8Array(Buffer.concat([...parts, ...central, new Uint8Array(end.buffer)]));
}

interface Common {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** A local header, or a central one when it has an `offset`. They share their middle. */
function record(signature: number, c: Common, offset?: number): Uint8Array {
  const central = offset !== undefined;
  const out = new Uint8Array((central ? 46 : 30) + c.name.length);
  const view = viewOf(out);
  const shared = central ? 6 : 4;
  view.setUint32(0, signature, true);
  if (central) view.setUint16(4, 20, true);
  view.setUint16(shared, 20, true);
  // Bit 11: names are UTF-8.
  view.setUint16(shared + 2, 0x800, true);
  view.setUint16(shared + 4, c.method, true);
  view.setUint16(shared + 8, dosDate, true);
  view.setUint32(shared + 10, c.crc, true);
  view.setUint32(shared + 14, c.packed, true);
  view.setUint32(shared + 18, c.size, true);
  view.setUint16(shared + 22, c.name.length, true);
  if (central) view.setUint32(42, offset, true);
  out.set(c.name, central ? 46 : 30);
  return out;
}
