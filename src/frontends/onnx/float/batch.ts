/** A graph that was made for a batch of one, for a batch of any size. */
import { makeNode } from "../../../ir/build.js";
import { Refusal } from "../../../ir/diagnostic.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import type { Attrs } from "../../../ir/op.js";

/** The attributes for a symbolic batch, or why the node needs the batch of one. */
function attrsFor({ op, attrs, operands }: Node): Attrs | string {
  const rank = operands[0]?.type.shape.length ?? 0;
  if (op.name === "softmax" && ((attrs.axis as number) + rank) % rank === 0)
    return "a softmax runs over the batch";
  if (op.name !== "reshape") return attrs;
  const [first, ...rest] = attrs.shape as readonly number[];
  return first === 1 ? { ...attrs, shape: [0, ...rest] } : "a reshape joins the batch with other axes";
}

function generalised(node: Node, operands: readonly Value[]): Node | string {
  const attrs = operands[0]?.type.shape[0] === "N" ? attrsFor(node) : node.attrs;
  if (typeof attrs === "string") return attrs;
  const { name, places, type } = node.result;
  try {
    return makeNode(node.op, operands, attrs, { name, places, type: { ...type, shape: operands[0]!.type.shape } });
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.text;
    throw e;
  }
}

/** The same graph with N for the leading size of `inputs`; unchanged where an op does not allow it. */
export function forAnyBatch(graph: Graph, inputs: readonly Value[], fixed: (why: string) => void): Graph {
  if (inputs.length === 0) return graph;
  const now = new Map<Value, Value>();
  for (const value of graph.inputs)
    now.set(
      value,
      inputs.includes(value)
        ? { ...value, type: { ...value.type, shape: value.type.shape.with(0, "N") } }
        : value,
    );
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const made = generalised(
      node,
      node.operands.map((v) => now.get(v) ?? v),
    );
    if (typeof made === "string") {
      fixed(made);
      return graph;
    }
    nodes.push(made);
    now.set(node.result, made.result);
  }
  const outputs = graph.outputs.map((v) => now.get(v)!);
  return { ...graph, inputs: graph.inputs.map((v) => now.get(v)!), outputs, nodes };
}
