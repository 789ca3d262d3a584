/**
 * The one vocabulary of pulsec's text formats. Lexing never fails: what no token takes becomes `Unknown`
 * (or one of the `Broken` ones), and the parser says what it expected instead.
 */
import type { CustomPatternMatcherFunc, ITokenConfig, TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.js";

const token = (
  name: string,
  label: string,
  pattern: RegExp | string,
  more: Partial<ITokenConfig> = {},
): TokenType => createToken({ name, label, pattern, ...more });

export const Space = token("Space", "white space", /\s+/, { group: Lexer.SKIPPED, line_breaks: true });
/** Kept aside: comments belong to no rule, but a formatter must not lose them. */
export const Comment = token("Comment", "a comment", /\/\/[^\n\r]*/, { group: "comments" });

/** Op names, attribute names, stages. Words that open a construct are words too: the grammar decides by place. */
export const Word = token("Word", "a word", /[A-Za-z_][A-Za-z0-9_.]{0,1023}/);
const keyword = (word: string): TokenType =>
  token(word[0]!.toUpperCase() + word.slice(1), `\`${word}\``, word, {
    longer_alt: Word,
    categories: [Word],
  });

export const Meta = keyword("meta");
export const Param = keyword("param");
export const Range = keyword("range");
export const Graph = keyword("graph");
export const Stage = keyword("stage");
export const Trainable = keyword("trainable");
export const From = keyword("from");
export const Axis = keyword("axis");
export const Loc = keyword("loc");

export const ValueName = token("ValueName", "a value (%name)", /%[A-Za-z_][A-Za-z0-9_.]{0,1023}/);
export const AtName = token("AtName", "a name with @", /@[A-Za-z_][A-Za-z0-9_.]{0,1023}/);
export const BrokenName = token("BrokenName", "a broken name", /[%@][^\s,:(){}=[\]]{0,80}/);

/** Sizes of two and more dimensions. A single size is a `NumberLiteral` or the `Word` N. */
export const Dims = token("Dims", "sizes such as 1x64x8", /(?:N|\d+)(?:x(?:N|\d+)){1,31}/);
export const NumberLiteral = token(
  "NumberLiteral",
  "a number",
  /-?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|(?:Infinity|NaN)(?![A-Za-z0-9_.]))/,
);
/** By hand: a regular expression for escapes overflows its stack on strings of megabytes. */
function matchString(text: string, offset: number): [string] | null {
  for (let i = offset + 1; text[offset] === '"' && i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return [text.slice(offset, i + 1)];
  }
  return null;
}
export const StringLiteral = createToken({
  name: "StringLiteral",
  label: "a string",
  pattern: matchString as CustomPatternMatcherFunc,
  line_breaks: false,
  start_chars_hint: ['"'],
});
export const BrokenString = token("BrokenString", "a broken string", /"[^\n\r]*/);
export const Hash = token("Hash", "a sha256 (#, 64 hex digits)", /#[0-9a-fA-F]{64}(?![0-9A-Za-z])/);
export const BrokenHash = token("BrokenHash", "a broken hash", /#[0-9A-Za-z]*/);

export const Arrow = token("Arrow", "`->`", "->");
export const Colon = token("Colon", "`:`", ":");
export const Comma = token("Comma", "`,`", ",");
export const Equals = token("Equals", "`=`", "=");
export const Star = token("Star", "`*`", "*");
export const Plus = token("Plus", "`+`", "+");
export const Minus = token("Minus", "`-`", "-");
export const OpenParen = token("OpenParen", "`(`", "(");
export const CloseParen = token("CloseParen", "`)`", ")");
export const OpenBrace = token("OpenBrace", "`{`", "{");
export const CloseBrace = token("CloseBrace", "`}`", "}");
export const OpenBracket = token("OpenBracket", "`[`", "[");
export const CloseBracket = token("CloseBracket", "`]`", "]");
export const Unknown = token("Unknown", "an unknown character", /[^\s]/u);

/** In matching order: the first that matches wins. */
export const vocabulary: TokenType[] = [
  Space,
  Comment,
  Dims,
  NumberLiteral,
  ...[Meta, Param, Range, Graph, Stage, Trainable, From, Axis, Loc],
  Word,
  ...[ValueName, AtName, BrokenName],
  ...[StringLiteral, BrokenString, Hash, BrokenHash],
  ...[Arrow, Colon, Comma, Equals, Star, Plus, Minus],
  ...[OpenParen, CloseParen, OpenBrace, CloseBrace, OpenBracket, CloseBracket],
  Unknown,
];

export const lexer = new Lexer(vocabulary, { positionTracking: "onlyOffset" });
