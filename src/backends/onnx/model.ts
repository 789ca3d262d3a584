/**
 * ONNX models as data, and their bytes. The only file of the backend that knows onnx-proto.
 *
 * A model is collected with `modelBuilder`, which hands out names that nobody else has, and written with
 * `encodeModel`. Numbers among attributes are ints, as most of ONNX's are; floats say so.
 */
import type { onnx } from "onnx-proto";

/** Element types by ONNX's TensorProto.DataType, and how many bits an element takes in raw data. */
const elementTypes = {
  f32: { code: 1, bits: 32, array: Float32Array },
  u8: { code: 2, bits: 8, array: Uint8Array },
  i8: { code: 3, bits: 8, array: Int8Array },
  u16: { code: 4, bits: 16, array: Uint16Array },
  i16: { code: 5, bits: 16, array: Int16Array },
  i32: { code: 6, bits: 32, array: Int32Array },
  i64: { code: 7, bits: 64, array: BigInt64Array },
  bool: { code: 9, bits: 8, array: Uint8Array },
  /** Elements are bit patterns. */
  f16: { code: 10, bits: 16, array: Uint16Array },
  f64: { code: 11, bits: 64, array: Float64Array },
  u32: { code: 12, bits: 32, array: Uint32Array },
  u4: { code: 21, bits: 4, array: Uint8Array },
  i4: { code: 22, bits: 4, array: Int8Array },
  u2: { code: 25, bits: 2, array: Uint8Array },
  i2: { code: 26, bits: 2, array: Int8Array },
} as const;
export type ElementType = keyof typeof elementTypes;

export interface OnnxTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Row-major, one element per slot. */
  readonly data: ArrayLike<number | bigint>;
}

/** A number is an int and a list is ints; the other kinds are named. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: OnnxTensor };

export interface OnnxNode {
  readonly op: string;
  /** "" for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute | undefined>>;
  readonly name?: string;
  readonly domain?: string;
  readonly doc?: string;
}

/** A typed input or output; a dimension may be a name, absent shapes stay open. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape?: readonly (number | string)[];
}

export interface OnnxModel {
  readonly graph: string;
  readonly opset: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly nodes: readonly OnnxNode[];
  /** Types of values in between. */
  readonly values?: readonly OnnxValue[];
  readonly producer?: string;
  readonly doc?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Other operator sets than ONNX's own, by domain. */
  readonly domains?: Readonly<Record<string, number>>;
}

/** Sub-byte elements go into bytes from the low bits up, as ONNX lays out its 4-bit and 2-bit tensors. */
function packed(data: ArrayLike<number | bigint>, bits: number): Uint8Array {
  const perByte = 8 / bits;
  const bytes = new Uint8Array(Math.ceil(data.length / perByte));
  const mask = 2 ** bits - 1;
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / perByte);
    bytes[at] = bytes[at]! | ((Number(data[i]) & mask) << ((i % perByte) * bits));
  }
  return bytes;
}

function rawBytes({ type, data }: OnnxTensor): Uint8Array {
  const { bits, array } = elementTypes[type];
  if (bits < 8) return packed(data, bits);
  const list = Array.from(data);
  const raw =
    array === BigInt64Array ? BigInt64Array.from(list, BigInt) : new array(list.map(Number) as never);
  return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
}

/** The protobuf message of a tensor. */
export const tensorProto = (name: string, t: OnnxTensor) => ({
  name,
  dims: [...t.shape],
  dataType: elementTypes[t.type].code,
  rawData: rawBytes(t),
});

/** Kinds by ONNX's AttributeProto.AttributeType. */
function attributeProto(name: string, value: OnnxAttribute) {
  const bytes = (text: string) => new TextEncoder().encode(text);
  if (typeof value === "number") return { name, type: 2, i: value };
  if (typeof value === "string") return { name, type: 3, s: bytes(value) };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("tensor" in value) return { name, type: 4, t: tensorProto("", value.tensor) };
  if ("floats" in value) return { name, type: 6, floats: [...value.floats] };
  if ("strings" in value) return { name, type: 8, strings: value.strings.map(bytes) };
  return { name, type: 7, ints: [...value] };
}

