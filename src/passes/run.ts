/** Runs passes in order and lets no invalid graph through: each gets valid IR and must leave valid IR. */
import type { Engine, Pass, PassContext, PassOutcome } from "../ir/contracts.js";
import { type Diagnostic, error, Refusal, type Result, warning } from "../ir/diagnostic.js";
import { type Graph, liveRanges, type Module } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { verifyModule } from "../ir/verify.js";
import { brokenBy, failedBy, unreadable, wrongOutcome } from "./faults.js";
import { defaultStep, printStep, type Step } from "./pipeline.js";
import { separated } from "./separate.js";

/** What passes are run with, and who is told. */
export interface RunOptions {
  /** Calibration data for the passes that want some: inputs per inference. */
  readonly samples?: readonly (readonly Tensor[])[];
  /** The engine for a graph; passes that run graphs need it. */
  engine?(graph: Graph): Promise<Engine>;
  /** Called after each pass on each graph, once its result is verified. `after` is `before` where nothing changed. */
  onPass?(done: PassRun): void;
  /** Why `after` computes something else than `before`, or nothing: see `valueCheck`. */
  check?(before: Graph, after: Graph): Promise<string | undefined>;
  /** Called with what reproduces a failure: the module before the pass, and the pass as `--passes` takes it. */
  onFailure?(before: Module, step: string): void;
}
/** A pass that has run over a graph. */
export interface PassRun {
  readonly pass: Pass;
  readonly before: Graph;
  readonly after: Graph;
  readonly milliseconds: number;
}

/**
 * The module after all steps (a bare pass runs with its defaults), each over every graph; with a warning for each that made a
 * graph compute something else. Or why the first that failed did. Never throws: what breaks inside a pass is a diagnostic too.
 */
export async function runPasses(
  module: Module,
  steps: readonly (Step | Pass)[],
  options: RunOptions = {},
): Promise<Result<Module>> {
  const wrong = errorsOf(module);
  if (wrong.length > 0) return { ok: false, diagnostics: wrong };
  const remarks: Diagnostic[] = [];
  let current = module;
  for (const item of steps) {
    const step = "pass" in item ? item : defaultStep(item);
    const before = current;
    const done = await runStep(before, step, options, remarks);
    if (!done.ok) {
      if (isFault(done.diagnostics)) options.onFailure?.(before, printStep(step));
      return { ok: false, diagnostics: [...remarks, ...done.diagnostics] };
    }
    current = done.value;
  }
  return { ok: true, value: current, diagnostics: remarks };
}

/** That a pass refuses is no fault of it, unless something inside broke. */
const isFault = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((d) => d.id.startsWith("extension/")) || !diagnostics.some((d) => d.id === "pass/refused");

const errorsOf = (module: Module): readonly Diagnostic[] =>
  verifyModule(module).filter((d) => d.severity === "error");

async function runStep(
  module: Module,
  step: Step,
  options: RunOptions,
  remarks: Diagnostic[],
): Promise<Result<Module>> {
  let current = module;
  for (const graph of module.graphs) {
    const start = performance.now();
    const report = (d: Diagnostic) => remarks.push(d);
    const done = await runOn(current, graph, step, contextOf(current, graph, step, options, report));
    if (!done.ok) return done;
    const after = done.value.graphs.find((g) => g.name === graph.name)!;
    const changed = after !== graph ? await checked(step.pass, graph, after, options) : undefined;
    if (changed) return { ok: false, diagnostics: [changed] };
    options.onPass?.({ pass: step.pass, before: graph, after, milliseconds: performance.now() - start });
    if (after !== graph && step.pass.changesFunction) remarks.push(changedBy(step.pass, after));
    current = done.value;
  }
  return { ok: true, value: current, diagnostics: [] };
}

const contextOf = (
  module: Module,
  graph: Graph,
  step: Step,
  options: RunOptions,
  report: (d: Diagnostic) => void,
): PassContext => ({
  options: step.options as PassContext["options"],
  ranges: (module.ranges ?? []).filter((r) => r.graph === graph.name),
  // Asked for when a pass asks: it may mean reading files.
  get samples() {
    return options.samples ?? [];
  },
  engine(wanted) {
    if (options.engine) return options.engine(wanted);
    throw new Refusal(error("pass/no-engine", `${step.pass.name} runs the graph, and no engine was given`));
  },
  report,
});

/** The module with the graph after the pass, verified. */
async function runOn(module: Module, graph: Graph, step: Step, cx: PassContext): Promise<Result<Module>> {
  let outcome: Graph | PassOutcome;
  try {
    outcome = await step.pass.run(graph, cx);
  } catch (e) {
    return { ok: false, diagnostics: await failedBy(step.pass, graph, cx, e) };
  }
  if (outcome === graph) return { ok: true, value: module, diagnostics: [] };
  const odd = wrongOutcome(step.pass, graph, outcome);
  if (odd) return { ok: false, diagnostics: [odd] };
  try {
    return joined(module, graph, step.pass, outcome, cx);
  } catch (e) {
    if (e instanceof Refusal) throw e;
    return { ok: false, diagnostics: [unreadable(step.pass, graph, e)] };
  }
}

/** The module with what a pass made of one of its graphs, verified. */
function joined(
  module: Module,
  graph: Graph,
  pass: Pass,
  outcome: Graph | PassOutcome,
  cx: PassContext,
): Result<Module> {
  const { graph: made, ranges: observed, split = [] } = "graph" in outcome ? outcome : { graph: outcome };
  const after = separated(
    made,
    module.graphs.filter((g) => g !== graph),
    module,
  );
  const graphs = [...module.graphs.map((g) => (g.name === graph.name ? after : g)), ...split];
  const others = (module.ranges ?? []).filter((r) => r.graph !== graph.name);
  const ranges = liveRanges({
    ...module,
    graphs,
    ranges: [...others, ...(observed ?? cx.ranges)],
  });
  const { ranges: _, ...rest } = module;
  const next: Module = { ...rest, graphs, ...(ranges.length > 0 ? { ranges } : {}) };
  const wrong = after === graph ? [] : errorsOf(next);
  return wrong[0]
    ? { ok: false, diagnostics: [brokenBy(pass, after, wrong[0]), ...wrong] }
    : { ok: true, value: next, diagnostics: [] };
}

async function checked(
  pass: Pass,
  before: Graph,
  after: Graph,
  options: RunOptions,
): Promise<Diagnostic | undefined> {
  const difference = pass.changesFunction ? undefined : await options.check?.(before, after);
  if (difference === undefined) return undefined;
  return error("pass/changed-function", `${pass.name} changed what @${after.name} computes`, {
    found: difference,
    expected: "the same values: the pass does not say that it changes the function",
    help: "the fault lies in the pass, leave it out or report it",
  });
}

const changedBy = (pass: Pass, graph: Graph): Diagnostic =>
  warning(
    "pass/changes-function",
    `after ${pass.name}, @${graph.name} computes something else: ${pass.changesFunction}`,
    { help: "measure on data what that costs; fine-tuning may win it back" },
  );
