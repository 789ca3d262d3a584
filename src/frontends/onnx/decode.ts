/** Bytes of an `.onnx` file to a `RawModel`. The only file that knows onnx-proto and its protobuf types. */
import type { onnx } from "onnx-proto";
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import { wellFormed } from "../../ir/hash.js";
import { requireBelievable } from "./believable.js";
import {
  type ElementType,
  elementTypes,
  type RawAttribute,
  type RawModel,
  type RawNode,
  type RawTensor,
  type RawValue,
} from "./raw.js";
import { elementsOf, externalBytes, type TensorBytes } from "./tensor-data.js";

export interface DecodeOptions {
  readonly file: string;
  /** Bytes of a file beside the model, for tensors stored outside it. */
  readonly external?: (path: string) => Uint8Array | undefined;
}

interface Long {
  readonly low: number;
  readonly high: number;
}
type Int = number | Long | null | undefined;

const big = (v: Int): bigint =>
  typeof v === "object" && v !== null
    ? (BigInt(v.high) << 32n) | BigInt(v.low >>> 0)
    : BigInt(Math.trunc(v ?? 0));
const num = (v: Int): number => Number(big(v));
const text = new TextDecoder();
const str = (bytes: Uint8Array | string | null | undefined): string =>
  typeof bytes === "string" ? wellFormed(bytes) : bytes ? text.decode(bytes) : "";
const typeOf = (n: number | null | undefined): ElementType => elementTypes[n ?? 0] ?? "undefined";

/** Throws a `Refusal` when the bytes are no ONNX model. */
export async function decodeModel(bytes: Uint8Array, options: DecodeOptions): Promise<RawModel> {
  requireBelievable(bytes, options.file);
  const { onnx } = (await import("onnx-proto")).default;
  const proto = parse(() => onnx.ModelProto.decode(bytes), options.file);
  const { graph } = proto;
  if (!graph || (graph.node?.length ?? 0) === 0) {
    throw new Refusal(noGraph(options.file));
  }
  const initialisers = new Map((graph.initializer ?? []).map((t) => [str(t.name), rawTensor(t, options)]));
  return {
    producer: [str(proto.producerName), str(proto.producerVersion)].filter(Boolean).join(" "),
    opset: opsetFrom(opsetImports(proto), options.file),
    domains: (proto.opsetImport ?? []).map((o) => str(o.domain)).filter((d) => d !== "" && d !== "ai.onnx"),
    inputs: (graph.input ?? []).map(rawValue).filter((v) => !initialisers.has(v.name)),
    outputs: (graph.output ?? []).map(rawValue),
    initialisers,
    nodes: (graph.node ?? []).map((n, i) => rawNode(n, i, options)),
  };
}

/** A tensor from its own file, a TensorProto. Throws a `Refusal` when the bytes are none. */
export async function decodeTensor(bytes: Uint8Array, options: DecodeOptions): Promise<RawTensor> {
  const { onnx } = (await import("onnx-proto")).default;
  return rawTensor(
    parse(() => onnx.TensorProto.decode(bytes), options.file, "tensor"),
    options,
  );
}

function parse<T>(decode: () => T, file: string, what = "model"): T {
  try {
    return decode();
  } catch (e) {
    const found = e instanceof Error ? e.message : String(e);
    throw new Refusal(
      error("onnx/malformed", `${file} is no ONNX ${what}, or it is cut off`, {
        found,
        expected: `the protobuf of a ${what}`,
      }),
    );
  }
}

/** Opset 6 is what the oldest exporters of PyTorch write. */
const oldestOpset = 6;

type OpsetImports = readonly (readonly [domain: string, version: number])[];

const opsetImports = (proto: onnx.IModelProto): OpsetImports =>
  (proto.opsetImport ?? []).map((o) => [str(o.domain), num(o.version as Int)]);

