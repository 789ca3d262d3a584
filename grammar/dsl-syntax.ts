/** What the grammar of models gives: the text's structure with the place of everything, meaning nothing yet. */
import type { Extent, Lexeme } from "./ir-syntax.js";

export type Expression =
  | { readonly kind: "number"; readonly at: Extent; readonly lexeme: Lexeme }
  /** A number with its unit. */
  | { readonly kind: "quantity"; readonly at: Extent; readonly lexeme: Lexeme }
  | { readonly kind: "string"; readonly at: Extent; readonly lexeme: Lexeme }
  | { readonly kind: "name"; readonly at: Extent; readonly name: Lexeme }
  | { readonly kind: "list"; readonly at: Extent; readonly items: readonly Expression[] }
  | { readonly kind: "negative"; readonly at: Extent; readonly of: Expression }
  | CallSyntax
  | ChainSyntax
  | PipeSyntax;

export interface CallSyntax {
  readonly kind: "call";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly args: readonly ArgumentSyntax[];
}
/** Operators of one precedence, from left to right. Flat: a long line must not be a deep tree. */
export interface ChainSyntax {
  readonly kind: "chain";
  readonly at: Extent;
  readonly first: Expression;
  readonly rest: readonly { readonly operator: Lexeme; readonly operand: Expression }[];
}
/** `first |> stage |> stage`: each stage takes what is before it as its first argument. */
export interface PipeSyntax {
  readonly kind: "pipe";
  readonly at: Extent;
  readonly first: Expression;
  readonly stages: readonly CallSyntax[];
}
export interface ArgumentSyntax {
  readonly at: Extent;
  readonly name: Lexeme | undefined;
  readonly value: Expression;
}

export interface InputSyntax {
  readonly kind: "input";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly shape: Expression;
}
export interface SearchSyntax {
  readonly kind: "search";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly space: Expression;
}
export interface WeightsSyntax {
  readonly kind: "weights";
  readonly at: Extent;
  readonly path: Lexeme;
}
export interface NamedSyntax {
  readonly kind: "named";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly value: Expression;
}
export interface OutputSyntax {
  readonly kind: "output";
  readonly at: Extent;
  readonly name: Lexeme | undefined;
  readonly value: Expression;
}
export interface ParameterSyntax {
  readonly at: Extent;
  readonly name: Lexeme;
  readonly fallback: Expression | undefined;
}
export interface BlockSyntax {
  readonly kind: "block";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly parameters: readonly ParameterSyntax[];
  readonly body: Expression | BracesSyntax<StatementSyntax>;
}
export type StatementSyntax =
  | InputSyntax
  | SearchSyntax
  | WeightsSyntax
  | NamedSyntax
  | OutputSyntax
  | BlockSyntax;

/** `{ ... }`, from brace to brace. */
export interface BracesSyntax<T> {
  readonly kind: "braces";
  readonly at: Extent;
  readonly items: readonly T[];
}
export interface ModelSyntax {
  readonly kind: "model";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly body: BracesSyntax<StatementSyntax>;
}
export interface SettingSyntax {
  readonly kind: "setting";
  readonly at: Extent;
  readonly key: Lexeme;
  readonly value: Expression;
  /** What the value is chosen by: `weights [8, 4] by layer`. */
  readonly by: Lexeme | undefined;
}
export interface PhaseSyntax {
  readonly kind: "phase";
  readonly at: Extent;
  readonly name: Lexeme;
  readonly body: BracesSyntax<SettingSyntax | PhaseSyntax>;
}
export interface TrainSyntax {
  readonly kind: "train";
  readonly at: Extent;
  readonly model: Lexeme;
  readonly data: Lexeme;
  readonly body: BracesSyntax<SettingSyntax | PhaseSyntax>;
}
export interface DeploySyntax {
  readonly kind: "deploy";
  readonly at: Extent;
  readonly model: Lexeme;
  readonly target: Lexeme;
  readonly body: BracesSyntax<SettingSyntax | PhaseSyntax>;
}
export type SectionSyntax = ModelSyntax | BlockSyntax | TrainSyntax | DeploySyntax;

export interface PulseSyntax {
  readonly sections: readonly SectionSyntax[];
  readonly comments: readonly Lexeme[];
  /** All tokens but comments, for the formatter. */
  readonly tokens: readonly Lexeme[];
}
