import type { PlainPass } from "../ir/contracts.js";
import { type Graph, type Node, unionPlaces, type Value } from "../ir/graph.js";
import { printType } from "../ir/type.js";

/** Two nodes with one key compute the same. Noise differs from node to node, so noisy ops have none. */
function keyOf({ op, operands, attrs, result }: Node, id: (value: Value) => number): string | undefined {
  if (op.traits.includes("training-only")) return undefined;
  const written = Object.keys(op.attrs).map((name) => attrs[name] ?? null);
  return JSON.stringify([op.name, operands.map(id), written, printType(result.type)]);
}

function numbering(): (value: Value) => number {
  const numbers = new Map<Value, number>();
  return (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };
}

/** Every repeated result with the earlier one that equals it. An output keeps its own node, thus its name. */
function repeats(graph: Graph): ReadonlyMap<Value, Value> {
  const id = numbering();
  const first = new Map<string, Value>();
  const twins = new Map<Value, Value>();
  for (const node of graph.nodes) {
    const key = keyOf({ ...node, operands: node.operands.map((v) => twins.get(v) ?? v) }, id);
    if (key === undefined) continue;
    const earlier = first.get(key);
    if (!earlier) first.set(key, node.result);
    else if (!graph.outputs.includes(node.result)) twins.set(node.result, earlier);
  }
  return twins;
}

/** The kept results with the places of all that they now stand for. */
function merged(twins: ReadonlyMap<Value, Value>): ReadonlyMap<Value, Value> {
  const kept = new Map<Value, Value>();
  for (const [later, earlier] of twins) {
    const value = kept.get(earlier) ?? earlier;
    kept.set(earlier, { ...value, places: unionPlaces(value.places, later.places) });
  }
  return kept;
}

function mergeRepeats(graph: Graph): Graph {
  const twins = repeats(graph);
  if (twins.size === 0) return graph;
  const kept = merged(twins);
  const now = (value: Value): Value => {
    const earlier = twins.get(value) ?? value;
    return kept.get(earlier) ?? earlier;
  };
  const nodes = graph.nodes
    .filter((node) => !twins.has(node.result))
    .map((node) => ({ ...node, operands: node.operands.map(now), result: now(node.result) }));
  return { ...graph, nodes, outputs: graph.outputs.map(now) };
}

export const deduplicate: PlainPass = {
  name: "deduplicate",
  summary: "Computes once what is computed twice: same op, operands, attributes and type.",
  run: mergeRepeats,
};
