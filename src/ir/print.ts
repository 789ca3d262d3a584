/** Canonical text of the IR. `print(parse(text)) === text` for canonical text; nothing we hold is lost. */
import { defaultAttr } from "./check.js";
import { describePlace, isSpan, type Place } from "./diagnostic.js";
import {
  type Commented,
  type Graph,
  isName,
  liveRanges,
  type Module,
  type Node,
  type Param,
  paramsOf,
  type Value,
} from "./graph.js";
import { contentHash } from "./hash.js";
import type { AttrSpec, AttrValue } from "./op.js";
import { printType } from "./type.js";

/** What is printed beside the canonical text. */
export interface PrintOptions {
  /** Append `loc(...)` to values that have a place. Not part of the canonical text. */
  readonly locations?: boolean;
}

/** Params of up to this many elements are written out; larger ones are named by their hash and live in the `.pmod`. */
export const inlineLimit = 64;

/** A module as canonical IR text: reading it gives the same module. Params above a size appear by their hash. */
export function printModule(module: Module, options: PrintOptions = {}): string {
  const meta = Object.entries(module.meta)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `meta ${isName(key) ? key : JSON.stringify(key)} = ${JSON.stringify(value)}\n`);
  const params = paramsOf(module.graphs)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((p) => printParam(p, options));
  const ranges = liveRanges(module).map((r) => `range @${r.graph} %${r.value} = [${r.low}, ${r.high}]\n`);
  const head = [comments(module.comments), meta.join(""), params.join(""), ranges.join("")].filter(Boolean);
  return [...head, ...module.graphs.map((g) => printGraph(g, options))].join("\n");
}

const comments = (lines: readonly string[] | undefined, indent = ""): string =>
  (lines ?? []).map((line) => `${indent}// ${line}`.trimEnd().concat("\n")).join("");

const remark = ({ remark: text }: Commented): string => (text === undefined ? "" : ` // ${text}`.trimEnd());

const location = (places: readonly Place[], { locations }: PrintOptions): string =>
  locations && places.length > 0 ? ` loc(${places.map((p) => JSON.stringify(placeText(p))).join(", ")})` : "";
const placeText = (p: Place): string => (isSpan(p) ? `${p.file}:${p.start}-${p.end}` : describePlace(p));

export function printParam(param: Param, options: PrintOptions = {}): string {
  const { name, type, data, trainable, origin } = param;
  const value =
    data.length <= inlineLimit
      ? `[${[...data].map((v: number | bigint) => printNumber(v, type.storage === "f32")).join(", ")}]`
      : `#${contentHash(param)}`;
  const from = origin ? ` from ${JSON.stringify(origin, ["param", "kept", "bits"])}` : "";
  const flags = trainable ? " trainable" : "";
  return `${comments(param.comments)}param @${name} : ${printType(type)}${flags}${from} = ${value}${location(param.places, options)}${remark(param)}\n`;
}

/** Shortest decimal that reads back as the same number. */
function printNumber(v: number | bigint, float: boolean): string {
  if (!float || typeof v === "bigint") return String(v);
  for (let digits = 6; digits <= 9; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === v) return Object.is(v, -0) ? "-0" : text;
  }
  return String(v);
}

const signature = (values: readonly Value[], options: PrintOptions): string =>
  values.map((v) => `%${v.name}: ${printType(v.type)}${location(v.places, options)}`).join(", ");

/** A graph as IR text, without its params. */
export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  const head = `graph @${graph.name}(${signature(graph.inputs, options)}) -> (${signature(graph.outputs, {})}) stage ${graph.stage} {${remark(graph)}\n`;
  return `${comments(graph.comments)}${head}${graph.nodes.map((n) => printNode(n, options)).join("")}}\n`;
}

export function printNode(node: Node, options: PrintOptions = {}): string {
  const operands = node.operands.map((v) => ("data" in v ? `@${v.name}` : `%${v.name}`)).join(", ");
  const attrs = printAttrs(node);
  const line = `%${node.result.name} = ${node.op.name} ${operands}${attrs} : ${printType(node.result.type)}`;
  return `${comments(node.comments, "  ")}  ${line}${location(node.result.places, options)}${remark(node)}\n`;
}

/** Attributes in the order of the op's record; those equal to their default stay unwritten. */
function printAttrs(node: Node): string {
  const written = Object.entries(node.op.attrs as AttrSpec).flatMap(([name, kind]) => {
    const value = node.attrs[name];
    if (value === undefined || sameAttr(value, defaultAttr(kind, node.operands))) return [];
    return [`${name} = ${printAttr(value)}`];
  });
  return written.length > 0 ? ` {${written.join(", ")}}` : "";
}

function printAttr(value: AttrValue): string {
  if (typeof value !== "object") return String(value);
  return value.length === 1 ? String(value[0]) : `[${value.join(", ")}]`;
}

const sameAttr = (a: AttrValue, b: AttrValue | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
