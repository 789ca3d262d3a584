/** From a float model to an integer one, wherever a command needs integers. */
import { randomTensor } from "../data/random-tensor.js";
import type { RawArray } from "../data/tensor-files/index.js";
import { unwrap } from "../ir/diagnostic.js";
import { mainGraph } from "../ir/graph.js";
import { ops } from "../ir/ops/index.js";
import type { Tensor } from "../ir/tensor.js";
import { allocate } from "../ir/tensor.js";
import { atBatch, elements, sizes } from "../ir/type.js";
import { allPasses, parsePipeline, pipelineFile, pipelines, runPasses } from "../passes/index.js";
import { type Call, type OptionSpec, wholeNumber } from "./command.js";
import { engineFor, engineNamed } from "./engines.js";
import { sourcesRead } from "./files.js";
import { bindInputs, inputArrays, orderOf } from "./inputs.js";
import type { LoadedModel } from "./model.js";

export const quantiseOptions: Readonly<Record<string, OptionSpec>> = {
  calibrate: {
    type: "string",
    value: "[NAME=]FILE",
    multiple: true,
    help: "inputs of a float model from which the ranges of its values are taken: many samples along the first axis",
  },
  passes: {
    type: "string",
    value: "a,b{x=1}",
    help: `how a float model becomes an integer one; default quantise, which is ${pipelines.quantise}`,
  },
};

/** How many random inputs stand for calibration data where there is none. */
const randomSamples = 8;

/** The model itself where it is an integer one; otherwise what the pipeline makes of it, which is said. */
export async function integerModel(call: Call, model: LoadedModel): Promise<LoadedModel> {
  if (model.graph.stage !== "float") return model;
  const text = call.text("passes") ?? "quantise";
  sourcesRead.set(pipelineFile, text);
  const steps = unwrap(parsePipeline(text, allPasses(ops), pipelines));
  const samples = calibrationSamples(call, model);
  call.note(`float model: ${text}, on ${samples.length} calibration samples`);
  const done = await runPasses(model.module, steps, {
    samples,
    engine: (graph) => engineNamed(engineFor(graph)),
  });
  const module = unwrap(done);
  // That rounding changes the function is what was asked for.
  const remarks = done.diagnostics.filter((d) => d.id !== "pass/changes-function");
  call.report(remarks);
  return {
    ...model,
    module,
    graph: mainGraph(module),
    diagnostics: [...model.diagnostics, ...remarks],
  };
}

/** Inputs of single inferences, from `--calibrate` or random. */
export function calibrationSamples(call: Call, model: LoadedModel): readonly (readonly Tensor[])[] {
  const args = call.texts("calibrate");
  if (args.length === 0) return randomInputs(call, model);
  const arrays: readonly RawArray[] = inputArrays(args, model);
  return samplesOf(bindInputs(model, arrays, orderOf(call), (d) => call.report([d])));
}

function randomInputs(call: Call, { graph }: LoadedModel): readonly (readonly Tensor[])[] {
  const seed = wholeNumber("--seed", call.text("seed") ?? "1");
  call.note(
    `no --calibrate: ranges come from ${randomSamples} random inputs, uniform in [-1, 1), and fit no real data`,
  );
  return Array.from({ length: randomSamples }, (_, s) =>
    graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), (seed + s) * 1000 + i)),
  );
}

/** Batches cut into single samples: one list of inputs for each. */
function samplesOf(batches: readonly Tensor[]): readonly (readonly Tensor[])[] {
  const count = Math.min(...batches.map((t) => sizes(t.type)[0]!));
  return Array.from({ length: count }, (_, s) => batches.map((t) => sampleAt(t, s)));
}

function sampleAt({ type, data }: Tensor, sample: number): Tensor {
  const one = { ...type, shape: type.shape.with(0, 1) };
  const size = elements(one);
  const cut = allocate(type.storage, size) as Float32Array;
  cut.set((data as Float32Array).subarray(sample * size, (sample + 1) * size));
  return { type: one, data: cut };
}
