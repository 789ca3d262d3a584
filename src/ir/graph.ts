/** Module, graph, node, value: SSA over tensors, immutable, in topological order. */
import type { Place } from "./diagnostic.js";
import type { Attrs, OpDef } from "./op.js";
import type { Data } from "./storage.js";
import type { TensorType } from "./type.js";

/** What a graph may hold: `float` f32 only, `relaxed` ops of searches too, `quantised` simulated rounding too, `integer` no f32 at all. */
export type Stage = "float" | "relaxed" | "quantised" | "integer";
export const stages: readonly Stage[] = ["float", "relaxed", "quantised", "integer"];

/** What values, params, graphs and bare meta keys may be called: what the text can say. */
export const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_.]{0,1023}$/.test(text);

/** A tensor with a name: graph input, node result or param. Identity is the object, the name is for people. */
export interface Value {
  readonly name: string;
  readonly type: TensorType;
  /** Where it came from; rewrites inherit the union. */
  readonly places: readonly Place[];
}

/** What people wrote beside it: lines above, and one behind it on its line. */
export interface Commented {
  readonly comments?: readonly string[];
  readonly remark?: string;
}

/** How a param came to be: the param it was made from, the channels kept of it, its bit width. */
export interface Origin {
  readonly param: string;
  readonly kept?: readonly (readonly number[])[];
  readonly bits?: number;
}

/** A constant or trainable tensor of a graph. */
export interface Param extends Value, Commented {
  readonly data: Data;
  readonly trainable: boolean;
  readonly origin?: Origin;
}
/** Whether a value is a param: it has data, and no node gives it. */
export const isParam = (value: Value): value is Param => "data" in value;

/** One use of an op. It has exactly one result. */
export interface Node extends Commented {
  readonly op: OpDef;
  /** In the order of the op's operand record; absent optional operands are left off the end. */
  readonly operands: readonly Value[];
  readonly attrs: Attrs;
  readonly result: Value;
}

/** A network or a part of one: nodes in an order in which they can run, each value defined once. */
export interface Graph extends Commented {
  readonly name: string;
  readonly stage: Stage;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
}

/** Observed extremes of a value, by name: a fact from calibration that outlives the passes in between. */
export interface Range {
  readonly graph: string;
  readonly value: string;
  readonly low: number;
  readonly high: number;
}

/** Graphs that belong together; the first is the network. */
export interface Module {
  readonly graphs: readonly Graph[];
  /** Facts for people and reports (producer, dialect); never decides arithmetic. */
  readonly meta: Readonly<Record<string, string>>;
  readonly ranges?: readonly Range[];
  /** What the head of the text says about the whole. */
  readonly comments?: readonly string[];
}

/** The ranges whose value still exists. */
export function liveRanges(module: Module): readonly Range[] {
  const names = new Map(
    module.graphs.map((g) => [
      g.name,
      new Set([...g.inputs, ...g.nodes.map((n) => n.result)].map((v) => v.name)),
    ]),
  );
  return (module.ranges ?? []).filter((r) => names.get(r.graph)?.has(r.value));
}

/** The params that `graphs` mention, in order of first use, those of types included. */
export function paramsOf(graphs: readonly Graph[]): readonly Param[] {
  const found = new Set<Param>();
  const visit = (value: Value) => {
    if (value.type.quant?.channels) found.add(value.type.quant.channels);
    if (isParam(value)) found.add(value);
  };
  for (const g of graphs) {
    g.inputs.forEach(visit);
    for (const node of g.nodes) {
      node.operands.forEach(visit);
      visit(node.result);
    }
  }
  return [...found];
}

/** Which nodes read each value. */
export function usersOf(graph: Graph): ReadonlyMap<Value, readonly Node[]> {
  const users = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const operand of new Set(node.operands)) {
      const list = users.get(operand);
      if (list) list.push(node);
      else users.set(operand, [node]);
    }
  }
  return users;
}

/** The node that gives each value; none for inputs and params. */
export const producersOf = (graph: Graph): ReadonlyMap<Value, Node> =>
  new Map(graph.nodes.map((n) => [n.result, n]));

/** The graph that compilers and engines take by default: the first one. */
export function mainGraph(module: Module): Graph {
  const graph = module.graphs[0];
  if (!graph) throw new Error("a module has at least one graph");
  return graph;
}

/** All places of some values, each once, in order. */
export function unionPlaces(...lists: readonly (readonly Place[])[]): readonly Place[] {
  const seen = new Map<string, Place>();
  for (const place of lists.flat()) seen.set(JSON.stringify(place), place);
  return [...seen.values()];
}
