/** One row: the same network on our engine, on onnxruntime-web and on onnxruntime-node. */
import { macsOf } from "../../src/backends/c/work.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { type Agreement, agreement, namedInputs } from "./agreement.js";
import { type Method, measure, warmUp } from "./measure.js";
import { channelsLast, inputsOf, integerNetwork, qdqFile } from "./network.js";
import { floatKernels, kernelsOf, ourSide, type PeerName, peerSide, type Side } from "./peers.js";
import type { Kind, Row } from "./rows.js";

export interface Timed {
  readonly kind: Kind;
  readonly name: string;
  readonly macs: number;
  /** Milliseconds per call. */
  readonly ours: number;
  readonly web: number;
  readonly node: number;
  readonly agreement: Agreement;
  /** Operators that onnxruntime-web ran, with how often. */
  readonly kernels: Readonly<Record<string, number>>;
  /** Layers that it computed in floats. */
  readonly inFloats: number;
}
/** A row that cannot be compared, and why. */
export interface Failed {
  readonly kind: Kind;
  readonly name: string;
  readonly error: string;
}

/** Times per call in units of those of ours: above 1 we are the faster. */
export const ratio = (row: Timed, peer: PeerName): number => row[peer] / row.ours;

export const macsIn = (graph: Graph): number => graph.nodes.reduce((sum, n) => sum + macsOf(n), 0);

/** A QDQ file with the inputs of one inference as it takes them. */
interface File {
  readonly bytes: Uint8Array;
  readonly inputs: readonly (readonly [string, Tensor])[];
}

/** The network of a row as two files: as exported, and taking the layout that onnxruntime computes in. */
async function filesFor(graph: Graph, inputs: readonly Tensor[]): Promise<readonly File[]> {
  const last = channelsLast(graph);
  // Numbers in another order take no other time.
  const first = inputs.map(({ data }, i): Tensor => {
    const { type } = graph.inputs[i]!;
    const [n, ...rest] = type.shape;
    const shape = rest.length > 1 ? [n!, rest.at(-1)!, ...rest.slice(0, -1)] : type.shape;
    return { type: { ...type, shape }, data };
  });
  return [
    { bytes: await qdqFile(last), inputs: namedInputs(last, inputs) },
    { bytes: await qdqFile(graph), inputs: namedInputs(graph, first) },
  ];
}

/** The faster of the two files on this peer: whichever layout suits it. */
async function best(peer: PeerName, files: readonly File[], method: Method): Promise<Side & { file: File }> {
  const sides: (Side & { file: File; time: number })[] = [];
  for (const file of files) {
    const side = await peerSide(peer, file.bytes, file.inputs);
    sides.push({ ...side, file, time: await warmUp(side, method) });
  }
  const [chosen, ...others] = sides.toSorted((a, b) => a.time - b.time);
  for (const other of others) await other.release();
  return chosen!;
}

/** An error instead of a time where the two sides do not compute the same. */
export async function compare(row: Row, method: Method): Promise<Timed | Failed> {
  const { kind, name } = row;
  const graph = await integerNetwork(row);
  const inputs = inputsOf(graph);
  const agreed = await agreement("web", graph, inputs);
  if (agreed.perRequant > 1)
    return { kind, name, error: `onnxruntime-web is ${agreed.perRequant} levels off at a requant` };
  const files = await filesFor(graph, inputs);
  const ours = await ourSide(graph, inputs);
  const web = await best("web", files, method);
  const node = await best("node", files, method);
  const times = await measure([ours, web, node], method);
  const kernels = await kernelsOf(web.file.bytes, web.file.inputs);
  for (const side of [ours, web, node]) await side.release();
  return {
    kind,
    name,
    macs: macsIn(graph),
    ours: times[0]!,
    web: times[1]!,
    node: times[2]!,
    agreement: agreed,
    kernels: Object.fromEntries(kernels),
    inFloats: floatKernels(kernels),
  };
}
