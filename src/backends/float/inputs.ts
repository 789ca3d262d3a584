/** Do the inputs fit the graph, and how large is the batch that they bring? */
import { type Diagnostic, error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Value } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { printType } from "../../ir/type.js";

/** What the symbolic batch N is in this run; 1 where no input has it. Throws a `Refusal` with all that does not fit. */
export function batchOf(graph: Graph, inputs: readonly Tensor[]): number {
  if (inputs.length !== graph.inputs.length) {
    const text = `@${graph.name} takes ${graph.inputs.length} inputs, ${inputs.length} are given`;
    throw new Refusal(
      error("engine/input-count", text, { expected: graph.inputs.map(described).join(", ") }),
    );
  }
  const wrong = graph.inputs.flatMap((value, i) => misfit(value, inputs[i]!));
  if (wrong.length > 0) throw new Refusal(...wrong);
  const open = graph.inputs.flatMap((v, i) => (v.type.shape[0] === "N" ? [inputs[i]!.type.shape[0]] : []));
  if (new Set(open).size > 1) {
    throw new Refusal(
      error("engine/batch", `the inputs of @${graph.name} bring batches of different sizes`, {
        found: inputs.map((t, i) => `%${graph.inputs[i]!.name}: ${printType(t.type)}`).join(", "),
        expected: "one leading size for all inputs that begin with N",
      }),
    );
  }
  return (open[0] as number | undefined) ?? 1;
}

const described = (value: Value): string => `%${value.name}: ${printType(value.type)}`;

function misfit(value: Value, { type }: Tensor): Diagnostic[] {
  const { storage, shape } = value.type;
  const fits = shape.length === type.shape.length && shape.every((d, i) => d === "N" || d === type.shape[i]);
  if (fits && storage === type.storage && !type.shape.includes("N")) return [];
  const more = { found: printType(type), expected: printType(value.type) };
  return [error("engine/input-type", `%${value.name}: the given tensor does not fit`, more)];
}
