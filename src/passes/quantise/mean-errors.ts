/** Bias correction: rounding weights moves a layer's mean; the bias takes it back (Nagel et al., Data-Free Quantization, section 4.2). */
import type { PassContext } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Node, Param, Value } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { weighted } from "./chains.js";

type Context = Pick<PassContext, "samples" | "engine">;

/** Means per channel (the last axis) of the inputs of all layers with weights, over the calibration data. */
async function inputMeans(graph: Graph, cx: Context): Promise<ReadonlyMap<Value, Float64Array>> {
  const layers = graph.nodes.filter((n) => weighted.has(n.op.name)).map((n) => n.operands[0]!);
  const sums = new Map(layers.map((v) => [v, new Float64Array(v.type.shape.at(-1) as number)]));
  const session = await (await cx.engine(graph)).prepare(graph);
  try {
    for (const inputs of cx.samples) {
      const values = await session.run(inputs);
      for (const [value, sum] of sums) addMeans(sum, values.get(value.name)!);
    }
  } finally {
    await session.dispose();
  }
  for (const sum of sums.values()) for (let c = 0; c < sum.length; c++) sum[c]! /= cx.samples.length;
  return sums;
}

function addMeans(sum: Float64Array, { data }: Tensor): void {
  const positions = data.length / sum.length;
  for (let i = 0; i < data.length; i++) sum[i % sum.length]! += Number(data[i]) / positions;
}

/** What to add to the bias of a layer whose weights became `stored` (real values): minus the mean of what that changes. Borders count as inner positions. */
export async function meanErrors(graph: Graph, cx: Context) {
  if (cx.samples.length === 0)
    throw new Refusal(
      error("quant/no-samples", "bias correction needs calibration data", {
        help: "give inputs with --calibrate FILE, or leave bias_correction out",
      }),
    );
  const means = await inputMeans(graph, cx);
  return (sum: Node, stored: Float32Array): Float32Array => {
    const w = sum.operands[1] as Param;
    const [co, perGroup] = [w.type.shape[0] as number, w.type.shape.at(-1) as number];
    const mean = means.get(sum.operands[0]!)!;
    const groups = mean.length / perGroup;
    const taps = stored.length / co;
    return Float32Array.from({ length: co }, (_, c) => {
      const first = Math.floor(c / (co / groups)) * perGroup;
      let moved = 0;
      for (let t = 0; t < taps; t++)
        moved += (stored[c * taps + t]! - Number(w.data[c * taps + t])) * mean[first + (t % perGroup)]!;
      return -moved;
    });
  };
}
