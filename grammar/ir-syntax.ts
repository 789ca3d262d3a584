/** What the IR grammar gives: the text's structure with the place of everything, meaning nothing yet. */

/** A token as far as meaning needs it. */
export interface Lexeme {
  readonly image: string;
  readonly startOffset: number;
}
/** Character offsets, `end` exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

export interface TypeSyntax {
  readonly at: Extent;
  readonly storage: Lexeme;
  /** `1x64x8`, a single size, or nothing for a scalar. */
  readonly dims: Lexeme | undefined;
  /** Between the brackets, where a shape with a mistake is shown. */
  readonly shape: Extent;
  /** The zero point; `negate`: it was written as `+ n`, or as the literal -n. */
  readonly zero: { readonly number: Lexeme; readonly negate: boolean } | undefined;
  readonly scale: Lexeme | undefined;
  readonly channels: { readonly param: Lexeme; readonly axis: Lexeme } | undefined;
}

export interface MetaSyntax {
  readonly at: Extent;
  /** A word or a string literal. */
  readonly key: Lexeme;
  readonly value: Lexeme;
}

export interface OriginSyntax {
  readonly at: Extent;
  readonly fields: readonly { readonly key: Lexeme; readonly value: OriginValue }[];
}
export type OriginValue = Lexeme | readonly (readonly Lexeme[])[];

export interface ParamSyntax {
  /** From the name to the end of the type. */
  readonly at: Extent;
  readonly extent: Extent;
  readonly name: Lexeme;
  readonly type: TypeSyntax;
  readonly trainable: boolean;
  readonly origin: OriginSyntax | undefined;
  /** Elements, or the sha256 of elements that live elsewhere. */
  readonly data: ListSyntax | Lexeme;
  readonly places: readonly Lexeme[];
}

export interface ListSyntax {
  readonly at: Extent;
  readonly elements: readonly Lexeme[];
}
export const isList = (x: ListSyntax | Lexeme): x is ListSyntax => "elements" in x;

/** Observed extremes of a value. */
export interface RangeSyntax {
  readonly at: Extent;
  readonly graph: Lexeme;
  readonly value: Lexeme;
  readonly bounds: ListSyntax;
}

export interface ValueSyntax {
  readonly at: Extent;
  readonly name: Lexeme;
  readonly type: TypeSyntax;
  readonly places: readonly Lexeme[];
}

export interface AttrSyntax {
  readonly name: Lexeme;
  /** A number or a word, or a list of numbers. */
  readonly value: Lexeme | ListSyntax;
}

export interface NodeSyntax extends ValueSyntax {
  readonly extent: Extent;
  readonly op: Lexeme;
  readonly operands: readonly Lexeme[];
  readonly attrs: readonly AttrSyntax[];
  /** The op with its operands and attributes. */
  readonly call: Extent;
}

export interface GraphSyntax {
  readonly extent: Extent;
  /** Up to the opening brace. */
  readonly head: Extent;
  readonly name: Lexeme;
  readonly stage: Lexeme;
  readonly inputs: readonly ValueSyntax[];
  readonly outputs: readonly ValueSyntax[];
  readonly nodes: readonly NodeSyntax[];
}

export interface ModuleSyntax {
  readonly metas: readonly MetaSyntax[];
  readonly params: readonly ParamSyntax[];
  readonly ranges: readonly RangeSyntax[];
  readonly graphs: readonly GraphSyntax[];
  readonly comments: readonly Lexeme[];
}

/** What stood there and what could have stood there, in words. */
export interface SyntaxFault {
  readonly at: Extent;
  readonly found: string;
  readonly expected: string;
}

export const extentOf = (lexeme: Lexeme): Extent => ({
  start: lexeme.startOffset,
  end: lexeme.startOffset + lexeme.image.length,
});
