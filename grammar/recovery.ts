/** A parser of statements that reads on after a fault: the next statement starts afresh. */
import type { IParserConfig, IToken, Lexer, TokenType, TokenVocabulary } from "chevrotain";
import { EmbeddedActionsParser, EOF, isRecognitionException } from "./chevrotain.js";
import { type Extent, extentOf, type Lexeme, type SyntaxFault } from "./ir-syntax.js";
import * as t from "./tokens.js";

/** More faults than anyone reads; the rest of such a file is not text of ours. */
const faultLimit = 100;

const flaws: Readonly<Record<string, (image: string) => string>> = {
  BrokenString: () => "a string that does not end on its line",
  BrokenHash: (image) => `${image}, which is not # and 64 hex digits`,
  BrokenName: (image) => `${image}, which is no name (a letter or _, then letters, digits, _ and .)`,
};

function describe(token: IToken): string {
  if (token.tokenType === EOF) return "the end of the file";
  const image = `\`${token.image.length > 40 ? `${token.image.slice(0, 37)}...` : token.image}\``;
  return flaws[token.tokenType.name]?.(image) ?? image;
}

/** Two tokens that only a statement starts with. */
const openings: ReadonlyMap<TokenType, readonly TokenType[]> = new Map([
  [t.Param, [t.AtName]],
  [t.Graph, [t.AtName]],
  [t.Range, [t.AtName]],
  [t.Meta, [t.Word, t.StringLiteral]],
  [t.ValueName, [t.Equals]],
]);

/** Messages are what was expected, in words; the fault says the rest. */
const errorMessageProvider: NonNullable<IParserConfig["errorMessageProvider"]> = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
  buildNotAllInputParsedMessage: () => "the end of the file",
};

export abstract class StatementParser extends EmbeddedActionsParser {
  protected faults: SyntaxFault[] = [];
  /** Names whose definition could not be read. */
  protected broken: Lexeme[] = [];
  protected source = "";
  private readonly vocabularyLexer: Lexer;

  constructor(vocabulary: TokenVocabulary, lexer: Lexer = t.lexer) {
    super(vocabulary, { maxLookahead: 2, errorMessageProvider });
    this.vocabularyLexer = lexer;
  }

  /** Lexes `source` and makes it the input; gives the comments. */
  protected open(source: string): readonly Lexeme[] {
    const { tokens, groups } = this.vocabularyLexer.tokenize(source);
    this.input = tokens;
    [this.source, this.faults, this.broken] = [source, [], []];
    return groups.comments ?? [];
  }

  protected extent(first: IToken): Extent {
    return { start: first.startOffset, end: extentOf(this.LA(0)).end };
  }

  protected name(kind: TokenType, what: string): Lexeme {
    return this.CONSUME(kind, { ERR_MSG: what });
  }

  /** Is the next token one that only a statement (or the end of a graph) starts with? */
  protected atStatement(): boolean {
    const [next, after] = [this.LA(1).tokenType, this.LA(2).tokenType];
    if (next === EOF) return true;
    if (next === t.CloseBrace) return after !== t.Colon && after !== t.Equals;
    return openings.get(next)?.some((kind) => after === kind || after.CATEGORIES?.includes(kind)) ?? false;
  }

  protected skipToStatement(): void {
    const hopeless = this.faults.length >= faultLimit;
    while (this.LA(1).tokenType !== EOF && (hopeless || !this.atStatement()))
      this.consume(0, this.LA(1).tokenType);
  }

  /** Which of a statement's first two tokens is the name that it defines. */
  protected defined(first: IToken, second: IToken): Lexeme {
    return first.tokenType === t.ValueName ? first : second;
  }

  /** Where a statement misses its end, the fault is shown behind what is there, not at the next statement. */
  protected fault(token: IToken, previous: IToken, expected: string): void {
    const end = previous.tokenType === EOF ? 0 : extentOf(previous).end;
    const next = token.tokenType === EOF ? this.source.length : token.startOffset;
    const newline = this.source.slice(end, next).includes("\n");
    const at = newline || token.tokenType === EOF ? { start: end, end: end + 1 } : extentOf(token);
    const found =
      newline && token.tokenType !== EOF && end > 0
        ? `the end of the line, then ${describe(token)}`
        : describe(token);
    this.faults.push({ at, found, expected });
  }

  protected statement<T>(read: () => T): T | undefined {
    if (this.RECORDING_PHASE) return read();
    const [first, second] = [this.LA(1), this.LA(2)];
    try {
      return read();
    } catch (e) {
      if (!(e instanceof Error) || !isRecognitionException(e)) throw e;
      const { token, previousToken, message } = e as Error & { token: IToken; previousToken?: IToken };
      this.fault(token, previousToken ?? token, message);
      this.broken.push(this.defined(first, second));
      if (this.LA(1) === first) this.consume(0, first.tokenType);
      this.skipToStatement();
      return undefined;
    }
  }

  /** What stands where only statements may. */
  protected stray(expected: string): void {
    this.fault(this.LA(1), this.LA(1), expected);
    this.consume(0, this.LA(1).tokenType);
    this.skipToStatement();
  }
}
