/** Integer expressions over loop indices: what offsets and extents of tiles are made of. */

/** `/` rounds down and `%` is the rest; both take operands that are never negative. */
export type Operator = "+" | "-" | "*" | "/" | "%" | "min" | "max";
export interface Operation {
  readonly op: Operator;
  readonly left: Expr;
  readonly right: Expr;
}
/** A number, the index of a loop around, or an operation on two expressions. */
export type Expr = number | string | Operation;

const compute: Record<Operator, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => Math.floor(a / b),
  "%": (a, b) => a % b,
  min: Math.min,
  max: Math.max,
};

/** A sum: a constant and multiples of expressions that are no sums, by their text. */
interface Sum {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, { readonly of: Expr; readonly times: number }>;
}

function sumOf(e: Expr): Sum {
  if (typeof e === "number") return { constant: e, terms: new Map() };
  if (typeof e === "string") return { constant: 0, terms: new Map([[e, { of: e, times: 1 }]]) };
  if (e.op === "+" || e.op === "-") return added(sumOf(e.left), sumOf(e.right), e.op === "+" ? 1 : -1);
  if (e.op === "*" && typeof e.right === "number")
    return added({ constant: 0, terms: new Map() }, sumOf(e.left), e.right);
  return { constant: 0, terms: new Map([[printExpr(e), { of: e, times: 1 }]]) };
}

/** a + factor * b */
function added(a: Sum, b: Sum, factor: number): Sum {
  const terms = new Map(a.terms);
  for (const [key, { of, times }] of b.terms) {
    const count = (terms.get(key)?.times ?? 0) + factor * times;
    if (count === 0) terms.delete(key);
    else terms.set(key, { of, times: count });
  }
  return { constant: a.constant + factor * b.constant, terms };
}

/** Positive terms first, then negative ones, then the constant. */
function fromSum({ constant, terms }: Sum): Expr {
  let e: Expr | undefined;
  const join = (of: Expr, times: number) => {
    const size = Math.abs(times);
    const term: Expr =
      size === 1 ? of : typeof of === "number" ? of * size : { op: "*", left: of, right: size };
    if (e === undefined) e = times < 0 ? { op: "-", left: 0, right: term } : term;
    else e = { op: times < 0 ? "-" : "+", left: e, right: term };
  };
  const all = [...terms.values()];
  for (const t of all.filter((t) => t.times > 0)) join(t.of, t.times);
  if (e === undefined && constant > 0) {
    e = constant;
    for (const t of all.filter((t) => t.times < 0)) join(t.of, t.times);
    return e;
  }
  for (const t of all.filter((t) => t.times < 0)) join(t.of, t.times);
  if (constant !== 0) join(Math.abs(constant), Math.sign(constant));
  return e ?? 0;
}

/** The sum over a number that divides all of it. */
function divided({ constant, terms }: Sum, by: number): Expr | undefined {
  const all = [...terms].map(([key, t]) => [key, { ...t, times: t.times / by }] as const);
  const even = constant % by === 0 && all.every(([, t]) => Number.isInteger(t.times));
  return even ? fromSum({ constant: constant / by, terms: new Map(all) }) : undefined;
}

function operation(op: Operator, left: Expr, right: Expr): Expr {
  if (typeof left === "number" && typeof right === "number") return compute[op](left, right);
  if (op === "+" || op === "-") return fromSum(added(sumOf(left), sumOf(right), op === "+" ? 1 : -1));
  if (op === "*" && typeof right === "number") return fromSum(added(sumOf(0), sumOf(left), right));
  if (op === "*" && typeof left === "number") return operation("*", right, left);
  if (op === "/" && typeof right === "number") return divided(sumOf(left), right) ?? { op, left, right };
  if (right === 1 && op === "%") return 0;
  return { op, left, right };
}

const many =
  (op: Operator) =>
  (first: Expr, ...rest: readonly Expr[]): Expr =>
    rest.reduce<Expr>((a, b) => operation(op, a, b), first);

export const plus = many("+");
export const minus = many("-");
export const times = many("*");
export const over = many("/");
export const rest = many("%");
export const least = many("min");
export const most = many("max");

/** The value where the loops around stand at `indices`. */
export function evaluate(e: Expr, indices: ReadonlyMap<string, number>): number {
  if (typeof e === "number") return e;
  if (typeof e === "string") return indices.get(e)!;
  return compute[e.op](evaluate(e.left, indices), evaluate(e.right, indices));
}

/** The expression with another in place of an index. */
export function substitute(e: Expr, index: string, by: Expr): Expr {
  if (typeof e === "number") return e;
  if (typeof e === "string") return e === index ? by : e;
  return operation(e.op, substitute(e.left, index, by), substitute(e.right, index, by));
}

const level = { "+": 1, "-": 1, "*": 2, "/": 2, "%": 2 } as const;

/** Of a minimum of minima: all of them. */
const operandsOf = (e: Expr, op: Operator): readonly Expr[] =>
  typeof e === "object" && e.op === op ? [...operandsOf(e.left, op), ...operandsOf(e.right, op)] : [e];

/** `min(a, b, c)` for minima and maxima, infix for the rest, with the parentheses that are needed. Other names than these two take two operands. */
export function printExpr(e: Expr, above = 0, minimum = "min", maximum = "max"): string {
  if (typeof e === "number") return e < 0 && above > 0 ? `(${e})` : String(e);
  if (typeof e === "string") return e;
  const print = (side: Expr, at: number) => printExpr(side, at, minimum, maximum);
  if (e.op === "min" || e.op === "max") {
    const of = minimum === "min" ? operandsOf(e, e.op) : [e.left, e.right];
    return `${e.op === "min" ? minimum : maximum}(${of.map((side) => print(side, 0)).join(", ")})`;
  }
  const own = level[e.op];
  const text = `${print(e.left, own)} ${e.op} ${print(e.right, own + 1)}`;
  return own < above ? `(${text})` : text;
}
