/** ONNX files for tests, in few words. */
import onnxProto from "onnx-proto";
import {
  encodeWith,
  type OnnxAttribute,
  type OnnxTensor,
  tensorProto as protoOf,
} from "../../src/backends/onnx/model.js";

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** "f32" unless said otherwise. */
  readonly type?: TestType;
}
export type TestAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: TestTensor };
export interface TestNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly name?: string;
  readonly domain?: string;
}
export interface TestModel {
  readonly opset?: number;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  /** Element types of inputs and outputs that are not f32. Where given, outputs have no declared shape. */
  readonly types?: Readonly<Record<string, TestType>>;
  readonly initialisers?: Readonly<Record<string, TestTensor>>;
  readonly nodes: readonly TestNode[];
  /** Versions of operator sets beside the default one. */
  readonly domains?: Readonly<Record<string, number>>;
}

const arrays = {
  f32: Float32Array,
  f64: Float64Array,
  u8: Uint8Array,
  i8: Int8Array,
  bool: Uint8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
} as const;
export type TestType = keyof typeof arrays | "i64" | "f16";

/** The elements as ONNX stores them; 16-bit floats as bit patterns. */
export function elements({ data, type = "f32" }: TestTensor) {
  if (type === "i64") return BigInt64Array.from(data, BigInt);
  return type === "f16" ? Uint16Array.from(data, halfBits) : arrays[type].from(data);
}

/** IEEE 754 binary16 of a number in its normal range, cut off. */
function halfBits(v: number): number {
  const bits = new Uint32Array(Float32Array.of(v).buffer)[0]!;
  const exponent = ((bits >>> 23) & 255) - 112;
  return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 1023));
}

const tensorOf = (t: TestTensor): OnnxTensor => ({
  shape: t.shape,
  type: t.type ?? "f32",
  data: elements(t),
});
export const tensorProto = (name: string, t: TestTensor) => protoOf(name, tensorOf(t));

/** The bytes of a `.pb` file. */
export const tensorFile = (name: string, t: TestTensor): Uint8Array =>
  onnxProto.onnx.TensorProto.encode(tensorProto(name, t) as never).finish();

const attributeOf = (value: TestAttribute): OnnxAttribute =>
  typeof value === "object" && "tensor" in value ? { tensor: tensorOf(value.tensor) } : value;

/** The bytes of an `.onnx` file. */
export function onnxFile({ types, ...model }: TestModel): Uint8Array {
  const type = (name: string) => types?.[name] ?? "f32";
  return encodeWith(onnxProto, {
    graph: "test",
    producer: "tests",
    opset: model.opset ?? 13,
    ...(model.domains ? { domains: model.domains } : {}),
    inputs: Object.entries(model.inputs).map(([name, shape]) => ({ name, type: type(name), shape })),
    outputs: model.outputs.map((name) => ({ name, type: type(name), ...(types ? {} : { shape: [] }) })),
    initializers: new Map(Object.entries(model.initialisers ?? {}).map(([name, t]) => [name, tensorOf(t)])),
    nodes: model.nodes.map(({ attributes = {}, ...n }) => ({
      ...n,
      name: n.name ?? "",
      attributes: Object.fromEntries(Object.entries(attributes).map(([name, v]) => [name, attributeOf(v)])),
    })),
  });
}

// Short words for writing models.

export const f32 = (shape: readonly number[], data: readonly number[]): TestTensor => ({ shape, data });
export const i64 = (...data: number[]): TestTensor => ({ shape: [data.length], data, type: "i64" });
export const scalar = (v: number, type: "f32" | "i64" = "f32"): TestTensor => ({
  shape: [],
  data: [v],
  type,
});
export const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: TestNode["attributes"] = {},
): TestNode => ({ op, inputs, outputs: [output], attributes });
export const clip = (x: string, y: string, min: number, max: number, more = {}): TestNode =>
  node("Clip", [x], y, { min: { float: min }, max: { float: max }, ...more });

/** Data without a pattern that an error could hide in. */
export const bytes = (n: number, seed = 1): number[] =>
  Array.from({ length: n }, (_, i) => (i * 89 + seed * 37) % 256);
export const weights = (n: number): number[] => Array.from({ length: n }, (_, i) => ((i * 53) % 17) - 8);
