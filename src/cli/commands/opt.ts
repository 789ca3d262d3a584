import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { randomTensor } from "../../data/random-tensor.js";
import { type Diagnostic, Refusal, unwrap } from "../../ir/diagnostic.js";
import type { Graph, Module } from "../../ir/graph.js";
import { ops } from "../../ir/ops/index.js";
import { printGraph, printModule } from "../../ir/print.js";
import { atBatch } from "../../ir/type.js";
import {
  allPasses,
  type PassRun,
  parsePipeline,
  pipelineFile,
  pipelines,
  printStep,
  runPasses,
  valueCheck,
} from "../../passes/index.js";
import { type Call, type Command, exit, UsageError } from "../command.js";
import { dataFiles } from "../deployment.js";
import { engineFor, engineNamed } from "../engines.js";
import { sourcesRead } from "../files.js";
import { inputOptions, orderOf } from "../inputs.js";
import { type LoadedModel, loadModel, modelOptions, saveModule } from "../model.js";
import { readSamples, type Sample } from "../samples.js";

const known = allPasses(ops);

export const command: Command = {
  name: "opt",
  summary: "run passes over a model",
  args: "MODEL",
  positionals: { min: 1, max: 1 },
  details: `The graph is verified before and after every pass. A warning says which passes changed what it computes.

passes:
${known.map((p) => `  ${p.name.padEnd(18)}${p.summary}`).join("\n")}

pipelines:
${Object.entries(pipelines)
  .map(([name, text]) => `  ${name.padEnd(18)}${text}`)
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
    const text = call.texts("passes").join(",");
    if (text === "") throw new UsageError(`opt runs --passes; known: ${known.map((p) => p.name).join(", ")}`);
    sourcesRead.set(pipelineFile, text);
    const steps = unwrap(parsePipeline(text, known, pipelines));
    const runs: PassRun[] = [];
    let failed: Failure | undefined;
    let samples: readonly Sample[] | undefined;
    const done = await runPasses(model.module, steps, {
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
      onFailure: (before, step) => (failed = { before, step }),
    });
    if (failed && !done.ok) throw new Refusal(...withReproducer(done.diagnostics, await reproducer(failed)));
    const module = unwrap(done);
    call.report(done.diagnostics);
    if (call.flag("time-passes")) call.note(times(runs));
    const output = call.text("output");
    const written = output ? await saveModule(module, output, false) : [];
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

const engine = (graph: Graph) => engineNamed(engineFor(graph));

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

/** A pass that broke, as `--passes` takes it, and the module it broke on. */
interface Failure {
  readonly before: Module;
  readonly step: string;
}

const withReproducer = (diagnostics: readonly Diagnostic[], command: string): readonly Diagnostic[] =>
  diagnostics.map((d) =>
    d.id.startsWith("pass/") && d.severity === "error"
      ? { ...d, help: [d.help, `to reproduce it: ${command}`].filter(Boolean).join("; ") }
      : d,
  );

/** Writes the module as it was; gives the command that runs the pass on it. */
async function reproducer({ before, step }: Failure): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "pulsec-reproducer-"));
  const file = path.join(folder, "before.pir");
  await saveModule(before, file, false);
  return `pulsec opt ${file} --passes '${step}'`;
}
