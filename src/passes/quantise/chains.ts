/** Where activations become integers: the sums of a graph, and what of the nodes behind them their requantisation takes in. */
import { type Graph, type Node, usersOf, type Value } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { clip } from "../../ir/ops/clip.js";
import { conv } from "../../ir/ops/conv.js";
import { convTranspose } from "../../ir/ops/conv_transpose.js";
import { leakyRelu } from "../../ir/ops/leaky_relu.js";
import { linear } from "../../ir/ops/linear.js";
import { prelu } from "../../ir/ops/prelu.js";
import { relu } from "../../ir/ops/relu.js";

const named = (...ops: readonly OpDef[]): ReadonlySet<string> => new Set(ops.map((o) => o.name));

/** Ops with weights: conv, conv_transpose, linear. */
export const weighted = named(conv, convTranspose, linear);
/** Rectifiers with slopes below zero: they work on the sum itself. */
const bends = named(prelu, leakyRelu);
/** What a requantisation does by clamping. */
const clamps = named(relu, clip);

/** A sum with the nodes that its requantisation takes in: at most one bend, then clamps. */
export interface Chain {
  readonly sum: Node;
  readonly bend?: Node;
  readonly clamps: readonly Node[];
  /** What the requantisation gives. */
  readonly end: Value;
}

/** The chain of every sum, by the sum's node. Nodes inside a chain have no chain of their own. */
export function chainsOf(graph: Graph): { chains: ReadonlyMap<Node, Chain>; inside: ReadonlySet<Node> } {
  const users = usersOf(graph);
  const chains = new Map<Node, Chain>();
  const inside = new Set<Node>();
  const next = (value: Value): Node | undefined => {
    const [only, ...more] = users.get(value) ?? [];
    return more.length > 0 || graph.outputs.includes(value) ? undefined : only;
  };
  for (const sum of graph.nodes) {
    if (sum.op.quantise !== "sum" || inside.has(sum)) continue;
    let bend: Node | undefined;
    const taken: Node[] = [];
    let end = sum.result;
    for (let node = next(end); node; node = next(end)) {
      if (bends.has(node.op.name) && !bend && taken.length === 0 && !bends.has(sum.op.name)) bend = node;
      else if (clamps.has(node.op.name)) taken.push(node);
      else break;
      inside.add(node);
      end = node.result;
    }
    chains.set(sum, { sum, ...(bend ? { bend } : {}), clamps: taken, end });
  }
  return { chains, inside };
}
