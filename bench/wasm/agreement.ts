/** Whether both sides compute the same network: each stored value of onnxruntime, given its operands, within one level of ours. */
import type { Graph, Value } from "../../src/ir/graph.js";
import { isParam } from "../../src/ir/graph.js";
import { evaluate, intEngine } from "../../src/ir/interpreter.js";
import type { Data } from "../../src/ir/storage.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { channelsLast, qdqFile } from "./network.js";
import { ourSide, type PeerName, peerSide } from "./peers.js";

export interface Agreement {
  /** The largest distance, in levels, of a requantised value from what the specification makes of its operands. */
  readonly perRequant: number;
  /** The largest distance, in levels, between the outputs of both sides. */
  readonly outputs: number;
}

const isSum = ({ type }: Value): boolean => type.storage === "i32";

/** The graph with all its activations as outputs. Sums are none: a file that shows them would be computed in floats. */
const exposed = (graph: Graph): Graph => ({
  ...graph,
  outputs: graph.nodes.map((n) => n.result).filter((v) => !isSum(v)),
});

function apart(a: Data, b: Data): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(Number(a[i]) - Number(b[i])));
  return most;
}

/**
 * Throws where our engine differs from the specification: then no comparison with others means anything. `written` is what
 * the peer gets; another network than ours shows that differences are found.
 */
export async function agreement(
  peer: PeerName,
  graph: Graph,
  inputs: readonly Tensor[],
  written: Graph = graph,
): Promise<Agreement> {
  const found = await peerValues(peer, written, inputs);
  const ours = await ourOutputs(graph, inputs);
  return {
    perRequant: worstRequant(graph, found, inputs),
    outputs: Math.max(...graph.outputs.map((v) => apart(ours.get(v.name)!, found.get(v.name)!))),
  };
}

/** Every activation of the peer, in the layout of the graph. */
async function peerValues(
  peer: PeerName,
  graph: Graph,
  inputs: readonly Tensor[],
): Promise<ReadonlyMap<string, Data>> {
  const shown = exposed(graph);
  const file = channelsLast(shown);
  const side = await peerSide(peer, await qdqFile(file), namedInputs(file, inputs));
  const data = await side.outputs();
  await side.release();
  return new Map(shown.outputs.map((v, i) => [v.name, data.get(file.outputs[i]!.name)!]));
}

/** The inputs of one inference under the names and in the shapes that `file` gives them. */
export const namedInputs = (file: Graph, inputs: readonly Tensor[]): readonly (readonly [string, Tensor])[] =>
  file.inputs.map((v, i) => [v.name, { type: inputs[i]!.type, data: inputs[i]!.data }] as const);

async function ourOutputs(graph: Graph, inputs: readonly Tensor[]): Promise<ReadonlyMap<string, Data>> {
  const side = await ourSide(graph, inputs);
  const ours = await side.outputs();
  await side.release();
  const meant = await (await intEngine.prepare(graph)).run(inputs);
  for (const { name } of graph.outputs)
    if (apart(ours.get(name)!, meant.get(name)!.data) > 0)
      throw new Error(`engine wasm differs from engine int at %${name}`);
  return ours;
}

function worstRequant(graph: Graph, found: ReadonlyMap<string, Data>, inputs: readonly Tensor[]): number {
  const sums = new Map<Value, Data>();
  const of = (v: Value): Tensor => {
    if (isParam(v)) return { type: v.type, data: v.data };
    const at = graph.inputs.indexOf(v);
    return at >= 0 ? inputs[at]! : { type: v.type, data: sums.get(v) ?? found.get(v.name)! };
  };
  let most = 0;
  for (const node of graph.nodes) {
    const meant = evaluate(node, of).data;
    if (isSum(node.result)) sums.set(node.result, meant);
    else most = Math.max(most, apart(meant, found.get(node.result.name)!));
  }
  return most;
}
