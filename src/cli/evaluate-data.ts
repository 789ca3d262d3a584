/** A data set for `pulsec evaluate`: inputs and targets by name. */
import path from "node:path";
import { type RawArray, tensorFileEndings } from "../data/tensor-files/index.js";
import { nearest } from "../ir/diagnostic.js";
import type { Value } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { atBatch, elements, type TensorType } from "../ir/type.js";
import { storedTensor } from "../passes/index.js";
import { type Call, refuse } from "./command.js";
import { isFolder, readFolder } from "./files.js";
import { describedArrays, layoutHints, mappedInput, type Order, orderOf } from "./inputs.js";
import type { LoadedModel } from "./model.js";
import { columnOf, realType, type Sample, samplesOf } from "./samples.js";

export interface Target {
  readonly output: Value;
  /** One per sample: real values in the output's layout, or a single class index. */
  readonly values: readonly Tensor["data"][];
  readonly kind: "regression" | "classes";
}
export interface DataSet {
  readonly samples: readonly Sample[];
  readonly targets: readonly Target[];
}

/** All arrays of a file, or of the tensor files of a folder. */
function arraysOf(place: string): readonly RawArray[] {
  if (!isFolder(place)) return describedArrays([place]);
  const endings: readonly string[] = tensorFileEndings.filter((e) => e !== ".bin");
  const names = [...readFolder(place).keys()].filter((name) => endings.includes(path.extname(name)));
  return describedArrays(names.map((name) => path.join(place, name)));
}

export function readDataSet(call: Call, place: string, model: LoadedModel): DataSet {
  const arrays = arraysOf(place);
  const order = orderOf(call);
  const named = targetArrays(call, arrays, model);
  const inputs = arrays.filter((a) => ![...named.values()].includes(a));
  const samples = samplesOf(model, inputs, order, (d) => call.report([d]), inputType).map((sample) =>
    sample.map((tensor, i) => asStored(tensor, model.graph.inputs[i]!)),
  );
  const targets = [...named].map(([output, raw]) =>
    targetOf(call, model, output, raw, samples.length, order),
  );
  return { samples, targets };
}

/** Floats are real values, to be stored at the input's scale; integers are stored already. */
function inputType(value: Value, { dtype }: RawArray): TensorType {
  const real = value.type.storage === "f32" || (value.type.quant !== undefined && dtype.startsWith("f"));
  return real ? realType(value) : atBatch(value.type, 1);
}

const asStored = (tensor: Tensor, { type }: Value): Tensor =>
  type.storage !== "f32" && tensor.type.storage === "f32" ? storedTensor(tensor, atBatch(type, 1)) : tensor;

/** The array that an output is compared with: named by `--target`, as the output, or the only one left over. */
function targetArrays(
  call: Call,
  arrays: readonly RawArray[],
  model: LoadedModel,
): ReadonlyMap<Value, RawArray> {
  const { graph, imported } = model;
  const { outputs } = graph;
  const wanted = new Map(call.texts("target").map((t) => splitTarget(t, outputs)));
  const isInput = (a: RawArray) =>
    graph.inputs.some((v) => v.name === a.name || mappedInput(imported, v)?.onnxName === a.name);
  const left = arrays.filter((a) => !isInput(a));
  const found = new Map<Value, RawArray>();
  for (const output of outputs) {
    const name = wanted.get(output.name);
    const onnxName = imported?.outputs.find((m) => m.name === output.name)?.onnxName;
    const array =
      name === undefined
        ? (arrays.find((a) => a.name === output.name || a.name === onnxName) ??
          (outputs.length === 1 && left.length === 1 && arrays.length > graph.inputs.length
            ? left[0]
            : undefined))
        : (arrays.find((a) => a.name === name) ?? refuseTarget(name, arrays));
    if (array) found.set(output, array);
  }
  return found;
}

/** `[OUTPUT=]NAME`. */
function splitTarget(text: string, outputs: readonly Value[]): readonly [output: string, name: string] {
  const [first = "", second] = text.split("=");
  if (second === undefined) return [outputs[0]!.name, first];
  if (outputs.some((v) => v.name === first)) return [first, second];
  return refuse("input/target", `the graph has no output ${first}`, {
    expected: `one of ${outputs.map((v) => v.name).join(", ")}`,
    help: "write --target OUTPUT=ARRAY",
  });
}

function refuseTarget(name: string, arrays: readonly RawArray[]): never {
  const names = arrays.map((a) => a.name);
  const guess = nearest(name, names);
  return refuse("input/target", `the data has no array ${name}`, {
    expected: `one of ${names.join(", ")}`,
    ...(guess ? { help: `did you mean ${guess}?` } : { help: "targets stand beside the inputs, by name" }),
  });
}

function targetOf(
  call: Call,
  { graph, imported }: LoadedModel,
  output: Value,
  raw: RawArray,
  samples: number,
  order: Order | undefined,
): Target {
  const type = realType(output);
  const classes = elements(type);
  const data = Array.from(raw.data as ArrayLike<number | bigint>, Number);
  const isClass = (v: number) => Number.isInteger(v) && v >= 0 && v < classes;
  if (classes > 1 && data.length === samples && data.every(isClass))
    return { output, kind: "classes", values: data.map((v) => Int32Array.of(v)) };
  const mapped = imported?.outputs.find((m) => m.name === output.name);
  const column = columnOf(raw, output.name, type, layoutHints(mapped, order), (d) => call.report([d]));
  if (column.length !== samples)
    return refuse("input/sample-counts", "inputs and targets have different numbers of samples", {
      found: `${samples} inputs, ${column.length} targets for %${output.name} of @${graph.name}`,
      expected: `as many targets, or ${samples} class indices below ${classes}`,
      help: "cut both from the same recordings",
    });
  return { output, kind: "regression", values: column.map((t) => t.data) };
}
