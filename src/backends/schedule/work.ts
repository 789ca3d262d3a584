/** A bound on what looking at a schedule may cost: texts may say anything. */
import { error, Refusal } from "../../ir/diagnostic.js";
import type { Expr, Operation } from "./expr.js";

export interface Work {
  /** Throws a `Refusal` where all is spent. */
  spend(units: number): void;
}

/** Steps, lines of transfers, operations, and 64 bytes that a step touches: for texts of strangers, and for our own. */
export const mostWork = { text: 5e6, program: 1e9 };

export function makeWork(units: number): Work {
  let left = units;
  return {
    spend(n) {
      left -= Math.max(0, n);
      if (left >= 0) return;
      throw new Refusal(
        error("schedule/too-large", "the schedule is too long to be walked through", {
          expected: `at most ${units} steps, lines of transfers and operations`,
          help: "make fewer, larger tiles",
        }),
      );
    },
  };
}

const weights = new WeakMap<Operation, number>();

/** Operations of an expression. */
export function weightOf(e: Expr): number {
  if (typeof e !== "object") return 1;
  const known = weights.get(e);
  if (known !== undefined) return known;
  const weight = 1 + weightOf(e.left) + weightOf(e.right);
  weights.set(e, weight);
  return weight;
}
