/** A graph that was made for one size of the batch, for a batch of any size. */
import { makeNode } from "../../../ir/build.js";
import { Refusal } from "../../../ir/diagnostic.js";
import type { Graph, Node, Value } from "../../../ir/graph.js";
import type { Attrs } from "../../../ir/op.js";

/** Stands for the symbolic batch while importing: a prime that no size of a network is. */
export const anyBatch = 7919;

/** The attributes for a symbolic batch, or why the node needs one of known size. */
function attrsFor({ op, attrs, operands }: Node): Attrs | string {
  const rank = operands[0]?.type.shape.length ?? 0;
  if (op.name === "softmax" && ((attrs.axis as number) + rank) % rank === 0)
    return "a softmax runs over the batch";
  if (op.name !== "reshape") return attrs;
  const [first, ...rest] = attrs.shape as readonly number[];
  if (first !== anyBatch) return "a reshape joins the batch with other axes";
  return { ...attrs, shape: [0, ...rest] };
}

function generalised(node: Node, operands: readonly Value[]): Node | string {
  const attrs = operands[0]?.type.shape[0] === "N" ? attrsFor(node) : node.attrs;
  if (typeof attrs === "string") return attrs;
  const { name, places, type } = node.result;
  const declared = { ...type, shape: operands[0]!.type.shape };
  try {
    return makeNode(node.op, operands, attrs, { name, places, type: declared });
  } catch (e) {
    if (e instanceof Refusal) return e.diagnostics[0]!.text;
    throw e;
  }
}

const open = (value: Value): Value =>
  value.type.shape[0] === anyBatch
    ? { ...value, type: { ...value.type, shape: value.type.shape.with(0, "N") } }
    : value;

/** The graph with N where `anyBatch` leads its inputs, or why there is none. */
export function forAnyBatch(graph: Graph): Graph | string {
  if (!graph.inputs.some((v) => v.type.shape[0] === anyBatch)) return graph;
  const now = new Map<Value, Value>(graph.inputs.map((v) => [v, open(v)]));
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const made = generalised(
      node,
      node.operands.map((v) => now.get(v) ?? v),
    );
    if (typeof made === "string") return made;
    if (made.result.type.shape.includes(anyBatch)) return `%${node.result.name} repeats something per sample`;
    nodes.push(made);
    now.set(node.result, made.result);
  }
  const of = (values: readonly Value[]) => values.map((v) => now.get(v)!);
  return { ...graph, inputs: of(graph.inputs), outputs: of(graph.outputs), nodes };
}
