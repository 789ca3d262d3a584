/** Models: statements in order become a graph; search spaces become data, their widest choice the size. */
import type {
  Expression,
  InputSyntax,
  ModelSyntax,
  OutputSyntax,
  SearchSyntax,
  StatementSyntax,
} from "../../../grammar/dsl-syntax.js";
import { type Extent, extentOf, type Lexeme } from "../../../grammar/ir-syntax.js";
import type { Graph, Value } from "../../ir/graph.js";
import { type Dim, tensorType, wrongShape } from "../../ir/type.js";
import { define, defineBlock, Expansion } from "./blocks.js";
import { type Build, freshName, type Left } from "./call.js";
import { type Context, readString, shorten } from "./context.js";
import { describe, find, isTensor, type Meaning, type Scope } from "./meaning.js";
import type { ParamMaker } from "./params.js";
import type { ModelFacts, SearchSpace } from "./types.js";

/** Of all models of a file: far above the nets of microcontrollers, far below what a machine chokes on. */
export const modelLimits = { nodes: 4096, elements: 2 ** 24 };

export interface ModelResult {
  readonly facts: ModelFacts;
  readonly graph: Graph;
  readonly searches: readonly SearchSpace[];
}

export interface ModelOptions {
  readonly words: ReadonlySet<string>;
  /** The file's own blocks. */
  readonly outer: Scope;
  readonly maker: Omit<ParamMaker, "left" | "missing">;
  /** What the models before this one have left of `modelLimits`. */
  readonly left: Left;
}

/** What one model is being read into. */
interface Reading {
  readonly syntax: ModelSyntax;
  readonly build: Build;
  readonly expansion: Expansion;
  readonly scope: Scope;
  readonly inputs: Value[];
  readonly outputs: Value[];
  readonly searches: SearchSpace[];
  weights?: string;
}

export function readModel(cx: Context, syntax: ModelSyntax, options: ModelOptions): ModelResult {
  const all = new Map(
    syntax.body.items.flatMap((s) => ("name" in s && s.name ? [[s.name.image, extentOf(s.name)]] : [])),
  );
  const build: Build = {
    cx,
    nodes: [],
    names: new Map([...all.keys()].map((name) => [name, 1])),
    reserved: new Set(all.keys()),
    maker: { ...options.maker, missing: [], left: options.left },
    words: options.words,
    left: options.left,
  };
  const scope: Scope = { parent: options.outer, names: new Map(), all };
  const expansion = new Expansion(build);
  const reading: Reading = { syntax, build, expansion, scope, inputs: [], outputs: [], searches: [] };
  for (const statement of syntax.body.items) readStatement(reading, statement);
  checkWhole(reading);
  const { inputs, outputs, searches, weights } = reading;
  const name = syntax.name.image;
  const place = cx.span(extentOf(syntax.name));
  return {
    facts: { name, place, ...(weights === undefined ? {} : { weights }) },
    graph: { name, stage: "float", inputs, outputs, nodes: build.nodes },
    searches,
  };
}

function readStatement(r: Reading, s: StatementSyntax): void {
  switch (s.kind) {
    case "input":
      return void readInput(r, s);
    case "search":
      return void readSearch(r, s);
    case "weights":
      return void readWeights(r, s.path, s.at);
    case "block":
      return void defineBlock(r.build, r.scope, s);
    case "named": {
      const naming = { result: s.name.image, prefix: s.name.image };
      return void bind(r, s.name, r.expansion.value(r.scope, s.value, naming));
    }
    case "output":
      return void readOutput(r, s);
  }
}

function bind({ build, scope }: Reading, name: Lexeme, meaning: Meaning | undefined, used = false): void {
  define(build, scope, name.image, { at: extentOf(name), meaning, used });
}

function readInput(r: Reading, { name, shape }: InputSyntax): void {
  const { cx } = r.build;
  const batch = shape.kind === "list" ? shape.items[0] : undefined;
  if (batch?.kind === "name" && /^(N|batch)$/i.test(batch.name.image) && !find(r.scope, batch.name.image)) {
    cx.error("dsl/input", batch.at, "the batch is implicit", { help: "leave it out: [length, channels]" });
    return void bind(r, name, undefined);
  }
  const list = r.expansion.value(r.scope, shape, { result: undefined, prefix: "" });
  const value = list && inputValue(r, name, list, shape.at);
  if (value) r.inputs.push(value);
  bind(r, name, value && { kind: "tensor", value });
  if (r.build.nodes.length > 0)
    cx.error("dsl/input", extentOf(name), "inputs stand before what is computed from them");
}

function inputValue({ build }: Reading, name: Lexeme, list: Meaning, at: Extent): Value | undefined {
  const items = list.kind === "list" ? list.items : [];
  const wrong = items.find((m) => m.kind !== "number" || !Number.isSafeInteger(m.value) || m.value < 1);
  const shape: readonly Dim[] = ["N", ...items.map((m) => (m.kind === "number" ? m.value : 1))];
  const text = wrong
    ? `a size is a whole number of at least 1, not ${describe(wrong)}`
    : items.length === 0
      ? "an input has sizes"
      : wrongShape(shape);
  if (text) {
    build.cx.error("dsl/input", at, text, {
      expected: "[length, channels], [height, width, channels] or [features]; the batch is implicit",
    });
    return undefined;
  }
  const place = build.cx.span(extentOf(name));
  return { name: freshName(build, name.image, true), type: tensorType("f32", shape), places: [place] };
}

