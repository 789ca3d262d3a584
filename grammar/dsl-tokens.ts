/** The vocabulary of models (`.pulse`). As in IR text lexing never fails: the parser says what it expected instead. */
import type { ITokenConfig, TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.js";
import { BrokenString, Comment, Space, StringLiteral } from "./tokens.js";

export { StringLiteral };

const token = (
  name: string,
  label: string,
  pattern: RegExp | string,
  more: Partial<ITokenConfig> = {},
): TokenType => createToken({ name, label, pattern, ...more });

/** Names and words. Words that open a statement are words too: the grammar decides by place. */
export const Word = token("Word", "a word", /[A-Za-z_][A-Za-z0-9_.]*/);
const keyword = (word: string): TokenType =>
  token(word[0]!.toUpperCase() + word.slice(1), `\`${word}\``, word, {
    longer_alt: Word,
    categories: [Word],
  });

export const Model = keyword("model");
export const Block = keyword("block");
export const Input = keyword("input");
export const Output = keyword("output");
export const Search = keyword("search");
export const Weights = keyword("weights");
export const Train = keyword("train");
export const Deploy = keyword("deploy");
export const Phase = keyword("phase");
export const On = keyword("on");
export const To = keyword("to");
export const By = keyword("by");

const digits = "(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][+-]?\\d+)?";
/** A number with its unit. */
export const Quantity = token(
  "Quantity",
  "a number with a unit",
  new RegExp(`${digits}(?![eE][+-]?\\d)[A-Za-z]+`),
);
export const NumberLiteral = token("NumberLiteral", "a number", new RegExp(digits));

export const Pipe = token("Pipe", "`|>`", "|>");
export const Colon = token("Colon", "`:`", ":");
export const Semicolon = token("Semicolon", "`;`", ";");
export const Comma = token("Comma", "`,`", ",");
export const Equals = token("Equals", "`=`", "=");
export const Star = token("Star", "`*`", "*");
export const Slash = token("Slash", "`/`", "/");
export const Percent = token("Percent", "`%`", "%");
export const Plus = token("Plus", "`+`", "+");
export const Minus = token("Minus", "`-`", "-");
export const OpenParen = token("OpenParen", "`(`", "(");
export const CloseParen = token("CloseParen", "`)`", ")");
export const OpenBrace = token("OpenBrace", "`{`", "{");
export const CloseBrace = token("CloseBrace", "`}`", "}");
export const OpenBracket = token("OpenBracket", "`[`", "[");
export const CloseBracket = token("CloseBracket", "`]`", "]");
const Unknown = token("Unknown", "an unknown character", /[^\s]/u);

/** In matching order: the first that matches wins. */
export const vocabulary: TokenType[] = [
  Space,
  Comment,
  ...[Quantity, NumberLiteral],
  ...[Model, Block, Input, Output, Search, Weights, Train, Deploy, Phase, On, To, By],
  Word,
  ...[StringLiteral, BrokenString],
  ...[Pipe, Colon, Semicolon, Comma, Equals, Star, Slash, Percent, Plus, Minus],
  ...[OpenParen, CloseParen, OpenBrace, CloseBrace, OpenBracket, CloseBracket],
  Unknown,
];

export const opening: readonly TokenType[] = [OpenParen, OpenBrace, OpenBracket];
export const closing: readonly TokenType[] = [CloseParen, CloseBrace, CloseBracket];

export const lexer = new Lexer(vocabulary, { positionTracking: "onlyOffset" });