function valueInfo({ name, type, shape }: OnnxValue) {
  const dim = shape?.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  const tensorType = { elemType: elementTypes[type].code, ...(dim ? { shape: { dim } } : {}) };
  return { name, type: { tensorType } };
}

function nodeProto(n: OnnxNode) {
  const attributes = Object.entries(n.attributes ?? {});
  return {
    opType: n.op,
    name: n.name ?? n.outputs[0] ?? "",
    domain: n.domain ?? "",
    docString: n.doc ?? "",
    input: [...n.inputs],
    output: [...n.outputs],
    attribute: attributes.flatMap(([name, v]) => (v === undefined ? [] : [attributeProto(name, v)])),
  };
}

/** The IR version that came with an opset, so that no runtime is asked for more than it needs to know. */
const irVersion = (opset: number): number => (opset >= 23 ? 11 : opset >= 21 ? 10 : opset >= 19 ? 9 : 8);

/** The package onnx-proto. */
export interface OnnxProto {
  readonly onnx: typeof onnx;
}

/** The bytes of an `.onnx` file, with onnx-proto handed in. */
export function encodeWith({ onnx }: OnnxProto, model: OnnxModel): Uint8Array {
  const domains = Object.entries({ "": model.opset, ...model.domains });
  const graph = {
    name: model.graph,
    docString: model.doc ?? "",
    input: model.inputs.map(valueInfo),
    output: model.outputs.map(valueInfo),
    valueInfo: (model.values ?? []).map(valueInfo),
    initializer: [...model.initializers].map(([name, t]) => tensorProto(name, t)),
    node: model.nodes.map(nodeProto),
  };
  const proto = {
    irVersion: irVersion(model.opset),
    producerName: model.producer ?? "pulsec",
    opsetImport: domains.map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(model.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph,
  };
  return onnx.ModelProto.encode(proto as never).finish();
}

/** The bytes of an `.onnx` file. */
async function encodeModel(model: OnnxModel): Promise<Uint8Array> {
  return encodeWith((await import("onnx-proto")).default, model);
}

export interface ModelOptions extends Pick<OnnxModel, "opset" | "producer" | "doc" | "metadata" | "domains"> {
  readonly graph: string;
}

/** Collects a model; names given to `fresh` and to the others never meet. */
export interface ModelBuilder {
  readonly opset: number;
  /** `wish`, or `wish_1`, `wish_2`, ... where it is taken. */
  fresh(wish: string): string;
  input(value: OnnxValue): void;
  output(value: OnnxValue): void;
  /** Adds a constant and gives the name it got. Scalars have shape []. */
  constant(wish: string, tensor: OnnxTensor): string;
  /** Adds a node. */
  node(node: OnnxNode): void;
  /** Adds a node of one result named `output`, and gives that name. */
  add(op: string, inputs: readonly string[], output: string, attributes?: OnnxNode["attributes"]): string;
  model(): OnnxModel;
  finish(): Promise<Uint8Array>;
}

/** `reserved`: names that the caller gives out itself. */
export function modelBuilder(options: ModelOptions, reserved: Iterable<string> = []): ModelBuilder {
  const taken = new Set(reserved);
  const parts = {
    inputs: [] as OnnxValue[],
    outputs: [] as OnnxValue[],
    initializers: new Map<string, OnnxTensor>(),
    nodes: [] as OnnxNode[],
  };
  const fresh = (wish: string): string => {
    let name = wish;
    for (let i = 1; taken.has(name); i++) name = `${wish}_${i}`;
    taken.add(name);
    return name;
  };
  const model = (): OnnxModel => ({ ...options, ...parts });
  return {
    opset: options.opset,
    fresh,
    input: (value) => void parts.inputs.push(value),
    output: (value) => void parts.outputs.push(value),
    constant(wish, tensor) {
      const name = fresh(wish);
      parts.initializers.set(name, tensor);
      return name;
    },
    node: (node) => void parts.nodes.push(node),
    add(op, inputs, output, attributes) {
      parts.nodes.push({ op, inputs, outputs: [output], ...(attributes ? { attributes } : {}) });
      return output;
    },
    model,
    finish: () => encodeModel(model()),
  };
}
