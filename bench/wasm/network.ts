/** One network for both sides: a model in the DSL, quantised by the ordinary pipeline, as graph and as QDQ file. */
import { floatEngine } from "../../src/backends/float/index.js";
import { exportOnnx } from "../../src/backends/onnx/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { parsePulse } from "../../src/frontends/dsl/index.js";
import { makeNode } from "../../src/ir/build.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph, type Node, type Value } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { range } from "../../src/ir/ops/take.js";
import { transpose } from "../../src/ir/ops/transpose.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { atBatch } from "../../src/ir/type.js";
import { allPasses, parsePipeline, pipelines, runPasses } from "../../src/passes/index.js";
import type { Row } from "./rows.js";

const calibrationSamples = 4;

/** The integer graph of a row: 8-bit weights per channel, 8-bit activations. */
export async function integerNetwork({ model, zeroPoints }: Row): Promise<Graph> {
  const { module } = unwrap(await parsePulse(model, { file: "bench.pulse", ops, seed: 1 }));
  const samples = range(0, calibrationSamples).map((s) =>
    mainGraph(module).inputs.map((v, i) => {
      const noise = randomTensor(atBatch(v.type, 1), s * 1000 + i);
      return zeroPoints ? noise : { ...noise, data: (noise.data as Float32Array).map(Math.abs) };
    }),
  );
  const text = pipelines.quantise!.replace("to-integer", `to-integer{zero_points=${zeroPoints}}`);
  const steps = unwrap(parsePipeline(text, allPasses(ops), pipelines));
  return mainGraph(unwrap(await runPasses(module, steps, { samples, engine: async () => floatEngine })));
}

/** Inputs of one inference: every stored value equally likely. */
export const inputsOf = (graph: Graph): readonly Tensor[] =>
  graph.inputs.map((v, i) => randomTensor(v.type, i + 1));

/** QDQ files take and give channels first. */
export const qdqFile = async (graph: Graph): Promise<Uint8Array> =>
  unwrap(await exportOnnx({ graphs: [graph], meta: {} }, { dialect: "qdq" }));

const isSpatial = ({ type }: Value): boolean => type.shape.length === 3 || type.shape.length === 4;
const last = (rank: number): number[] => [0, ...range(2, rank), 1];
const first = (rank: number): number[] => [0, rank - 1, ...range(1, rank - 1)];

const reordered = (x: Value, perm: readonly number[], name: string): Node =>
  makeNode(transpose, [x], { perm }, { name });

/**
 * The graph behind transposes that undo the layout of ONNX: its QDQ file takes and gives channels last, the bytes that our
 * engine takes and gives. onnxruntime computes integer convolutions channels last and takes these transposes out.
 */
export function channelsLast(graph: Graph): Graph {
  const entries = new Map<Value, Node>();
  const inputs = graph.inputs.map((v) => {
    if (!isSpatial(v)) return v;
    const rank = v.type.shape.length;
    const shape = last(rank).map((a) => v.type.shape[a]!);
    const given: Value = { ...v, type: { ...v.type, shape } };
    entries.set(v, reordered(given, first(rank), `${v.name}.first`));
    return given;
  });
  const nodes = graph.nodes.map((n) => ({
    ...n,
    operands: n.operands.map((v) => entries.get(v)?.result ?? v),
  }));
  const exits = graph.outputs.map((v) =>
    isSpatial(v) ? reordered(v, last(v.type.shape.length), `${v.name}.last`) : undefined,
  );
  return {
    ...graph,
    inputs,
    nodes: [...entries.values(), ...nodes, ...exits.filter((n) => n !== undefined)],
    outputs: graph.outputs.map((v, i) => exits[i]?.result ?? v),
  };
}
