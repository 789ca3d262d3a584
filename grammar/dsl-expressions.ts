/**
 * Grammar of expressions: `x |> conv(out: 2 * c, kernel: 5) |> relu`, `a + b`, `[64, 4]`.
 *
 *     expression = sum { "|>" call }
 *     sum        = product { ("+" | "-") product }       product = unary { ("*" | "/" | "%") unary }
 *     unary      = { "-" } primary
 *     primary    = number | number unit | string | call | list | "(" expression ")"
 *     call       = name [ "(" [ argument { "," argument } ] ")" ]
 *     argument   = [ name ":" ] expression
 *     list       = "[" [ expression { "," expression } ] "]"
 */
import type { IToken } from "chevrotain";
import type * as syntax from "./dsl-syntax.js";
import * as t from "./dsl-tokens.js";
import { extentOf, type Lexeme, type SyntaxFault } from "./ir-syntax.js";
import { StatementParser } from "./recovery.js";

const aValue = "a value: a name, a call, a number, a list or an expression in parentheses";

export abstract class ExpressionParser extends StatementParser {
  readonly expression = this.RULE("expression", (): syntax.Expression => {
    const start = this.LA(1);
    const first = this.SUBRULE(this.sum);
    const stages: syntax.CallSyntax[] = [];
    this.MANY(() => {
      this.CONSUME(t.Pipe);
      stages.push(this.SUBRULE(this.stage));
    });
    return stages.length === 0 ? first : { kind: "pipe", at: this.extent(start), first, stages };
  });

  readonly stage = this.RULE("stage", (): syntax.CallSyntax => {
    const expected = { ERR_MSG: "an op or a block after `|>`" };
    // The next statement is no stage: a word would do, so that something else is asked for.
    if (!this.RECORDING_PHASE && this.atStatement()) this.consume(1, t.Pipe, expected);
    const name = this.CONSUME(t.Word, expected);
    const args = this.OPTION(() => this.SUBRULE(this.args)) ?? [];
    return { kind: "call", at: this.extent(name), name, args };
  });

  readonly sum = this.RULE("sum", (): syntax.Expression => {
    const start = this.LA(1);
    const first = this.SUBRULE(this.product);
    const rest: syntax.ChainSyntax["rest"][number][] = [];
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
      rest.push({ operator, operand: this.SUBRULE1(this.product) });
    });
    return this.chain(start, first, rest);
  });

  readonly product = this.RULE("product", (): syntax.Expression => {
    const start = this.LA(1);
    const first = this.SUBRULE(this.unary);
    const rest: syntax.ChainSyntax["rest"][number][] = [];
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(t.Star) },
        { ALT: () => this.CONSUME(t.Slash) },
        { ALT: () => this.CONSUME(t.Percent) },
      ]);
      rest.push({ operator, operand: this.SUBRULE1(this.unary) });
    });
    return this.chain(start, first, rest);
  });

  private chain(
    start: IToken,
    first: syntax.Expression,
    rest: syntax.ChainSyntax["rest"],
  ): syntax.Expression {
    return rest.length === 0 ? first : { kind: "chain", at: this.extent(start), first, rest };
  }

  readonly unary = this.RULE("unary", (): syntax.Expression => {
    const start = this.LA(1);
    let negative = false;
    this.MANY(() => {
      this.CONSUME(t.Minus);
      negative = !negative;
    });
    const of = this.SUBRULE(this.primary);
    return negative ? { kind: "negative", at: this.extent(start), of } : of;
  });

  readonly primary = this.RULE(
    "primary",
    (): syntax.Expression =>
      this.OR<syntax.Expression>({
        DEF: [
          { ALT: () => literal("number", this.CONSUME(t.NumberLiteral)) },
          { ALT: () => literal("quantity", this.CONSUME(t.Quantity)) },
          { ALT: () => literal("string", this.CONSUME(t.StringLiteral)) },
          { ALT: () => this.SUBRULE(this.nameOrCall) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.parenthesised) },
        ],
        ERR_MSG: aValue,
      }),
  );

  readonly nameOrCall = this.RULE("nameOrCall", (): syntax.Expression => {
    const name = this.CONSUME(t.Word);
    const args = this.OPTION(() => this.SUBRULE(this.args));
    const at = this.extent(name);
    return args ? { kind: "call", at, name, args } : { kind: "name", at, name };
  });

  readonly parenthesised = this.RULE("parenthesised", (): syntax.Expression => {
    this.CONSUME(t.OpenParen);
    const inner = this.SUBRULE(this.expression);
    this.CONSUME(t.CloseParen, { ERR_MSG: "`)`" });
    return inner;
  });

  readonly list = this.RULE("list", (): syntax.Expression => {
    const start = this.CONSUME(t.OpenBracket);
    const items: syntax.Expression[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    this.CONSUME(t.CloseBracket, { ERR_MSG: "`,` and another value, or `]`" });
    return { kind: "list", at: this.extent(start), items };
  });

  readonly args = this.RULE("args", (): readonly syntax.ArgumentSyntax[] => {
    const args: syntax.ArgumentSyntax[] = [];
    this.CONSUME(t.OpenParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.arg)) });
    this.CONSUME(t.CloseParen, { ERR_MSG: "`,` and another argument, or `)`" });
    return args;
  });

  readonly arg = this.RULE("arg", (): syntax.ArgumentSyntax => {
    const start = this.LA(1);
    const name = this.OPTION(() => {
      const word = this.CONSUME(t.Word);
      this.CONSUME(t.Colon);
      return word;
    });
    const value = this.SUBRULE(this.expression);
    return { at: this.extent(start), name, value };
  });
}

function literal<K extends "number" | "quantity" | "string">(kind: K, lexeme: Lexeme) {
  return { kind, at: extentOf(lexeme), lexeme };
}

/** Brackets inside each other; people stop far below, and a parser's stack some way above. */
const depthLimit = 64;

/** A recursive parser refuses before its stack does. */
export function tooDeep(tokens: readonly IToken[]): SyntaxFault | undefined {
  let depth = 0;
  for (const token of tokens) {
    if (t.opening.includes(token.tokenType)) depth++;
    else if (t.closing.includes(token.tokenType)) depth = Math.max(0, depth - 1);
    if (depth <= depthLimit) continue;
    const expected = `at most ${depthLimit} brackets inside each other`;
    return { at: extentOf(token), found: `bracket ${depth}`, expected };
  }
  return undefined;
}
