/** Windows per second of published integer networks, as their files stand. */
import { readFileSync } from "node:fs";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { shared } from "../root.js";
import { type Method, measure } from "./measure.js";
import { inputsOf } from "./network.js";
import { ourSide, type PeerName, peerSide, type Side } from "./peers.js";

export interface Throughput {
  readonly network: string;
  /** Inferences per second. */
  readonly ours: number;
  /** onnxruntime on the same file, whose integers it computes as floats; absent where it cannot load it. */
  readonly peers?: Readonly<Record<PeerName, number>>;
}

interface Fixture {
  readonly network: string;
  readonly file: string | undefined;
  /** The input as onnxruntime takes it. Operators outside ONNX make a file that it cannot load. */
  readonly standard?: readonly [name: string, shape: readonly number[]];
}

const fixtures: readonly Fixture[] = [
  {
    network: "TCN_T",
    file: shared("dory", "TCN_T", "TCN.onnx"),
    standard: ["input.1", [1, 1, 140]],
  },
  {
    network: "KeywordSpotting",
    file: shared("deeploy", "models", "KeywordSpotting", "network.onnx"),
  },
];

/** Networks whose file is not on this machine are left out. */
export async function throughputs(method: Method): Promise<readonly Throughput[]> {
  const found: Throughput[] = [];
  for (const { network, file, standard } of fixtures)
    if (file) found.push(await throughput(network, file, standard, method));
  return found;
}

async function throughput(
  network: string,
  file: string,
  standard: Fixture["standard"],
  method: Method,
): Promise<Throughput> {
  const bytes = readFileSync(file);
  const graph = mainGraph(unwrap(await importOnnx(bytes, { file, network: "integer" })).module);
  const inputs = inputsOf(graph);
  const sides: Side[] = [await ourSide(graph, inputs)];
  if (standard) {
    const [name, shape] = standard;
    const given: Tensor = {
      type: { storage: "f32", shape },
      data: Float32Array.from(inputs[0]!.data as Uint8Array),
    };
    for (const peer of ["web", "node"] as const) sides.push(await peerSide(peer, bytes, [[name, given]]));
  }
  const [ours, web, node] = (await measure(sides, method)).map((ms) => 1000 / ms);
  for (const side of sides) await side.release();
  return { network, ours: ours!, ...(standard ? { peers: { web: web!, node: node! } } : {}) };
}
