/** ONNX files for tests, written with onnx-proto. */
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** "f32" unless said otherwise. */
  readonly type?: "f32" | "i64" | "i32" | "u8" | "i8";
}
export type TestAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
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
  readonly initialisers?: Readonly<Record<string, TestTensor>>;
  readonly nodes: readonly TestNode[];
}

const types = { f32: 1, u8: 2, i8: 3, i32: 6, i64: 7 } as const;

/** Elements go into raw bytes, as exporters do. */
export function tensorProto(name: string, t: TestTensor) {
  const type = t.type ?? "f32";
  const arrays = { f32: Float32Array, u8: Uint8Array, i8: Int8Array, i32: Int32Array } as const;
  const raw = type === "i64" ? BigInt64Array.from(t.data, BigInt) : arrays[type].from(t.data);
  return { name, dims: [...t.shape], dataType: types[type], rawData: new Uint8Array(raw.buffer) };
}

function attributeProto(name: string, value: TestAttribute) {
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("tensor" in value) return { name, type: 4, t: tensorProto("", value.tensor) };
  return { name, type: 7, ints: [...value] };
}

const valueInfo = (name: string, shape: readonly (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: 1,
      shape: { dim: shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d })) },
    },
  },
});

/** The bytes of an `.onnx` file. */
export function onnxFile(model: TestModel): Uint8Array {
  const graph = {
    name: "test",
    input: Object.entries(model.inputs).map(([name, shape]) => valueInfo(name, shape)),
    output: model.outputs.map((name) => valueInfo(name, [])),
    initializer: Object.entries(model.initialisers ?? {}).map(([name, t]) => tensorProto(name, t)),
    node: model.nodes.map((n) => ({
      opType: n.op,
      name: n.name ?? "",
      domain: n.domain ?? "",
      input: [...n.inputs],
      output: [...n.outputs],
      attribute: Object.entries(n.attributes ?? {}).map(([name, value]) => attributeProto(name, value)),
    })),
  };
  const proto = {
    irVersion: 8,
    producerName: "tests",
    opsetImport: [{ domain: "", version: model.opset ?? 13 }],
    graph,
  };
  return onnx.ModelProto.encode(proto as never).finish();
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
