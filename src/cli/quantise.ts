/** From a float model to an integer one, wherever a command needs integers. */
import { randomTensor } from "../data/random-tensor.js";
import type { Engine } from "../ir/contracts.js";
import { type Diagnostic, type Result, unwrap } from "../ir/diagnostic.js";
import { type Graph, type Module, mainGraph } from "../ir/graph.js";
import { atBatch } from "../ir/type.js";
import {
  parsePipeline,
  pipelineFile,
  type QuantisationReport,
  type Step,
  storedTensor,
} from "../passes/index.js";
import { bitOptions, budgetOf, integerPass, splitAt, withOptions } from "./bits.js";
import { fitToBudget } from "./budget.js";
import { type Call, type OptionSpec, UsageError, wholeNumber } from "./command.js";
import { dataFiles } from "./deployment.js";
import { engineFor, engineNamed } from "./engines.js";
import { sourcesRead } from "./files.js";
import { orderOf } from "./inputs.js";
import type { LoadedModel } from "./model.js";
import { runSteps } from "./passes.js";
import { watched } from "./progress.js";
import { type Data, measure, type Prepared } from "./quantise-report.js";
import { drawn, readSamples, type Sample } from "./samples.js";

export const quantiseOptions: Readonly<Record<string, OptionSpec>> = {
  calibrate: {
    type: "string",
    value: "[NAME=]FILE",
    multiple: true,
    help: "inputs of a float model from which the ranges of its values are taken: .npz .npy .csv .txt, many samples along the first axis",
  },
  test: {
    type: "string",
    value: "[NAME=]FILE",
    multiple: true,
    help: "inputs on which the quantised model is measured; default: the calibration data",
  },
  limit: { type: "string", value: "N", help: "use N samples of each, drawn by --seed" },
  bits: {
    type: "string",
    value: "8|4|2|FILE",
    help: 'bits of weights (4/8: and of activations), or .json with those of layers: {"layer": 4, "other": {"weights": 2, "activations": 4}}',
  },
  budget: {
    type: "string",
    value: "SIZE",
    help: "take bits from the layers where that costs least, until weights, biases and multipliers fit 60KiB",
  },
  passes: {
    type: "string",
    value: "a,b{x=1}",
    help: ({ pipelines }) =>
      `how a float model becomes an integer one; default quantise, which is ${pipelines.quantise}`,
  },
};

/** How many random inputs stand for calibration data where there is none. */
const randomSamples = 8;

export interface Quantised {
  readonly model: LoadedModel;
  /** Stored inputs of one inference, from the test data, where there is some. */
  readonly tested?: Sample;
  /** Measures what quantising cost. Absent where the model was an integer one already. */
  report?(detail: "summary" | "all"): Promise<QuantisationReport | undefined>;
}

/** The model itself where it is an integer one; otherwise what the pipeline makes of it, which is said. */
export async function integerModel(call: Call, model: LoadedModel): Promise<Quantised> {
  if (model.graph.stage !== "float") return { model };
  const text = call.text("passes") ?? "quantise";
  sourcesRead.set(pipelineFile, text);
  const { passes, pipelines } = call.toolchain;
  const steps = unwrap(parsePipeline(text, await passes(), pipelines));
  const data = calibrationData(call, model);
  call.note(`float model: ${text}, on ${data.samples.length} calibration samples`);
  const prepared = await prepare(call, model, withOptions(steps, bitOptions(call, model)), data);
  const budget = budgetOf(call);
  const test = measuringData(call, model, data);
  const { step, note } =
    budget === undefined ? { step: {}, note: "" } : await fitToBudget(call, model, prepared, test, budget);
  if (note) call.note(note);
  const done = await prepared.finish(step);
  const module = unwrap(done);
  const remarks = remarksOf([...prepared.remarks, ...done.diagnostics]);
  call.report(remarks);
  const quantised = {
    ...model,
    module,
    graph: mainGraph(module),
    diagnostics: [...model.diagnostics, ...remarks],
  };
  const [first] = test === data ? [] : test.samples;
  const { inputs, stage } = quantised.graph;
  return {
    model: quantised,
    ...(first && stage === "integer"
      ? { tested: inputs.map((v, i) => storedTensor(first[i]!, v.type)) }
      : {}),
    report: (detail) => measure(call, quantised, prepared, step, test, detail),
  };
}

/** That rounding changes the function is what was asked for. */
const remarksOf = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.filter((d) => d.id !== "pass/changes-function" || !d.text.includes(integerPass));

/** Runs what does not depend on the choice of bits: folding, calibration. */
async function prepare(
  call: Call,
  { module }: LoadedModel,
  steps: readonly Step[],
  { samples }: Data,
): Promise<Prepared> {
  const { before, from } = splitAt(steps);
  const asksForBits = call.text("bits") !== undefined || call.text("budget") !== undefined;
  if (from.length === 0 && asksForBits)
    throw new UsageError(`--bits and --budget speak to the pass ${integerPass}, and --passes has none`);
  const run = (on: Module, some: readonly Step[]): Promise<Result<Module>> =>
    runSteps(call, on, some, { samples, engine: (graph) => engineOn(call, graph, samples.length) });
  const done = await run(module, before);
  const ready = unwrap(done);
  return {
    module: ready,
    remarks: done.diagnostics,
    options: from[0]?.options ?? {},
    finish: (options) => run(ready, withOptions(from, options)),
  };
}

async function engineOn(call: Call, graph: Graph, samples: number): Promise<Engine> {
  return watched(await engineNamed(call.toolchain, engineFor(graph)), call, "calibrating", samples);
}

/** From `--calibrate`, from the model's deploy section, or random. */
function calibrationData(call: Call, model: LoadedModel): Data {
  const files = dataFiles(call, model, "calibrate");
  if (files.length > 0) return { samples: fromFiles(call, model, files), of: "calibration samples" };
  return { samples: randomInputs(call, model), of: "random inputs" };
}

/** What quantising is measured on. */
function measuringData(call: Call, model: LoadedModel, calibration: Data): Data {
  const files = dataFiles(call, model, "test");
  return files.length > 0 ? { samples: fromFiles(call, model, files), of: "test samples" } : calibration;
}

const seedOf = (call: Call): number => wholeNumber("--seed", call.text("seed") ?? "1");

function fromFiles(call: Call, model: LoadedModel, files: readonly string[]): readonly Sample[] {
  const samples = readSamples(files, model, orderOf(call), (d) => call.report([d]));
  const limit = call.text("limit");
  if (limit === undefined) return samples;
  const most = wholeNumber("--limit", limit);
  if (most === 0) throw new UsageError("--limit takes at least 1 sample");
  return drawn(samples, most, seedOf(call));
}

function randomInputs(call: Call, { graph }: LoadedModel): readonly Sample[] {
  const seed = seedOf(call);
  call.note(
    `no --calibrate: ranges come from ${randomSamples} random inputs, uniform in [-1, 1), and fit no real data`,
  );
  return Array.from({ length: randomSamples }, (_, s) =>
    graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), (seed + s) * 1000 + i)),
  );
}
