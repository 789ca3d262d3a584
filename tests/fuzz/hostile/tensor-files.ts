/** Hostile tensor files: sizes that lie, archives that grow. */
import { deflateRawSync } from "node:zlib";
import { writeZip } from "../../../src/data/tensor-files/zip.js";
import { npy } from "../seeds.js";
import type { Hostile } from "./index.js";

const header = (shape: string, descr = "<f4", fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const data = new Uint8Array(64);

const arrays: Readonly<Record<string, () => Uint8Array>> = {
  "a size of 2^31": () => npy(header("(2147483648,)"), data),
  "sizes whose product is beyond 2^53": () => npy(header("(4294967296, 4294967296, 4294967296)"), data),
  "sizes whose product wraps to the bytes that are there": () =>
    npy(header("(4294967296, 4294967296, 16)"), data),
  "a huge size times nothing": () => npy(header("(9007199254740991, 0)"), new Uint8Array()),
  "a negative size": () => npy(header("(-4, -4)"), data),
  "a size of many digits": () => npy(header(`(${"9".repeat(5000)},)`), data),
  "a size of nothing in column order": () => npy(header("(0, 3, 0)", "<f4", "True"), new Uint8Array()),
  "thousands of sizes": () => npy(header(`(${"1,".repeat(20_000)})`), data, 2),
  "33 sizes in column order": () => npy(header(`(${"1,".repeat(32)} 16)`, "<f4", "True"), data),
  "objects, which would be unpickled": () => npy(header("(1,)", "|O"), data),
  "a structure": () => npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", data),
  "a header of a megabyte": () => npy(header(`(16,${" ".repeat(2 ** 20)})`), data, 2),
  "a header that opens parentheses": () => npy(`{'shape': ${"(".repeat(60_000)}`, data, 2),
  "a header that claims 4 GiB": () =>
    new Uint8Array([...Buffer.from("\x93NUMPY\x02\x00", "latin1"), 255, 255, 255, 255]),
  "version 0": () => npy(header("(16,)"), data, 0),
  "half floats in the other byte order and column order": () => npy(header("(4, 8)", ">f2", "True"), data),
  "48 MiB of bools": () => npy(header("(50331648,)", "|b1"), new Uint8Array(50331648)),
  "48 MiB in column order": () => npy(header("(4096, 12288)", "|i1", "True"), new Uint8Array(50331648)),
};

const entry = (name: string, bytes: Uint8Array) => ({ name, bytes });

/** An archive of `count` entries that are one stream: with `overlap`, at one place of the file. */
function bomb(size: number, count: number, overlap: boolean): Uint8Array {
  const one = npy(header(`(${size - 128},)`, "|u1"), new Uint8Array(size - 128));
  const packed = new Uint8Array(writeZip([entry("a.npy", one)], true));
  if (!overlap)
    return writeZip(
      Array.from({ length: count }, (_, i) => entry(`a${i}.npy`, one)),
      true,
    );
  const end = packed.length - 22;
  const start = Buffer.from(packed).readUInt32LE(end + 16);
  const record = packed.subarray(start, end);
  const last = Buffer.from(packed.subarray(end));
  last.writeUInt16LE(count, 10);
  last.writeUInt32LE(record.length * count, 12);
  return new Uint8Array(
    Buffer.concat([packed.subarray(0, start), ...Array.from({ length: count }, () => record), last]),
  );
}

/** The size in both records of the only entry changed to what the archive then claims. */
function claiming(size: number): Uint8Array {
  const bytes = Buffer.from(writeZip([entry("a.npy", npy(header("(16,)"), data))], true));
  bytes.writeUInt32LE(size, 22);
  bytes.writeUInt32LE(size, bytes.readUInt32LE(bytes.length - 6) + 24);
  return new Uint8Array(bytes);
}

const archives: Readonly<Record<string, () => Uint8Array>> = {
  "a bomb of 150 MiB in one entry": () => bomb(150 * 2 ** 20, 1, false),
  "a bomb of 100 MiB in column order": () =>
    writeZip(
      [entry("a.npy", npy(header("(100, 1048576)", "|i1", "True"), new Uint8Array(100 * 2 ** 20)))],
      true,
    ),
  "a bomb of 100 MiB of half floats": () =>
    writeZip([entry("a.npy", npy(header("(52428800,)", "<f2"), new Uint8Array(100 * 2 ** 20)))], true),
  "a bomb of 20 entries of 10 MiB": () => bomb(10 * 2 ** 20, 20, false),
  "a bomb of 60000 entries at one place": () => bomb(2 ** 20, 60_000, true),
  "an archive in an archive": () =>
    writeZip([entry("a.npz", bomb(2 ** 20, 3, false)), entry("b.npy", bomb(2 ** 20, 1, false))], true),
  "an entry that claims 4 GiB": () => claiming(0xfffffffe),
  "an entry that claims less than it is": () => claiming(3),
  "an entry that leaves the folder": () =>
    writeZip([entry("../../etc/passwd.npy", npy(header("(16,)"), data))], false),
  "entries of names that every object has": () =>
    writeZip(
      ["__proto__", "constructor", "__proto__"].map((n) => entry(`${n}.npy`, npy(header("(16,)"), data))),
      false,
    ),
  "60000 empty entries": () =>
    writeZip(
      Array.from({ length: 60_000 }, (_, i) => entry(`${i}.npy`, new Uint8Array())),
      false,
    ),
  "an end record alone": () => new Uint8Array([0x50, 0x4b, 5, 6, ...new Uint8Array(18)]),
  "a comment full of end records": () =>
    new Uint8Array(
      Buffer.concat([
        Buffer.from("PK\x03\x04", "latin1"),
        ...Array.from({ length: 4000 }, () => Buffer.from("PK\x05\x06\x00\x00\x00\x00", "latin1")),
      ]),
    ),
  "a stream that is no stream": () => Buffer.from(claiming(100)).fill(255, 35, 60),
  "a deflated bomb without its archive": () => deflateRawSync(new Uint8Array(2 ** 24)),
};

export function* hostileArrays(): Generator<Hostile> {
  for (const [name, make] of Object.entries(arrays)) yield { format: "npy", name, bytes: make() };
}

export function* hostileArchives(): Generator<Hostile> {
  for (const [name, make] of Object.entries(archives)) yield { format: "npz", name, bytes: make() };
}
