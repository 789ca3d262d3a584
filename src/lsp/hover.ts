/** Hover and definitions in `.pulse` texts. */
import { type Extent, extentOf, type Lexeme } from "../../grammar/ir-syntax.js";
import { argumentKinds, functions } from "../frontends/dsl/index.js";
import type { OpDef } from "../ir/op.js";
import type { PulseView } from "./analysis.js";
import { explainArgument, explainCall, explainSetting, fenced } from "./explain.js";
import { type Definition, definitionOf, modelsOf } from "./names.js";
import { type Role, roleOf, wordAt } from "./tokens.js";

export interface Hover {
  readonly at: Extent;
  /** Markdown. */
  readonly text: string;
}

export function hoverPulse(view: PulseView, ops: readonly OpDef[], offset: number): Hover | undefined {
  const { tokens } = view.syntax;
  const index = wordAt(tokens, offset);
  if (index === undefined) return undefined;
  const word = tokens[index]!;
  const text = explain(view, ops, word, roleOf(tokens, index, view.source));
  return text === undefined ? undefined : { at: extentOf(word), text };
}

function explain(view: PulseView, ops: readonly OpDef[], word: Lexeme, role: Role): string | undefined {
  const name = word.image;
  const opNamed = (wanted: string) => ops.find((op) => op.name === wanted);
  if (role.kind === "setting") {
    const row = Object.hasOwn(role.table, name) ? role.table[name] : undefined;
    return row && explainSetting(name, row);
  }
  if (role.kind === "argument") return explainNamed(view, opNamed(role.callee.image), role.callee, name);
  const definition = find(view, word, role);
  if (definition) return explainDefinition(view, definition, role.kind === "call" ? word : undefined);
  if (role.kind !== "call") return undefined;
  const op = opNamed(name);
  if (op) return explainCall(op, meaning(view, word.startOffset));
  if (!Object.hasOwn(functions, name)) return undefined;
  const { more, summary } = functions[name]!;
  const head = `${name}(${["x", ...more].join(", ")})${meaning(view, word.startOffset) ?? ""}`;
  return `${fenced("pulse", head)}\n\n${summary}`;
}

function explainNamed(
  view: PulseView,
  op: OpDef | undefined,
  callee: Lexeme,
  name: string,
): string | undefined {
  if (op) {
    const kinds = argumentKinds(op);
    return Object.hasOwn(kinds, name) ? `\`${name}\`: ${explainArgument(kinds[name]!)}` : undefined;
  }
  const block = definitionOf(view.syntax, callee.image, callee.startOffset);
  return block && explainDefinition(view, block);
}

/** What stands behind a name, `: TYPE` or ` = SIZE`; inside blocks calls may differ. */
function meaning(view: PulseView, offset: number): string | undefined {
  const found = view.meanings.get(offset);
  if (!found) return undefined;
  const [first, ...others] = found;
  return [first, ...others.map((m) => m.replace(/^[\s:=]+/, ""))].join("\n  or ");
}

function explainDefinition(view: PulseView, d: Definition, call?: Lexeme): string {
  const source = view.source.slice(d.whole.start, d.whole.end).replace(/\s*[={]?\s*$/, "");
  switch (d.kind) {
    case "model":
      return fenced("pulse", `model ${d.name}`);
    case "block":
      return fenced("pulse", `${source}${(call && meaning(view, call.startOffset)) ?? ""}`);
    case "search":
      return fenced("pulse", `${source}\n${d.name}${meaning(view, d.at.start) ?? ""}`);
    default:
      return fenced("pulse", `${d.name}${meaning(view, d.at.start) ?? ""}`);
  }
}

function find({ syntax }: PulseView, word: Lexeme, role: Role): Definition | undefined {
  if (role.kind === "model") return modelsOf(syntax).find((d) => d.name === word.image);
  return definitionOf(syntax, word.image, word.startOffset);
}

/** Where the name at a place is defined. */
export function definitionPulse(view: PulseView, offset: number): Extent | undefined {
  const { tokens } = view.syntax;
  const index = wordAt(tokens, offset);
  if (index === undefined) return undefined;
  const role = roleOf(tokens, index, view.source);
  if (role.kind === "setting" || role.kind === "argument") return undefined;
  return find(view, tokens[index]!, role)?.at;
}
