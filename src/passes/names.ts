/** Names for what a pass adds to a graph. */
import { type Graph, paramsOf } from "../ir/graph.js";

/** Gives `wish`, or `wish_1`, `wish_2`, ... where values or params of the graph have it, or it was given before. */
export function namesIn(graph: Graph): (wish: string) => string {
  const values = [...graph.inputs, ...graph.nodes.map((n) => n.result), ...paramsOf([graph])];
  const taken = new Set(values.map((v) => v.name));
  return (wish) => {
    let name = wish;
    for (let i = 1; taken.has(name); i++) name = `${wish}_${i}`;
    taken.add(name);
    return name;
  };
}
