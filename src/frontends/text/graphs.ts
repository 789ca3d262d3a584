/** Graphs: every node's operands are looked up and its type is inferred anew; what is written must agree. */
import {
  type AttrSyntax,
  type Extent,
  extentOf,
  type GraphSyntax,
  isList,
  type Lexeme,
  type NodeSyntax,
  type ValueSyntax,
} from "../../../grammar/ir-syntax.js";
import { type Complaint, inferResult } from "../../ir/check.js";
import { type Graph, type Node, stages, type Value } from "../../ir/graph.js";
import type { Attrs, AttrValue } from "../../ir/op.js";
import { printType, sameType, type TensorType } from "../../ir/type.js";
import { bare, type Context, guess } from "./context.js";
import { type CommentsOf, type Params, reportUnknownParam } from "./params.js";
import { readPlaces } from "./places.js";
import { type FindScales, readType, shorten } from "./types.js";

/** One graph being read. Behind the name of a value whose type nobody knows stands nothing. */
interface Scope {
  readonly cx: Context;
  readonly graph: GraphSyntax;
  readonly params: Params;
  readonly used: Set<string>;
  readonly values: Map<string, Value | undefined>;
  readonly definitions: ReadonlyMap<string, ValueSyntax>;
  readonly commentsOf: CommentsOf;
}

export function readGraph(
  cx: Context,
  graph: GraphSyntax,
  params: Params,
  used: Set<string>,
  commentsOf: CommentsOf,
): Graph {
  const definitions = new Map([...graph.inputs, ...graph.nodes].toReversed().map((v) => [bare(v.name), v]));
  const scope: Scope = { cx, graph, params, used, values: new Map(), definitions, commentsOf };
  const stage = stages.find((s) => s === graph.stage.image);
  if (!stage) {
    const help = { help: `stages: ${stages.join(", ")}`, ...guess(graph.stage.image, stages) };
    cx.error(
      "text/unknown-stage",
      extentOf(graph.stage),
      `there is no stage ${shorten(graph.stage.image)}`,
      help,
    );
  }
  const inputs = graph.inputs.flatMap((v) => readInput(scope, v) ?? []);
  const nodes = graph.nodes.flatMap((n) => readNode(scope, n) ?? []);
  const outputs = graph.outputs.flatMap((v) => readOutput(scope, v) ?? []);
  return { name: bare(graph.name), stage: stage ?? "float", inputs, outputs, nodes, ...commentsOf(graph) };
}

const scalesIn =
  ({ cx, params, used }: Scope): FindScales =>
  (name, at) => {
    used.add(name);
    const param = params.get(name);
    if (param?.type.storage === "f32") return param;
    if (param)
      cx.error("ir/quant", at, `@${name} is ${param.type.storage}`, {
        expected: "an f32 param with one scale per channel",
      });
    else if (!params.has(name)) reportUnknownParam(cx, name, at, [...params.keys()]);
    return undefined;
  };

function define(scope: Scope, syntax: ValueSyntax, value: Value | undefined): void {
  const { cx, values, definitions, graph } = scope;
  const name = bare(syntax.name);
  if (!values.has(name)) return void values.set(name, value);
  const first = { place: cx.span(definitions.get(name)!.at), text: "the first definition" };
  cx.error("ir/duplicate-name", extentOf(syntax.name), `%${name} is defined already in ${graph.name.image}`, {
    notes: [first],
  });
}

function readInput(scope: Scope, syntax: ValueSyntax): Value | undefined {
  const type = readType(scope.cx, syntax.type, scalesIn(scope));
  const places = readPlaces(scope.cx, syntax);
  const value = type && { name: bare(syntax.name), type, places };
  define(scope, syntax, value);
  return value;
}

function readOutput(scope: Scope, syntax: ValueSyntax): Value | undefined {
  const type = readType(scope.cx, syntax.type, scalesIn(scope));
  const value = findValue(scope, syntax.name);
  if (!value || !type) return undefined;
  if (!sameType(value.type, type))
    wrongType(scope.cx, syntax, value.type, type, "has another type where it is defined");
  return value;
}

const wrongType = (
  cx: Context,
  { name, type: at }: ValueSyntax,
  expected: TensorType,
  found: TensorType,
  text: string,
): void =>
  cx.error("ir/type", at.at, `${name.image}: ${text}`, {
    found: printType(found),
    expected: printType(expected),
  });

