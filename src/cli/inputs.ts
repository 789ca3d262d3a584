/** Inputs from files: which array feeds which graph input, in which layout. */
import { type RawArray, readTensorFile, toTensor } from "../data/tensor-files/index.js";
import type { ImportedModel } from "../frontends/onnx/index.js";
import { unwrap } from "../ir/diagnostic.js";
import type { Graph, Value } from "../ir/graph.js";
import { isStorage } from "../ir/storage.js";
import type { Tensor } from "../ir/tensor.js";
import { printType } from "../ir/type.js";
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

/** All arrays of `--input` arguments, renamed where the argument says so. */
export function readArrays(args: readonly string[]): readonly RawArray[] {
  return args.flatMap((arg) => {
    const [, name, file] = /^(?:([A-Za-z_][\w.]*)=)?(.+)$/s.exec(arg)!;
    const bytes = readBytes(file!);
    const raw = /^\.?([a-z]\d+)\.bin$/.exec(file!.replace(/^.*?(\.[a-z]\d+\.bin)$/, "$1"))?.[1];
    const arrays = unwrap(readTensorFile(file!, bytes, raw && isStorage(raw) ? { storage: raw } : {}));
    return name && arrays.length === 1 ? [{ ...arrays[0]!, name }] : arrays;
  });
}

/** One tensor per graph input, from arrays by name or else by position. Arrays left over are refused unless `surplus`. */
export function bindInputs(
  graph: Graph,
  arrays: readonly RawArray[],
  model: { imported?: ImportedModel },
  layout: string | undefined,
  surplus = false,
): readonly Tensor[] {
  const order =
    layout === undefined ? undefined : oneOf("layout", layout, ["channels-first", "channels-last"]);
  const known = new Map(model.imported?.inputs.map((m) => [m.name, m]));
  const named = graph.inputs.every((v) => arrays.some((a) => isFor(a, v, known.get(v.name)?.onnxName)));
  if (arrays.length < graph.inputs.length || (!surplus && !named && arrays.length > graph.inputs.length)) {
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
    const perm = mapped?.perm && inverse(mapped.perm);
    return unwrap(toTensor(raw, value.type, { ...(perm ? { perm } : {}), ...(order ? { order } : {}) }));
  });
}

const isFor = (array: RawArray, value: Value, onnxName: string | undefined): boolean =>
  array.name === value.name || array.name === onnxName;

/** The importer says which ONNX axis each axis of the value is; files need it the other way round. */
export const inverse = (perm: readonly number[]): readonly number[] => perm.map((_, i) => perm.indexOf(i));

/** The graph's inputs from `--input`, if it is given. */
export function givenInputs(
  call: Call,
  model: { graph: Graph; imported?: ImportedModel },
): readonly Tensor[] | undefined {
  const args = call.texts("input");
  if (args.length === 0) return undefined;
  return bindInputs(model.graph, readArrays(args), model, call.text("input-layout"));
}
