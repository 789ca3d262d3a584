/** Arithmetic in binding files: `2 * cores * w.h * w.w * x.c`. Whole numbers, exact; division floors. */

/** `H`, `x.h`, `stride[0]`, `conv.stride[0]`, `add.at[0]`. */
export interface Reference {
  readonly base: string;
  readonly field?: string;
  readonly index?: number;
}
type Operator = "+" | "-" | "*" | "/" | "%";
export type Expression =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "reference"; readonly reference: Reference }
  | {
      readonly kind: "operation";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Why a text is no expression; the reader of binding files makes a diagnostic of it. */
export class ExpressionError extends Error {}

const token = /\s*(?:(\d+)|([A-Za-z_]\w*)|(\S))/y;

function tokens(text: string): readonly string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  for (let m = token.exec(text); m; m = token.exec(text)) found.push(m[1] ?? m[2] ?? m[3]!);
  return found;
}

/** Throws an `ExpressionError`. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokens(text));
  const parsed = parser.sum();
  parser.end();
  return parsed;
}

/** By recursive descent: sums of products of atoms. */
class Parser {
  readonly #list: readonly string[];
  #at = 0;

  constructor(list: readonly string[]) {
    this.#list = list;
  }

  sum(): Expression {
    return this.#level(["+", "-"], () => this.#level(["*", "/", "%"], () => this.#atom()));
  }

  end(): void {
    if (this.#at < this.#list.length) this.#refuse("the end");
  }

  get #next(): string {
    return this.#list[this.#at] ?? "";
  }

  #refuse(expected: string): never {
    const where = this.#at < this.#list.length ? `before ${this.#next}` : "at the end";
    throw new ExpressionError(`${expected} is expected ${where}`);
  }

  #take(what: string, pattern: RegExp): string {
    const next = this.#next;
    if (!pattern.test(next)) this.#refuse(what);
    this.#at++;
    return next;
  }

  /** Takes the token where it stands there. */
  #has(token: string): boolean {
    if (this.#next !== token) return false;
    this.#at++;
    return true;
  }

  #level(operators: readonly string[], inner: () => Expression): Expression {
    let left = inner();
    while (operators.includes(this.#next)) {
      const operator = this.#list[this.#at++] as Operator;
      left = { kind: "operation", operator, left, right: inner() };
    }
    return left;
  }

  #atom(): Expression {
    if (this.#has("-"))
      return { kind: "operation", operator: "-", left: { kind: "number", value: 0n }, right: this.#atom() };
    if (this.#has("(")) {
      const inner = this.sum();
      this.#take(")", /^\)$/);
      return inner;
    }
    if (/^\d/.test(this.#next)) return { kind: "number", value: BigInt(this.#take("a number", /^\d/)) };
    return { kind: "reference", reference: this.#reference() };
  }

  #reference(): Reference {
    const base = this.#take("a name", /^[A-Za-z_]/);
    const field = this.#has(".") ? { field: this.#take("a name", /^[A-Za-z_]/) } : {};
    if (!this.#has("[")) return { base, ...field };
    const index = Number(this.#take("a number", /^\d/));
    this.#take("]", /^\]$/);
    return { base, ...field, index };
  }
}

/** Everything an expression names. */
export function referencesIn(e: Expression): readonly Reference[] {
  if (e.kind === "number") return [];
  return e.kind === "reference" ? [e.reference] : [...referencesIn(e.left), ...referencesIn(e.right)];
}

/** `of` knows every reference: they were checked when the file was read. */
export function evaluateExpression(e: Expression, of: (reference: Reference) => bigint): bigint {
  if (e.kind === "number") return e.value;
  if (e.kind === "reference") return of(e.reference);
  const [a, b] = [evaluateExpression(e.left, of), evaluateExpression(e.right, of)];
  switch (e.operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0n ? 0n : (a - remainder(a, b)) / b;
    case "%":
      return b === 0n ? 0n : remainder(a, b);
  }
}

/** Of the sign of the divisor, as a division that floors leaves it. */
const remainder = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

/** The expression as one writes it. */
export const printReference = ({ base, field, index }: Reference): string =>
  `${base}${field === undefined ? "" : `.${field}`}${index === undefined ? "" : `[${index}]`}`;
