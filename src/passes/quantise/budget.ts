/** Bits of each layer for a budget of bytes: greedy, by the measured error of the outputs. */
import type { Bits } from "./activation.js";

/** Bits of the weights by layer name. */
export type Widths = ReadonlyMap<string, Bits>;

/** What a choice of bits gives. */
export interface Trial {
  /** Error of the outputs: noise as a part of the signal. */
  readonly error: number;
  readonly bytes: number;
}
export interface BudgetJob {
  readonly layers: readonly string[];
  /** The bits that a layer may have. */
  readonly widths: readonly Bits[];
  /** What the network may take. */
  readonly bytes: number;
  measure(widths: Widths): Promise<Trial>;
  onTrial?(trials: number, current: Trial): void;
}
export interface Budgeted extends Trial {
  readonly fits: boolean;
  readonly widths: Widths;
  /** In the order in which layers lost bits. */
  readonly steps: readonly (Trial & { readonly layer: string; readonly bits: Bits })[];
}

/** A layer that could lose bits. `at` is the number of steps taken when it was measured. */
interface Candidate {
  readonly layer: string;
  readonly bits: Bits;
  readonly trial: Trial;
  readonly score: number;
  readonly at: number;
}

/**
 * Starts with the most bits everywhere; takes bits from the layer whose loss costs least error per byte saved, until the
 * network fits; what was saved beyond need goes back. A measurement is repeated only for the layer whose turn it would be: errors mostly grow as others lose bits.
 * Where not even the fewest bits fit, `fits` is false.
 */
export async function fitBudget(job: BudgetJob): Promise<Budgeted> {
  const widths = job.widths.toSorted((a, b) => b - a);
  const chosen = new Map(job.layers.map((l) => [l, widths[0]!]));
  let trials = 0;
  let current = await job.measure(chosen);
  const steps: Budgeted["steps"][number][] = [];
  const lowered = async (layer: string): Promise<Candidate[]> => {
    const bits = widths[widths.indexOf(chosen.get(layer)!) + 1];
    if (bits === undefined) return [];
    const trial = await job.measure(new Map(chosen).set(layer, bits));
    job.onTrial?.(++trials, current);
    const saved = current.bytes - trial.bytes;
    const score = saved > 0 ? (trial.error - current.error) / saved : Infinity;
    return [{ layer, bits, trial, score, at: steps.length }];
  };
  if (current.bytes <= job.bytes) return { ...current, fits: true, widths: chosen, steps };
  const candidates: Candidate[] = [];
  for (const layer of job.layers) candidates.push(...(await lowered(layer)));
  while (current.bytes > job.bytes && candidates.length > 0) {
    // Of equal ones the first in the network's order.
    const best = candidates.reduce((a, b) => (b.score < a.score ? b : a));
    candidates.splice(candidates.indexOf(best), 1);
    if (best.at < steps.length) {
      insert(candidates, await lowered(best.layer), job.layers);
      continue;
    }
    chosen.set(best.layer, best.bits);
    current = best.trial;
    steps.push({ ...best.trial, layer: best.layer, bits: best.bits });
    insert(candidates, await lowered(best.layer), job.layers);
  }
  const fits = current.bytes <= job.bytes;
  if (fits) current = await giveBack(job, widths, chosen, current, () => job.onTrial?.(++trials, current));
  return { ...current, fits, widths: chosen, steps };
}

/** The last step may have saved more than was needed: bits go back, one width at a time, where they lower the error most. */
async function giveBack(
  job: BudgetJob,
  widths: readonly Bits[],
  chosen: Map<string, Bits>,
  from: Trial,
  onTrial: () => void,
): Promise<Trial> {
  let current = from;
  for (;;) {
    let best: Pick<Candidate, "layer" | "bits" | "trial"> | undefined;
    for (const [layer, now] of chosen) {
      const bits = widths[widths.indexOf(now) - 1];
      if (bits === undefined) continue;
      const trial = await job.measure(new Map(chosen).set(layer, bits));
      onTrial();
      if (trial.bytes <= job.bytes && trial.error < (best?.trial ?? current).error)
        best = { layer, bits, trial };
    }
    if (!best) return current;
    chosen.set(best.layer, best.bits);
    current = best.trial;
  }
}

/** Keeps the network's order. */
function insert(into: Candidate[], more: readonly Candidate[], order: readonly string[]): void {
  into.push(...more);
  into.sort((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer));
}
