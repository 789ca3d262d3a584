/** The user's golden tensors against a model: reading them from disk, feeding the model their inputs, matching. */
import path from "node:path";
import type { RawArray } from "../data/tensor-files/index.js";
import { toTensor } from "../data/tensor-files/index.js";
import { Refusal, unwrap } from "../ir/diagnostic.js";
import type { Value } from "../ir/graph.js";
import { interpret } from "../ir/interpreter.js";
import type { Tensor } from "../ir/tensor.js";
import {
  type Extra,
  type GoldenReport,
  type GoldenSet,
  goldenSets,
  matchGoldens,
  namedValues,
  takeInputs,
} from "../verify/index.js";
import { isFolder, readBytes, readFolder } from "./files.js";
import { axesOf, layoutHints, mappedInput, type Order } from "./inputs.js";
import type { LoadedModel } from "./model.js";

export type GoldenFiles = ReadonlyMap<string, Uint8Array>;

/** The files of a folder of goldens, or a single file. */
export const readGoldenFiles = (place: string): GoldenFiles =>
  isFolder(place) ? readFolder(place) : new Map([[path.basename(place), readBytes(place)]]);

/** Input arrays of all sets, before the model is known: samples from which the importer infers types. */
export const sampleArrays = (files: GoldenFiles): readonly RawArray[] =>
  unwrap(goldenSets(files)).flatMap((set) => set.inputs);

/** The test sets for this model; `given` replaces inputs that the goldens do not hold. */
export function setsFor(
  model: LoadedModel,
  files: GoldenFiles,
  given: readonly RawArray[] = [],
): readonly GoldenSet[] {
  const sets = unwrap(goldenSets(files, { inputs: model.graph.inputs.length }));
  return sets.map((set) => {
    const complete = given.length > 0 ? { ...set, inputs: given } : set;
    return unwrap(takeInputs(complete, inputNames(model))).set;
  });
}

const inputNames = ({ graph, imported }: LoadedModel) =>
  graph.inputs.map((value) => {
    const mapped = mappedInput(imported, value);
    return mapped ? { name: value.name, onnxName: mapped.onnxName } : { name: value.name };
  });

/** The ONNX name of a value, and where each ONNX axis lies in it. */
function modelNames({ imported }: LoadedModel): (value: Value) => Extra | undefined {
  const known = new Map(imported?.values.map((m) => [m.name, m]));
  return ({ name, type }) => {
    const mapped = known.get(name);
    const sameRank = mapped?.onnxShape.length === type.shape.length;
    return mapped && { onnxName: mapped.onnxName, ...(sameRank ? axesOf(mapped) : {}) };
  };
}

function inputsIn(model: LoadedModel, set: GoldenSet, order: Order | undefined): readonly Tensor[] {
  return model.graph.inputs.map((value, i) => {
    const hints = layoutHints(mappedInput(model.imported, value), order);
    return unwrap(toTensor(set.inputs[i]!, value.type, hints));
  });
}

export interface GoldenRun {
  readonly set: GoldenSet;
  readonly inputs: readonly Tensor[];
  readonly report: GoldenReport;
}

/**
 * Runs the specification on a set's inputs and matches all its goldens. Flat input files do not state their layout: channels last is
 * tried first, then channels first; whatever makes the goldens match is right.
 */
export async function runGoldens(model: LoadedModel, set: GoldenSet, order?: Order): Promise<GoldenRun> {
  const first = await runOnce(model, set, order);
  if (first.report.ok || order !== undefined) return first;
  try {
    const second = await runOnce(model, set, "channels-first");
    return second.report.ok ? second : first;
  } catch (e) {
    if (e instanceof Refusal) return first;
    throw e;
  }
}

async function runOnce(model: LoadedModel, set: GoldenSet, order: Order | undefined): Promise<GoldenRun> {
  const { graph } = model;
  const inputs = inputsIn(model, set, order);
  const values = await interpret(graph).run(inputs);
  const named = namedValues(graph, values, modelNames(model));
  const outputs = graph.outputs.map((v) => v.name);
  return { set, inputs, report: matchGoldens(named, outputs, { layers: set.layers, outputs: set.outputs }) };
}
