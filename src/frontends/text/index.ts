/** Reads IR text (`.pir`). Heavy packages load with the first call. */
import {
  extentOf,
  type GraphSyntax,
  type ModuleSyntax,
  type RangeSyntax,
} from "../../../grammar/ir-syntax.js";
import { attempt, type Diagnostic, error, isSpan, type Result } from "../../ir/diagnostic.js";
import type { Graph, Module, Range } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { ownComments } from "./comments.js";
import { bare, type Context, guess, makeContext, type ParamSource } from "./context.js";
import { readGraph } from "./graphs.js";
import { type CommentsOf, type Params, readParams } from "./params.js";
import { readString } from "./places.js";
import { shorten } from "./types.js";

export type { ParamSource } from "./context.js";

/** What IR text is read with. */
export interface TextOptions {
  /** What diagnostics call the text. */
  readonly file: string;
  readonly ops: readonly OpDef[];
  /** Where params that are named by their hash have their elements. */
  readonly params?: ParamSource;
}

/** Text is for people; megabytes of elements belong into a container. In characters. */
const textLimit = 4 * 2 ** 20;

/**
 * The module that a text says, or everything that is wrong with it, in the order of the text.
 * Types are inferred anew and must agree with those written; proofs are the verifier's.
 */
export async function parseModule(source: string, options: TextOptions): Promise<Result<Module>> {
  const { file, ops, params } = options;
  if (source.length > textLimit) {
    const more = {
      found: `${source.length} characters`,
      expected: `at most ${textLimit}`,
      help: "keep large params in a .pmod",
    };
    return { ok: false, diagnostics: [error("text/too-large", `${file} is too large for IR text`, more)] };
  }
  const { readIr } = await import("../../../grammar/ir.js");
  const { module, faults, broken } = readIr(source);
  const result = attempt((report) => {
    const cx = makeContext({ file, ops, params, broken }, report);
    for (const { at, found, expected } of faults)
      cx.error("text/syntax", at, "syntax error", { found, expected });
    return readModule(cx, module, source);
  });
  return { ...result, diagnostics: result.diagnostics.toSorted((a, b) => startOf(a) - startOf(b)) };
}

const startOf = ({ place }: Diagnostic): number => (place && isSpan(place) ? place.start : Infinity);

function readModule(cx: Context, syntax: ModuleSyntax, source: string): Module {
  const owned = ownComments(syntax, source);
  const commentsOf: CommentsOf = (item) => owned.get(item) ?? {};
  const meta = readMeta(cx, syntax);
  const params = readParams(cx, syntax.params, commentsOf);
  const used = new Set(syntax.params.flatMap((p) => (p.type.channels ? [bare(p.type.channels.param)] : [])));
  const graphs = readGraphs(cx, syntax, params, used, commentsOf);
  const ranges = readRanges(cx, syntax);
  if (cx.sound()) warnOfUnused(cx, syntax, used);
  return { graphs, meta, ...(ranges.length > 0 ? { ranges } : {}), ...commentsOf(syntax) };
}

function readMeta(cx: Context, { metas }: ModuleSyntax): Module["meta"] {
  const meta = new Map<string, string>();
  for (const { key, value } of metas) {
    const name = key.image.startsWith('"') ? readString(cx, key) : key.image;
    const text = readString(cx, value);
    if (name === undefined || text === undefined) continue;
    if (meta.has(name)) cx.error("ir/duplicate-name", extentOf(key), "this meta key is written already");
    meta.set(name, text);
  }
  return Object.fromEntries(meta);
}

function readGraphs(
  cx: Context,
  { graphs }: ModuleSyntax,
  params: Params,
  used: Set<string>,
  commentsOf: CommentsOf,
): readonly Graph[] {
  const names = new Set<string>();
  if (graphs.length === 0 && cx.sound()) {
    const expected = "graph @name(...) -> (...) stage ... { ... }";
    cx.error("text/no-graph", { start: 0, end: 1 }, "there is no graph in this text", { expected });
  }
  return graphs.map((graph) => {
    const name = bare(graph.name);
    if (names.has(name))
      cx.error("ir/duplicate-name", extentOf(graph.name), `a graph @${name} is defined already`);
    names.add(name);
    return readGraph(cx, graph, params, used, commentsOf);
  });
}

/** A module holds the params that its graphs mention; others would be lost without a word. */
function warnOfUnused(cx: Context, { params }: ModuleSyntax, used: ReadonlySet<string>): void {
  for (const { name } of params)
    if (!used.has(bare(name)))
      cx.warn("text/unused-param", extentOf(name), `nothing uses ${name.image}: it is not kept`);
}

/** Ranges name values of the graphs that stand in the same text. */
function readRanges(cx: Context, { ranges, graphs }: ModuleSyntax): readonly Range[] {
  const valuesOf = ({ inputs, nodes }: GraphSyntax) =>
    new Set([...inputs, ...nodes].map((v) => bare(v.name)));
  const known = new Map(graphs.map((g) => [bare(g.name), valuesOf(g)]));
  return ranges.flatMap((r) => (knowsRange(cx, r, known) ? (readRange(cx, r) ?? []) : []));
}

function knowsRange(
  cx: Context,
  syntax: RangeSyntax,
  known: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  const [graph, value] = [bare(syntax.graph), bare(syntax.value)];
  const values = known.get(graph);
  if (values?.has(value)) return true;
  if (cx.broken.has(`@${graph}`) || (values && cx.broken.has(`%${value}`))) return false;
  if (!values) {
    const text = `there is no graph @${shorten(graph)}`;
    cx.error("text/unknown-graph", extentOf(syntax.graph), text, guessAmong("@", graph, known.keys()));
  } else {
    const text = `@${graph} has no value %${shorten(value)}`;
    cx.error("text/unknown-value", extentOf(syntax.value), text, guessAmong("%", value, values));
  }
  return false;
}

const guessAmong = (sigil: "@" | "%", name: string, names: Iterable<string>) =>
  guess(
    sigil + name,
    [...names].map((n) => sigil + n),
  );

function readRange(cx: Context, { graph, value, bounds }: RangeSyntax): Range | undefined {
  const [low, high, ...rest] = bounds.elements.map((lexeme) => Number(lexeme.image));
  if (low !== undefined && high !== undefined && low <= high && rest.length === 0)
    return { graph: bare(graph), value: bare(value), low, high };
  cx.error("text/range", bounds.at, "this is no range", { expected: "[low, high] with low <= high" });
  return undefined;
}
