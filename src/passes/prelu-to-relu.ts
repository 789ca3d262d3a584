import type { PlainPass } from "../ir/contracts.js";
import type { Graph, Node } from "../ir/graph.js";
import { prelu } from "../ir/ops/prelu.js";
import { relu } from "../ir/ops/relu.js";

const withoutSlope = (node: Node): Node =>
  node.op === prelu ? { ...node, op: relu, operands: node.operands.slice(0, 1), attrs: {} } : node;

function replace(graph: Graph): Graph {
  const found = graph.stage === "float" && graph.nodes.some((n) => n.op === prelu);
  return found ? { ...graph, nodes: graph.nodes.map(withoutSlope) } : graph;
}

export const preluToRelu: PlainPass = {
  name: "prelu-to-relu",
  summary: "Makes every prelu of a float graph a relu: what lies below zero becomes zero.",
  changesFunction: "slopes below zero are gone",
  run: replace,
};
