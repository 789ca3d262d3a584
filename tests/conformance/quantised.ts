/** Models in the DSL as integer graphs: random weights, ranges from noise, weights as wide as asked for. */
import { floatEngine } from "../../src/backends/float/index.js";
import { loadModel } from "../../src/cli/model.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, type Module, mainGraph } from "../../src/ir/graph.js";
import { conv } from "../../src/ir/ops/conv.js";
import { ops } from "../../src/ir/ops/index.js";
import { range } from "../../src/ir/ops/take.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { atBatch } from "../../src/ir/type.js";
import { allPasses, type Bits, parsePipeline, pipelines, runPasses } from "../../src/passes/index.js";

/** One width for all layers, or one for each convolution in order of the graph. */
export type WeightBits = Bits | readonly Bits[];

const calibrationSamples = 4;

/** Noise above 0, so that inputs are unsigned without zero point. */
const positive = (graph: Graph, sample: number): Tensor[] =>
  graph.inputs.map((v, i) => {
    const noise = randomTensor(atBatch(v.type, 1), sample * 1000 + i);
    return { ...noise, data: (noise.data as Float32Array).map(Math.abs) };
  });

function bitsOfLayers(graph: Graph, bits: readonly Bits[]): string {
  const convolutions = graph.nodes.filter((n) => n.op.name === conv.name);
  if (convolutions.length !== bits.length)
    throw new Error(`${bits.length} widths for ${convolutions.length} convolutions of ${graph.name}`);
  return convolutions.map((n, i) => `${n.result.name}=${bits[i]}`).join(",");
}

async function integers(module: Module, weights: WeightBits): Promise<Graph> {
  const graph = mainGraph(module);
  const options = typeof weights === "number" ? { weights } : { layers: bitsOfLayers(graph, weights) };
  const steps = unwrap(parsePipeline("quantise", allPasses(ops), pipelines)).map((s) =>
    s.pass.name === "to-integer" ? { ...s, options: { ...s.options, ...options } } : s,
  );
  const samples = range(0, calibrationSamples).map((s) => positive(graph, s + 1));
  return mainGraph(unwrap(await runPasses(module, steps, { samples, engine: async () => floatEngine })));
}

/** The integer graph of a `.pulse` file. Throws a `Refusal` for what cannot be read or quantised. */
export const quantisedFile = async (file: string, weights: WeightBits = 8): Promise<Graph> =>
  integers((await loadModel(file)).module, weights);
