/** Tensors in files: `.npy`, `.npz`, text and raw bytes, read and written without a package. */
import { attempt, type Result } from "../../ir/diagnostic.js";
import type { Storage } from "../../ir/storage.js";
import { decode, dtypeOf, dtypes, type RawArray, refuseFile, stem } from "./array.js";
import { npyMagic, readNpy, startsWith, writeNpy } from "./npy.js";
import { readText } from "./text.js";
import { readZip, writeZip, zipMagic } from "./zip.js";

export { type DType, dtypeOf, type RawArray, type RawData, stem, toRawArray } from "./array.js";
export { writeNpy } from "./npy.js";
export { writeText } from "./text.js";
export { channelsFirst, indexOf, type LayoutHints, toTensor } from "./to-tensor.js";

/** Endings that `readTensorFile` knows. */
export const tensorFileEndings = [".npy", ".npz", ".csv", ".txt", ".bin"] as const;

/** Far above what an inference takes and gives; an archive of kilobytes can unpack to gigabytes. */
const archiveLimit = 2 ** 27;

export interface ReadOptions {
  /** The element format of a `.bin`; the other formats state theirs. */
  readonly storage?: Storage;
  /** Most bytes that an `.npz` may unpack to. Default 128 MiB. */
  readonly limit?: number;
}

/** All arrays of a file in their order; its ending decides the format. Never throws for what `bytes` hold. */
export function readTensorFile(
  file: string,
  bytes: Uint8Array,
  options: ReadOptions = {},
): Result<readonly RawArray[]> {
  return attempt(() => {
    const ending = /\.[^./\\]*$/.exec(file)?.[0].toLowerCase();
    if (bytes.length === 0)
      return refuseFile("file/truncated", file, "the file is empty", {
        help: "copy or export the file again",
      });
    switch (ending) {
      case ".npy":
        return [readNpy(file, stem(file), bytes)];
      case ".npz":
        return readNpz(file, bytes, options.limit ?? archiveLimit);
      case ".csv":
      case ".txt":
        return [readText(file, bytes)];
      case ".bin":
        return [readBin(file, bytes, options.storage)];
      default:
        return readByMagic(file, bytes, options.limit ?? archiveLimit);
    }
  });
}

function readByMagic(file: string, bytes: Uint8Array, limit: number): readonly RawArray[] {
  if (startsWith(bytes, npyMagic)) return [readNpy(file, stem(file), bytes)];
  if (startsWith(bytes, zipMagic)) return readNpz(file, bytes, limit);
  const help = "rename the file to what it holds";
  return refuseFile("file/unknown-format", file, "the ending does not say what the file holds", {
    expected: tensorFileEndings.join(", "),
    help,
  });
}

function readNpz(file: string, bytes: Uint8Array, limit: number): readonly RawArray[] {
  const entries = readZip(file, bytes, limit).filter((e) => e.name.endsWith(".npy"));
  return entries.map((e) => {
    const name = e.name.slice(0, -4);
    return readNpy(`${file} (${name})`, name, e.bytes);
  });
}

function readBin(file: string, bytes: Uint8Array, storage: Storage | undefined): RawArray {
  if (!storage)
    return refuseFile("file/raw-type", file, "raw bytes do not say what they hold", {
      help: "name their format (u8, i8, i32, ...), or use .npy",
    });
  const dtype = dtypeOf(storage);
  const width = dtypes[dtype].bytes;
  if (bytes.length % width !== 0) {
    const more = { found: `${bytes.length} bytes`, expected: `a multiple of ${width}, for ${storage}` };
    return refuseFile("file/truncated", file, "the last element is incomplete", more);
  }
  return { name: stem(file), dtype, data: decode(dtype, bytes, false) };
}

export interface NpzOptions {
  /** Smaller files, whose bytes depend on the version of zlib. Default: stored, the same bytes everywhere. */
  readonly deflate?: boolean;
}

/** An `.npz` with these arrays in this order; no time enters, the same arrays give the same bytes. */
export function writeNpz(arrays: readonly RawArray[], options: NpzOptions = {}): Uint8Array {
  const names = new Set(arrays.map((a) => a.name));
  if (names.size !== arrays.length) throw new Error("two arrays of an .npz share a name");
  const entries = arrays.map((a) => ({ name: `${a.name}.npy`, bytes: writeNpy(a) }));
  return writeZip(entries, options.deflate ?? false);
}

/** Little-endian bytes, one slot per element. */
export const writeBin = ({ data }: RawArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
