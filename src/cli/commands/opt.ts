import { randomTensor } from "../../data/random-tensor.js";
import { unwrap } from "../../ir/diagnostic.js";
import type { Graph } from "../../ir/graph.js";
import { printGraph, printModule } from "../../ir/print.js";
import { atBatch } from "../../ir/type.js";
import { type PassRun, parsePipeline, pipelineFile, printStep, valueCheck } from "../../passes/index.js";
import { type Call, type Command, exit, UsageError } from "../command.js";
import { dataFiles } from "../deployment.js";
import { engineFor, engineNamed } from "../engines.js";
import { sourcesRead } from "../files.js";
import { inputOptions, orderOf } from "../inputs.js";
import { type LoadedModel, loadModel, modelOptions, saveModule } from "../model.js";
import { runSteps } from "../passes.js";
import { readSamples, type Sample } from "../samples.js";

export const command: Command = {
  name: "opt",
  summary: "run passes over a model",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: async ({
    passes,
    pipelines,
  }) => `The graph is verified before and after every pass. A warning says which passes changed what it computes.

passes:
${(await passes()).map((p) => `  ${p.name.padEnd(20)}${p.summary}`).join("\n")}

pipelines:
${Object.entries(pipelines)
  .map(([name, text]) => `  ${name.padEnd(20)}${text}`)
  .join("\n")}`,
  options: {
    ...modelOptions,
    calibrate: {
      type: "string",
      value: "[NAME=]FILE",
      multiple: true,
      help: "samples for the passes that run the graph on data; default: those that the model's deploy section names",
    },
    "input-layout": inputOptions["input-layout"]!,
    passes: { type: "string", value: "a,b{x=1}", multiple: true, help: "passes in order, options in braces" },
    "print-after-all": { type: "boolean", help: "the IR after every pass, on stderr" },
    "print-changed": { type: "boolean", help: "the IR after every pass that changed it, on stderr" },
    "time-passes": { type: "boolean", help: "milliseconds of every pass, on stderr" },
    "check-values": {
      type: "boolean",
      help: "run the graph around every pass on random inputs and name the pass that changed the function",
    },
    output: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "write .pir or .pmod; default: text on stdout",
    },
  },
  examples: [
    ["opt net.pir --passes canonicalise,dead-code", "simplify and print"],
    ["opt net.pir --passes simplify --check-values --time-passes", "and measure"],
  ],
  async run(call) {
    const model = await loadModel(call.args[0]!, call);
    const { passes, pipelines } = call.toolchain;
    const known = await passes();
    const text = call.texts("passes").join(",");
    if (text === "") throw new UsageError(`opt runs --passes; known: ${known.map((p) => p.name).join(", ")}`);
    sourcesRead.set(pipelineFile, text);
    const steps = unwrap(parsePipeline(text, known, pipelines));
    const runs: PassRun[] = [];
    const engine = engineOn(call);
    let samples: readonly Sample[] | undefined;
    const done = await runSteps(call, model.module, steps, {
      get samples() {
        samples ??= calibrationSamples(call, model);
        return samples;
      },
      engine,
      ...(call.flag("check-values") ? { check: valueCheck({ engine, inputs: randomInputs }) } : {}),
      onPass(run) {
        runs.push(run);
        show(call, run);
      },
    });
    const module = unwrap(done);
    call.report(done.diagnostics);
    if (call.flag("time-passes")) call.note(times(runs));
    const output = call.text("output");
    const written = output ? await saveModule(module, output, call.toolchain) : [];
    if (!output) call.print(printModule(module).trimEnd());
    for (const file of written) call.note(`wrote ${file}`);
    call.emit({
      ok: true,
      passes: steps.map(printStep),
      runs: runs.map((r) => ({
        pass: r.pass.name,
        graph: r.after.name,
        changed: r.before !== r.after,
        milliseconds: r.milliseconds,
      })),
      written,
      diagnostics: done.diagnostics,
    });
    return exit.ok;
  },
};

function calibrationSamples(call: Call, model: LoadedModel): readonly Sample[] {
  const files = dataFiles(call, model, "calibrate");
  return files.length === 0 ? [] : readSamples(files, model, orderOf(call), (d) => call.report([d]));
}

const engineOn =
  ({ toolchain }: Call) =>
  (graph: Graph) =>
    engineNamed(toolchain, engineFor(graph));

/** Two inferences: one alone could hide what a pass does to values that happen to be equal. */
const randomInputs = (graph: Graph) =>
  [1, 2].map((seed) => graph.inputs.map((v, i) => randomTensor(atBatch(v.type, 1), seed * 1000 + i)));

function show(call: Call, { pass, before, after }: PassRun): void {
  if (!call.flag("print-after-all") && !(call.flag("print-changed") && before !== after)) return;
  call.note(`// after ${pass.name}\n${printGraph(after)}`);
}

function times(runs: readonly PassRun[]): string {
  const total = runs.reduce((sum, r) => sum + r.milliseconds, 0);
  const width = Math.max(...runs.map((r) => r.pass.name.length), 5);
  const row = (name: string, ms: number, more = "") =>
    `${name.padEnd(width)}${ms.toFixed(1).padStart(10)} ms${more}`;
  return [
    ...runs.map((r) => row(r.pass.name, r.milliseconds, `  @${r.after.name}`)),
    row("total", total),
  ].join("\n");
}
