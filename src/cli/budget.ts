/** `--budget`: finds bits with which the weights fit. */
import { unwrap } from "../ir/diagnostic.js";
import { type Graph, mainGraph } from "../ir/graph.js";
import {
  type Budgeted,
  fitBudget,
  integerRun,
  layerBits,
  layerSizes,
  storedBytes,
  type Widths,
  weightedLayers,
} from "../passes/index.js";
import { type BitOptions, budgetWidths } from "./bits.js";
import { type Call, refuse } from "./command.js";
import type { LoadedModel } from "./model.js";
import { type Data, fastEngine, measured, type Prepared, withWidths } from "./quantise-report.js";

/** Options of to-integer with which the network takes at most `budget` bytes, and what was done in words. */
export async function fitToBudget(
  call: Call,
  model: LoadedModel,
  prepared: Prepared,
  data: Data,
  budget: number,
): Promise<{ step: BitOptions; note: string }> {
  const reference = await measured(call, prepared, data);
  if (!reference) return { step: {}, note: "--budget: nothing of this network becomes integers" };
  const { options } = prepared;
  const bits = layerBits(reference.graph, options);
  const chosen = (widths: Widths) => withWidths(bits, options, widths);
  const quantised = async (widths: Widths): Promise<Graph> =>
    mainGraph(unwrap(await prepared.finish(chosen(widths))));
  const fitted = await fitBudget({
    layers: weightedLayers(reference.graph),
    widths: budgetWidths(model),
    bytes: budget,
    onTrial: (trials, { bytes }) => call.progress(`budget: ${bytes} of ${budget} bytes, trial ${trials}`),
    async measure(widths) {
      const graph = await quantised(widths);
      const { error } = await integerRun(graph, reference, await fastEngine(call, graph), "outputs");
      return { error, bytes: storedBytes(graph.nodes) };
    },
  });
  if (!fitted.fits) refuseBudget(reference.graph, await quantised(fitted.widths), fitted, budget);
  return { step: chosen(fitted.widths), note: noteOf(fitted, budget, budgetWidths(model)[0]!) };
}

function noteOf({ bytes, widths }: Budgeted, budget: number, most: number): string {
  const below = [...widths].filter(([, w]) => w < most);
  const list = below.map(([layer, w]) => `${layer} ${w}`).join(", ");
  return `budget: ${bytes} of ${budget} bytes; ${list === "" ? "every layer keeps its bits" : `fewer bits for ${list}`}`;
}

function refuseBudget(float: Graph, integer: Graph, { bytes, widths }: Budgeted, budget: number): never {
  const [name, size] = layerSizes(float, integer).reduce((a, b) => (b[1] > a[1] ? b : a));
  const fewest = Math.min(...widths.values());
  return refuse("quant/budget", `the network does not fit ${budget} bytes`, {
    found: `${bytes} bytes with every layer at ${fewest} bits, ${bytes - budget} too many; the largest layer is %${name} with ${size}`,
    expected: `at most ${budget} bytes of weights, biases and multipliers`,
    help: `fewer channels around %${name}, ${fewest > 2 ? `fewer bits (the model's deploy section allows ${[...new Set(widths.values())].join(", ")}), ` : ""}or a larger --budget`,
  });
}