/** The version of the default operator set; `advice` helps where there is none. */
export function opsetFrom(imports: OpsetImports, file: string, advice?: string): number {
  const main = imports.find(([domain]) => ["", "ai.onnx"].includes(domain));
  if (main && main[1] >= oldestOpset) return main[1];
  if (main) throw new Refusal(oldOpset(file, `opset ${main[1]}`, oldestOpset));
  const text = `${file} does not say which version of ONNX's operators it uses`;
  throw new Refusal(
    error("onnx/opset", text, {
      expected: `opset ${oldestOpset} or newer`,
      help: advice ?? "export it again: the exporter writes an opset_import of the default domain",
    }),
  );
}

export const noGraph = (file: string): Diagnostic =>
  error("onnx/malformed", `${file} holds no ONNX graph`, {
    help: "is this an ONNX model? It has a graph with at least one node",
  });

export const oldOpset = (file: string, found: string, oldest: number): Diagnostic =>
  error("onnx/opset", `${file} uses an operator set that is too old`, {
    found,
    expected: `opset ${oldest} or newer`,
    help: "export it again with opset 13 or newer, or convert it with onnx.version_converter",
  });

function rawValue(v: onnx.IValueInfoProto): RawValue {
  const tensor = v.type?.tensorType;
  const dims = tensor?.shape?.dim?.map((d) => {
    const size = num(d.dimValue as Int);
    return size > 0 || (Object.hasOwn(d, "dimValue") && !d.dimParam) ? size : str(d.dimParam) || "?";
  });
  return { name: str(v.name), type: typeOf(tensor?.elemType), ...(dims ? { shape: dims } : {}) };
}

function rawNode(n: onnx.INodeProto, index: number, options: DecodeOptions): RawNode {
  const op = str(n.opType);
  return {
    name: str(n.name) || `${op}#${index}`,
    op,
    domain: str(n.domain),
    inputs: (n.input ?? []).map(str),
    outputs: (n.output ?? []).map(str),
    attributes: new Map((n.attribute ?? []).map((a) => [str(a.name), rawAttribute(a, options)])),
  };
}

/**
 * Attribute kinds by ONNX's AttributeProto.AttributeType; old files leave the type out and fill one field.
 */
function rawAttribute(a: onnx.IAttributeProto, options: DecodeOptions): RawAttribute {
  switch (a.type || guessType(a)) {
    case 1:
      return { kind: "float", value: a.f ?? 0 };
    case 2:
      return { kind: "int", value: num(a.i as Int) };
    case 3:
      return { kind: "string", value: str(a.s) };
    case 4:
      return a.t ? { kind: "tensor", value: rawTensor(a.t, options) } : { kind: "other" };
    case 6:
      return { kind: "floats", value: [...(a.floats ?? [])] };
    case 7:
      return { kind: "ints", value: (a.ints ?? []).map((v) => num(v as Int)) };
    case 8:
      return { kind: "strings", value: (a.strings ?? []).map(str) };
    default:
      return { kind: "other" };
  }
}

function guessType(a: onnx.IAttributeProto): number {
  if (a.t) return 4;
  if (a.ints?.length) return 7;
  if (a.floats?.length) return 6;
  if (a.s?.length) return 3;
  return a.f ? 1 : 2;
}

function rawTensor(t: onnx.ITensorProto, options: DecodeOptions): RawTensor {
  const [name, type] = [str(t.name), typeOf(t.dataType)];
  const shape = (t.dims ?? []).map((d) => num(d as Int));
  let decoded: ReturnType<RawTensor["data"]> | undefined;
  return {
    name,
    type,
    shape,
    data: () =>
      (decoded ??= elementsOf({ name, type, shape, file: options.file }, bytesOf(t, name, options))),
  };
}

/** Where the elements are: raw bytes, a typed field or another file. */
function bytesOf(t: onnx.ITensorProto, name: string, options: DecodeOptions): TensorBytes {
  if (t.dataLocation === 1) {
    const entries = new Map((t.externalData ?? []).map((e) => [str(e.key), str(e.value)]));
    return { raw: externalBytes(entries, { name, ...options }) };
  }
  if (t.rawData?.length) return { raw: t.rawData };
  const fields = [t.floatData, t.doubleData, t.int32Data].find((f) => f?.length);
  if (fields) return { numbers: fields };
  const wide = [t.int64Data, t.uint64Data].find((f) => f?.length);
  return { integers: (wide ?? []).map((v) => big(v as Int)) };
}
