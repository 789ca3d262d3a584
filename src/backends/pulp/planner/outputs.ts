/** Outputs that are not somebody's result alone: inputs, views of inputs, and outputs that are returned twice. */
import { makeNode } from "../../../ir/build.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import { concat } from "../../../ir/ops/concat.js";
import { isView } from "./units.js";

/** The graph with a copy for every output that shares its bytes with an input or with an output before it. */
export function withOwnOutputs(graph: Graph): Graph {
  const source = new Map<Value, Value>();
  for (const n of graph.nodes) if (isView(n)) source.set(n.result, n.operands[0]!);
  const rootOf = (v: Value): Value => (source.has(v) ? rootOf(source.get(v)!) : v);
  const taken = new Set<Value>(graph.inputs);
  const copies: Node[] = [];
  const outputs = graph.outputs.map((v, i) => {
    const root = rootOf(v);
    if (!taken.has(root)) {
      taken.add(root);
      return v;
    }
    const copy = makeNode(concat, [v], { axis: v.type.shape.length - 1 }, { name: `${v.name}.output${i}` });
    copies.push(copy);
    return copy.result;
  });
  return copies.length === 0 ? graph : { ...graph, nodes: [...graph.nodes, ...copies], outputs };
}
