/** ONNX models with tensors of every element type, written with onnx-proto. */
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

const types = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i16: 5,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  u32: 12,
} as const;
export type TestType = keyof typeof types;
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
}
export interface TestModel {
  readonly opset: number;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** Their shapes are not declared. */
  readonly outputs: readonly string[];
  /** Of inputs and outputs that are not f32. */
  readonly types: Readonly<Record<string, TestType>>;
  readonly initialisers: Readonly<Record<string, TestTensor>>;
  readonly nodes: readonly TestNode[];
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

/** IEEE 754 binary16 of a number in its normal range, cut off. */
function halfBits(v: number): number {
  const bits = new Uint32Array(Float32Array.of(v).buffer)[0]!;
  const exponent = ((bits >>> 23) & 255) - 112;
  return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 1023));
}

/** The elements as ONNX stores them; 16-bit floats as bit patterns. */
export function elements({ data, type = "f32" }: TestTensor) {
  if (type === "i64") return BigInt64Array.from(data, BigInt);
  return type === "f16" ? Uint16Array.from(data, halfBits) : arrays[type].from(data);
}

/** Elements go into raw bytes, as exporters do. */
function tensorProto(name: string, t: TestTensor) {
  const rawData = new Uint8Array(elements(t).buffer);
  return { name, dims: [...t.shape], dataType: types[t.type ?? "f32"], rawData };
}

/** The bytes of a `.pb` file. */
export const tensorFile = (name: string, t: TestTensor): Uint8Array =>
  onnx.TensorProto.encode(tensorProto(name, t) as never).finish();

function attributeProto(name: string, value: TestAttribute) {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("floats" in value) return { name, type: 6, floats: [...value.floats] };
  if ("tensor" in value) return { name, type: 4, t: tensorProto("", value.tensor) };
  return { name, type: 7, ints: [...value] };
}

const dimension = (d: number | string) => (typeof d === "number" ? { dimValue: d } : { dimParam: d });
const valueInfo = (name: string, type: TestType = "f32", shape?: readonly (number | string)[]) => ({
  name,
  type: { tensorType: { elemType: types[type], ...(shape ? { shape: { dim: shape.map(dimension) } } : {}) } },
});

/** The bytes of an `.onnx` file. */
export function modelFile(model: TestModel): Uint8Array {
  const graph = {
    name: "test",
    input: Object.entries(model.inputs).map(([name, shape]) => valueInfo(name, model.types[name], shape)),
    output: model.outputs.map((name) => valueInfo(name, model.types[name])),
    initializer: Object.entries(model.initialisers).map(([name, t]) => tensorProto(name, t)),
    node: model.nodes.map((n) => ({
      opType: n.op,
      name: n.name ?? "",
      input: [...n.inputs],
      output: [...n.outputs],
      attribute: Object.entries(n.attributes ?? {}).map(([name, value]) => attributeProto(name, value)),
    })),
  };
  const opsetImport = [{ domain: "", version: model.opset }];
  return onnx.ModelProto.encode({
    irVersion: 8,
    producerName: "tests",
    opsetImport,
    graph,
  } as never).finish();
}
