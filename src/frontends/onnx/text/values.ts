/** Types, and the elements of tensors. */
import { error, nearest, Refusal, type Span } from "../../../ir/diagnostic.js";
import { type ElementType, elementTypes, type RawTensor, type RawValue } from "../raw.js";
import { product } from "../shapes.js";
import { elementsOf, externalBytes } from "../tensor-data.js";
import { accept, at, type Cursor, expect, listed, missing, name, nested, spanOf, take } from "./cursor.js";
import { literals, pairs } from "./literals.js";

/** Bytes of a file beside the model, by name. */
export type External = ((path: string) => Uint8Array | undefined) | undefined;

/** How ONNX's syntax names the element types, in the order of TensorProto.DataType. */
const names = [
  "undefined",
  "float",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "double",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "uint4",
  "int4",
  "float4e2m1",
  "float8e8m0",
  "uint2",
  "int2",
];
const primitives: ReadonlyMap<string, ElementType> = new Map(
  names.slice(1).map((text, i) => [text, elementTypes[i + 1]!]),
);
const compounds = ["seq", "map", "optional", "sparse_tensor", "opaque"];

export interface Type {
  readonly type: ElementType;
  readonly shape?: readonly (number | string)[];
}

export const atType = (cursor: Cursor): boolean =>
  cursor.next.kind === "id" && (primitives.has(cursor.next.text) || compounds.includes(cursor.next.text));

/** `float` is a scalar, `float[]` of unknown rank, `float[N, 3, ?]` a tensor. Other kinds are of undefined type. */
export function type(cursor: Cursor): Type {
  const { kind, text } = cursor.next;
  const primitive = kind === "id" ? primitives.get(text) : undefined;
  if (primitive) {
    take(cursor);
    return { type: primitive, ...shape(cursor) };
  }
  if (kind === "id" && compounds.includes(text)) return compound(cursor);
  const guess = kind === "id" ? nearest(text, primitives.keys()) : undefined;
  throw new Refusal(
    missing(cursor, "a type", { help: guess ? `did you mean ${guess}?` : "for instance float[1, 3, 8]" }),
  );
}

function compound(cursor: Cursor): Type {
  const { text } = take(cursor);
  expect(cursor, "(", text);
  nested(cursor, () =>
    listed(
      cursor,
      ")",
      `the type inside ${text}`,
      () => void (text === "opaque" ? name(cursor, "a name") : type(cursor)),
    ),
  );
  return { type: "undefined" };
}

function shape(cursor: Cursor): Pick<Type, "shape"> {
  if (!accept(cursor, "[")) return { shape: [] };
  const sizes: (number | string)[] = [];
  listed(cursor, "]", "the sizes of a type", () => sizes.push(size(cursor)));
  return sizes.length > 0 ? { shape: sizes } : {};
}

function size(cursor: Cursor): number | string {
  if (accept(cursor, "?")) return "?";
  if (cursor.next.kind !== "number") return name(cursor, "a size");
  if (/^\d{1,15}$/.test(cursor.next.text)) return Number(take(cursor).text);
  throw new Refusal(missing(cursor, "a size, a name or ?"));
}

/** A type and a name. */
export function valueInfo(cursor: Cursor): RawValue {
  const { start } = cursor.next;
  const found = type(cursor);
  return { name: name(cursor, "the name of a tensor"), ...found, span: spanOf(cursor, start) };
}

/** What follows `type name =`: elements in braces, or where they are stored. */
export function elements(
  cursor: Cursor,
  value: Type,
  called: string,
  start: number,
  external: External,
): RawTensor {
  const sizes = value.shape;
  const fixed = sizes?.every((d) => typeof d === "number");
  if (value.type === "undefined" || !sizes || !fixed)
    throw new Refusal(
      error("onnx/syntax", `the elements of ${called || "a tensor"} need a type with fixed sizes`, {
        place: spanOf(cursor, start),
        help: "for instance float[2, 3], or float for a single number",
      }),
    );
  const head = { name: called, type: value.type, shape: sizes as readonly number[], file: cursor.file };
  if (at(cursor, "[")) return stored(cursor, head, start, external);
  const list = literals(cursor, head.type);
  const span = spanOf(cursor, start);
  const wanted = product(head.shape);
  if (list.length !== wanted) cursor.report(miscounted(head, list.length, wanted, span));
  let data: ReturnType<RawTensor["data"]> | undefined;
  return {
    name: called,
    type: head.type,
    shape: head.shape,
    span,
    data: () => (data ??= dataOf(head, list)),
  };
}

interface Head {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly file: string;
}

const miscounted = (head: Head, found: number, expected: number, place: Span) =>
  error(
    "onnx/tensor-data",
    `${head.name || "a tensor"} [${head.shape.join("x")}] does not match its elements`,
    {
      place,
      found: `${found} elements`,
      expected: `${expected} elements`,
      help: "write as many elements as the sizes multiply to",
    },
  );

/** Sub-byte elements are written one by one; 16-bit floats as their bit patterns. */
function dataOf(head: Head, list: readonly number[] | readonly bigint[]): ReturnType<RawTensor["data"]> {
  if (/^[ui][24]$/.test(head.type)) {
    const numbers = [...list].map(Number);
    return head.type.startsWith("u") ? Uint8Array.from(numbers) : Int8Array.from(numbers);
  }
  const wide = head.type === "i64" || head.type === "u64";
  return elementsOf(head, wide ? { integers: list as bigint[] } : { numbers: list as number[] });
}

function stored(cursor: Cursor, head: Head, start: number, external: External): RawTensor {
  const entries = pairs(cursor);
  const span = spanOf(cursor, start);
  const source = { name: head.name, file: head.file, ...(external ? { external } : {}) };
  let data: ReturnType<RawTensor["data"]> | undefined;
  return {
    name: head.name,
    type: head.type,
    shape: head.shape,
    span,
    data: () => (data ??= elementsOf(head, { raw: externalBytes(entries, source) })),
  };
}
