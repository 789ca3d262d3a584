import { makeNode, makeParam } from "../ir/build.js";
import { definePass, type PassContext } from "../ir/contracts.js";
import { error, Refusal } from "../ir/diagnostic.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { instancenorm } from "../ir/ops/instancenorm.js";
import type { Tensor } from "../ir/tensor.js";
import { tensorType } from "../ir/type.js";
import { namesIn } from "./names.js";

export const runningStatistics = definePass({
  name: "running-statistics",
  summary:
    "Gives instancenorms that normalise each input by itself the mean statistics of calibration data instead.",
  changesFunction: "inputs are no longer normalised each by its own mean and variance",
  async run(graph, cx) {
    const norms = graph.nodes.filter((n) => n.op === instancenorm && n.attrs.statistics === "instance");
    if (norms.length === 0) return graph;
    if (cx.samples.length === 0)
      throw new Refusal(
        error("quant/no-samples", "statistics come from calibration data, and there is none", {
          help: "give inputs with --calibrate FILE",
        }),
      );
    const statistics = await measure(graph, norms, cx);
    const fresh = namesIn(graph);
    const map = new Map<Value, Value>();
    const nodes = graph.nodes.map((node): Node => {
      const operands = node.operands.map((v) => map.get(v) ?? v);
      const found = statistics.get(node);
      if (!found) return operands.some((v, i) => v !== node.operands[i]) ? { ...node, operands } : node;
      const { name, places } = node.result;
      const param = (kind: "mean" | "var") =>
        makeParam(
          fresh(`${name}.${kind}`),
          tensorType("f32", [found[kind].length]),
          Float32Array.from(found[kind]),
          { places },
        );
      const made = makeNode(
        instancenorm,
        [...operands.slice(0, 3), param("mean"), param("var")],
        { ...node.attrs, statistics: "running" },
        { name, places },
      );
      map.set(node.result, made.result);
      return made;
    });
    return { ...graph, nodes, outputs: graph.outputs.map((v) => map.get(v) ?? v) };
  },
});

interface Statistics {
  readonly mean: Float64Array;
  readonly var: Float64Array;
}

/** Mean over all samples of each sample's own mean and variance per channel: what running statistics converge to. */
async function measure(
  graph: Graph,
  norms: readonly Node[],
  cx: Pick<PassContext, "engine" | "samples">,
): Promise<ReadonlyMap<Node, Statistics>> {
  const channels = (n: Node) => n.result.type.shape.at(-1) as number;
  const all = new Map(
    norms.map((n) => [n, { mean: new Float64Array(channels(n)), var: new Float64Array(channels(n)) }]),
  );
  const session = await (await cx.engine(graph)).prepare(graph);
  try {
    for (const inputs of cx.samples) {
      const values = await session.run(inputs);
      for (const [norm, into] of all) join(into, values.get(norm.operands[0]!.name)!, cx.samples.length);
    }
  } finally {
    await session.dispose();
  }
  return all;
}

function join(into: Statistics, { data }: Tensor, samples: number): void {
  const channels = into.mean.length;
  const positions = data.length / channels;
  for (let c = 0; c < channels; c++) {
    let [sum, squares] = [0, 0];
    for (let i = c; i < data.length; i += channels) sum += Number(data[i]);
    const mean = sum / positions;
    for (let i = c; i < data.length; i += channels) squares += (Number(data[i]) - mean) ** 2;
    into.mean[c]! += mean / samples;
    into.var[c]! += squares / positions / samples;
  }
}
