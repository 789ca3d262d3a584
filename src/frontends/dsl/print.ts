/** Float graphs as models: every node a call, with the arguments that it was (or could have been) written with. */
import { completeAttrs } from "../../ir/check.js";
import { error, type Result } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Node, usersOf, type Value } from "../../ir/graph.js";
import type { Attrs, AttrValue, OpDef, OperandSpec } from "../../ir/op.js";
import { activation, printType, sameType, tensorType } from "../../ir/type.js";
import { argumentKinds, positionalOf, rowOf } from "./arguments.js";
import { notCallable } from "./call.js";
import { operators, takesNumbers } from "./calls.js";
import { numberOf, numberText } from "./constants.js";
import { formatPulse } from "./format.js";
import { parsePulse } from "./parse.js";

/**
 * A model that parses back to a graph of the same structure: ops, attributes, shapes and names of inputs and outputs.
 * The values of params are not part of it. Refuses what no model can say.
 */
export async function printPulse(graph: Graph, ops: readonly OpDef[]): Promise<Result<string>> {
  const refuse = (text: string): Result<string> => ({
    ok: false,
    diagnostics: [
      error("dsl/print", `@${graph.name} is no model: ${text}`, {
        help: "its IR text says everything: write a .pir",
      }),
    ],
  });
  const wrong = unsayable(graph);
  if (wrong !== undefined) return refuse(wrong);
  const formatted = await formatPulse(textOf(graph));
  if (!formatted.ok) return refuse("its names are none of models");
  const back = await parsePulse(formatted.value, { file: "printed.pulse", ops });
  if (!back.ok) return refuse(back.diagnostics[0]!.text);
  const differs = difference(graph, back.value.module.graphs[0]!);
  return differs === undefined ? formatted : refuse(differs);
}

/** What a model never says. */
function unsayable({ stage, inputs, nodes }: Graph): string | undefined {
  if (stage !== "float") return `its stage is ${stage}, models are float`;
  for (const { name, type } of inputs)
    if (type.storage !== "f32" || type.shape[0] !== "N" || type.shape.length < 2)
      return `%${name} is ${printType(type)}; inputs of models are f32 with a batch N`;
  const seen = new Set<Value>();
  for (const { op, operands } of nodes) {
    const wrong = notCallable(op);
    if (wrong) return wrong;
    const kinds = Object.values(op.operands as OperandSpec);
    for (const [i, param] of operands.entries()) {
      if (!isParam(param)) continue;
      if (isNumber(op, param)) continue;
      if (!(kinds[0]?.variadic ? kinds[0] : kinds[i])?.param)
        return `${op.name} reads the param @${param.name} where models have values`;
      if (seen.has(param)) return `@${param.name} is read twice; every call of a model has params of its own`;
      seen.add(param);
    }
  }
  return undefined;
}

/** A param that is written as a number, however often it is read. */
const isNumber = (op: OpDef, value: Value): boolean => takesNumbers(op) && numberOf(value) !== undefined;

function textOf(graph: Graph): string {
  const inputs = graph.inputs.map((v) => `input ${v.name}: [${v.type.shape.slice(1).join(", ")}]\n`);
  const statements = pipesOf(graph).map((nodes) => `${nodes.at(-1)!.result.name} = ${pipeText(nodes)}\n`);
  const outputs = graph.outputs.map((v) => `output ${v.name}\n`);
  const last = `${graph.outputs[0]?.name} = `;
  if (outputs.length === 1 && statements.at(-1)?.startsWith(last))
    outputs.splice(0, 1, `output ${statements.pop()}`);
  return `model ${graph.name} {\n${[...inputs, ...statements, ...outputs].join("")}}\n`;
}

/** `u.conv`, `u.main.conv_2`: what a pipe calls a value that nobody named. */
const hasMadeName = ({ op, result }: Node): boolean =>
  result.name.replace(/_\d+$/, "").endsWith(`.${op.name}`);

/** Nodes in runs that read one another; the values inside a run have no names worth keeping. */
function pipesOf(graph: Graph): readonly (readonly Node[])[] {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs);
  const joins = (before: Node | undefined, first: Node): before is Node =>
    before !== undefined &&
    first.operands[0] === before.result &&
    !first.operands.slice(1).includes(before.result) &&
    users.get(before.result)?.length === 1 &&
    !outputs.has(before.result) &&
    hasMadeName(before);
  const runs: Node[][] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const run = [graph.nodes[i]!];
    for (; joins(graph.nodes[i - 1], run[0]!); i--) run.unshift(graph.nodes[i - 1]!);
    runs.unshift(run);
  }
  return runs;
}

function pipeText(nodes: readonly Node[]): string {
  const [first, ...rest] = nodes;
  const stages = rest.map((node) => callText(node, valuesOf(node).slice(1)));
  return [...startOf(first!), ...stages].join(" |> ");
}

