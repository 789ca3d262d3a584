/** Measures what quantising cost, for the report and for `--budget`. */
import type { Engine } from "../ir/contracts.js";
import { type Diagnostic, type Result, unwrap } from "../ir/diagnostic.js";
import { type Graph, type Module, mainGraph } from "../ir/graph.js";
import {
  type LayerBits,
  layerBits,
  type QuantisationReport,
  quantisationReport,
  type Reference,
  referenceOf,
  type Widths,
  weightedLayers,
} from "../passes/index.js";
import type { BitOptions } from "./bits.js";
import type { Call } from "./command.js";
import { engineNamed } from "./engines.js";
import type { LoadedModel } from "./model.js";
import { watched } from "./progress.js";
import type { Sample } from "./samples.js";

/** Samples, and what they are in words. */
export interface Data {
  readonly samples: readonly Sample[];
  readonly of: string;
}

/** A float module with ranges, and what makes integers of it. */
export interface Prepared {
  readonly module: Module;
  readonly remarks: readonly Diagnostic[];
  /** Of the pass to-integer. */
  readonly options: BitOptions;
  /** The integer module; `options` replace those of to-integer. */
  finish(options: BitOptions): Promise<Result<Module>>;
}

/** More than these, spread evenly, measure no better and take long. */
const mostMeasured = 8;
/** All values of all measured samples are held; beyond this there are fewer samples. */
const mostBytes = 2 ** 28;

function spread(samples: readonly Sample[], graph: Graph): readonly Sample[] {
  const perSample = graph.nodes.reduce(
    (sum, { result }) => sum + 4 * result.type.shape.reduce<number>((n, d) => n * (d === "N" ? 1 : d), 1),
    1,
  );
  const most = Math.max(1, Math.min(mostMeasured, Math.floor(mostBytes / perSample)));
  if (samples.length <= most) return samples;
  return Array.from({ length: most }, (_, i) => samples[Math.floor((i * samples.length) / most)]!);
}

/** The float network on some of the samples. Undefined where nothing of it becomes integers. */
export async function measured(
  call: Call,
  prepared: Prepared,
  { samples }: Data,
): Promise<Reference | undefined> {
  const graph = mainGraph(prepared.module);
  if (graph.stage !== "float") return undefined;
  const some = spread(samples, graph);
  const float = await engineNamed(call.toolchain, "float");
  const reference = await referenceOf(graph, some, watched(float, call, "float network", some.length));
  return reference && { ...reference, engine: float };
}

/** WebAssembly, unless it refuses the graph. */
export async function fastEngine({ toolchain }: Call, graph: Graph): Promise<Engine> {
  const wasm = await engineNamed(toolchain, "wasm");
  return wasm.refuses(graph).length === 0 ? wasm : engineNamed(toolchain, "int");
}

/** The options of to-integer with other bits for some layers. */
export function withWidths(
  bits: (layer: string) => LayerBits,
  options: BitOptions,
  widths: Widths,
): BitOptions {
  const items = [...widths].map(([layer, w]) => `${layer}=${w}/${bits(layer).activations}`);
  return { ...options, layers: [options.layers ?? [], ...items].flat().join(",") };
}

/** Undefined where no layer became integers. */
export async function measure(
  call: Call,
  { graph }: LoadedModel,
  prepared: Prepared,
  chosen: BitOptions,
  data: Data,
  detail: "summary" | "all",
): Promise<QuantisationReport | undefined> {
  const reference = graph.stage === "integer" ? await measured(call, prepared, data) : undefined;
  if (!reference) return undefined;
  const options = { ...prepared.options, ...chosen };
  const bits = layerBits(reference.graph, options);
  const widths: Widths = new Map(weightedLayers(reference.graph).map((l) => [l, bits(l).weights]));
  const requantised = async (other: Widths) =>
    mainGraph(unwrap(await prepared.finish(withWidths(bits, options, other))));
  return quantisationReport({
    reference,
    integer: graph,
    of: data.of,
    widths,
    engine: await fastEngine(call, graph),
    detail,
    requantised,
    onProgress: (what) => call.progress(`report: ${what}`),
  });
}
