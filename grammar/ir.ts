/**
 * Grammar of the IR text. Syntax only: no op, attribute or storage is known here.
 *
 *     module = { meta | param | range | graph }
 *     node   = %name "=" op operands [ "{" attributes "}" ] ":" type [ loc ]
 *
 * A statement that cannot be read costs one fault; reading goes on where the next statement starts.
 */
import { EOF } from "./chevrotain.js";
import type * as syntax from "./ir-syntax.js";
import { TypeParser } from "./ir-types.js";
import * as t from "./tokens.js";

const afterNodes = "a node (%name = ...), or `}` at the end of the graph";

class IrParser extends TypeParser {
  constructor() {
    super(t.vocabulary);
    this.performSelfAnalysis();
  }

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

  private atGraphEnd(): boolean {
    return this.LA(1).tokenType !== t.ValueName && this.atStatement();
  }

  readonly graph = this.RULE("graph", (): syntax.GraphSyntax | undefined => {
    const first = this.LA(1);
    const head = this.statement(() => this.SUBRULE(this.head));
    const nodes: syntax.NodeSyntax[] = [];
    const readNodes = () =>
      this.MANY(() => {
        const node = this.statement(() => this.SUBRULE(this.node));
        if (node) nodes.push(node);
      });
    for (readNodes(); !this.atGraphEnd(); readNodes()) this.stray(afterNodes);
    const close = this.OPTION(() => this.CONSUME(t.CloseBrace));
    if (!close && !this.RECORDING_PHASE) this.fault(this.LA(1), this.LA(0), afterNodes);
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
    this.CONSUME(t.Colon, {
      ERR_MSG:
        attrs.length > 0
          ? "`:` and the result's type"
          : "`,` and an operand, `{` and attributes, or `:` and the result's type",
    });
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
          {
            ALT: () =>
              keep(
                metas,
                this.statement(() => this.SUBRULE(this.meta)),
              ),
          },
          {
            ALT: () =>
              keep(
                params,
                this.statement(() => this.SUBRULE(this.param)),
              ),
          },
          {
            ALT: () =>
              keep(
                ranges,
                this.statement(() => this.SUBRULE(this.range)),
              ),
          },
          {
            ALT: () =>
              keep(
                graphs,
                this.statement(() => this.SUBRULE(this.graph)),
              ),
          },
        ]),
      );
    for (statements(); this.LA(1).tokenType !== EOF; statements())
      this.stray("`param`, `graph`, `meta` or `range`");
    return { metas, params, ranges, graphs };
  });

  read(source: string): {
    module: syntax.ModuleSyntax;
    faults: readonly syntax.SyntaxFault[];
    broken: ReadonlySet<string>;
  } {
    const comments = this.open(source);
    const module = { ...this.module(), comments };
    return { module, faults: this.faults, broken: new Set(this.broken.map((lexeme) => lexeme.image)) };
  }
}

let parser: IrParser | undefined;

/** The structure of a text, with what could not be read: `broken` holds the names whose definition is missing for it. */
export function readIr(source: string): ReturnType<IrParser["read"]> {
  parser ??= new IrParser();
  return parser.read(source);
}
