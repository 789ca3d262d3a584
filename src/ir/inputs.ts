/** Do the tensors given to an engine fit the inputs of its graph? The same words for every engine. */
import { type Diagnostic, error, Refusal } from "./diagnostic.js";
import type { Graph, Value } from "./graph.js";
import { storages } from "./storage.js";
import type { Tensor } from "./tensor.js";
import { printType } from "./type.js";

/** Throws a `Refusal` with all that does not fit. A symbolic batch takes any size. */
export function requireInputs({ name, inputs: wanted }: Graph, inputs: readonly Tensor[]): void {
  const plural = wanted.length === 1 ? "" : "s";
  if (inputs.length !== wanted.length)
    throw new Refusal(
      error("engine/input-count", `@${name} takes ${wanted.length} input${plural}, not ${inputs.length}`, {
        expected: wanted.map((v) => `%${v.name}: ${printType(v.type)}`).join(", "),
      }),
    );
  const wrong = wanted.flatMap((value, i) => misfit(value, inputs[i]!));
  if (wrong.length > 0) throw new Refusal(...wrong);
}

function misfit(
  { name, type: { storage, shape }, type: wanted }: Value,
  { type, data }: Tensor,
): Diagnostic[] {
  const sameShape =
    shape.length === type.shape.length && shape.every((d, i) => d === type.shape[i] || d === "N");
  const fits = sameShape && !type.shape.includes("N") && storage === type.storage;
  if (fits && data instanceof storages[storage].array) return [];
  const found = fits ? `${printType(type)} in a ${data.constructor.name}` : printType(type);
  return [
    error("engine/input-type", `%${name}: the given tensor does not fit`, {
      found,
      expected: printType(wanted),
    }),
  ];
}
