/** Many cases: counted per format, faults told apart and confirmed. */
import { type Case, type Format, formats } from "./formats.js";
import { alone, signatureOf } from "./minimise.js";
import { type Outcome, openPool, type Pool } from "./pool.js";

export interface Tally {
  cases: number;
  diagnostics: number;
  results: number;
  faults: number;
  slowest: { readonly milliseconds: number; readonly case?: Case };
  peak: { readonly bytes: number; readonly case?: Case };
}

export interface Summary {
  readonly tallies: ReadonlyMap<Format, Tally>;
  /** The first failure of every kind. */
  readonly faults: ReadonlyMap<string, Outcome>;
}

const batchSize = 200;

/** `count` cases, spread evenly over the formats. */
export function* casesOf(wanted: readonly Format[], count: number, seed: number): Generator<Case> {
  for (let i = 0; i < count; i++)
    yield { format: wanted[i % wanted.length]!, seed: seed + Math.floor(i / wanted.length) };
}

/** Runs all cases in one process; calls back after every batch. */
export async function runCases(
  cases: Iterable<Case>,
  onBatch: (summary: Summary) => void = () => {},
): Promise<Summary> {
  const tallies = new Map<Format, Tally>();
  const faults = new Map<string, Outcome>();
  const pool = openPool();
  try {
    for (const batch of batches(cases)) {
      const outcomes: Outcome[] = [];
      await pool.run(batch, (o) => void outcomes.push(o));
      for (const outcome of outcomes) count(tallies, await confirmed(pool, outcome), faults);
      onBatch({ tallies, faults });
    }
  } finally {
    pool.close();
  }
  return { tallies, faults };
}

/** Batches of one format, so that a process holds the seeds of few. */
function* batches(cases: Iterable<Case>): Generator<readonly Case[]> {
  const waiting = new Map<Format, Case[]>(formats.map((f) => [f, []]));
  for (const c of cases) {
    const list = waiting.get(c.format)!;
    list.push(c);
    if (list.length === batchSize) yield list.splice(0);
  }
  for (const list of waiting.values()) if (list.length > 0) yield list;
}

/** Time and memory are the machine's too: what passes a limit must do so again in a fresh process. */
async function confirmed(pool: Pool, outcome: Outcome): Promise<Outcome> {
  if (!outcome.fault || !/^(?:time|memory|the process)/.test(outcome.fault)) return outcome;
  pool.close();
  return alone(pool, outcome.case);
}

function count(tallies: Map<Format, Tally>, outcome: Outcome, faults: Map<string, Outcome>): void {
  const { format } = outcome.case;
  const tally = tallies.get(format) ?? {
    ...{ cases: 0, diagnostics: 0, results: 0, faults: 0 },
    slowest: { milliseconds: 0 },
    peak: { bytes: 0 },
  };
  tallies.set(format, tally);
  tally.cases++;
  tally[`${outcome.verdict}s`]++;
  if (outcome.milliseconds > tally.slowest.milliseconds)
    tally.slowest = { milliseconds: outcome.milliseconds, case: outcome.case };
  if (outcome.peak > tally.peak.bytes) tally.peak = { bytes: outcome.peak, case: outcome.case };
  if (outcome.fault === undefined) return;
  const what = "seed" in outcome.case ? "" : `${outcome.case.name}: `;
  const signature = `${format}: ${what}${signatureOf(outcome.fault)}`;
  if (!faults.has(signature)) faults.set(signature, outcome);
}
