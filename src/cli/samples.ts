/** Many inferences from files: arrays with samples along their first axis, cut into the inputs of single inferences. */
import { type LayoutHints, type RawArray, type RawData, toTensor } from "../data/tensor-files/index.js";
import { type Diagnostic, error, Refusal, unwrap } from "../ir/diagnostic.js";
import type { Graph, Value } from "../ir/graph.js";
import { randomFrom } from "../ir/random.js";
import type { Tensor } from "../ir/tensor.js";
import { atBatch, elements, printType, sizes, type TensorType, tensorType } from "../ir/type.js";
import { chosenArrays, inputArrays, layoutHints, mappedInput, type Order } from "./inputs.js";
import type { LoadedModel } from "./model.js";

/** Inputs of one inference, in the graph's order. */
export type Sample = readonly Tensor[];

/** The samples of `[NAME=]FILE` arguments for a float graph, or for the real values behind an integer graph's inputs. */
export function readSamples(
  args: readonly string[],
  model: LoadedModel,
  order: Order | undefined,
  report: (d: Diagnostic) => void,
): readonly Sample[] {
  return samplesOf(model, inputArrays(args, model), order, report);
}

/** One list of inputs per inference, of the types that `typeOf` says. All arrays hold as many samples. */
export function samplesOf(
  model: LoadedModel,
  arrays: readonly RawArray[],
  order: Order | undefined,
  report: (d: Diagnostic) => void,
  typeOf: (value: Value, raw: RawArray) => TensorType = realType,
): readonly Sample[] {
  const { graph, imported } = model;
  const chosen = chosenArrays(model, arrays);
  const columns = graph.inputs.map((value, i) =>
    columnOf(
      chosen[i]!,
      value.name,
      typeOf(value, chosen[i]!),
      layoutHints(mappedInput(imported, value), order),
      report,
    ),
  );
  refuseUnequal(graph, columns);
  return (columns[0] ?? []).map((_, s) => columns.map((column) => column[s]!));
}

/** One inference, in floats. */
export const realType = ({ type }: Value): TensorType => tensorType("f32", atBatch(type, 1).shape);

/** One tensor of `type` for each sample of an array. A warning is given once. */
export function columnOf(
  raw: RawArray,
  name: string,
  type: TensorType,
  hints: LayoutHints,
  report: (d: Diagnostic) => void,
): readonly Tensor[] {
  const said = new Set<string>();
  return cut(raw, name, type).map((one) => {
    const result = toTensor(one, type, hints);
    for (const d of result.diagnostics) {
      if (d.severity === "warning" && !said.has(d.id)) report(d);
      said.add(d.id);
    }
    return unwrap(result);
  });
}

/** The array in pieces of one inference each; an array of one inference stays whole. */
function cut(raw: RawArray, name: string, type: TensorType): readonly RawArray[] {
  const size = elements(type);
  const count = raw.data.length / size;
  const shape = raw.shape ?? raw.headerShape;
  if (!Number.isInteger(count) || count < 1) refusePieces(raw, name, type);
  if (count === 1) return [raw];
  const leading = sizes(type)[0]!;
  const inFront = shape !== undefined && shape[0] === count * leading;
  if (raw.shape && raw.shape.length > 1 && !inFront) refusePieces(raw, name, type);
  const one = inFront ? [leading, ...shape.slice(1)] : undefined;
  const { shape: _, headerShape: __, ...rest } = raw;
  return Array.from({ length: count }, (_, s) => ({
    ...rest,
    ...(one ? { [raw.shape ? "shape" : "headerShape"]: one } : {}),
    data: raw.data.slice(s * size, (s + 1) * size) as RawData,
  }));
}

function refusePieces(raw: RawArray, name: string, type: TensorType): never {
  const shape = raw.shape ? `, shape [${raw.shape.join(", ")}]` : "";
  throw new Refusal(
    error("input/samples", `${raw.name} does not hold samples of %${name} along its first axis`, {
      found: `${raw.data.length} elements${shape}`,
      expected: `a multiple of ${elements(type)} elements: any number of ${printType(type)}, or channels first`,
      help: "cut recordings into windows of the model's length; samples come first, numpy.stack does it",
    }),
  );
}

function refuseUnequal({ inputs }: Graph, columns: readonly (readonly Tensor[])[]): void {
  if (new Set(columns.map((c) => c.length)).size <= 1) return;
  throw new Refusal(
    error("input/sample-counts", "the inputs have different numbers of samples", {
      found: inputs.map((v, i) => `%${v.name}: ${columns[i]!.length}`).join(", "),
      expected: "one sample of every input for each inference",
      help: "cut all files from the same recordings",
    }),
  );
}

/** At most `limit` of them, drawn by `seed`, in their order. */
export function drawn<T>(items: readonly T[], limit: number, seed: number): readonly T[] {
  if (items.length <= limit) return items;
  const next = randomFrom(seed);
  const indices = items.map((_, i) => i);
  for (let i = 0; i < limit; i++) {
    const k = i + Math.floor(next() * (items.length - i));
    [indices[i], indices[k]] = [indices[k]!, indices[i]!];
  }
  return indices
    .slice(0, limit)
    .sort((a, b) => a - b)
    .map((i) => items[i]!);
}
