/** NumPy's `.npy`, versions 1 to 3 (format: numpy/lib/format.py, "Format Version 1.0"). */
import { type DType, decode, dtypes, isDType, type RawArray, type RawData, refuseFile } from "./array.js";

export const npyMagic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
/** NumPy itself refuses longer headers by default (10,000 characters). */
const headerLimit = 65536;
const rankLimit = 32;

interface Header {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly end: number;
}

export const startsWith = (bytes: Uint8Array, magic: Uint8Array): boolean =>
  magic.every((b, i) => bytes[i] === b);

/** Throws a `Refusal`. `file` names the file (and entry) in diagnostics, `name` the array. */
export function readNpy(file: string, name: string, bytes: Uint8Array): RawArray {
  const { dtype, bigEndian, fortran, shape, end } = readHeader(file, bytes);
  const wanted = byteCount(file, shape, dtypes[dtype].bytes);
  const held = bytes.length - end;
  if (held !== wanted) {
    const more = {
      found: `${held} bytes of elements`,
      expected: `${wanted} bytes for shape (${shape.join(", ")}) of ${dtype}`,
    };
    refuseFile(
      held < wanted ? "file/truncated" : "file/trailing-bytes",
      file,
      `the array ${held < wanted ? "ends early" : "has bytes after its end"}`,
      {
        ...more,
        help:
          held < wanted
            ? "copy or export the file again"
            : "save one array per .npy file; several go into an .npz",
      },
    );
  }
  const data = decode(dtype, bytes.subarray(end), bigEndian);
  return { name, shape, dtype, data: fortran ? fromFortran(data, shape) : data };
}

function readHeader(file: string, bytes: Uint8Array): Header {
  const broken = (what: string) =>
    refuseFile("file/npy-header", file, `this is no .npy file: ${what}`, {
      help: "write it with numpy.save, or give it the ending of what it holds",
    });
  if (!startsWith(bytes, npyMagic)) return broken("it does not begin with \\x93NUMPY");
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) return broken(`its version is ${version}, 1 to 3 are known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) return broken("it ends within its header");
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > headerLimit || start + length > bytes.length)
    return broken(`its header claims ${length} bytes`);
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(start, start + length),
  );
  return { ...readDict(file, text), end: start + length };
}

/** The header is a Python dictionary literal; its three keys are read, whatever their order and spacing. */
function readDict(file: string, text: string): Omit<Header, "end"> {
  const descr = /['"]descr['"]\s*:\s*['"]([<>|=]?)(\w+)['"]/.exec(text);
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text);
  const dtype = descr?.[2] ?? "";
  if (!descr || !isDType(dtype)) {
    const found = descr?.[0] ?? text.slice(0, 60);
    const more = {
      found,
      expected: Object.keys(dtypes).join(", "),
      help: "convert the array first: a.astype(numpy.int32)",
    };
    return refuseFile(
      "file/npy-dtype",
      file,
      "the elements are of a type that is not read here (objects, structures, text, complex)",
      more,
    );
  }
  if (!fortran || !shape)
    return refuseFile("file/npy-header", file, "the header lacks fortran_order or shape", {
      found: text.slice(0, 120),
    });
  const dims = shape[1]!
    .split(",")
    .map((d) => d.trim().replace(/L$/, ""))
    .filter((d) => d !== "")
    .map(Number);
  if (dims.length > rankLimit || !dims.every(Number.isSafeInteger)) {
    return refuseFile("file/npy-header", file, "the header's shape is not believable", {
      found: `(${shape[1]!.slice(0, 120)})`,
    });
  }
  return { dtype, bigEndian: descr[1] === ">", fortran: fortran[1] === "True", shape: dims };
}

function byteCount(file: string, shape: readonly number[], width: number): number {
  const count = shape.reduce((a, b) => a * b, width);
  if (Number.isSafeInteger(count)) return count;
  return refuseFile("file/npy-header", file, "the header's shape is larger than any file", {
    found: `(${shape.join(", ")})`,
  });
}

/** Column-major to row-major: the first index runs fastest in the source. */
function fromFortran(data: RawData, shape: readonly number[]): RawData {
  const out = data.slice();
  const steps = shape.map((_, i) => shape.slice(0, i).reduce((a, b) => a * b, 1));
  const outer = shape.slice(0, -1);
  const [row, step] = [shape.at(-1) ?? 1, steps.at(-1) ?? 1];
  const index = new Array<number>(outer.length).fill(0);
  let source = 0;
  for (let at = 0; at < out.length; at += row) {
    for (let i = 0; i < row; i++) out[at + i] = data[source + i * step]!;
    for (let d = outer.length - 1; d >= 0; d--) {
      source += steps[d]!;
      if (++index[d]! < outer[d]!) break;
      source -= steps[d]! * outer[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** Version 1.0, little-endian, C order: the bytes that `numpy.save` writes. Half floats become `f4`. */
export function writeNpy({ dtype, data, shape = [data.length] }: Omit<RawArray, "name">): Uint8Array {
  const kind = dtype === "f2" ? "f4" : dtype;
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const descr = `${dtypes[kind].bytes === 1 ? "|" : "<"}${kind}`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }`;
  const length = Math.ceil((11 + dict.length) / 64) * 64 - 10;
  const header = `${dict.padEnd(length - 1)}\n`;
  const out = new Uint8Array(10 + length + data.byteLength);
  out.set(npyMagic);
  out.set([1, 0, length & 255, length >> 8], 6);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return out;
}
