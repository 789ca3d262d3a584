/**
 * Grammar of the IR text. Syntax only: no op, attribute or storage is known here.
 *
 *     module = { meta | param | range | graph }
 *     node   = %name "=" op operands [ "{" attributes "}" ] ":" type [ loc ]
 *
 * A statement that cannot be read costs one fault; reading goes on where the next statement starts.
 */
import { EmbeddedActionsParser, EOF, type IToken, isRecognitionException, type TokenType } from "chevrotain";
import * as syntax from "./ir-syntax.js";
import * as t from "./tokens.js";

/** More faults than anyone reads; the rest of such a file is not text of ours. */
const faultLimit = 100;

const article: Readonly<Record<string, (image: string) => string>> = {
  BrokenString: () => "a string that does not end on its line",
  BrokenHash: (image) => `${image}, which is not # and 64 hex digits`,
  BrokenName: (image) => `${image}, which is no name (a letter or _, then letters, digits, _ and .)`,
};

function describe(token: IToken): string {
  if (token.tokenType === EOF) return "the end of the file";
  const image = `\`${token.image.length > 40 ? `${token.image.slice(0, 37)}...` : token.image}\``;
  return article[token.tokenType.name]?.(image) ?? image;
}

const keywordsBefore: ReadonlyMap<TokenType, readonly TokenType[]> = new Map([
  [t.Param, [t.AtName]],
  [t.Graph, [t.AtName]],
  [t.Range, [t.AtName]],
  [t.Meta, [t.Word, t.StringLiteral]],
  [t.ValueName, [t.Equals]],
]);

class IrParser extends EmbeddedActionsParser {
  faults: syntax.SyntaxFault[] = [];
  /** Names whose definition could not be read. */
  broken: syntax.Lexeme[] = [];
  source = "";

  constructor() {
    super(t.vocabulary, {
      maxLookahead: 2,
      errorMessageProvider: {
        buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
        buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
        buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
        buildNotAllInputParsedMessage: () => "the end of the file",
      },
    });
    this.performSelfAnalysis();
  }

  private extent(first: IToken): syntax.Extent {
    return { start: first.startOffset, end: syntax.extentOf(this.LA(0)).end };
  }

  private name(kind: TokenType, what: string): syntax.Lexeme {
    return this.CONSUME(kind, { ERR_MSG: what });
  }

  /** Is the next token one that only a statement (or the end of a graph) starts with? */
  private atStatement(): boolean {
    const [next, after] = [this.LA(1).tokenType, this.LA(2).tokenType];
    if (next === EOF) return true;
    if (next === t.CloseBrace) return after !== t.Colon && after !== t.Equals;
    return keywordsBefore.get(next)?.some((kind) => after === kind || after.CATEGORIES?.includes(kind)) ?? false;
  }

  private skipToStatement(): void {
    const hopeless = this.faults.length >= faultLimit;
    while (this.LA(1).tokenType !== EOF && (hopeless || !this.atStatement())) this.consume(0, this.LA(1).tokenType);
  }

  /** Where a statement misses its end, the fault is shown behind what is there, not at the next statement. */
  private fault(token: IToken, previous: IToken, expected: string): void {
    const end = previous.tokenType === EOF ? 0 : syntax.extentOf(previous).end;
    const next = token.tokenType === EOF ? this.source.length : token.startOffset;
    const newline = this.source.slice(end, next).includes("\n");
    const at = newline || token.tokenType === EOF ? { start: end, end: end + 1 } : syntax.extentOf(token);
    const found = newline && token.tokenType !== EOF && end > 0 ? `the end of the line, then ${describe(token)}` : describe(token);
    this.faults.push({ at, found, expected });
  }

  private statement<T>(read: () => T): T | undefined {
    if (this.RECORDING_PHASE) return read();
    const [first, second] = [this.LA(1), this.LA(2)];
    try {
      return read();
    } catch (e) {
      if (!(e instanceof Error) || !isRecognitionException(e)) throw e;
      const { token, previousToken, message } = e as Error & { token: IToken; previousToken?: IToken };
      this.fault(token, previousToken ?? token, message);
      this.broken.push(first.tokenType === t.ValueName ? first : second);
      if (this.LA(1) === first) this.consume(0, first.tokenType);
      this.skipToStatement();
      return undefined;
    }
  }

  /** What stands where only statements may. */
  private stray(): void {
    this.fault(this.LA(1), this.LA(1), "`param`, `graph`, `meta` or `range`");
    this.consume(0, this.LA(1).tokenType);
    this.skipToStatement();
  }

