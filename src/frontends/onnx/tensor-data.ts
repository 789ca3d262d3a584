/** Elements of ONNX tensors from raw bytes, typed fields or external files. */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { ElementType, RawData } from "./raw.js";

/** Little-endian bytes, or numbers from one of protobuf's typed fields. */
export type TensorBytes =
  | { readonly raw: Uint8Array }
  | { readonly numbers: ArrayLike<number> }
  | { readonly integers: readonly bigint[] };

export interface TensorHead {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly file: string;
}

interface Format {
  readonly bits: number;
  /** Elements from exactly enough bytes, which are ours and aligned. */
  fromBytes(bytes: ArrayBuffer, count: number): RawData;
  /** The array that typed fields are copied into. */
  readonly array: new (
    length: number,
  ) => RawData;
  /** Typed fields of 16-bit floats and sub-byte integers hold bit patterns, not values. */
  readonly patterns?: true;
}

type Plain = { new (length: number): RawData; new (buffer: ArrayBuffer): RawData };
const plain = (bits: number, array: unknown): Format => ({
  bits,
  array: array as Plain,
  fromBytes: (bytes) => new (array as Plain)(bytes),
});
const subByte = (bits: number, signed: boolean): Format => ({
  bits,
  array: signed ? Int8Array : Uint8Array,
  patterns: true,
  fromBytes: (bytes, count) => unpack(new Uint8Array(bytes), count, bits, signed),
});
const widened = (convert: (half: number) => number): Format => ({
  bits: 16,
  array: Float32Array,
  patterns: true,
  fromBytes: (bytes) => Float32Array.from(new Uint16Array(bytes), convert),
});

const formats: Partial<Record<ElementType, Format>> = {
  f32: plain(32, Float32Array),
  f64: plain(64, Float64Array),
  f16: widened(fromHalf),
  bf16: widened(fromBfloat),
  u8: plain(8, Uint8Array),
  i8: plain(8, Int8Array),
  bool: plain(8, Uint8Array),
  u16: plain(16, Uint16Array),
  i16: plain(16, Int16Array),
  u32: plain(32, Uint32Array),
  i32: plain(32, Int32Array),
  u64: plain(64, BigUint64Array),
  i64: plain(64, BigInt64Array),
  u4: subByte(4, false),
  i4: subByte(4, true),
  u2: subByte(2, false),
  i2: subByte(2, true),
};

/** First element in the low bits (ONNX: packed along the last axis, row-major). */
function unpack(bytes: Uint8Array, count: number, bits: number, signed: boolean): RawData {
  const out = new (signed ? Int8Array : Uint8Array)(count);
  const perByte = 8 / bits;
  for (let i = 0; i < count; i++) {
    const field = (bytes[Math.floor(i / perByte)]! >> ((i % perByte) * bits)) & (2 ** bits - 1);
    out[i] = signed && field >= 2 ** (bits - 1) ? field - 2 ** bits : field;
  }
  return out;
}

/** IEEE 754 binary16. */
function fromHalf(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(h >> 10) & 31, h & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

function fromBfloat(h: number): number {
  return new Float32Array(new Uint32Array([h << 16]).buffer)[0]!;
}

/** The elements of a tensor. Throws a `Refusal` when they are too few or of a type that we do not read. */
export function elementsOf(head: TensorHead, from: TensorBytes): RawData {
  const format = formats[head.type];
  if (!format) refuse(head, "onnx/element-type", `holds ${head.type} elements, which are not read`);
  const count = head.shape.reduce((a, b) => a * b, 1);
  if (head.shape.some((d) => d < 0) || !Number.isSafeInteger(count))
    refuse(head, "onnx/tensor-data", `has the shape [${head.shape.join("x")}]`);
  if ("raw" in from) return fromRaw(head, format, from.raw, count);
  const list = "numbers" in from ? from.numbers : from.integers;
  if (format.patterns) return fromRaw(head, format, patternBytes(list, format.bits), count);
  if (list.length !== count) tooFew(head, count, list.length);
  const out = new format.array(count);
  const wide = out instanceof BigInt64Array || out instanceof BigUint64Array;
  for (let i = 0; i < count; i++) out[i] = (wide ? BigInt(list[i]!) : Number(list[i])) as never;
  return out;
}

function fromRaw(head: TensorHead, format: Format, raw: Uint8Array, count: number): RawData {
  const bytes = Math.ceil((count * format.bits) / 8);
  if (raw.length < bytes) tooFew(head, bytes, raw.length, "bytes");
  return format.fromBytes(new Uint8Array(raw.subarray(0, bytes)).buffer, count);
}

/** int32_data carries one 16-bit pattern, or one byte of sub-byte elements, per entry. */
function patternBytes(list: ArrayLike<number | bigint>, bits: number): Uint8Array {
  const halves = Uint16Array.from({ length: list.length }, (_, i) => Number(list[i]) & 0xffff);
  return bits === 16 ? new Uint8Array(halves.buffer) : Uint8Array.from(halves);
}

function tooFew(head: TensorHead, expected: number, found: number, unit = "elements"): never {
  const shape = `[${head.shape.join("x")}]`;
  refuse(head, "onnx/tensor-data", `${shape} does not match the data stored for it`, {
    expected: `${expected} ${unit}`,
    found: String(found),
  });
}

function refuse(
  head: Pick<TensorHead, "name" | "file">,
  id: Diagnostic["id"],
  text: string,
  more: Partial<Diagnostic> = {},
): never {
  throw new Refusal(
    error(id, `tensor ${head.name || "of an attribute"} ${text}`, {
      place: { file: head.file, node: head.name },
      ...more,
    }),
  );
}

interface ExternalSource {
  readonly name: string;
  readonly file: string;
  readonly external?: (path: string) => Uint8Array | undefined;
}

/** Bytes of a tensor stored beside the model: `location`, optional `offset` and `length`. */
export function externalBytes(entries: ReadonlyMap<string, string>, source: ExternalSource): Uint8Array {
  const location = entries.get("location") ?? "";
  const id = "onnx/external-data";
  if (!staysInside(location))
    refuse(source, id, "is stored outside the model's folder", {
      found: JSON.stringify(location),
      expected: "a relative path without ..",
    });
  const bytes = source.external?.(location);
  if (!bytes)
    refuse(source, id, `is stored in ${location}, which cannot be read`, {
      help: "put the file beside the .onnx file",
    });
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? bytes.length - offset);
  const sound = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sound || offset + length > bytes.length)
    refuse(source, id, `lies outside ${location}`, {
      found: `offset ${offset}, length ${length}`,
      expected: `at most ${bytes.length} bytes`,
    });
  return bytes.subarray(offset, offset + length);
}

function staysInside(path: string): boolean {
  if (path === "" || /^[/\\]|^[A-Za-z]:|[\0\\]/.test(path)) return false;
  return !path.split("/").includes("..");
}
