/** Loops over positions and channels, in tiles. */
import type { Code } from "./code.js";
import { add, type Expr, min } from "./expr.js";

/** How far x and y move per turn of a loop, in elements. */
export interface Turns {
  readonly count: number;
  readonly x: number;
  readonly y: number;
}
/** Turns that x and y step through evenly become one; those that run once go. */
export function merged(all: readonly Turns[]): readonly Turns[] {
  const kept: Turns[] = [];
  for (const turns of all) {
    const outer = kept.at(-1);
    if (turns.count === 1) continue;
    if (outer && outer.x === turns.x * turns.count && outer.y === turns.y * turns.count)
      kept[kept.length - 1] = { ...turns, count: outer.count * turns.count };
    else kept.push(turns);
  }
  return kept.length > 0 ? kept : [{ count: 1, x: 0, y: 0 }];
}

/** Turns that tiles of `size` make of `count`, as a multiple of it; fewer than one tile cannot share what they load. */
const waste = (count: number, size: number): number =>
  count < size ? size : (Math.ceil(count / size) * size) / count;

/** The loop that fills tiles of `size` best innermost; the last one where it is no worse. */
export function bestLast(all: readonly Turns[], size: number): readonly Turns[] {
  const best = all.reduceRight((a, b) => (waste(b.count, size) < waste(a.count, size) ? b : a));
  return [...all.filter((t) => t !== best), best];
}

/**
 * Runs `body` on every `size` (at most `count`) turns, with one pointer per stream (where it starts, bytes per turn).
 * The last ones may overlap those before: they are computed twice.
 */
export function steps(
  code: Code,
  count: number,
  size: number,
  streams: readonly (readonly [from: Expr, slot: number])[],
  body: (pointers: readonly Expr[]) => void,
): void {
  if (count === size) {
    body(streams.map(([from]) => from));
    return;
  }
  const lasts = streams.map(([from, slot]) =>
    count % size === 0 ? undefined : code.let(add(from, (count - size) * slot)),
  );
  const pointers = streams.map(([from]) => code.variable(from));
  code.repeat(Math.ceil(count / size), () => {
    body(pointers.map((p) => p.value));
    for (const [i, p] of pointers.entries()) {
      const next = add(p.value, size * streams[i]![1]);
      p.set(lasts[i] ? min(next, lasts[i]) : next);
    }
  });
}
