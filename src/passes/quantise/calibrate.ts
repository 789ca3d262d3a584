/** Ranges of activations from data. */
import { definePass, type PassContext } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Range } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Interval } from "./activation.js";
import { count, emptyHistogram, extremes, type Histogram, mseRange, percentileRange } from "./histogram.js";

const bins = 2048;

export const calibrate = definePass({
  name: "calibrate",
  summary: "Runs a float graph on calibration data and keeps the range of every value with the module.",
  options: {
    method: { kind: "enum", of: ["minmax", "percentile", "mse"], default: "mse" },
    percent: { kind: "float", default: 99.99 },
    bits: { kind: "int", default: 8, min: 2, max: 8 },
  },
  async run(graph, cx) {
    if (graph.stage !== "float" || !takes(graph, cx.samples)) return graph;
    const { method, percent, bits } = cx.options;
    const seen = new Map<string, Interval>();
    await forEachRun(graph, cx, (name, { data }) => seen.set(name, extremes(data, seen.get(name))));
    const bad = [...seen].find(([, { low, high }]) => !Number.isFinite(high - low));
    if (bad) throw new Refusal(notFinite(bad[0]));
    const asRange = ([value, { low, high }]: readonly [string, Interval]): Range => ({
      graph: graph.name,
      value,
      low,
      high,
    });
    if (method === "minmax") return { graph, ranges: [...seen].map(asRange) };
    const histograms = new Map([...seen].map(([name, range]) => [name, emptyHistogram(range, bins)]));
    await forEachRun(graph, cx, (name, { data }) => count(histograms.get(name)!, data));
    const narrowed = (h: Histogram) =>
      method === "percentile" ? percentileRange(h, percent) : mseRange(h, 2 ** bits - 1);
    return { graph, ranges: [...histograms].map(([name, h]) => asRange([name, narrowed(h)])) };
  },
});

/** Calibration data belongs to the graph that it fits; a float tail has none of its own. */
function takes(graph: Graph, samples: PassContext["samples"]): boolean {
  const [first] = samples;
  if (!first)
    throw new Refusal(
      error("quant/no-samples", "there is no calibration data", {
        help: "give inputs with --calibrate FILE",
      }),
    );
  return first.length === graph.inputs.length && graph.inputs.every((v, i) => fits(v.type.shape, first[i]!));
}
const fits = (shape: Graph["inputs"][number]["type"]["shape"], { type }: Tensor): boolean =>
  shape.length === type.shape.length && shape.every((d, i) => d === "N" || d === type.shape[i]);

async function forEachRun(
  graph: Graph,
  cx: Pick<PassContext, "engine" | "samples">,
  visit: (name: string, value: Tensor) => void,
): Promise<void> {
  const session = await (await cx.engine(graph)).prepare(graph);
  try {
    for (const inputs of cx.samples)
      for (const [name, value] of await session.run(inputs)) visit(name, value);
  } finally {
    await session.dispose();
  }
}

const notFinite = (name: string) =>
  error("quant/not-finite", `%${name} is not finite on the calibration data`, {
    help: "look for a division by zero in the network, or for damaged data",
  });
