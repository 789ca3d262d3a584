import type { Graph } from "../../ir/graph.js";
import type { Tensor } from "../../ir/tensor.js";
import { realValues } from "../../passes/index.js";
import { type Call, type Command, exit, oneOf, UsageError, wholeNumber } from "../command.js";
import { assertRuns, engineNamed, engineNames } from "../engines.js";
import { type DataSet, readDataSet } from "../evaluate-data.js";
import { inputOptions } from "../inputs.js";
import { classification, metricText, regression } from "../metrics.js";
import { type LoadedModel, modelOptions, openModel } from "../model.js";
import { integerModel, quantiseOptions } from "../quantise.js";
import { tailOf } from "../tail.js";

export const command: Command = {
  name: "evaluate",
  summary: "run a whole data set and measure how good the outputs are",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `--data holds the inputs by name, samples along the first axis, and the targets by the names of the outputs. Targets that are
class indices give accuracy and a confusion table (rows are targets); others squared and absolute error, and correlation.
Float inputs of an integer model are stored at the input's scale, integers are taken as stored already; outputs are real
values. A float model on an integer engine is quantised first, as pulsec quantize does.`,
  options: {
    data: {
      type: "string",
      value: "FILE|DIR",
      help: "inputs and targets: .npz, or a folder of .npy, .npz, .csv, .txt",
    },
    target: {
      type: "string",
      value: "[OUTPUT=]NAME",
      multiple: true,
      help: "array that an output is compared with; default: the one with the output's name",
    },
    engine: {
      type: "string",
      value: "NAME",
      help: (toolchain) => `${engineNames(toolchain).join(", ")}; default wasm, for float models float`,
    },
    workers: { type: "string", value: "N", help: "threads of the engine wasm; default 1" },
    ...quantiseOptions,
    ...modelOptions,
    "input-layout": inputOptions["input-layout"]!,
    seed: { type: "string", value: "N", help: "seed of --limit and of random calibration inputs; default 1" },
  },
  examples: [
    ["evaluate net.pulse --data test.npz", "the float network"],
    ["evaluate net.pulse --data test.npz --engine wasm", "and what is left of it in integers"],
    ["evaluate net.pmod --data test.npz --target labels", "targets under another name"],
  ],
  async run(call) {
    const place = call.text("data");
    if (place === undefined) throw new UsageError("evaluate needs --data: inputs and targets");
    const opened = await openModel(call, call.args[0]!);
    const wish = call.text("engine");
    const fallback = opened.graph.stage === "integer" ? "wasm" : "float";
    const name = wish === undefined ? fallback : oneOf("engine", wish, engineNames(call.toolchain));
    const { model } = name === "float" ? { model: opened } : await integerModel(call, opened);
    const data = readDataSet(call, place, model);
    if (tailOf(model)) call.note("the float graph @tail is left out: outputs are those of the integer graph");
    const workers = workersOf(call, name);
    const run = workers > 1 ? runOnWorkers : runAll;
    const { values, seconds } = await run(call, model.graph, name, data.samples, workers);
    const results = measured(data, values);
    if (results.length === 0) call.note("no targets: nothing to compare the outputs with");
    for (const { output, metrics } of results) call.print(`%${output}: ${metricText(metrics)}`);
    const speed = data.samples.length / seconds;
    call.print(
      `${data.samples.length} samples in ${seconds.toFixed(2)} s on ${name}: ${speed.toFixed(1)} per second`,
    );
    call.emit({
      ok: true,
      engine: name,
      samples: data.samples.length,
      seconds,
      perSecond: speed,
      outputs: results,
    });
    return exit.ok;
  },
};

function workersOf(call: Call, name: string): number {
  const text = call.text("workers");
  const workers = text === undefined ? 1 : wholeNumber("--workers", text);
  if (workers < 1 || (workers > 1 && name !== "wasm"))
    throw new UsageError("--workers takes at least 1; more than 1 with --engine wasm only");
  return workers;
}

/** WebAssembly on several threads. Seconds are those of compiling and running. */
async function runOnWorkers(
  call: Call,
  graph: Graph,
  name: string,
  samples: DataSet["samples"],
  workers: number,
): Promise<{ values: Values; seconds: number }> {
  assertRuns(await engineNamed(call.toolchain, name), graph);
  const { evaluateBatch } = await import("../../backends/wasm/index.js");
  const start = performance.now();
  const values = await evaluateBatch(graph, announced(call, samples), { workers });
  return { values, seconds: (performance.now() - start) / 1000 };
}

function* announced<T>(call: Call, samples: readonly T[]): Generator<T> {
  for (const [i, sample] of samples.entries()) {
    call.progress(`evaluating ${i + 1}/${samples.length}`);
    yield sample;
  }
}

type Values = readonly ReadonlyMap<string, Tensor>[];

/** The outputs of every sample. Seconds are those of running, without compiling. */
async function runAll(
  call: Call,
  graph: LoadedModel["graph"],
  name: string,
  samples: DataSet["samples"],
): Promise<{ values: Values; seconds: number }> {
  const engine = await engineNamed(call.toolchain, name);
  assertRuns(engine, graph);
  const session = await engine.prepare(graph, { expose: "outputs" });
  const values: ReadonlyMap<string, Tensor>[] = [];
  const start = performance.now();
  try {
    for (const [i, inputs] of samples.entries()) {
      call.progress(`evaluating ${i + 1}/${samples.length}`);
      values.push(outputsOf(graph, await session.run(inputs)));
    }
  } finally {
    await session.dispose();
  }
  return { values, seconds: (performance.now() - start) / 1000 };
}

const outputsOf = ({ outputs }: Graph, values: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> =>
  new Map(outputs.map((v) => [v.name, values.get(v.name)!]));

const measured = ({ targets }: DataSet, values: Values) =>
  targets.map(({ output, values: wanted, kind }) => {
    const found = values.map((v) => realValues(v.get(output.name)!));
    const meter = kind === "classes" ? classification(found[0]!.length) : regression();
    for (const [s, target] of wanted.entries()) meter.add(target, found[s]!);
    return { output: output.name, metrics: meter.result() };
  });
