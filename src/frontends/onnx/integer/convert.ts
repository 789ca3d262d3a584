/** A float graph with quantize and dequantize becomes an integer graph, and a float tail where floats remain. */
import { type Diagnostic, Refusal } from "../../../ir/diagnostic.js";
import { type Graph, isParam, type Node, type Value } from "../../../ir/graph.js";
import type { OpDef } from "../../../ir/op.js";
import { removeDead } from "../../../ir/rewrite.js";
import { verifyModule } from "../../../ir/verify.js";
import { quantised } from "./emit.js";
import { lowerings } from "./lower.js";
import type { Rounding } from "./rule.js";
import { createState, type Exact, type State, Stuck } from "./state.js";
import { tailFor } from "./tail.js";

export interface Converted {
  readonly main: Graph;
  readonly tail?: Graph;
  /** What the integers of @main are rounded from. */
  readonly roundings: readonly Rounding[];
  /** Names in @main of the integer values of the source, by their names there. */
  readonly integers: ReadonlyMap<string, string>;
}

/** Why there is no integer graph: the first op in the way, and what else is known. */
export interface Obstacle {
  readonly node?: Node;
  readonly why: string;
}

export function toIntegers(
  source: Graph,
  exact: ReadonlyMap<Value, Exact>,
  ops: readonly OpDef[],
): Converted | Obstacle {
  const s = createState(source, exact, ops);
  try {
    for (const input of source.inputs) enter(s, input);
    for (const node of source.nodes) convert(s, node);
    return finished(s, ops);
  } catch (e) {
    if (e instanceof Stuck) return { why: e.message, ...(e.node ? { node: e.node } : {}) };
    if (e instanceof Refusal) return { why: e.diagnostics[0]!.text };
    throw e;
  }
}

function enter(s: State, input: Value): void {
  if (input.type.storage === "f32")
    s.reals.set(input, { kind: "entering", input, lo: -Infinity, hi: Infinity });
  else s.integers.set(input, s.input(input.name, input.type));
}

function convert(s: State, node: Node): void {
  const { op, operands, result } = node;
  if (op.name === "quantize") s.integers.set(result, roundedTo(s, node));
  else if (result.type.storage === "f32") lower(s, node);
  else s.integers.set(result, copied(s, node, operands));
}

function roundedTo(s: State, { operands: [x], result }: Node): Value {
  const real = s.reals.get(x!);
  if (!real) throw s.obstacles.get(x!)!;
  return quantised(s, real, result.type, result);
}

/** Arithmetic that is on integers already. */
function copied(s: State, { op, attrs, result }: Node, operands: readonly Value[]): Value {
  const now = operands.map((v) => (isParam(v) ? v : s.integers.get(v)!));
  return s.emit(op.name, now, attrs, result, result.type);
}

function lower(s: State, node: Node): void {
  const { op, operands, result } = node;
  const xs = operands.map((v) => s.reals.get(v));
  const blocked = operands.find((v) => s.obstacles.has(v));
  try {
    const real = blocked ? undefined : lowerings[op.name]?.(s, node, xs);
    if (real) s.reals.set(result, real);
    else s.obstacles.set(result, blocked ? s.obstacles.get(blocked)! : new Stuck(node, reasonFor(s, node)));
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    s.obstacles.set(result, new Stuck(node, e.diagnostics[0]!.text));
  }
}

function reasonFor(s: State, { op, operands }: Node): string {
  const [x] = operands;
  if (x && s.reals.get(x)?.kind === "entering") return `${op.name} computes on the float input ${x.name}`;
  if (op.name === "upsample")
    return "linear upsample is exact along one axis alone, by weights that are fractions of 2^15";
  return lowerings[op.name]
    ? `${op.name} reads floats that no QuantizeLinear before it rounds, or weights that are not quantised`
    : `${op.name} has no integer meaning`;
}

function finished(s: State, ops: readonly OpDef[]): Converted {
  const { source } = s;
  const floats = source.outputs.filter((v) => v.type.storage === "f32");
  const tail = floats.length > 0 ? tailFor(s, floats, ops) : undefined;
  const integers = source.outputs.filter((v) => v.type.storage !== "f32").map((v) => s.integers.get(v)!);
  const outputs = [...new Set([...integers, ...(tail?.boundary ?? [])])];
  for (const input of source.inputs)
    if (!s.integers.has(input)) throw new Stuck(undefined, `nothing quantises the float input ${input.name}`);
  const main = ordered(s, removeDead(s.finish(outputs)));
  if (main.nodes.length === 0) throw new Stuck(undefined, "nothing is computed on its integers");
  const graphs = [main, ...(tail ? [tail.graph] : [])];
  const wrong = verifyModule({ graphs, meta: {} }).find((d: Diagnostic) => d.severity === "error");
  if (wrong) throw new Stuck(undefined, wrong.text);
  const names = new Set(main.nodes.map((n) => n.result.name));
  const roundings = s.roundings.filter((r) => names.has(r.value));
  for (const v of main.inputs) names.add(v.name);
  const renamed = new Map(
    [...s.integers].filter(([, v]) => names.has(v.name)).map(([from, to]) => [from.name, to.name]),
  );
  return { main, ...(tail ? { tail: tail.graph } : {}), roundings, integers: renamed };
}

/** Inputs in the order of the source. */
function ordered({ source }: State, graph: Graph): Graph {
  const rank = new Map(source.inputs.map((v, i) => [v.name, i]));
  return { ...graph, inputs: graph.inputs.toSorted((a, b) => rank.get(a.name)! - rank.get(b.name)!) };
}
