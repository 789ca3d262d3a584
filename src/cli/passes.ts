/** Running passes for a command: what a failing one leaves behind can be run again. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Diagnostic, Result } from "../ir/diagnostic.js";
import type { Module } from "../ir/graph.js";
import { type RunOptions, runPasses, type Step } from "../passes/index.js";
import type { Call } from "./command.js";
import { saveModule } from "./model.js";

/** A pass that broke, as `--passes` takes it, and the module it broke on. */
interface Failure {
  readonly before: Module;
  readonly step: string;
}

/** `runPasses`; where one breaks, the module before it is written to a file, and the diagnostic has the command that repeats it. */
export async function runSteps(
  call: Call,
  module: Module,
  steps: readonly Step[],
  options: Omit<RunOptions, "onFailure">,
): Promise<Result<Module>> {
  let failed: Failure | undefined;
  // Options are read when a pass asks for them: some mean reading files.
  const watched = Object.create(options, {
    onFailure: { value: (before: Module, step: string) => (failed = { before, step }) },
  }) as RunOptions;
  const done = await runPasses(module, steps, watched);
  if (done.ok || !failed) return done;
  return { ok: false, diagnostics: withReproducer(done.diagnostics, await reproducer(call, failed)) };
}

const withReproducer = (diagnostics: readonly Diagnostic[], command: string): readonly Diagnostic[] =>
  diagnostics.map((d) =>
    d.id.startsWith("pass/") && d.severity === "error"
      ? { ...d, help: [d.help, `to reproduce it: ${command}`].filter(Boolean).join("; ") }
      : d,
  );

/** Writes the module as it was; gives the command that runs the pass on it. */
async function reproducer(call: Call, { before, step }: Failure): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "pulsec-reproducer-"));
  const file = path.join(folder, "before.pir");
  await saveModule(before, file, call.toolchain);
  const { config } = call.toolchain;
  const words = ["pulsec", "opt", file, "--passes", step];
  if (config) words.push("--config", path.resolve(config));
  for (const data of call.texts("calibrate")) words.push("--calibrate", absolute(data));
  if (call.flag("check-values")) words.push("--check-values");
  return words.map(quoted).join(" ");
}

/** `NAME=FILE` with the file as it is found from everywhere. */
function absolute(data: string): string {
  const [, name = "", file = ""] = /^([^=/]*=)?(.*)$/s.exec(data) ?? [];
  return `${name}${path.resolve(file)}`;
}

const quoted = (word: string): string =>
  /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
