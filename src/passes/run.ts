/** Runs passes in order and lets no invalid graph through: each gets valid IR and must leave valid IR. */
import type { Pass } from "../ir/contracts.js";
import { type Diagnostic, error, Refusal, type Result, warning } from "../ir/diagnostic.js";
import type { Graph } from "../ir/graph.js";
import { verifyModule } from "../ir/verify.js";

export interface RunOptions {
  /** Called after each pass, once its result is verified. `after` is `before` where nothing changed. */
  onPass?(pass: Pass, before: Graph, after: Graph, milliseconds: number): void;
}

/** The graph after all passes, with a warning for each that made it compute something else; or why the first that failed did. */
export function runPasses(graph: Graph, passes: readonly Pass[], options: RunOptions = {}): Result<Graph> {
  const wrong = verify(graph);
  if (wrong.length > 0) return { ok: false, diagnostics: wrong };
  const warnings: Diagnostic[] = [];
  let before = graph;
  for (const pass of passes) {
    const start = performance.now();
    const done = runPass(before, pass);
    if (!done.ok) return done;
    const after = done.value;
    options.onPass?.(pass, before, after, performance.now() - start);
    if (after !== before && pass.changesFunction) warnings.push(changedBy(pass, pass.changesFunction, after));
    before = after;
  }
  return { ok: true, value: before, diagnostics: warnings };
}

const verify = (graph: Graph): readonly Diagnostic[] =>
  verifyModule({ graphs: [graph], meta: {} }).filter((d) => d.severity === "error");

function runPass(before: Graph, pass: Pass): Result<Graph> {
  let after: Graph;
  try {
    after = pass.run(before);
  } catch (e) {
    if (!(e instanceof Refusal)) throw new Error(`pass ${pass.name} failed on @${before.name}`, { cause: e });
    const text = `${pass.name} cannot be applied to @${before.name}`;
    return { ok: false, diagnostics: [error("pass/refused", text), ...e.diagnostics] };
  }
  const [first, ...more] = verify(after);
  return first
    ? { ok: false, diagnostics: [brokenBy(pass, after, first), first, ...more] }
    : { ok: true, value: after, diagnostics: [] };
}

const changedBy = (pass: Pass, what: string, graph: Graph): Diagnostic =>
  warning("pass/changes-function", `after ${pass.name}, @${graph.name} computes something else: ${what}`, {
    help: "the graph needs fine-tuning: what it learnt before no longer fits",
  });

/** Names the pass and the op; the verifier's own diagnostics follow it. */
function brokenBy(pass: Pass, graph: Graph, first: Diagnostic): Diagnostic {
  const name = /^%([\w.]+):/.exec(first.text)?.[1];
  const node = graph.nodes.find((n) => n.result.name === name);
  const where = node ? ` at %${name} (${node.op.name})` : "";
  return error("pass/invalid-result", `${pass.name} left @${graph.name} invalid${where}`, {
    ...(first.place ? { place: first.place } : {}),
    found: `${first.id}: ${first.text}`,
    help: "the graph was valid before it: the fault lies in the pass, leave it out or report it",
  });
}
