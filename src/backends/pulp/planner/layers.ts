/** Groups the nodes of an integer graph into layers: an anchor with the requant behind it, or a run of element-wise nodes. */
import { boundsOf } from "../../../ir/bounds.js";
import { type Graph, isParam, type Node, producersOf, usersOf, type Value } from "../../../ir/graph.js";
import { sizes } from "../../../ir/type.js";
import type { Layer } from "../contract.js";
import { accessOf, anchors, elementwise } from "./access.js";
import { epilogueOf, foldable } from "./epilogue.js";
import { extentOf } from "./extent.js";

const sameSizes = (a: Value, b: Value): boolean => sizes(a.type).join() === sizes(b.type).join();

interface Reading {
  readonly graph: Graph;
  readonly producer: ReadonlyMap<Value, Node>;
  /** Does nothing but one node read the value? */
  readonly private: (value: Value) => boolean;
}

function reading(graph: Graph): Reading {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs);
  const uses = (value: Value) =>
    (users.get(value) ?? []).reduce((n, node) => n + node.operands.filter((v) => v === value).length, 0);
  return { graph, producer: producersOf(graph), private: (v) => !outputs.has(v) && uses(v) === 1 };
}

/** [anchor, ..., node] where `node` ends the clamping behind an anchor that computes accumulators. */
function chainTo(node: Node, r: Reading): readonly Node[] | undefined {
  if (!foldable(node)) return undefined;
  const before = r.producer.get(node.operands[0]!);
  if (!before || !r.private(before.result)) return undefined;
  if (anchors.get(before.op.name)?.accumulates && node.op.name === "requant") return [before, node];
  const chain = node.op.name === "requant" ? undefined : chainTo(before, r);
  return chain && [...chain, node];
}

/** [upsample, crop] where the end of what was stretched is cut off: the rest need not be computed. */
function shortened(node: Node, r: Reading): readonly Node[] | undefined {
  const before = node.op.name === "crop" ? r.producer.get(node.operands[0]!) : undefined;
  if (before?.op.name !== "upsample" || !r.private(before.result)) return undefined;
  const edges = node.attrs.edges as readonly number[];
  return edges.slice(0, edges.length / 2).every((e) => e === 0) ? [before, node] : undefined;
}

/** The element-wise nodes that can be computed together with `node`, itself last. */
function cluster(node: Node, r: Reading): readonly Node[] {
  const found: Node[] = [];
  const visit = (n: Node) => {
    for (const v of n.operands) {
      const p = isParam(v) ? undefined : r.producer.get(v);
      if (!p || !elementwise.has(p.op.name) || !r.private(v) || !sameSizes(v, node.result)) continue;
      if (!chainTo(p, r)) visit(p);
    }
    found.push(n);
  };
  visit(node);
  return found;
}

/**
 * Layers in the order of the graph; every node is in exactly one. A layer without `inputs` geometry that tile
 * kernels know has `tiled: false`: it consists of one node, computed on whole tensors.
 */
export function layersOf(graph: Graph, alone = false): readonly Group[] {
  if (alone) return graph.nodes.map((node) => groupOf([node], graph));
  const r = reading(graph);
  const taken = new Set<Node>();
  const groups: Group[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (taken.has(node)) continue;
    const chain = chainTo(node, r) ?? shortened(node, r);
    const nodes = chain ?? (elementwise.has(node.op.name) ? cluster(node, r) : [node]);
    const group = groupOf(nodes, graph);
    for (const n of group.nodes) taken.add(n);
    groups.push(group);
  }
  return groups.reverse();
}

/** Nodes that are computed together; `layer` says how, where tile kernels may know it. */
export interface Group {
  readonly nodes: readonly Node[];
  readonly output: Value;
  readonly layer?: Layer;
}

export function groupOf(nodes: readonly Node[], graph: Graph): Group {
  const last = nodes.at(-1)!;
  const layer = layerOf(nodes, graph);
  if (layer) return { nodes, output: last.result, layer };
  return nodes.length > 1 ? groupOf([last], graph) : { nodes, output: last.result };
}

function layerOf(nodes: readonly Node[], graph: Graph): Layer | undefined {
  const [anchor, last] = [nodes[0]!, nodes.at(-1)!];
  const out = extentOf(last.result);
  if (!out) return undefined;
  const inputs = accessOf(nodes, out);
  if (!inputs) return undefined;
  const output = last.result;
  const common = { name: output.name, nodes, anchor, inputs, output, out };
  if (elementwise.has(anchor.op.name) || !anchors.get(anchor.op.name)?.accumulates)
    return { ...common, bias: [] };
  const epilogue = epilogueOf(nodes, out.c, boundsOf(graph));
  return epilogue && { ...common, ...epilogue };
}