function findValue({ cx, values, definitions, graph, params }: Scope, lexeme: Lexeme): Value | undefined {
  const name = bare(lexeme);
  const at = extentOf(lexeme);
  if (values.has(name)) return values.get(name);
  const later = definitions.get(name);
  if (later) {
    const notes = [{ place: cx.span(later.at), text: "it is defined here" }];
    cx.error("ir/undefined-value", at, `%${name} is read before it is defined`, { notes });
  } else if (!cx.broken.has(`%${name}`)) {
    const help = params.has(name)
      ? { help: `did you mean the param @${name}?` }
      : guess(
          `%${name}`,
          [...values.keys()].map((n) => `%${n}`),
        );
    cx.error("text/unknown-value", at, `${graph.name.image} has no value %${name}`, help);
  }
  return undefined;
}

function findOperand(scope: Scope, lexeme: Lexeme): Value | undefined {
  if (lexeme.image.startsWith("%")) return findValue(scope, lexeme);
  const { cx, params, used, values } = scope;
  const name = bare(lexeme);
  used.add(name);
  if (params.has(name)) return params.get(name);
  if (values.has(name))
    cx.error("text/unknown-param", extentOf(lexeme), `there is no param @${name}`, {
      help: `did you mean the value %${name}?`,
    });
  else reportUnknownParam(cx, name, extentOf(lexeme), [...params.keys()]);
  return undefined;
}

function readNode(scope: Scope, syntax: NodeSyntax): Node | undefined {
  const { cx } = scope;
  const op = cx.ops.get(syntax.op.image);
  if (!op) {
    const names = [...cx.ops.keys()];
    const help = { help: `ops: ${names.join(", ")}`, ...guess(syntax.op.image, names) };
    cx.error("text/unknown-op", extentOf(syntax.op), `there is no op ${shorten(syntax.op.image)}`, help);
  }
  const found = syntax.operands.map((lexeme) => findOperand(scope, lexeme));
  const operands = found.filter((v) => v !== undefined);
  const attrs = readAttrs(cx, syntax.attrs);
  const declared = readType(cx, syntax.type, scalesIn(scope));
  const places = readPlaces(cx, syntax);
  const name = bare(syntax.name);
  const inferred =
    op && attrs && operands.length === found.length ? inferResult(op, operands, attrs, declared) : undefined;
  const complete = inferred && !("text" in inferred) ? inferred : undefined;
  if (inferred && "text" in inferred && (declared || inferred.operand !== undefined || inferred.attr))
    complain(cx, syntax, inferred);
  if (complete && declared && !sameType(complete.type, declared))
    wrongType(
      cx,
      syntax,
      complete.type,
      declared,
      `${syntax.op.image} gives another type than the one written`,
    );
  const type = declared ?? complete?.type;
  const result = type && { name, type, places };
  define(scope, syntax, result);
  return (
    op && complete && result && { op, operands, attrs: complete.attrs, result, ...scope.commentsOf(syntax) }
  );
}

/** Points at the operand or attribute that the op complains of, else at the whole call. */
function complain(cx: Context, syntax: NodeSyntax, { text, operand, attr, help }: Complaint): void {
  const written = syntax.attrs.find((a) => a.name.image === attr);
  const lexeme = operand === undefined ? undefined : syntax.operands[operand];
  const at: Extent = lexeme ? extentOf(lexeme) : written ? extentOfAttr(written) : syntax.call;
  cx.error("ir/operands", at, `${syntax.name.image}: ${text}`, help ? { help } : {});
}

const extentOfAttr = ({ name, value }: AttrSyntax): Extent => ({
  start: name.startOffset,
  end: (isList(value) ? value.at : extentOf(value)).end,
});

function readAttrs(cx: Context, all: readonly AttrSyntax[]): Attrs | undefined {
  const attrs = new Map<string, AttrValue>();
  let sound = true;
  for (const attr of all) {
    const name = attr.name.image;
    if (attrs.has(name)) {
      cx.error("text/duplicate-attribute", extentOf(attr.name), `${shorten(name)} is written twice`);
      sound = false;
    }
    attrs.set(name, isList(attr.value) ? attr.value.elements.map(readNumber) : readWord(attr.value));
  }
  return sound ? Object.fromEntries(attrs) : undefined;
}

const readNumber = ({ image }: Lexeme): number => Number(image) + 0;

/** Numbers and words share no spelling. */
function readWord(lexeme: Lexeme): AttrValue {
  if (lexeme.image === "true" || lexeme.image === "false") return lexeme.image === "true";
  const number = readNumber(lexeme);
  return Number.isNaN(number) ? lexeme.image : number;
}
