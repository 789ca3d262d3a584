/** Inputs from files: which array feeds which graph input, in which layout. */
import { type LayoutHints, type RawArray, readTensorFile, toTensor } from "../data/tensor-files/index.js";
import type { ImportedModel } from "../frontends/onnx/index.js";
import { type Diagnostic, nearest, unwrap } from "../ir/diagnostic.js";
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

interface Inputs {
  readonly graph: Graph;
  readonly imported?: ImportedModel;
}

/** All arrays of `--input` arguments for this graph: a raw file has the type of the input that it is for. */
export function inputArrays(args: readonly string[], model: Inputs): readonly RawArray[] {
  const { inputs } = model.graph;
  const named = new Set<string>();
  return args.flatMap((arg, i) => {
    const { name, file } = split(arg);
    const value = name === undefined ? inputs[i] : inputNamed(name, model);
    if (name !== undefined && named.has(value!.name))
      refuse("input/name", `--input ${name}= is given twice`, { help: "give each input one file" });
    if (name !== undefined) named.add(value!.name);
    if (isRaw(file) && !value) refuseCount(model.graph, args.length);
    return readArrays(arg, isRaw(file) ? value?.type.storage : undefined);
  });
}

/** The input that a name means, here or in the imported model: a name that means none is a slip, never a position. */
function inputNamed(name: string, { graph, imported }: Inputs): Value {
  const found = graph.inputs.find((v) => v.name === name || mappedInput(imported, v)?.onnxName === name);
  if (found) return found;
  const names = graph.inputs.map((v) => v.name);
  const guess = name.length > 1 ? nearest(name, names) : undefined;
  return refuse("input/name", `@${graph.name} has no input ${name}`, {
    expected: `one of ${names.join(", ")}`,
    ...(guess ? { help: `did you mean ${guess}?` } : {}),
  });
}

/** The array of each graph input: by name, or else by position. Without names none may be left over. */
export function chosenArrays({ graph, imported }: Inputs, arrays: readonly RawArray[]): readonly RawArray[] {
  const named = graph.inputs.every((v) =>
    arrays.some((a) => isFor(a, v, mappedInput(imported, v)?.onnxName)),
  );
  if (arrays.length < graph.inputs.length || (!named && arrays.length > graph.inputs.length))
    refuseCount(graph, arrays.length);
  return graph.inputs.map((value, i) =>
    named ? arrays.find((a) => isFor(a, value, mappedInput(imported, value)?.onnxName))! : arrays[i]!,
  );
}

/** One tensor per graph input, from the arrays that are for it. */
function bindInputs(
  model: Inputs,
  arrays: readonly RawArray[],
  order: Order | undefined,
  report: (d: Diagnostic) => void,
): readonly Tensor[] {
  const { graph, imported } = model;
  const chosen = chosenArrays(model, arrays);
  return graph.inputs.map((value, i) => {
    const mapped = mappedInput(imported, value);
    const raw = chosen[i]!;
    const result = toTensor(raw, batched(value.type, raw), layoutHints(mapped, order));
    for (const d of result.diagnostics) if (d.severity === "warning") report(d);
    return unwrap(result);
  });
}

function refuseCount({ name, inputs }: Graph, given: number): never {
  return refuse(
    "input/count",
    `@${name} takes ${inputs.length === 1 ? "1 input" : `${inputs.length} inputs`}, ${given === 1 ? "1 array is" : `${given} arrays are`} given`,
    {
      expected: inputs.map((v) => `%${v.name}: ${printType(v.type)}`).join(", "),
      help: "give one file per input, in this order or by name: --input NAME=FILE",
    },
  );
}

/** The symbolic batch is as large as the array has samples. */
const batched = (type: TensorType, { data }: RawArray): TensorType =>
  atBatch(type, Math.max(1, Math.floor(data.length / elements(atBatch(type, 1)))));

const isFor = (array: RawArray, value: Value, onnxName: string | undefined): boolean =>
  array.name === value.name || array.name === onnxName;

type Mapped = ImportedModel["inputs"][number];

/** What the importer knows of a graph input. */
export const mappedInput = (imported: ImportedModel | undefined, { name }: Value): Mapped | undefined =>
  imported?.inputs.find((m) => m.name === name);

/**
 * Where each ONNX axis lies in the value. The importer says the inverse, and nothing where the elements lie in ONNX's order;
 * without an importer, files are taken to be channels first where their shape says so.
 */
export function axesOf(mapped: Mapped | undefined): { readonly perm?: readonly number[] } {
  if (!mapped) return {};
  const { perm, onnxShape } = mapped;
  return { perm: onnxShape.map((_, axis) => (perm ? perm.indexOf(axis) : axis)) };
}

export type Order = "channels-first" | "channels-last";

/** What `--input-layout` says. */
export function orderOf(call: Call): Order | undefined {
  const layout = call.text("input-layout");
  return layout === undefined
    ? undefined
    : oneOf<Order>("layout", layout, ["channels-first", "channels-last"]);
}

/** A shape that fits both layouts has the model's; a model that is not from ONNX has only one, channels last. */
export function layoutHints(mapped: Mapped | undefined, order: Order | undefined): LayoutHints {
  const chosen = order ?? (mapped ? undefined : "channels-last");
  return { ...axesOf(mapped), ...(chosen ? { order: chosen } : {}) };
}

/** The graph's inputs from `--input`, if it is given. */
export function givenInputs(call: Call, model: Inputs): readonly Tensor[] | undefined {
  const args = call.texts("input");
  if (args.length === 0) return undefined;
  return bindInputs(model, inputArrays(args, model), orderOf(call), (d) => call.report([d]));
}
