/** The inner loops of a sum of products: where its pairs of inputs lie. */
import type { Code } from "../code.js";
import { add, type Expr } from "../expr.js";

/** What one sum takes in: `run` neighbouring inputs from each place that the segments' loops reach, in elements. */
export interface Sum {
  readonly segments: readonly Level[];
  readonly run: number;
}
interface Level {
  readonly count: number;
  readonly x: number;
}

/** Pairs of inputs; an odd run's last pair reaches one element too far, where weights are 0. */
export const pairsOf = ({ segments, run }: Sum): number =>
  segments.reduce((n, s) => n * s.count, Math.ceil(run / 2));

/** Runs `step` for every pair of inputs, in order, with a pointer that has moved to it from `x`. */
export function overPairs(code: Code, { segments, run }: Sum, x: Expr, step: (x: Expr) => void): void {
  // Not unrolled: V8 schedules all loads of a block before its arithmetic, and more than one step's spill.
  const all: readonly Level[] = [...segments, { count: Math.ceil(run / 2), x: 2 }];
  const loops = (levels: readonly Level[], from: Expr): void => {
    const [level, ...inner] = levels;
    if (!level) step(from);
    else {
      const pointer = code.variable(from);
      code.repeat(level.count, () => {
        loops(inner, pointer.value);
        pointer.set(add(pointer.value, 2 * level.x));
      });
    }
  };
  loops(
    all.filter((level) => level.count !== 1),
    x,
  );
}