const valuesOf = ({ op, operands }: Node): readonly string[] =>
  operands.flatMap((v) => {
    if (isNumber(op, v)) return [numberText(numberOf(v)!)];
    return isParam(v) ? [] : [v.name];
  });

/** `a + b`, `concat(a, b)`, or a value and the first stage that it goes into. */
function startOf(node: Node): readonly string[] {
  const values = valuesOf(node);
  const operator = Object.entries(operators).find(([, name]) => name === node.op.name)?.[0];
  if (operator && Object.keys(writtenArguments(node)).length === 0) return [values.join(` ${operator} `)];
  return values.length === 1 ? [values[0]!, callText(node, [])] : [callText(node, values)];
}

function callText(node: Node, values: readonly string[]): string {
  const { op } = node;
  const args = Object.entries(writtenArguments(node)).map(([name, value]) => ({
    name,
    text: argumentText(node, name, value),
  }));
  const bare = args.length === 1 && args[0]!.name === positionalOf(op)[0];
  const all = [...values, ...args.map(({ name, text }) => (bare ? text : `${name}: ${text}`))];
  return all.length === 0 ? op.name : `${op.name}(${all.join(", ")})`;
}

/** The row's own arguments, then the attributes that do not follow from what is written before. */
function writtenArguments(node: Node): Readonly<Record<string, AttrValue>> {
  const { op, operands, attrs } = node;
  const row = rowOf(op);
  const written: Record<string, AttrValue> = {};
  for (const [name, value] of Object.entries(row?.read?.(node) ?? {}))
    if (value !== undefined) written[name] = value;
  const { shape } = operands[0]!.type;
  const { spatial, channels } =
    shape.length < 2 ? { spatial: [], channels: 1 } : activation(operands[0]!.type);
  for (const name of Object.keys(op.attrs)) {
    const made: Attrs | string = row?.attrs?.({ channels, spatial, given: written }) ?? {};
    const own = Object.fromEntries(Object.entries(written).filter(([key]) => Object.hasOwn(op.attrs, key)));
    const follows = completeAttr(node, name, { ...own, ...(typeof made === "string" ? {} : made) });
    const value = attrs[name];
    if (value !== undefined && JSON.stringify(follows) !== JSON.stringify(value)) written[name] = value;
  }
  return written;
}

/** What an attribute is when only `given` is written; other attributes may still be missing. */
function completeAttr({ op, operands, attrs }: Node, name: string, given: Attrs): AttrValue | undefined {
  const { [name]: _, ...others } = attrs;
  const completed = completeAttrs(op, operands, name in given ? { ...others, [name]: given[name] } : others);
  return "text" in completed ? undefined : completed.attrs[name];
}

function argumentText({ op }: Node, name: string, value: AttrValue): string {
  if (!Array.isArray(value)) return String(value);
  const kind = argumentKinds(op)[name];
  const repeats = kind?.kind === "ints" && (kind.length === "spatial" || kind.length === "edges");
  return repeats && new Set(value).size === 1 ? String(value[0]) : `[${value.join(", ")}]`;
}

/** Where two graphs part, in words: everything but places, comments, param values and names of inner values. */
function difference(a: Graph, b: Graph): string | undefined {
  const [want, found] = [a.nodes.length, b.nodes.length];
  if (found !== want) return `it reads back with ${found} nodes, not ${want}`;
  const twin = new Map<Value, Value>(a.inputs.map((v, i) => [v, b.inputs[i]!]));
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i]!;
    const same =
      node.op.name === other.op.name &&
      JSON.stringify(sortedAttrs(node)) === JSON.stringify(sortedAttrs(other)) &&
      sameType(node.result.type, other.result.type) &&
      node.operands.length === other.operands.length &&
      node.operands.every((v, k) => sameOperand(v, other.operands[k]!, twin)) &&
      node.operands.every((v, k) => !isNumber(node.op, v) || numberOf(v) === numberOf(other.operands[k]!));
    if (!same) return `%${node.result.name} reads back as another node`;
    twin.set(node.result, other.result);
  }
  const matches = a.outputs.every((v, i) => twin.get(v) === b.outputs[i] && v.name === b.outputs[i]?.name);
  return matches && a.outputs.length === b.outputs.length ? undefined : "its outputs read back as others";
}

const sortedAttrs = ({ attrs }: Node) => Object.entries(attrs).toSorted(([a], [b]) => (a < b ? -1 : 1));

const sameOperand = (a: Value, b: Value, twin: ReadonlyMap<Value, Value>): boolean =>
  isParam(a)
    ? isParam(b) &&
      sameType(tensorType(a.type.storage, a.type.shape), tensorType(b.type.storage, b.type.shape))
    : twin.get(a) === b;
