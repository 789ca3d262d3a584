/** Many small graphs as one, so that one build of C tests them all. */
import type { Graph, Param, Value } from "../../src/ir/graph.js";
import type { Tensor } from "../../src/ir/tensor.js";

export interface Case {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
}

/** The graphs side by side; all their names get a number in front. */
export function merge(cases: readonly Case[]): Case {
  const renamed = cases.map(({ graph }, i) => renameAll(graph, `c${i}_`));
  const graph: Graph = {
    name: "merged",
    stage: "integer",
    inputs: renamed.flatMap((g) => g.inputs),
    outputs: renamed.flatMap((g) => g.outputs),
    nodes: renamed.flatMap((g) => g.nodes),
  };
  return { graph, inputs: cases.flatMap((c) => c.inputs) };
}

function renameAll(graph: Graph, prefix: string): Graph {
  const made = new Map<Value, Value>();
  const fresh = (value: Value): Value => {
    const had = made.get(value);
    if (had) return had;
    const copy: Value | Param = { ...value, name: prefix + value.name };
    made.set(value, copy);
    return copy;
  };
  return {
    ...graph,
    inputs: graph.inputs.map(fresh),
    nodes: graph.nodes.map((n) => ({ ...n, operands: n.operands.map(fresh), result: fresh(n.result) })),
    outputs: graph.outputs.map(fresh),
  };
}
