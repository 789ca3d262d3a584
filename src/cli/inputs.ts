/** Inputs from files: which array feeds which graph input, in which layout. */
import { type RawArray, readTensorFile, toTensor } from "../data/tensor-files/index.js";
import type { ImportedModel } from "../frontends/onnx/index.js";
import { unwrap } from "../ir/diagnostic.js";
import type { Graph, Value } from "../ir/graph.js";
import type { Storage } from "../ir/storage.js";
import type { Tensor } from "../ir/tensor.js";
import { atBatch, elements, printType, type TensorType } from "../ir/type.js";
import { type Call, type OptionSpec, oneOf, refuse } from "./command.js";
import { readBytes } from "./files.js";

export const inputOptions: Readonly<Record<string, OptionSpec>> = {
  input: {
    type: "string",
    short: "i",
    value: "[NAME=]FILE",
    multiple: true,
    help: "input tensors: .npy .npz .csv .txt .bin, in the graph's order or by name",
  },
  "input-layout": {
    type: "string",
    value: "LAYOUT",
    help: "channels-first or channels-last, where the shape fits both",
  },
};

/** `[NAME=]FILE` arguments. */
const split = (arg: string): { name: string | undefined; file: string } => {
  const [, name, file] = /^(?:([A-Za-z_][\w.]*)=)?(.+)$/s.exec(arg) ?? [];
  return { name, file: file ?? "" };
};
const isRaw = (file: string): boolean => file.endsWith(".bin");

/** Arrays of `--input` arguments whose format states their type: all but raw bytes. */
export const describedArrays = (args: readonly string[]): readonly RawArray[] =>
  args.filter((arg) => !isRaw(split(arg).file)).flatMap((arg) => readArrays(arg, undefined));

/** The arrays of one argument, renamed where it says so; `storage` is what a raw file holds. */
function readArrays(arg: string, storage: Storage | undefined): readonly RawArray[] {
  const { name, file } = split(arg);
  const arrays = unwrap(readTensorFile(file, readBytes(file), storage ? { storage } : {}));
  return name && arrays.length === 1 ? [{ ...arrays[0]!, name }] : arrays;
}

/** All arrays of `--input` arguments for this graph: a raw file has the type of the input that it is for. */
export function inputArrays(args: readonly string[], graph: Graph): readonly RawArray[] {
  return args.flatMap((arg, i) => {
    const { name, file } = split(arg);
    const value = graph.inputs.find((v) => v.name === name) ?? graph.inputs[i];
    return readArrays(arg, isRaw(file) ? value?.type.storage : undefined);
  });
}

/** One tensor per graph input, from arrays by name or else by position. Arrays left over are refused. */
export function bindInputs(
  graph: Graph,
  arrays: readonly RawArray[],
  model: { imported?: ImportedModel },
  layout: string | undefined,
): readonly Tensor[] {
  const order =
    layout === undefined ? undefined : oneOf("layout", layout, ["channels-first", "channels-last"]);
  const known = new Map(model.imported?.inputs.map((m) => [m.name, m]));
  const named = graph.inputs.every((v) => arrays.some((a) => isFor(a, v, known.get(v.name)?.onnxName)));
  if (arrays.length < graph.inputs.length || (!named && arrays.length > graph.inputs.length)) {
    const expected = graph.inputs.map((v) => `%${v.name}: ${printType(v.type)}`).join(", ");
    refuse(
      "input/count",
      `@${graph.name} takes ${graph.inputs.length} inputs, ${arrays.length} arrays are given`,
      { expected },
    );
  }
  return graph.inputs.map((value, i) => {
    const mapped = known.get(value.name);
    const raw = named ? arrays.find((a) => isFor(a, value, mapped?.onnxName))! : arrays[i]!;
    return unwrap(
      toTensor(raw, batched(value.type, raw), { ...axesOf(mapped), ...(order ? { order } : {}) }),
    );
  });
}

/** The symbolic batch is as large as the array has samples. */
const batched = (type: TensorType, { data }: RawArray): TensorType =>
  atBatch(type, Math.max(1, Math.floor(data.length / elements(atBatch(type, 1)))));

const isFor = (array: RawArray, value: Value, onnxName: string | undefined): boolean =>
  array.name === value.name || array.name === onnxName;

type Mapped = ImportedModel["inputs"][number];

/**
 * Where each ONNX axis lies in the value. The importer says the inverse, and nothing where the elements lie in ONNX's order;
 * without an importer, files are taken to be channels first where their shape says so.
 */
export function axesOf(mapped: Mapped | undefined): { readonly perm?: readonly number[] } {
  if (!mapped) return {};
  const { perm, onnxShape } = mapped;
  return { perm: onnxShape.map((_, axis) => (perm ? perm.indexOf(axis) : axis)) };
}

/** The graph's inputs from `--input`, if it is given. */
export function givenInputs(
  call: Call,
  model: { graph: Graph; imported?: ImportedModel },
): readonly Tensor[] | undefined {
  const args = call.texts("input");
  if (args.length === 0) return undefined;
  return bindInputs(model.graph, inputArrays(args, model.graph), model, call.text("input-layout"));
}
