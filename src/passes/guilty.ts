/** Which node a pass fails at, when it does not say so itself. */
import type { Pass, PassContext } from "../ir/contracts.js";
import type { Graph, Node } from "../ir/graph.js";
import { removeDead } from "../ir/rewrite.js";

/** The search ends after this long: a pass that takes its time is not run again and again. */
const limitMs = 2000;

/**
 * The first node such that the pass fails on the graph that ends with it, and in the same way. Nothing where the pass fails on a
 * graph without nodes too, or on none that is cut off.
 */
export async function guiltyNode(
  pass: Pass,
  graph: Graph,
  cx: PassContext,
  thrown: Error,
): Promise<Node | undefined> {
  const silent = Object.create(cx, { report: { value: () => undefined } }) as PassContext;
  const fails = async (cut: Graph): Promise<boolean> => {
    try {
      await pass.run(cut, silent);
      return false;
    } catch (e) {
      return e instanceof Error && e.message === thrown.message;
    }
  };
  if (await fails({ ...graph, nodes: [], outputs: graph.inputs })) return undefined;
  const end = performance.now() + limitMs;
  for (const [i, node] of graph.nodes.entries()) {
    if (performance.now() > end) return undefined;
    const cut = removeDead({ ...graph, nodes: graph.nodes.slice(0, i + 1), outputs: [node.result] });
    if (await fails(cut)) return node;
  }
  return undefined;
}
