/** What may be written at a place of a `.pulse` text. */
import { extentOf, type Lexeme } from "../../grammar/ir-syntax.js";
import {
  argumentKinds,
  functions,
  notCallable,
  rowOf,
  type SettingTable,
  settingValues,
  signature,
  targets,
} from "../frontends/dsl/index.js";
import type { OpDef } from "../ir/op.js";
import type { PulseView } from "./analysis.js";
import { explainArgument, wordsOf } from "./explain.js";
import { definitionOf, modelsOf, parametersOf, visibleAt } from "./names.js";
import { calleeAround, containerAround, leads, settingsOf, type Tokens } from "./tokens.js";

export interface Proposal {
  readonly label: string;
  readonly kind: "op" | "block" | "value" | "argument" | "word" | "keyword" | "setting";
  readonly detail?: string;
  readonly documentation?: string;
  /** What is written where it is not the label. */
  readonly insert?: string;
}

/** A cursor between tokens: the word under it, if any, is not among them. */
interface Place {
  readonly view: PulseView;
  readonly ops: readonly OpDef[];
  readonly tokens: Tokens;
  /** Where the word under the cursor starts. */
  readonly start: number;
}

export function completePulse(view: PulseView, ops: readonly OpDef[], offset: number): readonly Proposal[] {
  const { tokens: all, comments } = view.syntax;
  const inside = (t: Lexeme) => t.startOffset < offset && offset < extentOf(t).end;
  const quoted = all.some((t) => t.image.startsWith('"') && inside(t));
  if (quoted || comments.some((c) => c.startOffset < offset && offset <= extentOf(c).end)) return [];
  const start = offset - /[A-Za-z0-9_.]*$/.exec(view.source.slice(0, offset))![0].length;
  const place: Place = { view, ops, tokens: all.filter((t) => t.startOffset < start), start };
  return atPlace(place);
}

function atPlace(place: Place): readonly Proposal[] {
  const { tokens, view, start } = place;
  const last = tokens.at(-1)?.image;
  const container = containerAround(tokens, tokens.length);
  const line = leads(tokens, tokens.length, view.source, start);
  const named = sectionHead(place);
  if (named) return named;
  const callee = calleeAround(tokens, tokens.length);
  if (last === "|>") return callables(place);
  if (callee) return inCall(place, callee);
  if (container === "file" && line) return keywords(["model", "block", "train", "deploy"]);
  const table = settingsOf[container];
  if (table) return line ? settings(table, container === "train") : settingWords(table, last);
  if (line && container === "statements")
    return [...keywords(["input", "output", "search", "weights", "block"]), ...callables(place)];
  return expressions(place);
}

/** Names of models behind `train` and `deploy`, targets behind `to`. */
function sectionHead({ tokens, view }: Place): readonly Proposal[] | undefined {
  const [before, , last] = [tokens.at(-3)?.image, tokens.at(-2), tokens.at(-1)?.image];
  if (containerAround(tokens, tokens.length) !== "file") return undefined;
  if (last === "to" && before === "deploy")
    return targets.map((label) => ({ label, kind: "word", detail: "target" }));
  if (last === "train" || last === "deploy")
    return modelsOf(view.syntax).map(({ name }) => ({ label: name, kind: "value", detail: "model" }));
  return undefined;
}

const keywords = (words: readonly string[]): readonly Proposal[] =>
  words.map((label) => ({ label, kind: "keyword" }));

function settings(table: SettingTable, phases: boolean): readonly Proposal[] {
  const rows = Object.entries(table).map(
    ([label, row]): Proposal => ({
      label,
      kind: "setting",
      detail: settingValues(row),
      documentation: row.summary,
      insert: `${label} `,
    }),
  );
  return [...rows, ...keywords(phases ? ["phase"] : [])];
}

function settingWords(table: SettingTable, key: string | undefined): readonly Proposal[] {
  const value = key !== undefined && Object.hasOwn(table, key) ? table[key]!.value : undefined;
  const words = value?.kind === "word" ? (value.of ?? []) : [];
  return words.map((label) => ({ label, kind: "word" }));
}

/** Behind `name:` the words that the argument takes come first; at the start of an argument its names do. */
function inCall(place: Place, callee: Lexeme): readonly Proposal[] {
  const { tokens, ops, view } = place;
  const [last, name] = [tokens.at(-1)!.image, tokens.at(-2)?.image];
  const block = definitionOf(view.syntax, callee.image, callee.startOffset);
  const op = block ? undefined : ops.find((o) => o.name === callee.image);
  const kinds = op ? argumentKinds(op) : {};
  if (last === ":" && name !== undefined) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    const words = kind ? wordsOf(kind) : [];
    return [
      ...words.map((label): Proposal => ({ label, kind: "word", detail: name })),
      ...expressions(place),
    ];
  }
  if (last !== "(" && last !== ",") return expressions(place);
  const named = Object.entries(kinds).map(([label, kind]) => argument(label, explainArgument(kind)));
  const parameters = block?.kind === "block" ? parametersOf(view.syntax, block) : [];
  return [...named, ...parameters.map((p) => argument(p.name.image, "parameter")), ...expressions(place)];
}

const argument = (name: string, detail: string): Proposal => ({
  label: `${name}:`,
  kind: "argument",
  detail,
  insert: `${name}: `,
});

function expressions(place: Place): readonly Proposal[] {
  const values = visibleAt(place.view.syntax, place.start).filter((d) => d.kind !== "block");
  const proposals = values.map((d): Proposal => {
    const [meaning] = place.view.meanings.get(d.at.start) ?? [];
    return { label: d.name, kind: "value", detail: meaning ? `${d.name}${meaning}` : d.kind };
  });
  return [...proposals, ...callables(place)];
}

function callables({ ops, view, start }: Place): readonly Proposal[] {
  const blocks = visibleAt(view.syntax, start).filter((d) => d.kind === "block");
  const callable = ops.filter((op) => notCallable(op) === undefined);
  return [
    ...blocks.map((d): Proposal => {
      const parameters = parametersOf(view.syntax, d).map((p) => p.name.image);
      return { label: d.name, kind: "block", detail: `${d.name}(${parameters.join(", ")})` };
    }),
    ...callable.map((op): Proposal => {
      const documentation = [op.summary, rowOf(op)?.summary].filter(Boolean).join("\n\n");
      return { label: op.name, kind: "op", detail: signature(op), documentation };
    }),
    ...Object.entries(functions).map(
      ([label, { summary }]): Proposal => ({ label, kind: "op", documentation: summary }),
    ),
  ];
}