function readSearch(r: Reading, { name, space, at }: SearchSyntax): void {
  const choices = readChoices(r, space);
  if (!choices) return void bind(r, name, undefined, true);
  const chosen = Math.max(...choices);
  const place = r.build.cx.span(at);
  r.searches.push({ model: r.syntax.name.image, name: name.image, choices, chosen, place });
  bind(r, name, { kind: "number", value: chosen });
}

/** Choices that a search is worth; more would be a list by mistake. */
const choiceLimit = 256;

function readChoices(r: Reading, space: Expression): readonly number[] | undefined {
  const { cx } = r.build;
  const refuse = (at: Extent, text: string) => {
    cx.error("dsl/search", at, text, { expected: "sizes to choose from, such as choice(4, 8, 12, 16)" });
    return undefined;
  };
  if (space.kind !== "call" || space.name.image !== "choice")
    return refuse(space.at, "this is no search space");
  const named = space.args.find((a) => a.name);
  if (named) return refuse(named.at, "choices have no names");
  const found = space.args.map((a) => r.expansion.value(r.scope, a.value, { result: undefined, prefix: "" }));
  const sizes = found.flatMap((m) =>
    m?.kind === "number" && Number.isSafeInteger(m.value) && m.value > 0 ? [m.value] : [],
  );
  const bad = found.findIndex((m) => m && !(m.kind === "number" && sizes.includes(m.value)));
  if (bad >= 0)
    return refuse(
      space.args[bad]!.at,
      `a choice is a size, a whole number of at least 1, not ${describe(found[bad]!)}`,
    );
  if (sizes.length !== found.length) return undefined;
  const twice = sizes.findIndex((v, i) => sizes.indexOf(v) < i);
  if (twice >= 0) return refuse(space.args[twice]!.at, `${sizes[twice]} is a choice already`);
  if (sizes.length < 2 || sizes.length > choiceLimit)
    return refuse(space.at, `a search has 2 to ${choiceLimit} choices, not ${sizes.length}`);
  return sizes;
}

function readWeights(r: Reading, path: Lexeme, at: Extent): void {
  const { cx } = r.build;
  if (r.weights !== undefined) return void cx.error("dsl/weights", at, "the model names its weights already");
  const text = readString(cx, path, extentOf(path));
  if (text !== undefined) r.weights = text;
}

/** `output y = e` names the result; an unnamed one is called y, unless it is a value that has a name. */
function readOutput(r: Reading, { name, value: e, at }: OutputSyntax): void {
  const { cx } = r.build;
  const called = name?.image ?? (r.build.reserved.has("y") ? "output" : "y");
  const naming = { result: called, prefix: called };
  const meaning = r.expansion.value(r.scope, e, naming);
  if (name) bind(r, name, meaning, true);
  if (!meaning) return;
  if (!isTensor(meaning))
    return void cx.error("dsl/output", e.at, `an output is a tensor, not ${describe(meaning)}`);
  const { value } = meaning;
  if (r.outputs.includes(value)) return void cx.error("dsl/output", at, `${value.name} is an output already`);
  if (name && value.name !== name.image)
    return void cx.error("dsl/output", at, `${name.image} would be a second name of ${value.name}`, {
      help: `write output ${value.name}`,
    });
  r.outputs.push(value);
}

function checkWhole({ syntax, build, scope, outputs }: Reading): void {
  const { cx, maker } = build;
  const { name, body } = syntax;
  const has = (kind: StatementSyntax["kind"]) => body.items.some((s) => s.kind === kind);
  if (name.image.includes("."))
    cx.error("dsl/name", extentOf(name), "a model's name has no dots: params are called MODEL.VALUE.PARAM", {
      help: `call it ${shorten(name.image.replaceAll(".", "_"))}`,
    });
  if (!has("input") && cx.complete)
    cx.error("dsl/input", extentOf(name), `${name.image} has no input`, { help: "write input x: [64, 4]" });
  if (!has("output") && cx.complete)
    cx.error("dsl/output", extentOf(name), `${name.image} has no output`, {
      help: "write output and the value that the model gives",
    });
  if (maker.missing.length > 0)
    cx.error("dsl/weights", weightsPlace(syntax), missingText(maker.missing), {
      help: "name the file that this model was trained in, or leave weights out to work with random ones",
    });
  if (outputs.length === 0 || !cx.sound()) return;
  for (const [key, { used, at, block }] of scope.names)
    if (!used && !block)
      cx.warn("dsl/unused", at, `nothing uses ${key}`, { help: "use it, or delete its definition" });
}

const weightsPlace = ({ body, name }: ModelSyntax): Extent =>
  body.items.find((s) => s.kind === "weights")?.at ?? extentOf(name);

function missingText(missing: readonly string[]): string {
  const rest = missing.length > 4 ? `, and ${missing.length - 4} more` : "";
  return `the weights do not fit the model: ${missing.slice(0, 4).join("; ")}${rest}`;
}
