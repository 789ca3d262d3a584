/** Arrays as files hold them: NumPy's element types, row-major, before the graph gives them a meaning. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Storage } from "../../ir/storage.js";
import type { Tensor } from "../../ir/tensor.js";
import { sizes } from "../../ir/type.js";

export type RawData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

interface DTypeInfo {
  readonly bytes: number;
  readonly array: new (length: number) => RawData;
}

/** NumPy's codes without byte order. `f2` is widened to 32 bits, `b1` is held as 0 and 1. */
export const dtypes = {
  f2: { bytes: 2, array: Float32Array },
  f4: { bytes: 4, array: Float32Array },
  f8: { bytes: 8, array: Float64Array },
  i1: { bytes: 1, array: Int8Array },
  i2: { bytes: 2, array: Int16Array },
  i4: { bytes: 4, array: Int32Array },
  i8: { bytes: 8, array: BigInt64Array },
  u1: { bytes: 1, array: Uint8Array },
  u2: { bytes: 2, array: Uint16Array },
  u4: { bytes: 4, array: Uint32Array },
  u8: { bytes: 8, array: BigUint64Array },
  b1: { bytes: 1, array: Uint8Array },
} as const satisfies Readonly<Record<string, DTypeInfo>>;
export type DType = keyof typeof dtypes;
export const isDType = (text: string): text is DType => Object.hasOwn(dtypes, text);

/** An array as a file holds it, before it is known which value it belongs to. */
export interface RawArray {
  /** The key in an `.npz`, else the file's name without its ending. */
  readonly name: string;
  /** What the header line of a text file calls it. */
  readonly label?: string;
  /** Only where the format states it (`.npy`, `.npz`). */
  readonly shape?: readonly number[];
  /** What a text file claims in its header, or its rows suggest. Not to be trusted: copied headers occur. */
  readonly headerShape?: readonly number[];
  readonly dtype: DType;
  /** Row-major, native byte order. */
  readonly data: RawData;
}

/** `Refusal` about a file: `file` and, inside an archive, the entry. */
export function refuseFile(
  id: Diagnostic["id"],
  file: string,
  text: string,
  more: Omit<Partial<Diagnostic>, "id" | "text"> = {},
): never {
  throw new Refusal(error(id, text, { place: { file, start: 0, end: 0 }, ...more }));
}

/** The name of a file without folders and ending. */
export const stem = (file: string): string => file.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "");

/** IEEE 754 half precision to a number. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A loop, because `Float32Array.from` would hold every element as an object of its own in between. */
function widened(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < out.length; i++) out[i] = half(halves[i]!);
  return out;
}

/** Copies `count` elements out of file bytes; the copy is aligned and in native (little-endian) order. */
export function decode(dtype: DType, bytes: Uint8Array, bigEndian: boolean): RawData {
  const { bytes: width, array } = dtypes[dtype];
  const copy = new Uint8Array(bytes);
  if (bigEndian && width > 1)
    for (let i = 0; i < copy.length; i += width) copy.subarray(i, i + width).reverse();
  if (dtype === "b1") return copy.map((b) => (b ? 1 : 0));
  if (dtype === "f2") return widened(new Uint16Array(copy.buffer));
  return new (array as unknown as new (buffer: ArrayBuffer) => RawData)(copy.buffer);
}

const storageDTypes: Readonly<Record<Storage, DType>> = {
  f32: "f4",
  i64: "i8",
  i32: "i4",
  i16: "i2",
  i8: "i1",
  u8: "u1",
  i4: "i1",
  u4: "u1",
  i2: "i1",
  u2: "u1",
};
/** How files hold a storage format: sub-byte elements take a byte each. */
export const dtypeOf = (storage: Storage): DType => storageDTypes[storage];

/** A tensor as a file holds it: canonical layout (channels last), one element per slot. */
export function toRawArray(name: string, { type, data }: Tensor): RawArray {
  return { name, shape: sizes(type), dtype: dtypeOf(type.storage), data };
}
