/** Where a place of a `.pulse` text stands, told from the tokens around it: unfinished statements have no syntax. */
import { extentOf, type Lexeme } from "../../grammar/ir-syntax.js";
import { deploySettings, phaseSettings, type SettingTable, trainSettings } from "../frontends/dsl/index.js";

export type Tokens = readonly Lexeme[];

const isWord = (token: Lexeme | undefined): token is Lexeme =>
  token !== undefined && /^[A-Za-z_]/.test(token.image);

/** Index of the word at (or ending at) the offset. */
export function wordAt(tokens: Tokens, offset: number): number | undefined {
  const index = tokens.findIndex((t) => isWord(t) && t.startOffset <= offset && offset <= extentOf(t).end);
  return index < 0 ? undefined : index;
}

/** Index of the bracket that is open before token `index`. */
function openBefore(tokens: Tokens, index: number): number | undefined {
  let depth = 0;
  for (let i = index - 1; i >= 0; i--) {
    const { image } = tokens[i]!;
    if (/^[)\]}]$/.test(image)) depth++;
    else if (/^[([{]$/.test(image) && depth-- === 0) return i;
  }
  return undefined;
}

/** The name of the call whose arguments hold token `index`, lists inside of it included. */
export function calleeAround(tokens: Tokens, index: number): Lexeme | undefined {
  let open = openBefore(tokens, index);
  while (open !== undefined && tokens[open]!.image === "[") open = openBefore(tokens, open);
  if (open === undefined || tokens[open]!.image !== "(") return undefined;
  const name = tokens[open - 1];
  return isWord(name) && tokens[open - 2]?.image !== "block" ? name : undefined;
}

export type Container = "file" | "statements" | "train" | "phase" | "deploy";

/** What the braces around token `index` hold. */
export function containerAround(tokens: Tokens, index: number): Container {
  let open = openBefore(tokens, index);
  while (open !== undefined && tokens[open]!.image !== "{") open = openBefore(tokens, open);
  if (open === undefined) return "file";
  if (tokens[open - 2]?.image === "phase") return "phase";
  const head = tokens[open - 4]?.image;
  return head === "train" || head === "deploy" ? head : "statements";
}

export const settingsOf: Readonly<Partial<Record<Container, SettingTable>>> = {
  train: trainSettings,
  phase: phaseSettings,
  deploy: deploySettings,
};

/** What a word is, by its neighbours. */
export type Role =
  | { readonly kind: "argument"; readonly callee: Lexeme }
  | { readonly kind: "call" }
  | { readonly kind: "model" }
  | { readonly kind: "setting"; readonly table: SettingTable }
  | { readonly kind: "name" };

export function roleOf(tokens: Tokens, index: number, source: string): Role {
  const [last, next] = [tokens[index - 1]?.image, tokens[index + 1]?.image];
  const callee = next === ":" ? calleeAround(tokens, index) : undefined;
  if (callee) return { kind: "argument", callee };
  if ((last === "train" && next === "on") || (last === "deploy" && next === "to")) return { kind: "model" };
  if (last === "model") return { kind: "model" };
  if (last === "|>" || (next === "(" && last !== "block")) return { kind: "call" };
  const table = settingsOf[containerAround(tokens, index)];
  return table && leads(tokens, index, source) ? { kind: "setting", table } : { kind: "name" };
}

/** Does a statement or setting start with token `index`? */
export function leads(tokens: Tokens, index: number, source: string, start?: number): boolean {
  const last = tokens[index - 1];
  if (!last || /^[{};]$/.test(last.image)) return true;
  return source.slice(extentOf(last).end, start ?? tokens[index]!.startOffset).includes("\n");
}
