/** Graphs: their inputs and outputs, initialisers, nodes and attributes. */
import { error, nearest, Refusal } from "../../../ir/diagnostic.js";
import type { RawAttribute, RawNode, RawTensor, RawValue } from "../raw.js";
import {
  accept,
  at,
  atName,
  type Cursor,
  expect,
  jump,
  lineEnd,
  listed,
  missing,
  name,
  nested,
  spanOf,
  take,
} from "./cursor.js";
import { atWhole, number, string } from "./literals.js";
import { atType, type External, elements, type, valueInfo } from "./values.js";

export interface TextGraph {
  readonly inputs: readonly RawValue[];
  readonly outputs: readonly RawValue[];
  readonly initialisers: ReadonlyMap<string, RawTensor>;
  readonly nodes: readonly RawNode[];
}

export interface Reading {
  readonly cursor: Cursor;
  /** Files beside the model. */
  readonly external: External;
}

/** `name (inputs) => (outputs) <values and initialisers> { nodes }` */
export function graph(r: Reading): TextGraph {
  const { cursor } = r;
  name(cursor, "the name of the graph");
  const initialisers = new Map<string, RawTensor>();
  const inputs: RawValue[] = [];
  const outputs: RawValue[] = [];
  expect(cursor, "(", "the name of the graph");
  listed(cursor, ")", "the inputs of the graph", () => inputs.push(valueOrInitialiser(r, initialisers)));
  expect(cursor, "=>", "the inputs of the graph");
  expect(cursor, "(", "=>");
  listed(cursor, ")", "the outputs of the graph", () => outputs.push(valueInfo(cursor)));
  if (accept(cursor, "<"))
    listed(cursor, ">", "the initialisers of the graph", () => valueOrInitialiser(r, initialisers));
  return { inputs, outputs, initialisers, nodes: nodes(r) };
}

function valueOrInitialiser(r: Reading, initialisers: Map<string, RawTensor>): RawValue {
  const { cursor } = r;
  const { start } = cursor.next;
  const value = valueInfo(cursor);
  if (accept(cursor, "=")) {
    const { name, type, shape } = value;
    initialisers.set(name, elements(cursor, { type, ...(shape ? { shape } : {}) }, name, start, r.external));
  }
  return value;
}

