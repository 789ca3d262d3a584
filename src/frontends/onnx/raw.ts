/** An ONNX model as plain data: what the protobuf (or text) says, without protobuf types. */
import type { Span } from "../../ir/diagnostic.js";

/** Element types, in the order of ONNX's TensorProto.DataType; "" marks numbers that we do not know. */
export const elementTypes = [
  "undefined",
  "f32",
  "u8",
  "i8",
  "u16",
  "i16",
  "i32",
  "i64",
  "string",
  "bool",
  "f16",
  "f64",
  "u32",
  "u64",
  "complex64",
  "complex128",
  "bf16",
  "f8e4m3fn",
  "f8e4m3fnuz",
  "f8e5m2",
  "f8e5m2fnuz",
  "u4",
  "i4",
  "f4e2m1",
  "f8e8m0",
  "u2",
  "i2",
] as const;
export type ElementType = (typeof elementTypes)[number];

/** Words of a file may be names that every object has: only a table's own entries count. */
export const own = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;

const floats: readonly ElementType[] = [
  "f32",
  "f64",
  "f16",
  "bf16",
  "f8e4m3fn",
  "f8e4m3fnuz",
  "f8e5m2",
  "f8e5m2fnuz",
  "f4e2m1",
  "f8e8m0",
];
export const isFloatType = (type: ElementType): boolean => floats.includes(type);

/** Elements of a tensor: sub-byte and boolean ones take a byte each, 16-bit floats are widened. */
export type RawData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface RawTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Where a textual model says it. */
  readonly span?: Span;
  /**
   * Decodes the elements on first use. Throws a `Refusal` when bytes are missing or of a type that we do
   * not read.
   */
  data(): RawData;
}

/**
 * An attribute's value. Integers beyond 2^53 are rounded to the nearest double: only bounds of slices reach
 * there.
 */
export type RawAttribute =
  | { readonly kind: "float" | "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: RawTensor }
  | { readonly kind: "floats" | "ints"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "other" };

export interface RawNode {
  /** The node's own name, or `Conv#3`: its op and its position in the file. */
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** Empty names are absent optional inputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, RawAttribute>;
  /** Where a textual model says it. */
  readonly span?: Span;
}

/** A graph input or output. Unknown and symbolic sizes are their name, or "?". */
export interface RawValue {
  readonly name: string;
  readonly type: ElementType;
  /** Absent when the file gives no shape at all. */
  readonly shape?: readonly (number | string)[];
  /** Where a textual model says it. */
  readonly span?: Span;
}

export interface RawModel {
  readonly producer: string;
  /** Version of the default operator set. */
  readonly opset: number;
  /** The other operator sets that the model names. */
  readonly domains: readonly string[];
  readonly inputs: readonly RawValue[];
  readonly outputs: readonly RawValue[];
  readonly initialisers: ReadonlyMap<string, RawTensor>;
  readonly nodes: readonly RawNode[];
}
