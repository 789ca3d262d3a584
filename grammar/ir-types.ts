/** Grammar of types, number lists and places: `(u8[1x64x8] - 128) * 0.02`, `[1, 2]`, `loc("net.onnx: Conv_3")`. */
import type { TokenType } from "chevrotain";
import type * as syntax from "./ir-syntax.js";
import { StatementParser } from "./recovery.js";
import * as t from "./tokens.js";

export abstract class TypeParser extends StatementParser {
  protected list(expected: string): syntax.ListSyntax {
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

  protected optionalPlaces(): readonly syntax.Lexeme[] {
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

  readonly zero = this.RULE(
    "zero",
    (): NonNullable<syntax.TypeSyntax["zero"]> =>
      this.OR({
        DEF: [
          { ALT: () => this.signed(t.Minus, false) },
          { ALT: () => this.signed(t.Plus, true) },
          { ALT: () => ({ number: this.CONSUME3(t.NumberLiteral), negate: true }) },
        ],
        ERR_MSG: "`-` or `+` and the zero point, such as (u8[1x64x8] - 128)",
      }),
  );

  protected signed(sign: TokenType, negate: boolean): NonNullable<syntax.TypeSyntax["zero"]> {
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
    const param = this.CONSUME(t.AtName, {
      ERR_MSG: "a param that holds the scales, such as @scales axis 0",
    });
    this.CONSUME(t.Axis, { ERR_MSG: "`axis` and the dimension that the scales run along" });
    return { param, axis: this.CONSUME(t.NumberLiteral) };
  });
}
