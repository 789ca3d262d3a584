/** Ranges of activations from data. */
import { definePass, type PassContext } from "../../ir/contracts.js";
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Graph, Range } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Interval } from "./activation.js";
import { count, emptyHistogram, type Histogram, mseRange, percentileRange } from "./histogram.js";

/** Of which at least a quarter lie inside the range. */
const bins = 8192;

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
    const range = (h: Histogram): Interval => {
      if (method === "minmax") return { low: h.low, high: h.high };
      return method === "percentile" ? percentileRange(h, percent) : mseRange(h, 2 ** bits - 1);
    };
    const seen = await histograms(graph, cx);
    return {
      graph,
      ranges: [...seen].map(([value, h]): Range => ({ graph: graph.name, value, ...range(h) })),
    };
  },
});

/** Of every value, over all samples. */
async function histograms(
  graph: Graph,
  cx: Pick<PassContext, "engine" | "samples">,
): Promise<ReadonlyMap<string, Histogram>> {
  const seen = new Map<string, Histogram>();
  const session = await (await cx.engine(graph)).prepare(graph);
  try {
    for (const [i, inputs] of cx.samples.entries())
      for (const [name, { data }] of await session.run(inputs)) {
        const histogram = seen.get(name) ?? emptyHistogram(bins);
        seen.set(name, histogram);
        const bad = count(histogram, data);
        if (bad !== undefined) throw new Refusal(notFinite(graph, name, i, Number(data[bad])));
      }
  } finally {
    await session.dispose();
  }
  return seen;
}

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

const notFinite = ({ inputs }: Graph, name: string, sample: number, found: number) =>
  error("quant/not-finite", `%${name} is not finite on calibration sample ${sample}`, {
    found: String(found),
    help: inputs.some((v) => v.name === name)
      ? "leave the damaged sample out; samples are counted from 0"
      : "look for weights out of all proportion, a division by zero, or damaged data",
  });
