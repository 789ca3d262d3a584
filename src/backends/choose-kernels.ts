/** Which kernel computes which node: the choice of all backends whose kernels are C. */
import { boundsOf } from "../ir/bounds.js";
import type { Kernel, KernelFacts } from "../ir/contracts.js";
import { type Diagnostic, error } from "../ir/diagnostic.js";
import type { Graph, Node } from "../ir/graph.js";

/** The first kernel of the list that takes each node; `missing` says why there is none. */
export function chooseKernels(
  graph: Graph,
  kernels: readonly Kernel[],
): { kernels: ReadonlyMap<Node, Kernel>; missing: readonly Diagnostic[] } {
  const facts: KernelFacts = { bounds: boundsOf(graph) };
  const chosen = new Map<Node, Kernel>();
  const missing: Diagnostic[] = [];
  for (const node of graph.nodes) {
    const candidates = kernels.filter((k) => k.op.name === node.op.name);
    const kernel = candidates.find((k) => k.refuses?.(node, facts) === undefined);
    if (kernel) chosen.set(node, kernel);
    else missing.push(noKernel(node, candidates, facts));
  }
  return { kernels: chosen, missing };
}

function noKernel(node: Node, candidates: readonly Kernel[], facts: KernelFacts): Diagnostic {
  const { op, result } = node;
  const place = result.places[0] ? { place: result.places[0] } : {};
  if (candidates.length === 0) {
    const help =
      "rewrite the graph without it, or give it one: `kernels` in pulsec.config.ts, or in the options of emitProject";
    return error("schedule/no-kernel", `%${result.name}: there is no kernel for ${op.name}`, {
      ...place,
      help,
    });
  }
  const found = candidates.map((k) => `${k.name}: ${k.refuses?.(node, facts)}`).join("; ");
  return error("schedule/no-kernel", `%${result.name}: no kernel takes this ${op.name}`, { ...place, found });
}
