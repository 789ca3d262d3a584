/** The steps of a layer in the order in which core 0 comes to them: loops unrolled, conditions decided. */
import { type Expr, evaluate } from "./expr.js";
import type { Loop, Step, When } from "./program.js";

/** A step without steps inside. */
export type Leaf = Exclude<Step, Loop | When>;

/** Calls `visit` with each step and with what gives the numbers of its expressions at that turn of the loops around. */
export function execute(
  steps: readonly Step[],
  visit: (step: Leaf, at: (e: Expr) => number) => void,
  indices = new Map<string, number>(),
): void {
  const at = (e: Expr) => evaluate(e, indices);
  for (const s of steps) {
    if (s.kind === "loop") {
      for (let i = 0; i < s.count; i++) execute(s.body, visit, indices.set(s.index, i));
      indices.delete(s.index);
    } else if (s.kind === "when") {
      const [a, b] = [at(s.left), at(s.right)];
      if (s.is === "<" ? a < b : a === b) execute(s.body, visit, indices);
    } else visit(s, at);
  }
}
