import type { Pass } from "../../src/ir/contracts.js";
import { type Result, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { type RunOptions, runPasses, type Step } from "../../src/passes/index.js";

/** `runPasses` over a single graph. */
export async function runOn(
  graph: Graph,
  steps: readonly (Pass | Step)[],
  options?: RunOptions,
): Promise<Result<Graph>> {
  const done = await runPasses({ graphs: [graph], meta: {} }, steps, options);
  return done.ok ? { ...done, value: mainGraph(done.value) } : done;
}

/** The graph after one pass; a refusal is thrown. */
export const after = async (pass: Pass | Step, graph: Graph, options?: RunOptions): Promise<Graph> =>
  unwrap(await runOn(graph, [pass], options));
