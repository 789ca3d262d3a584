/** Which golden is which value: a maximum matching that keeps to the order of file and graph where it can. */

/** `fits[g]`: values whose content equals golden `g`, ascending; `favours(g, v)`: the names agree as well. */
export interface Choices {
  readonly fits: readonly (readonly number[])[];
  favours(golden: number, value: number): boolean;
}

/** The value of each golden, all distinct; as many goldens as possible get one. */
export function assign(choices: Choices, values: number): readonly (number | undefined)[] {
  const chosen = inOrder(choices, values);
  const takenBy = new Map<number, number>();
  for (const [g, v] of chosen.entries()) if (v !== undefined) takenBy.set(v, g);
  for (const g of choices.fits.keys())
    if (chosen[g] === undefined) augment(g, choices, chosen, takenBy, new Set());
  return chosen;
}

/** The longest assignment that rises in both lists; among equals, the one whose names agree most. */
function inOrder({ fits, favours }: Choices, values: number): (number | undefined)[] {
  const width = values + 1;
  // best[g * width + v]: score of goldens from g on, values from v on.
  const best = new Float64Array((fits.length + 1) * width);
  const score = (g: number, v: number) =>
    fits[g]!.includes(v) ? 1 + (favours(g, v) ? 2 ** -20 : 0) : -Infinity;
  for (let g = fits.length - 1; g >= 0; g--) {
    for (let v = values - 1; v >= 0; v--) {
      const take = score(g, v) + best[(g + 1) * width + v + 1]!;
      best[g * width + v] = Math.max(take, best[(g + 1) * width + v]!, best[g * width + v + 1]!);
    }
  }
  const chosen = new Array<number | undefined>(fits.length).fill(undefined);
  for (let g = 0, v = 0; g < fits.length && v < values; ) {
    const here = best[g * width + v]!;
    // A golden that can go without loss goes first: of two, the earlier layer is the one to report.
    if (here === best[(g + 1) * width + v]) g++;
    else if (here === score(g, v) + best[(g + 1) * width + v + 1]!) chosen[g++] = v++;
    else v++;
  }
  return chosen;
}

/** An augmenting path (Kuhn): gives `g` a value, moving others to another fitting one where needed. */
function augment(
  g: number,
  choices: Choices,
  chosen: (number | undefined)[],
  takenBy: Map<number, number>,
  seen: Set<number>,
): boolean {
  for (const v of choices.fits[g]!) {
    if (seen.has(v)) continue;
    seen.add(v);
    const owner = takenBy.get(v);
    if (owner !== undefined && !augment(owner, choices, chosen, takenBy, seen)) continue;
    chosen[g] = v;
    takenBy.set(v, g);
    return true;
  }
  return false;
}
