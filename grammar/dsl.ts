/**
 * Grammar of models (`.pulse`). Syntax only: no op, argument or setting is known here, and a new line means
 * nothing, but that a setting's value stands on its line. `;` may separate statements.
 *
 *     file      = { model | block | train | deploy }
 *     model     = "model" name "{" { statement } "}"
 *     statement = "input" name ":" list | "search" name "=" expression | "weights" string | block
 *               | name "=" expression | "output" [ name "=" ] expression
 *     block     = "block" name "(" [ parameter { "," parameter } ] ")" ( "=" expression | "{" { statement } "}" )
 *     parameter = name [ "=" sum ]
 *     train     = "train" name "on" string "{" { setting | phase } "}"
 *     deploy    = "deploy" name "to" name "{" { setting | phase } "}"
 *     phase     = "phase" name "{" { setting } "}"
 *     setting   = name sum [ "by" name ]
 *
 * A statement that cannot be read costs one fault; reading goes on where the next statement starts.
 */
import type { IToken, TokenType } from "chevrotain";
import { EOF, tokenMatcher } from "./chevrotain.js";
import { ExpressionParser, tooDeep } from "./dsl-expressions.js";
import type * as syntax from "./dsl-syntax.js";
import * as t from "./dsl-tokens.js";
import { extentOf, type Lexeme, type SyntaxFault } from "./ir-syntax.js";

const aStatement = "a statement (input, output, search, block, weights, NAME = ...), or `}`";
const aSetting = "a setting (KEY VALUE), a phase, or `}`";
const aSection = "`model`, `block`, `train` or `deploy`";

type Settings = syntax.SettingSyntax | syntax.PhaseSyntax;

class PulseParser extends ExpressionParser {
  constructor() {
    super(t.vocabulary, t.lexer);
    this.performSelfAnalysis();
  }

  readonly inputs = this.RULE("inputs", (): syntax.InputSyntax => {
    const first = this.CONSUME(t.Input);
    const name = this.name(t.Word, "the input's name");
    this.CONSUME(t.Colon, { ERR_MSG: "`:` and the input's sizes, such as [64, 4]" });
    return { kind: "input", name, shape: this.SUBRULE(this.list), at: this.extent(first) };
  });

  readonly search = this.RULE("search", (): syntax.SearchSyntax => {
    const first = this.CONSUME(t.Search);
    const name = this.name(t.Word, "the name of what is searched");
    this.CONSUME(t.Equals, { ERR_MSG: "`=` and the choices, such as choice(4, 8)" });
    return { kind: "search", name, space: this.SUBRULE(this.expression), at: this.extent(first) };
  });

  readonly weights = this.RULE("weights", (): syntax.WeightsSyntax => {
    const first = this.CONSUME(t.Weights);
    return { kind: "weights", path: this.CONSUME(t.StringLiteral), at: this.extent(first) };
  });

  readonly named = this.RULE("named", (): syntax.NamedSyntax => {
    const name = this.CONSUME(t.Word);
    this.CONSUME(t.Equals);
    return { kind: "named", name, value: this.SUBRULE(this.expression), at: this.extent(name) };
  });

  readonly output = this.RULE("output", (): syntax.OutputSyntax => {
    const first = this.CONSUME(t.Output);
    const name = this.OPTION(() => {
      const word = this.CONSUME(t.Word);
      this.CONSUME(t.Equals);
      return word;
    });
    return { kind: "output", name, value: this.SUBRULE(this.expression), at: this.extent(first) };
  });

  readonly parameter = this.RULE("parameter", (): syntax.ParameterSyntax => {
    const name = this.CONSUME(t.Word, { ERR_MSG: "a parameter's name" });
    const fallback = this.OPTION(() => {
      this.CONSUME(t.Equals);
      return this.SUBRULE(this.sum);
    });
    return { name, fallback, at: this.extent(name) };
  });

