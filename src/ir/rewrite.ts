/** Pattern rewriting: rules are named equations, applied until none fires. */
import { makeNode } from "./build.js";
import { type Graph, isParam, type Node, producersOf, unionPlaces, usersOf, type Value } from "./graph.js";
import type { AttrSpec, Attrs, AttrsOf, OpDef, OperandSpec } from "./op.js";
import type { TensorType } from "./type.js";

/** One equation: where the root's op matches, its result may be replaced. */
export interface Rule {
  readonly name: string;
  /** `conv(pad(x)) = conv(x), pads added`: what the rule says, as algebra. Never makes code worse. */
  readonly equation: string;
  /** Name of the op that the rule looks at. */
  readonly root: string;
  /** What the root's result is equal to, or nothing when the rule does not apply. */
  rewrite(root: Node, cx: RewriteContext): Value | undefined;
}

/** What a rule may ask, and how it makes new nodes. */
export interface RewriteContext {
  /** The node behind a value, if its op is `op`. The match joins the provenance of what the rule emits. */
  producer(value: Value | undefined, op: OpDef): Node | undefined;
  /** No one but the root reads this value, and it is not an output: the rule may absorb its producer. */
  onlyUse(value: Value): boolean;
  emit<O extends OperandSpec, A extends AttrSpec>(
    op: OpDef<O, A>,
    operands: readonly Value[],
    attrs: Partial<AttrsOf<A>>,
    type?: TensorType,
  ): Value;
}

/** A rule threw: says which, and at which node. */
export class RuleError extends Error {
  constructor(
    readonly rule: string,
    readonly node: Node,
    cause: unknown,
  ) {
    super(`rule ${rule} failed at %${node.result.name} (${node.op.name})`, { cause });
    this.name = "RuleError";
  }
}

/** Applies one rule at one node. The last emitted node takes over the root's name. */
function applyRule(
  rule: Rule,
  root: Node,
  graph: Graph,
  facts: Facts,
): { value: Value; nodes: readonly Node[] } | undefined {
  const matched: Node[] = [root];
  const emitted: Node[] = [];
  const cx: RewriteContext = {
    producer(wanted, op) {
      const node = wanted && facts.producers.get(wanted);
      if (node?.op !== op) return undefined;
      matched.push(node);
      return node;
    },
    onlyUse: (v) => facts.users.get(v)?.length === 1 && !graph.outputs.includes(v),
    emit(op, operands, attrs, type) {
      const name = emitted.length === 0 ? root.result.name : freshName(root.result.name, facts.names);
      const places = unionPlaces(...matched.map((n) => n.result.places));
      const node = makeNode(op, operands, attrs as Attrs, { name, places, ...(type ? { type } : {}) });
      emitted.push(node);
      return node.result;
    },
  };
  const value = attemptRule(rule, root, cx);
  if (!value || value === root.result) return undefined;
  const last = emitted.at(-1);
  const existing = value !== last?.result;
  // An output keeps its name: it cannot become another value that already exists.
  if (existing && (graph.outputs.includes(root.result) || isParam(value))) return undefined;
  return existing ? { value, nodes: emitted } : renameLast(emitted, root.result.name);
}

function attemptRule(rule: Rule, root: Node, cx: RewriteContext): Value | undefined {
  try {
    return rule.rewrite(root, cx);
  } catch (e) {
    throw new RuleError(rule.name, root, e);
  }
}

function renameLast(nodes: readonly Node[], name: string): { value: Value; nodes: readonly Node[] } {
  const last = nodes.at(-1)!;
  const first = nodes[0]!;
  if (first === last) return { value: last.result, nodes };
  const swap = new Map<Value, Value>([
    [first.result, { ...first.result, name: last.result.name }],
    [last.result, { ...last.result, name }],
  ]);
  const renamed = nodes.map((n) => substitute({ ...n, result: swap.get(n.result) ?? n.result }, swap));
  return { value: swap.get(last.result)!, nodes: renamed };
}

const substitute = (node: Node, map: ReadonlyMap<Value, Value>): Node =>
  node.operands.some((v) => map.has(v))
    ? { ...node, operands: node.operands.map((v) => map.get(v) ?? v) }
    : node;

interface Facts {
  readonly producers: ReadonlyMap<Value, Node>;
  readonly users: ReadonlyMap<Value, readonly Node[]>;
  /** Of all values; those of emitted nodes join. */
  readonly names: Set<string>;
}

/** `wish.1`, `wish.2`, ...: the first that nothing has, from now on taken. */
function freshName(wish: string, names: Set<string>): string {
  let i = 1;
  while (names.has(`${wish}.${i}`)) i++;
  names.add(`${wish}.${i}`);
  return `${wish}.${i}`;
}

function rewriteOnce(graph: Graph, rules: readonly Rule[]): Graph | undefined {
  const names = new Set([...graph.inputs, ...graph.nodes.map((n) => n.result)].map((v) => v.name));
  const facts = { producers: producersOf(graph), users: usersOf(graph), names };
  for (const [i, root] of graph.nodes.entries()) {
    for (const rule of rules) {
      if (rule.root !== root.op.name) continue;
      const made = applyRule(rule, root, graph, facts);
      if (!made) continue;
      const map = new Map([[root.result, made.value]]);
      const nodes = [
        ...graph.nodes.slice(0, i),
        ...made.nodes,
        ...graph.nodes.slice(i + 1).map((n) => substitute(n, map)),
      ];
      return removeDead({ ...graph, nodes, outputs: graph.outputs.map((o) => map.get(o) ?? o) });
    }
  }
  return undefined;
}

/** Rules that feed each other for ever are a bug of ours: each firing must shrink or simplify. */
const firingLimit = (graph: Graph): number => 1000 + 10 * graph.nodes.length;

/** The graph after the rules have been applied until none fires. Throws `RuleError` where one throws, and where they never end. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  let current = graph;
  for (let fired = 0, limit = firingLimit(graph); ; fired++) {
    const next = rewriteOnce(current, rules);
    if (!next) return current;
    if (fired > limit)
      throw new Error(`rewriting @${graph.name} does not end; rules: ${rules.map((r) => r.name).join(", ")}`);
    current = next;
  }
}

/** The graph without nodes that no output needs. */
export function removeDead(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!live.has(node.result)) continue;
    kept.push(node);
    for (const v of node.operands) live.add(v);
  }
  return kept.length === graph.nodes.length ? graph : { ...graph, nodes: kept.reverse() };
}
