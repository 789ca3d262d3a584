/** What became of a float network as integers, measured: layer by layer, and what other bits would give. */
import type { Engine } from "../../ir/contracts.js";
import { type Graph, paramsOf } from "../../ir/graph.js";
import { elements } from "../../ir/type.js";
import type { Bits } from "./activation.js";
import { errorsAlone } from "./alone.js";
import type { Widths } from "./budget.js";
import { type Layer, layerBytes, layersOf, multiplierError, weightBits } from "./layer-list.js";
import { clippedIn, decibels, type Noise, noNoise, relative } from "./noise.js";
import { type IntegerRun, integerRun, type Reference } from "./reference.js";
import { storedBytes } from "./stored-bytes.js";

export interface LayerReport {
  readonly name: string;
  /** `input`, or the op that the layer is made of. */
  readonly op: string;
  /** Storage of the result: u8, i8, ... */
  readonly storage: string;
  readonly scale: number;
  readonly weightBits?: number;
  /** Params and shifts, sub-byte ones packed. */
  readonly bytes: number;
  /** Signal-to-noise ratio of the result against the float network, in decibels: all layers up to here are integers. */
  readonly snr: number;
  /** Part of the float values that the result's type cannot say. */
  readonly clipped: number;
  /** Largest relative error of the requantisation's multipliers. */
  readonly multiplierError: number;
  /** Noise of the outputs as a part of their signal, when this layer alone is quantised. */
  readonly alone?: number;
  /** `alone` as a part of the sum over all layers. */
  readonly share?: number;
}
export interface OutputReport {
  readonly name: string;
  readonly snr: number;
  /** Largest distance from the float output, and one step of the output's integers. */
  readonly largestError: number;
  readonly step: number;
}
export interface WhatIf {
  readonly layer: string;
  readonly bits: Bits;
  readonly bytesSaved: number;
  /** Signal-to-noise ratio of the outputs then. */
  readonly snr: number;
}
export interface QuantisationReport {
  readonly network: string;
  /** What was measured on. */
  readonly samples: { readonly count: number; readonly of: string };
  /** Of all params: stored integers, and the float params that they were made of. */
  readonly bytes: number;
  readonly floatBytes: number;
  /** Mean over the outputs, as a signal-to-noise ratio. */
  readonly snr: number;
  readonly outputs: readonly OutputReport[];
  readonly layers: readonly LayerReport[];
  /** The layer with the largest share. */
  readonly costliest?: string;
  readonly whatIf: readonly WhatIf[];
}

export interface ReportJob {
  readonly reference: Reference;
  readonly integer: Graph;
  /** What `reference.samples` are, in words. */
  readonly of: string;
  /** The layers with weights and their bits in `integer`. */
  readonly widths: Widths;
  /** Runs integer graphs. */
  readonly engine: Engine;
  /** With `summary` neither `alone` nor `whatIf` is measured, which takes longest. */
  readonly detail: "summary" | "all";
  /** The integer graph with other bits. */
  requantised(widths: Widths): Promise<Graph>;
  onProgress?(what: string): void;
}

export async function quantisationReport(job: ReportJob): Promise<QuantisationReport> {
  const { reference, integer, engine } = job;
  const run = await integerRun(integer, reference, engine, "all");
  const layers = layersOf(reference.graph, integer);
  const progress = (done: number) => job.onProgress?.(`layer by layer ${done}/${layers.length}`);
  const alone = job.detail === "all" ? await errorsAlone(layers, integer, reference, progress) : undefined;
  const total = [...(alone?.values() ?? [])].reduce((a, b) => a + b, 0);
  const rows = layers.map((layer) => ({
    ...layerReport(layer, reference, run),
    ...costOf(alone?.get(layer.value.name), total),
  }));
  const [costliest] = rows.toSorted((a, b) => (b.alone ?? 0) - (a.alone ?? 0));
  const bytes = storedBytes(integer.nodes);
  return {
    network: integer.name,
    samples: { count: reference.samples.length, of: job.of },
    bytes,
    floatBytes: paramsOf([reference.graph]).reduce((sum, p) => sum + 4 * elements(p.type), 0),
    snr: decibels(run.error),
    outputs: outputReports(integer, run),
    layers: rows,
    ...(costliest?.alone ? { costliest: costliest.name } : {}),
    whatIf: job.detail === "all" ? await whatIf(job, bytes) : [],
  };
}

const noiseAt = (run: IntegerRun, name: string): Noise => run.noise.get(name) ?? noNoise();

const costOf = (alone: number | undefined, total: number): Pick<LayerReport, "alone" | "share"> =>
  alone === undefined ? {} : { alone, share: total > 0 ? alone / total : 0 };

function layerReport(layer: Layer, { values }: Reference, run: IntegerRun): LayerReport {
  const { name } = layer.value;
  const { storage, quant } = layer.integer.type;
  const bits = weightBits(layer);
  const data = values.map((v) => v.get(name)!.data as Float32Array);
  const clipped = data.reduce((sum, d) => sum + clippedIn(d, layer.integer.type), 0);
  return {
    name,
    op: layer.op,
    storage,
    scale: quant!.scale,
    ...(bits === undefined ? {} : { weightBits: bits }),
    bytes: layerBytes(layer),
    snr: decibels(relative(noiseAt(run, name))),
    clipped: clipped / data.reduce((sum, d) => sum + d.length, 0),
    multiplierError: multiplierError(layer),
  };
}

const outputReports = ({ outputs }: Graph, run: IntegerRun): readonly OutputReport[] =>
  outputs.map(({ name, type }) => {
    const noise = noiseAt(run, name);
    return {
      name,
      snr: decibels(relative(noise)),
      largestError: noise.worst,
      step: type.quant?.scale ?? 1,
    };
  });

/** Each layer with weights at fewer bits, one at a time. */
async function whatIf(job: ReportJob, bytes: number): Promise<readonly WhatIf[]> {
  const rows: WhatIf[] = [];
  const choices = [...job.widths].flatMap(([layer, now]) =>
    ([4, 2] as const).filter((bits) => bits < now).map((bits) => ({ layer, bits })),
  );
  for (const [i, { layer, bits }] of choices.entries()) {
    job.onProgress?.(`what if ${i + 1}/${choices.length}`);
    const graph = await job.requantised(new Map(job.widths).set(layer, bits));
    const { error } = await integerRun(graph, job.reference, job.engine, "outputs");
    rows.push({ layer, bits, bytesSaved: bytes - storedBytes(graph.nodes), snr: decibels(error) });
  }
  return rows;
}