  readonly block = this.RULE("block", (): syntax.BlockSyntax => {
    const first = this.CONSUME(t.Block);
    const name = this.name(t.Word, "the block's name");
    const parameters: syntax.ParameterSyntax[] = [];
    this.CONSUME(t.OpenParen, { ERR_MSG: "`(` and the block's parameters" });
    this.MANY_SEP({ SEP: t.Comma, DEF: () => parameters.push(this.SUBRULE(this.parameter)) });
    this.CONSUME(t.CloseParen, { ERR_MSG: "`,` and another parameter, or `)`" });
    const body = this.OR<syntax.BlockSyntax["body"]>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(t.Equals);
            return this.SUBRULE(this.expression);
          },
        },
        { ALT: () => this.SUBRULE(this.statements) },
      ],
      ERR_MSG: "`=` and what the block computes, or `{` and its statements",
    });
    return { kind: "block", name, parameters, body, at: this.extent(first) };
  });

  readonly oneStatement = this.RULE("oneStatement", () =>
    this.OR<syntax.StatementSyntax>({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.LA(2).tokenType === t.Equals, ALT: () => this.SUBRULE(this.named) },
        { ALT: () => this.SUBRULE(this.inputs) },
        { ALT: () => this.SUBRULE(this.search) },
        { ALT: () => this.SUBRULE(this.weights) },
        { ALT: () => this.SUBRULE(this.block) },
        { ALT: () => this.SUBRULE(this.output) },
      ],
      ERR_MSG: aStatement,
    }),
  );

  readonly statements = this.RULE("statements", (): syntax.BracesSyntax<syntax.StatementSyntax> => {
    const open = this.CONSUME(t.OpenBrace, { ERR_MSG: "`{` and statements" });
    const items: syntax.StatementSyntax[] = [];
    const read = () =>
      this.MANY({
        GATE: () => !this.atSection(),
        DEF: () => {
          const item = this.statement(() => this.SUBRULE(this.oneStatement));
          if (item) items.push(item);
          this.MANY1(() => this.CONSUME(t.Semicolon));
        },
      });
    for (read(); !this.atEnd(); read()) this.stray(aStatement);
    this.closing(() => this.OPTION(() => this.CONSUME(t.CloseBrace)), aStatement);
    return { kind: "braces", at: this.extent(open), items };
  });

  readonly setting = this.RULE("setting", (): syntax.SettingSyntax | undefined => {
    const key = this.CONSUME(t.Word);
    const value = this.OPTION({
      GATE: () => this.onLine(),
      DEF: () => this.SUBRULE(this.sum),
    });
    const by = this.OPTION1({
      GATE: () => this.onLine(),
      DEF: () => {
        this.CONSUME(t.By);
        return this.CONSUME1(t.Word);
      },
    });
    if (value) return { kind: "setting", key, value, by, at: this.extent(key) };
    if (!this.RECORDING_PHASE) this.fault(this.LA(1), this.LA(0), `the value of ${key.image}`);
    return undefined;
  });

  readonly phase = this.RULE("phase", (): syntax.PhaseSyntax => {
    const first = this.CONSUME(t.Phase);
    const name = this.name(t.Word, "the phase's name");
    return { kind: "phase", name, body: this.SUBRULE(this.settings), at: this.extent(first) };
  });

  private atPhase(): boolean {
    return this.LA(1).tokenType === t.Phase && this.LA(3).tokenType === t.OpenBrace;
  }

  readonly oneSetting = this.RULE("oneSetting", () =>
    this.OR<Settings | undefined>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.atPhase(), ALT: () => this.SUBRULE(this.phase) },
        { ALT: () => this.SUBRULE(this.setting) },
      ],
    }),
  );

  readonly settings = this.RULE("settings", (): syntax.BracesSyntax<Settings> => {
    const open = this.CONSUME(t.OpenBrace, { ERR_MSG: "`{` and settings" });
    const items: Settings[] = [];
    const read = () =>
      this.MANY({
        GATE: () => !this.atSection(),
        DEF: () => {
          const item = this.statement(() => this.SUBRULE(this.oneSetting));
          if (item) items.push(item);
          this.MANY1(() => this.CONSUME(t.Semicolon));
        },
      });
    for (read(); !this.atEnd(); read()) this.stray(aSetting);
    this.closing(() => this.OPTION(() => this.CONSUME(t.CloseBrace)), aSetting);
    return { kind: "braces", at: this.extent(open), items };
  });

  private closing(close: () => IToken | undefined, expected: string): void {
    if (!close() && !this.RECORDING_PHASE) this.fault(this.LA(1), this.LA(0), expected);
  }

  readonly model = this.RULE("model", (): syntax.ModelSyntax => {
    const first = this.CONSUME(t.Model);
    const name = this.name(t.Word, "the model's name");
    return { kind: "model", name, body: this.SUBRULE(this.statements), at: this.extent(first) };
  });

  readonly train = this.RULE("train", (): syntax.TrainSyntax => {
    const first = this.CONSUME(t.Train);
    const model = this.name(t.Word, "the model that is trained");
    this.CONSUME(t.On, { ERR_MSG: "`on` and the data that the model is trained on" });
    const data = this.CONSUME(t.StringLiteral, { ERR_MSG: 'the data\'s file, such as "cohort.json"' });
    return { kind: "train", model, data, body: this.SUBRULE(this.settings), at: this.extent(first) };
  });

  readonly deploy = this.RULE("deploy", (): syntax.DeploySyntax => {
    const first = this.CONSUME(t.Deploy);
    const model = this.name(t.Word, "the model that is deployed");
    this.CONSUME(t.To, { ERR_MSG: "`to` and the target, such as gap8" });
    const target = this.CONSUME1(t.Word, { ERR_MSG: "the target, such as gap8" });
    return { kind: "deploy", model, target, body: this.SUBRULE(this.settings), at: this.extent(first) };
  });

  readonly section = this.RULE("section", () =>
    this.OR<syntax.SectionSyntax>([
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.train) },
      { ALT: () => this.SUBRULE(this.deploy) },
    ]),
  );

  readonly file = this.RULE("file", (): readonly syntax.SectionSyntax[] => {
    const sections: syntax.SectionSyntax[] = [];
    const read = () =>
      this.MANY(() => {
        const section = this.statement(() => this.SUBRULE(this.section));
        if (section) sections.push(section);
      });
    for (read(); this.LA(1).tokenType !== EOF; read()) this.strayToSection();
    return sections;
  });

  /** What is left behind a wrong brace is one fault, not one per line. */
  private strayToSection(): void {
    this.fault(this.LA(1), this.LA(1), aSection);
    do this.consume(0, this.LA(1).tokenType);
    while (this.LA(1).tokenType !== EOF && !this.atSection());
  }

  /** Does a section of the file start here? Then whatever is open misses its brace. */
  private atSection(): boolean {
    const [first, third] = [this.LA(1).tokenType, this.LA(3).tokenType];
    if (first === t.Model) return third === t.OpenBrace;
    return (first === t.Train && third === t.On) || (first === t.Deploy && third === t.To);
  }

  private atEnd(): boolean {
    const next = this.LA(1).tokenType;
    return next === EOF || next === t.CloseBrace || this.atSection();
  }

  /** Is the next token on the line of the last one? */
  private onLine(last: IToken = this.LA(0), next: IToken = this.LA(1)): boolean {
    return !this.source.slice(extentOf(last).end, next.startOffset).includes("\n");
  }

  protected override atStatement(): boolean {
    if (this.atEnd()) return true;
    const [last, next, after] = [this.LA(0), this.LA(1), this.LA(2)];
    const leads = last.tokenType === t.Semicolon || !this.onLine();
    if (!leads || !tokenMatcher(next, t.Word) || !this.onLine(next, after)) return false;
    const follows: readonly TokenType[] = [t.Equals, t.Word, t.NumberLiteral, t.Quantity, t.StringLiteral];
    return next.tokenType === t.Output || follows.some((kind) => tokenMatcher(after, kind));
  }

  protected override defined(first: IToken, second: IToken): Lexeme {
    return second.tokenType === t.Equals ? first : second;
  }

  read(source: string): ReturnType<typeof readPulse> {
    const comments = this.open(source);
    const tokens = this.input;
    const deep = tooDeep(tokens);
    const sections = deep ? [] : this.file();
    const broken = new Set(this.broken.map((lexeme) => lexeme.image));
    return { pulse: { sections, comments, tokens }, faults: deep ? [deep] : this.faults, broken };
  }
}

let parser: PulseParser | undefined;

/** The structure of a text, with what could not be read: `broken` holds the names whose definition is missing for it. */
export function readPulse(source: string): {
  readonly pulse: syntax.PulseSyntax;
  readonly faults: readonly SyntaxFault[];
  readonly broken: ReadonlySet<string>;
} {
  parser ??= new PulseParser();
  return parser.read(source);
}
