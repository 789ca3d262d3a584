/** Words, numbers and signs of the text of a schedule, one after the other. */
import { error, type Place, Refusal, type Span } from "../../ir/diagnostic.js";
import { wordPattern } from "./words.js";

export interface Token {
  readonly kind: "word" | "number" | "sign" | "end";
  /** What it says: a quoted name without its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Scanner {
  /** The token that comes next. */
  peek(): Token;
  next(): Token;
  /** Takes the word or sign where it comes next. */
  take(text: string): boolean;
  /** Takes these words and signs, or refuses what stands there. */
  expect(...texts: readonly string[]): void;
  word(what: string): string;
  /** A whole number without sign. */
  number(what: string): number;
  /** What is left of the line. */
  restOfLine(): string;
  span(start: number): Span;
  refuse(expected: string, token?: Token): never;
}

const space = /\s*/y;
const number = /\d+/y;
const quoted = /"(?:[^"\\\n]|\\.)*"/y;
const sign = /<-|->|[-<=+*/%()[\]{}:,]/y;

export function scan(source: string, file: string): Scanner {
  let at = 0;
  let behind = 0;
  let ahead: Token | undefined;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const token = (kind: Token["kind"], text: string, length = text.length): Token => ({
    kind,
    text,
    start: at,
    end: at + length,
  });
  const read = (): Token => {
    at += match(space)!.length;
    if (at >= source.length) return token("end", "");
    const string = match(quoted);
    const unquoted = string === undefined ? undefined : unquote(string);
    if (unquoted !== undefined) return token("word", unquoted, string!.length);
    for (const [kind, pattern] of [["word", wordPattern] as const, ["number", number] as const]) {
      const found = match(pattern);
      if (found !== undefined) return token(kind, found);
    }
    return token("sign", match(sign) ?? String.fromCodePoint(source.codePointAt(at)!));
  };
  const peek = (): Token => {
    ahead ??= read();
    return ahead;
  };
  const next = (): Token => {
    const found = peek();
    [ahead, at, behind] = [undefined, found.end, found.end];
    return found;
  };
  const refuse = (expected: string, { kind, text, start, end } = peek()): never => {
    const place: Place = { file, start, end: Math.max(end, start + 1) };
    const found =
      kind === "end" ? "the end of the text" : text.length > 60 ? `${text.slice(0, 57)}...` : text;
    throw new Refusal(error("schedule/syntax", "this is no schedule", { place, found, expected }));
  };
  const take = (text: string): boolean => {
    const { kind, text: found } = peek();
    if (found !== text || kind === "end") return false;
    next();
    return true;
  };
  return {
    peek,
    next,
    take,
    refuse,
    expect(...texts) {
      for (const text of texts) if (!take(text)) refuse(text);
    },
    word(what) {
      return peek().kind === "word" ? next().text : refuse(what);
    },
    number(what) {
      const value = peek().kind === "number" ? Number(peek().text) : Number.NaN;
      if (!Number.isSafeInteger(value)) refuse(what);
      next();
      return value;
    },
    restOfLine() {
      const end = source.indexOf("\n", at);
      const line = source.slice(at, end < 0 ? source.length : end).trim();
      if (line === "") refuse("a type");
      [ahead, at] = [undefined, end < 0 ? source.length : end];
      return line;
    },
    span: (start) => ({ file, start, end: Math.max(behind, start + 1) }),
  };
}

function unquote(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
