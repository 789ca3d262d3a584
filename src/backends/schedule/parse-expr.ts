/** Reads expressions: infix signs, `min(...)`, `max(...)`, numbers, and indices of the loops around. */
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Expr, Operator } from "./expr.js";
import type { Scanner } from "./scan.js";

/** More are not needed, and would go deep. */
const mostOperations = 500;
const deepest = 50;

/** `indices` are those of the loops around. */
export function parseExpr(s: Scanner, indices: ReadonlySet<string>): Expr {
  let operations = 0;
  let depth = 0;
  const joined = (op: Operator, left: Expr, right: Expr): Expr => {
    operations++;
    if (operations > mostOperations) s.refuse(`at most ${mostOperations} operations`);
    return { op, left, right };
  };
  const chain = (signs: readonly Operator[], operand: () => Expr) => (): Expr => {
    let left = operand();
    for (;;) {
      const { text } = s.peek();
      const op = signs.find((o) => o === text);
      if (!op) return left;
      s.next();
      left = joined(op, left, operand());
    }
  };
  const inBrackets = <T>(read: () => T): T => {
    depth++;
    if (depth > deepest) s.refuse(`at most ${deepest} brackets inside each other`);
    const found = read();
    depth--;
    s.expect(")");
    return found;
  };
  const factor = (): Expr => {
    if (s.take("(")) return inBrackets(sum);
    if (s.take("-")) return -s.number("a number");
    const token = s.peek();
    if (token.kind === "number") return s.number("a smaller number");
    const name = s.word("a number, an index, min or max");
    if ((name === "min" || name === "max") && s.take("(")) return inBrackets(() => extreme(name));
    if (indices.has(name)) return name;
    const known = [...indices];
    throw new Refusal(
      error("schedule/unknown-index", `no loop around has the index ${name}`, {
        place: s.span(token.start),
        expected: known.length > 0 ? known.join(", ") : "a number: there is no loop around",
      }),
    );
  };
  const extreme = (op: "min" | "max"): Expr => {
    let all = sum();
    while (s.take(",")) all = joined(op, all, sum());
    return all;
  };
  const product = chain(["*", "/", "%"], factor);
  const sum = chain(["+", "-"], product);
  return sum();
}
