/** Do the inputs fit the graph, and how large is the batch that they bring? */
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { requireInputs } from "../../ir/inputs.js";
import type { Tensor } from "../../ir/tensor.js";
import { printType } from "../../ir/type.js";

/** What the symbolic batch N is in this run; 1 where no input has it. Throws a `Refusal` with all that does not fit. */
export function batchOf(graph: Graph, inputs: readonly Tensor[]): number {
  requireInputs(graph, inputs);
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