  private list(expected: string): syntax.ListSyntax {
    return this.SUBRULE(this.numbers, { ARGS: [expected] });
  }

  readonly numbers = this.RULE("numbers", (expected: string): syntax.ListSyntax => {
    const first = this.LA(1);
    const elements: syntax.Lexeme[] = [];
    this.CONSUME(t.OpenBracket, { ERR_MSG: expected });
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        elements.push(this.CONSUME(t.NumberLiteral));
      },
    });
    this.CONSUME(t.CloseBracket, { ERR_MSG: "`,` and a number, or `]`" });
    return { at: this.extent(first), elements };
  });

  readonly places = this.RULE("places", (): readonly syntax.Lexeme[] => {
    const strings: syntax.Lexeme[] = [];
    this.CONSUME(t.Loc);
    this.CONSUME(t.OpenParen);
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        strings.push(this.CONSUME(t.StringLiteral, { ERR_MSG: 'a place such as "net.onnx: Conv_3"' }));
      },
    });
    this.CONSUME(t.CloseParen);
    return strings;
  });

  private optionalPlaces(): readonly syntax.Lexeme[] {
    return this.OPTION9(() => this.SUBRULE9(this.places)) ?? [];
  }

  readonly array = this.RULE("array", (): Pick<syntax.TypeSyntax, "storage" | "dims" | "shape"> => {
    const storage = this.CONSUME(t.Word, { ERR_MSG: "a type such as u8[1x64x8]" });
    const open = this.CONSUME(t.OpenBracket, { ERR_MSG: "`[` and the sizes, such as u8[1x64x8]" });
    const dims = this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(t.Dims) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME1(t.Word) },
      ]),
    );
    const close = this.CONSUME(t.CloseBracket, { ERR_MSG: "sizes such as 1x64x8 and `]`" });
    return { storage, dims, shape: { start: open.startOffset, end: close.startOffset + 1 } };
  });

  readonly zero = this.RULE("zero", (): NonNullable<syntax.TypeSyntax["zero"]> =>
    this.OR({
      DEF: [
        { ALT: () => this.signed(t.Minus, false) },
        { ALT: () => this.signed(t.Plus, true) },
        { ALT: () => ({ number: this.CONSUME3(t.NumberLiteral), negate: true }) },
      ],
      ERR_MSG: "`-` or `+` and the zero point, such as (u8[1x64x8] - 128)",
    }),
  );

  private signed(sign: TokenType, negate: boolean): NonNullable<syntax.TypeSyntax["zero"]> {
    this.consume(negate ? 1 : 2, sign);
    return { number: this.consume(negate ? 1 : 2, t.NumberLiteral), negate };
  }

  readonly type = this.RULE("type", (): syntax.TypeSyntax => {
    const first = this.LA(1);
    const { array, zero } = this.OR({
      DEF: [
        { ALT: () => ({ array: this.SUBRULE(this.array), zero: undefined }) },
        { ALT: () => this.SUBRULE(this.shifted) },
      ],
      ERR_MSG: "a type such as u8[1x64x8] * 0.5",
    });
    let scale: syntax.Lexeme | undefined;
    let channels: syntax.TypeSyntax["channels"];
    this.OPTION(() => {
      this.CONSUME(t.Star);
      this.OR1({
        DEF: [
          {
            ALT: () => {
              scale = this.CONSUME(t.NumberLiteral);
              channels = this.OPTION1(() => {
                this.CONSUME1(t.Star);
                return this.SUBRULE(this.channelScales);
              });
            },
          },
          { ALT: () => (channels = this.SUBRULE1(this.channelScales)) },
        ],
        ERR_MSG: "a scale: a number, or @param and its axis",
      });
    });
    return { ...array, zero, scale, channels, at: this.extent(first) };
  });

  readonly shifted = this.RULE("shifted", () => {
    this.CONSUME(t.OpenParen);
    const array = this.SUBRULE(this.array);
    const zero = this.SUBRULE(this.zero);
    this.CONSUME(t.CloseParen);
    return { array, zero };
  });

  readonly channelScales = this.RULE("channelScales", (): NonNullable<syntax.TypeSyntax["channels"]> => {
    const param = this.CONSUME(t.AtName, { ERR_MSG: "a param that holds the scales, such as @scales axis 0" });
    this.CONSUME(t.Axis, { ERR_MSG: "`axis` and the dimension that the scales run along" });
    return { param, axis: this.CONSUME(t.NumberLiteral) };
  });

  readonly meta = this.RULE("meta", (): syntax.MetaSyntax => {
    const first = this.CONSUME(t.Meta);
    const key = this.OR({
      DEF: [{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.StringLiteral) }],
      ERR_MSG: "a key: a word or a string",
    });
    this.CONSUME(t.Equals);
    const value = this.CONSUME1(t.StringLiteral);
    return { key, value, at: this.extent(first) };
  });

  readonly origin = this.RULE("origin", (): syntax.OriginSyntax => {
    const first = this.CONSUME(t.OpenBrace);
    const fields: syntax.OriginSyntax["fields"][number][] = [];
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const key = this.CONSUME(t.StringLiteral);
        this.CONSUME(t.Colon);
        fields.push({ key, value: this.SUBRULE(this.originValue) });
      },
    });
    this.CONSUME(t.CloseBrace);
    return { fields, at: this.extent(first) };
  });

  readonly originValue = this.RULE("originValue", (): syntax.OriginValue => {
    const lists: (readonly syntax.Lexeme[])[] = [];
    return this.OR({
      DEF: [
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        {
          ALT: () => {
            this.CONSUME(t.OpenBracket);
            this.MANY_SEP({ SEP: t.Comma, DEF: () => lists.push(this.list("a list of indices").elements) });
            this.CONSUME(t.CloseBracket);
            return lists;
          },
        },
      ],
      ERR_MSG: "a string, a number or a list of lists of indices",
    });
  });

  readonly param = this.RULE("param", (): syntax.ParamSyntax => {
    const keyword = this.CONSUME(t.Param);
    const first = this.LA(1);
    const name = this.name(t.AtName, "the param's name (@name)");
    this.CONSUME(t.Colon, { ERR_MSG: "`:` and the param's type" });
    const type = this.SUBRULE(this.type);
    const at = this.extent(first);
    const trainable = this.OPTION(() => this.CONSUME(t.Trainable)) !== undefined;
    const origin = this.OPTION1(() => {
      this.CONSUME(t.From);
      return this.SUBRULE(this.origin);
    });
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and the param's values" });
    const data = this.OR<syntax.ListSyntax | syntax.Lexeme>({
      DEF: [{ ALT: () => this.list("a list of values") }, { ALT: () => this.CONSUME(t.Hash) }],
      ERR_MSG: "a list of values such as [1, 2], or the # and sha256 of values in a .pmod",
    });
    const places = this.optionalPlaces();
    return { name, type, trainable, origin, data, places, at, extent: this.extent(keyword) };
  });

  readonly range = this.RULE("range", (): syntax.RangeSyntax => {
    const first = this.CONSUME(t.Range);
    const graph = this.name(t.AtName, "the graph's name (@name)");
    const value = this.CONSUME(t.ValueName);
    this.CONSUME(t.Equals);
    const bounds = this.list("[low, high]");
    return { graph, value, bounds, at: this.extent(first) };
  });

  readonly value = this.RULE("value", (): syntax.ValueSyntax => {
    const first = this.LA(1);
    const name = this.name(t.ValueName, "a value (%name: TYPE)");
    this.CONSUME(t.Colon, { ERR_MSG: "`:` and the value's type" });
    const type = this.SUBRULE(this.type);
    const at = this.extent(first);
    return { name, type, at, places: this.optionalPlaces() };
  });

  readonly values = this.RULE("values", (): readonly syntax.ValueSyntax[] => {
    const list: syntax.ValueSyntax[] = [];
    this.CONSUME(t.OpenParen, { ERR_MSG: "`(` and the values (%name: TYPE)" });
    this.MANY_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.value)) });
    this.CONSUME(t.CloseParen, { ERR_MSG: "`,` and another value, or `)`" });
    return list;
  });

  readonly head = this.RULE("head", () => {
    const first = this.CONSUME(t.Graph);
    const name = this.name(t.AtName, "the graph's name (@name)");
    const inputs = this.SUBRULE(this.values);
    this.CONSUME(t.Arrow, { ERR_MSG: "`->` and the graph's outputs" });
    const outputs = this.SUBRULE1(this.values);
    this.CONSUME(t.Stage, { ERR_MSG: "`stage` and the graph's stage" });
    const stage = this.CONSUME(t.Word, { ERR_MSG: "the graph's stage" });
    const head = this.extent(first);
    this.CONSUME(t.OpenBrace, { ERR_MSG: "`{` and the graph's nodes" });
    return { name, inputs, outputs, stage, head };
  });

  readonly graph = this.RULE("graph", (): syntax.GraphSyntax | undefined => {
    const first = this.LA(1);
    const head = this.statement(() => this.SUBRULE(this.head));
    const nodes: syntax.NodeSyntax[] = [];
    this.MANY(() => {
      const node = this.statement(() => this.SUBRULE(this.node));
      if (node) nodes.push(node);
    });
    this.CONSUME(t.CloseBrace, { ERR_MSG: "a node (%name = ...), or `}` at the end of the graph" });
    return head && { ...head, nodes, extent: this.extent(first) };
  });

  readonly attr = this.RULE("attr", (): syntax.AttrSyntax => {
    const name = this.CONSUME(t.Word, { ERR_MSG: "an attribute (name = value)" });
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and the attribute's value" });
    const value = this.OR<syntax.AttrSyntax["value"]>({
      DEF: [
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME1(t.Word) },
        { ALT: () => this.list("a list of numbers") },
      ],
      ERR_MSG: "a number, a word or a list of numbers",
    });
    return { name, value };
  });

  readonly attrs = this.RULE("attrs", (): readonly syntax.AttrSyntax[] => {
    const list: syntax.AttrSyntax[] = [];
    this.CONSUME(t.OpenBrace);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => list.push(this.SUBRULE(this.attr)) });
    this.CONSUME(t.CloseBrace, { ERR_MSG: "`,` and another attribute, or `}`" });
    return list;
  });

  readonly operands = this.RULE("operands", (): readonly syntax.Lexeme[] => {
    const list: syntax.Lexeme[] = [];
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () =>
        list.push(
          this.OR({
            DEF: [{ ALT: () => this.CONSUME(t.ValueName) }, { ALT: () => this.CONSUME(t.AtName) }],
            ERR_MSG: "an operand: a value (%name) or a param (@name)",
          }),
        ),
    });
    return list;
  });

  readonly node = this.RULE("node", (): syntax.NodeSyntax => {
    const first = this.LA(1);
    const name = this.CONSUME(t.ValueName);
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and an op" });
    const opening = this.LA(1);
    const op = this.CONSUME(t.Word, { ERR_MSG: "an op" });
    const operands = this.SUBRULE(this.operands);
    const attrs = this.OPTION(() => this.SUBRULE(this.attrs)) ?? [];
    const call = this.extent(opening);
    this.CONSUME(t.Colon, { ERR_MSG: attrs.length > 0 ? "`:` and the result's type" : "`,` and an operand, `{` and attributes, or `:` and the result's type" });
    const type = this.SUBRULE(this.type);
    const at = this.extent(first);
    const places = this.optionalPlaces();
    return { name, op, operands, attrs, call, type, at, places, extent: this.extent(first) };
  });

  readonly module = this.RULE("module", (): Omit<syntax.ModuleSyntax, "comments"> => {
    const metas: syntax.MetaSyntax[] = [];
    const params: syntax.ParamSyntax[] = [];
    const ranges: syntax.RangeSyntax[] = [];
    const graphs: syntax.GraphSyntax[] = [];
    const keep = <T>(list: T[], item: T | undefined) => item && list.push(item);
    const statements = () =>
      this.MANY(() =>
        this.OR([
          { ALT: () => keep(metas, this.statement(() => this.SUBRULE(this.meta))) },
          { ALT: () => keep(params, this.statement(() => this.SUBRULE(this.param))) },
          { ALT: () => keep(ranges, this.statement(() => this.SUBRULE(this.range))) },
          { ALT: () => keep(graphs, this.statement(() => this.SUBRULE(this.graph))) },
        ]),
      );
    for (statements(); this.LA(1).tokenType !== EOF; statements()) this.stray();
    return { metas, params, ranges, graphs };
  });

  read(source: string): { module: syntax.ModuleSyntax; faults: readonly syntax.SyntaxFault[]; broken: ReadonlySet<string> } {
    const { tokens, groups } = t.lexer.tokenize(source);
    this.input = tokens;
    [this.source, this.faults, this.broken] = [source, [], []];
    const module = { ...this.module(), comments: groups.comments ?? [] };
    return { module, faults: this.faults, broken: new Set(this.broken.map((lexeme) => lexeme.image)) };
  }
}

let parser: IrParser | undefined;

/** The structure of a text, with what could not be read: `broken` holds the names whose definition is missing for it. */
export function readIr(source: string): ReturnType<IrParser["read"]> {
  parser ??= new IrParser();
  return parser.read(source);
}