/** Where a node may begin: at a line that reads `outputs = Op`, and no attribute `key = type[...]`. */
const nodeLine = /[^\n=]*=\s*[A-Za-z_][\w.]*(?![\w.])\s*(?![\s[{,>])/y;

/** After a mistake, reading goes on at the next line that looks like a node, or at the closing brace. */
function recover(cursor: Cursor, start: number): void {
  const { source } = cursor;
  for (
    let line = lineEnd(source, Math.max(cursor.behind, start)) + 1;
    line < source.length;
    line = lineEnd(source, line) + 1
  ) {
    nodeLine.lastIndex = line;
    if (nodeLine.test(source) || /^\s*\}/.test(source.slice(line, line + 200))) {
      jump(cursor, line);
      return;
    }
  }
  jump(cursor, source.length);
}

function nodes(r: Reading): readonly RawNode[] {
  const { cursor } = r;
  const { depth } = cursor;
  const open = expect(cursor, "{", "the head of the graph");
  const found: RawNode[] = [];
  while (!at(cursor, "}")) {
    const { start } = cursor.next;
    try {
      if (cursor.next.kind === "end") unclosed(cursor, open.start);
      found.push(node(r, found.length));
    } catch (e) {
      if (!(e instanceof Refusal) || depth > 0) throw e;
      cursor.depth = depth;
      cursor.report(...e.diagnostics);
      recover(cursor, start);
      if (cursor.next.kind === "end") break;
    }
  }
  accept(cursor, "}");
  return found;
}

function unclosed(cursor: Cursor, start: number): never {
  const notes = [{ place: spanOf(cursor, start, start + 1), text: "the nodes begin here" }];
  throw new Refusal(missing(cursor, '"}"', { after: "the nodes", notes }));
}

/** `[label] outputs = domain.Op <attributes> (inputs)`; the attributes may also come last. */
function node(r: Reading, index: number): RawNode {
  const { cursor } = r;
  const { start } = cursor.next;
  const label = accept(cursor, "[") ? named(cursor) : "";
  const outputs = at(cursor, "=") ? [] : names(cursor, "=");
  expect(cursor, "=", "the results of a node");
  const [domain, op] = qualified(name(cursor, "the name of an operator"));
  if (accept(cursor, ":")) name(cursor, "the overload of an operator");
  const attributes = new Map<string, RawAttribute>();
  attributeList(r, attributes);
  expect(cursor, "(", `the operator ${op}`);
  const inputs = names(cursor, ")");
  expect(cursor, ")", `the operands of ${op}`);
  attributeList(r, attributes);
  return {
    name: label || `${op}#${index}`,
    op,
    domain,
    inputs,
    outputs,
    attributes,
    span: spanOf(cursor, start),
  };
}

function named(cursor: Cursor): string {
  const label = name(cursor, "the name of the node");
  expect(cursor, "]", "the name of the node");
  return label;
}

/** Names between commas; nothing before a comma is an operand that is left out. */
function names(cursor: Cursor, close: string): string[] {
  const found: string[] = [];
  while (!at(cursor, close)) {
    found.push(atName(cursor) ? take(cursor).text : "");
    if (!accept(cursor, ",")) break;
  }
  return found;
}

function qualified(text: string): readonly [domain: string, op: string] {
  const dot = text.lastIndexOf(".");
  return dot < 0 ? ["", text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function attributeList(r: Reading, into: Map<string, RawAttribute>): void {
  const { cursor } = r;
  if (!accept(cursor, "<")) return;
  listed(cursor, ">", "the attributes", () => {
    const { start } = cursor.next;
    const key = name(cursor, "the name of an attribute");
    const declared = accept(cursor, ":") ? kind(cursor) : undefined;
    expect(cursor, "=", `the attribute ${key}`);
    const value = at(cursor, "[") ? list(r, declared) : single(r, declared);
    if (into.has(key)) {
      const place = spanOf(cursor, start);
      cursor.report(error("onnx/syntax", `the attribute ${key} is written twice`, { place }));
    }
    into.set(key, value);
  });
}

const kinds = [
  ...["float", "int", "string", "tensor", "graph", "sparse_tensor", "type_proto"],
  ...["floats", "ints", "strings", "tensors", "graphs", "sparse_tensors", "type_protos"],
];

function kind(cursor: Cursor): string {
  const { text } = cursor.next;
  if (kinds.includes(text)) return take(cursor).text;
  const guess = nearest(text, kinds);
  throw new Refusal(
    missing(cursor, "the kind of an attribute", {
      help: guess ? `did you mean ${guess}?` : kinds.join(", "),
    }),
  );
}

/** A number, a text, a tensor, or something that no operator of ours has. */
function single(r: Reading, declared: string | undefined): RawAttribute {
  const { cursor } = r;
  const { kind, text, start } = cursor.next;
  if (kind === "string" && !graphFollows(cursor)) return { kind: "string", value: string(cursor) };
  const whole = atWhole(cursor) && declared !== "float";
  if (kind === "number" || (/^(inf(inity)?|nan)$/i.test(text) && !graphFollows(cursor)))
    return { kind: whole ? "int" : "float", value: number(cursor) };
  if (accept(cursor, "@")) {
    name(cursor, "the name of an attribute");
    return { kind: "other" };
  }
  if (declared === "type_proto") {
    type(cursor);
    return { kind: "other" };
  }
  if (atType(cursor) || (kind === "id" && follows(cursor, /\s*[[{]/y))) {
    const of = type(cursor);
    const called = atName(cursor) ? take(cursor).text : "";
    accept(cursor, "=");
    return { kind: "tensor", value: elements(cursor, of, called, start, r.external) };
  }
  if (!atName(cursor)) throw new Refusal(missing(cursor, "the value of an attribute"));
  nested(cursor, () => graph(r));
  return { kind: "other" };
}

const follows = (cursor: Cursor, what: RegExp): boolean => {
  what.lastIndex = cursor.next.end;
  return what.test(cursor.source);
};
const graphFollows = (cursor: Cursor): boolean => follows(cursor, /\s*\(/y);

/** Values of one kind; without a declared kind, the first says it, and one fraction makes all of them floats. */
function list(r: Reading, declared: string | undefined): RawAttribute {
  const { cursor } = r;
  const found: RawAttribute[] = [];
  expect(cursor, "[", "=");
  listed(cursor, "]", "the values of an attribute", () => found.push(single(r, declared?.replace(/s$/, ""))));
  const is = (...of: readonly string[]) => found.every((v) => of.includes(v.kind));
  const values = found.map((v) => ("value" in v ? v.value : 0));
  if (found.length > 0 && is("string")) return { kind: "strings", value: values as string[] };
  if (declared !== "floats" && is("int")) return { kind: "ints", value: values as number[] };
  if (is("int", "float")) return { kind: "floats", value: values as number[] };
  return { kind: "other" };
}
