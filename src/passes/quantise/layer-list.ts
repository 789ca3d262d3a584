/** The layers of a quantised network: what each is in the float graph, and what became of it in the integer graph. */
import { type Graph, isParam, type Node, type Param, producersOf, type Value } from "../../ir/graph.js";
import { requant } from "../../ir/ops/requant.js";
import { type Chain, chainsOf, weighted } from "./chains.js";
import { tableOf } from "./meaning.js";
import { storedBytes } from "./stored-bytes.js";

export interface Layer {
  /** What the layer gives; its name is that of the layer. */
  readonly value: Value;
  /** `input`, or the op that the layer is made of. */
  readonly op: string;
  /** Nothing of an input and of a table. */
  readonly chain?: Chain;
  /** The value as integers. */
  readonly integer: Value;
  /** The nodes that compute it, in the integer graph. */
  readonly nodes: readonly Node[];
}

/** Names of the layers with weights, which can have bits of their own. */
export const weightedLayers = (graph: Graph): readonly string[] =>
  [...chainsOf(graph).chains.values()].filter((c) => weighted.has(c.sum.op.name)).map((c) => c.end.name);

/** Where numbers are rounded: inputs, sums with their requantisation, tables; in the float graph's order. */
export function layersOf(float: Graph, integer: Graph): readonly Layer[] {
  const { chains } = chainsOf(float);
  const producers = producersOf(integer);
  const named = new Map([...integer.inputs, ...integer.nodes.map((n) => n.result)].map((v) => [v.name, v]));
  const floats = new Set([...float.inputs, ...float.nodes.map((n) => n.result)].map((v) => v.name));
  const found = float.nodes.flatMap((node): Omit<Layer, "integer" | "nodes">[] => {
    const chain = chains.get(node);
    if (chain) return [{ value: chain.end, op: node.op.name, chain }];
    return tableOf(node) ? [{ value: node.result, op: node.op.name }] : [];
  });
  const rows = [...float.inputs.map((value) => ({ value, op: "input" })), ...found];
  return rows.flatMap((row) => {
    const stored = named.get(row.value.name);
    return stored?.type.quant ? [{ ...row, integer: stored, nodes: nodesOf(stored, producers, floats) }] : [];
  });
}

/** From `value` back to the first values that the float graph has too. */
function nodesOf(
  value: Value,
  producers: ReadonlyMap<Value, Node>,
  floats: ReadonlySet<string>,
): readonly Node[] {
  const node = producers.get(value);
  if (!node) return [];
  const inner = node.operands.filter((v) => !isParam(v) && !floats.has(v.name));
  return [...inner.flatMap((v) => nodesOf(v, producers, floats)), node];
}

/** Bits of a layer's weights, as they are stored. */
export const weightBits = ({ nodes, chain }: Layer): number | undefined =>
  chain && weighted.has(chain.sum.op.name)
    ? nodes.flatMap((n) => n.operands.filter(isParam)).find((p) => p.origin?.bits && p.origin.bits < 32)
        ?.origin?.bits
    : undefined;

export const layerBytes = ({ nodes }: Layer): number => storedBytes(nodes);

/** Bytes by layer name. */
export const layerSizes = (
  float: Graph,
  integer: Graph,
): readonly (readonly [name: string, bytes: number])[] =>
  layersOf(float, integer).map((l) => [l.value.name, layerBytes(l)]);

/** Largest relative error of the multipliers of a layer's requantisations. */
export function multiplierError({ nodes }: Layer): number {
  const errors = nodes.filter((n) => n.op === requant).flatMap(requantErrors);
  return errors.reduce((most, e) => Math.max(most, e), 0);
}

function requantErrors({ operands, attrs, result }: Node): readonly number[] {
  const [x, mul] = operands as [Value, Param];
  const [from, to] = [x.type.quant, result.type.quant];
  if (!from || !to) return [];
  const shift = attrs.shift as readonly number[];
  const channels = from.channels?.data;
  const count = channels?.length ?? mul.data.length;
  return Array.from({ length: count }, (_, c) => {
    const ratio = (from.scale * Number(channels?.[c] ?? 1)) / to.scale;
    const factor = Number(mul.data[c % mul.data.length]) * 2 ** -shift[c % shift.length]!;
    return Math.abs(factor - ratio) / ratio;
  });
}
