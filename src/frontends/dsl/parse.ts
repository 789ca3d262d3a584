/** Reads models (`.pulse`). Heavy packages load with the first call. */
import type { ModelSyntax, PulseSyntax } from "../../../grammar/dsl-syntax.js";
import { extentOf, type Lexeme, type SyntaxFault } from "../../../grammar/ir-syntax.js";
import { attempt, type Diagnostic, isSpan, type Result } from "../../ir/diagnostic.js";
import type { Module } from "../../ir/graph.js";
import type { OpDef } from "../../ir/op.js";
import { argumentWords } from "./arguments.js";
import { defineBlock } from "./blocks.js";
import { type Context, makeContext, type Observe, shorten, tooLarge } from "./context.js";
import type { Scope } from "./meaning.js";
import { type ModelResult, modelLimits, readModel } from "./models.js";
import type { WeightFile } from "./params.js";
import { readDeploy, readTrain } from "./sections.js";
import type { PulseFile } from "./types.js";

/** What a model in text is read with. */
export interface PulseOptions {
  /** What diagnostics call the text. */
  readonly file: string;
  readonly ops: readonly OpDef[];
  /** Of the random weights of models that name no file. Default 1. */
  readonly seed?: number;
  /** Loads the params of the file that a model names. Without it such a model gets random weights, and a warning. */
  readonly weights?: (path: string) => Promise<Result<WeightFile>>;
  /** For editors: hears what the names of definitions and of calls mean, in texts with mistakes, too. */
  readonly observe?: Observe;
}

/** The models of a text as float graphs and its other sections as data, or everything that is wrong with it. */
export async function parsePulse(source: string, options: PulseOptions): Promise<Result<PulseFile>> {
  const large = tooLarge(options.file, source);
  if (large) return { ok: false, diagnostics: [large] };
  const { readPulse } = await import("../../../grammar/dsl.js");
  const { pulse, faults, broken } = readPulse(source);
  const reports: Diagnostic[] = [];
  const cx = makeContext(
    {
      file: options.file,
      ops: options.ops,
      broken,
      complete: faults.length === 0,
      observe: options.observe,
    },
    (d) => reports.push(d),
  );
  const files = await loadWeights(pulse, options);
  const result = attempt((report) => {
    for (const fault of faults) reportFault(cx, fault);
    const value = readFile(cx, pulse, files, options);
    for (const d of reports) report(d);
    return value;
  });
  // A refusal ends reading early: what was found before it is in `reports` only.
  const found = result.ok ? result.diagnostics : [...new Set([...reports, ...result.diagnostics])];
  const told = found.filter(
    (d) => d.id === "dsl/syntax" || !faults.some((f) => onLine(source, f.at.start, d)),
  );
  return { ...result, diagnostics: told.toSorted((a, b) => startOf(a) - startOf(b)) };
}

/** Where a line cannot be read, what the rest of it seems to mean is no news. */
const onLine = (source: string, offset: number, { place }: Diagnostic): boolean =>
  place !== undefined &&
  isSpan(place) &&
  !source.slice(Math.min(offset, place.start), Math.max(offset, place.start)).includes("\n");

const startOf = ({ place }: Diagnostic): number => (place && isSpan(place) ? place.start : Infinity);

const reportFault = (cx: Context, { at, found, expected }: SyntaxFault): void =>
  cx.error("dsl/syntax", at, "syntax error", { found, expected });

/** What became of the file that a model names; nothing where it is not loaded at all. */
type Files = ReadonlyMap<ModelSyntax, Result<WeightFile> | undefined>;

async function loadWeights({ sections }: PulseSyntax, { weights }: PulseOptions): Promise<Files> {
  const files = new Map<ModelSyntax, Result<WeightFile> | undefined>();
  const loaded = new Map<string, Result<WeightFile> | undefined>();
  for (const model of sections.filter((s) => s.kind === "model")) {
    const path = pathOf(model);
    if (path === undefined) continue;
    if (!loaded.has(path)) loaded.set(path, await weights?.(path));
    files.set(model, loaded.get(path));
  }
  return files;
}

const pathSyntax = ({ body }: ModelSyntax): Lexeme | undefined =>
  body.items.find((s) => s.kind === "weights")?.path;

/** The file that a model names, if the string can be read. */
function pathOf(model: ModelSyntax): string | undefined {
  const path = pathSyntax(model);
  try {
    return path && JSON.parse(path.image);
  } catch {
    return undefined;
  }
}

function reportWeights(cx: Context, files: Files): void {
  for (const [model, file] of files) {
    const at = extentOf(pathSyntax(model)!);
    if (!file) cx.warn("dsl/weights", at, "these weights are not loaded here: random ones stand in");
    else if (!file.ok) {
      const why = file.diagnostics.map((d) => d.text).join("; ");
      cx.error("dsl/weights", at, `the weights cannot be read: ${why}`, {
        help: "the file lies beside this one; leave weights out to work with random ones",
      });
    }
  }
}

const loadedFile = (files: Files, model: ModelSyntax): WeightFile | undefined => {
  const file = files.get(model);
  return file?.ok ? file.value : undefined;
};

function readFile(cx: Context, { sections }: PulseSyntax, files: Files, options: PulseOptions): PulseFile {
  const models = sections.filter((s) => s.kind === "model");
  const outer: Scope = { parent: undefined, names: new Map(), all: new Map() };
  const words = argumentWords(options.ops);
  for (const section of sections) if (section.kind === "block") defineBlock({ cx }, outer, section);
  checkNames(cx, models);
  reportWeights(cx, files);
  const seed = options.seed ?? 1;
  const left = { ...modelLimits };
  const results = models.map((syntax) => {
    const prefix = models.length > 1 ? `${syntax.name.image}.` : "";
    return readModel(cx, syntax, {
      words,
      outer,
      left,
      maker: { seed, prefix, weights: loadedFile(files, syntax) },
    });
  });
  const names = models.map((m) => m.name.image);
  return {
    module: moduleOf(
      results,
      models.map((m) => loadedFile(files, m) !== undefined),
      seed,
    ),
    models: results.map((r) => r.facts),
    searches: results.flatMap((r) => r.searches),
    trains: sections.flatMap((s) => (s.kind === "train" ? [readTrain(cx, s, names)] : [])),
    deploys: sections.flatMap((s) => (s.kind === "deploy" ? [readDeploy(cx, s, names)] : [])),
  };
}

function checkNames(cx: Context, models: readonly ModelSyntax[]): void {
  const first = new Map<string, Lexeme>();
  for (const { name } of models) {
    const taken = first.get(name.image);
    if (!taken) first.set(name.image, name);
    else {
      const notes = [{ place: cx.span(extentOf(taken)), text: "the first one" }];
      cx.error("dsl/duplicate-name", extentOf(name), `there is a model ${shorten(name.image)} already`, {
        notes,
      });
    }
  }
  if (models.length === 0 && cx.complete)
    cx.error("dsl/no-model", { start: 0, end: 1 }, "there is no model in this text", {
      expected: "model NAME { ... }",
    });
}

/** Where the numbers of every model come from stands in the module's meta. */
function moduleOf(results: readonly ModelResult[], loaded: readonly boolean[], seed: number): Module {
  const meta = results.map(({ facts: { name, weights } }, i) => [
    `weights.${name}`,
    loaded[i] ? weights! : `random: He-uniform, seed ${seed}`,
  ]);
  return { graphs: results.map((r) => r.graph), meta: Object.fromEntries(meta) };
}
