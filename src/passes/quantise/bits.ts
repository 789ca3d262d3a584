/** Bits per layer, as text: `a.conv=4,b.conv=2/4` gives weights and, behind the stroke, activations. */
import { error, nearest, Refusal } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import type { Bits } from "./activation.js";
import { chainsOf } from "./chains.js";

export interface LayerBits {
  readonly weights: Bits;
  readonly activations: Bits;
}

const widths: readonly number[] = [8, 4, 2];

/** The bits of a layer by the name of its sum or of its activation. Throws a `Refusal` for widths and layers that do not exist. */
export function parseLayerBits(
  text: string | undefined,
  graph: Graph,
  fallback: LayerBits,
): (value: string) => LayerBits {
  for (const bits of [fallback.weights, fallback.activations]) assertWidth(bits);
  const names = layerNames(graph);
  const known = new Map<string, LayerBits>();
  for (const item of (text ?? "").split(",").filter((t) => t.trim() !== "")) {
    const [name = "", width = ""] = item.split("=").map((t) => t.trim());
    const ends = names.get(name);
    if (!ends) throw unknownLayer(name, [...names.keys()]);
    const [weights, activations] = width.split("/").map(Number);
    for (const bits of [weights!, activations ?? fallback.activations]) assertWidth(bits, item);
    const bits = { weights: weights as Bits, activations: (activations as Bits) ?? fallback.activations };
    for (const end of ends) known.set(end, bits);
  }
  return (value) => known.get(value) ?? fallback;
}

/** The names by which a layer may be called: that of its sum, that of the activation that comes of it. */
function layerNames(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { sum, end } of chainsOf(graph).chains.values()) {
    const both = [sum.result.name, end.name];
    for (const name of both) names.set(name, both);
  }
  for (const { name } of graph.inputs) names.set(name, [name]);
  return names;
}

function assertWidth(bits: number, where?: string): void {
  if (widths.includes(bits)) return;
  throw new Refusal(
    error("quant/bits", `there are no integers of ${bits} bits here${where ? ` (${where})` : ""}`, {
      expected: "8, 4 or 2, or WEIGHTS/ACTIVATIONS such as 4/8",
    }),
  );
}

function unknownLayer(name: string, known: readonly string[]): Refusal {
  const guess = nearest(name, known);
  return new Refusal(
    error("quant/unknown-layer", `there is no layer ${name}`, {
      help: guess ? `did you mean ${guess}?` : `layers: ${known.join(", ")}`,
    }),
  );
}

/** The bits of layers by name, from the options of to-integer. Throws a `Refusal` for what does not exist. */
export const layerBits = (
  graph: Graph,
  options: Readonly<Record<string, unknown>>,
): ((value: string) => LayerBits) =>
  parseLayerBits(options.layers as string | undefined, graph, {
    weights: options.weights as Bits,
    activations: options.activations as Bits,
  });
