/** Diagnostics of passes that refuse, throw, or leave what is no valid graph. */
import type { Pass, PassContext, PassOutcome } from "../ir/contracts.js";
import { type Diagnostic, error, type Place, Refusal } from "../ir/diagnostic.js";
import type { Graph, Node } from "../ir/graph.js";
import { RuleError } from "../ir/rewrite.js";
import { framesOf, isOfUser } from "../ir/stack.js";
import { guiltyNode } from "./guilty.js";

const placeOf = (node: Node | undefined): { place?: Place } =>
  node?.result.places[0] ? { place: node.result.places[0] } : {};
const at = (node: Node | undefined): string => (node ? ` at %${node.result.name} (${node.op.name})` : "");

/** That `pass` threw `fault`: refused, or broke. */
export async function failedBy(
  pass: Pass,
  graph: Graph,
  cx: PassContext,
  fault: unknown,
): Promise<readonly Diagnostic[]> {
  const cause = fault instanceof RuleError ? fault.cause : fault;
  if (cause instanceof Refusal)
    return refusedBy(pass, graph, fault instanceof RuleError ? fault.node : undefined, cause);
  const thrown = cause instanceof Error ? cause : new Error(String(cause));
  const node = fault instanceof RuleError ? fault.node : await guiltyNode(pass, graph, cx, thrown);
  const inside = fault instanceof RuleError ? `, in its rule ${fault.rule}` : "";
  return [
    error("pass/failed", `${pass.name} failed on @${graph.name}${at(node)}`, {
      ...placeOf(node),
      found: `${thrown.message}${inside}${cause === thrown ? thrownAt(thrown) : ", which is no Error"}`,
      expected: "a graph, or a Refusal that says why there is none",
      help: "the graph was valid before it: the fault lies in the pass",
    }),
  ];
}

const refusedBy = (
  pass: Pass,
  graph: Graph,
  node: Node | undefined,
  { diagnostics }: Refusal,
): readonly Diagnostic[] => [
  error("pass/refused", `${pass.name} cannot be applied to @${graph.name}`, placeOf(node)),
  ...diagnostics,
];

/** `, thrown at pass.ts:12:5`: the innermost call in a file of the user, or in one of ours where there is none. */
function thrownAt(thrown: Error): string {
  const frames = framesOf(thrown);
  const at = frames.find(isOfUser) ?? frames[0];
  return at ? `, thrown at ${at.file}:${at.line}:${at.column}` : "";
}

/** Why what a pass gave is no outcome; passes of JavaScript are checked by nobody else. */
export function wrongOutcome(pass: Pass, graph: Graph, outcome: unknown): Diagnostic | undefined {
  const given = outcome as Partial<Graph & PassOutcome> | undefined;
  const made = (given && typeof given === "object" && "graph" in given ? given.graph : given) as
    | Partial<Graph>
    | undefined;
  const complete =
    made && [made.inputs, made.nodes, made.outputs].every((list) => Array.isArray(list)) && made.stage;
  if (complete && made.name === graph.name) return undefined;
  return error("pass/invalid-result", `${pass.name} gave no graph for @${graph.name}`, {
    found: complete ? `a graph called @${made.name}` : outcome === undefined ? "nothing" : typeof outcome,
    expected: complete
      ? `@${graph.name}: a pass keeps the name of its graph`
      : "a graph (the one it was given, where nothing changed), or { graph, ranges, split }",
    help: "the fault lies in the pass: its last line returns the graph",
  });
}

/** Names the pass and the op; the verifier's own diagnostics follow it. */
export function brokenBy(pass: Pass, graph: Graph, first: Diagnostic): Diagnostic {
  const name = /^%([\w.]+):/.exec(first.text)?.[1];
  const node = graph.nodes.find((n) => n.result.name === name);
  const where = node ? ` at %${name} (${node.op.name})` : "";
  return error("pass/invalid-result", `${pass.name} left @${graph.name} invalid${where}`, {
    ...(first.place ? { place: first.place } : {}),
    found: `${first.id}: ${first.text}`,
    help: "the graph was valid before it: the fault lies in the pass, leave it out or report it",
  });
}

/** Values that nothing gives, nodes without an op: what the verifier itself cannot read. */
export const unreadable = (pass: Pass, graph: Graph, thrown: unknown): Diagnostic =>
  error("pass/invalid-result", `${pass.name} left @${graph.name} as what is no graph`, {
    found: thrown instanceof Error ? thrown.message : String(thrown),
    expected: "values and nodes made with makeNode, GraphBuilder or a rule",
    help: "the fault lies in the pass",
  });
