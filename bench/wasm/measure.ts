/** Times sides against each other: warmed up, in turns, the median of rounds in which no other process was in the way. */
import { median } from "../table.js";
import type { Side } from "./peers.js";

export interface Method {
  /** Each side computes this long before anything counts: V8 compiles what is hot a second time, in the background. */
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** How long a side runs in one round, about. */
  readonly roundMilliseconds: number;
}
export const thorough: Method = { warmUpSeconds: 0.7, rounds: 21, roundMilliseconds: 10 };
export const quick: Method = { warmUpSeconds: 0.05, rounds: 3, roundMilliseconds: 5 };

/** A round in which the process had the processor for a smaller share of the time does not count. */
const undisturbed = 0.95;
/** Times the rounds wanted, after which disturbed ones have to do. */
const patience = 6;

const processorMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Round {
  /** Of one call, as the mean of the calls of the round. */
  readonly milliseconds: number;
  /** Of the time, how much the process had the processor. */
  readonly share: number;
}

async function round({ run }: Side, calls: number): Promise<Round> {
  const [began, used] = [performance.now(), processorMilliseconds()];
  for (let i = 0; i < calls; i++) await run();
  const took = performance.now() - began;
  return { milliseconds: took / calls, share: (processorMilliseconds() - used) / took };
}

/** Milliseconds of a call once it has run for a while. */
export async function warmUp(side: Side, { warmUpSeconds }: Method): Promise<number> {
  const until = processorMilliseconds() + 1000 * warmUpSeconds;
  let last = (await round(side, 1)).milliseconds;
  while (processorMilliseconds() < until)
    last = (await round(side, Math.max(1, Math.ceil(2 / last)))).milliseconds;
  return last;
}

/** Milliseconds per call of each side, in order. Sides take turns, and each turn starts with another one. */
export async function measure(sides: readonly Side[], method: Method): Promise<readonly number[]> {
  const calls: number[] = [];
  for (const side of sides)
    calls.push(Math.max(1, Math.ceil(method.roundMilliseconds / (await warmUp(side, method)))));
  const done = sides.map((): Round[] => []);
  const good = (rounds: readonly Round[]) => rounds.filter((r) => r.share >= undisturbed);
  for (let turn = 0; turn < method.rounds * patience; turn++) {
    if (done.every((rounds) => good(rounds).length >= method.rounds)) break;
    for (let i = 0; i < sides.length; i++) {
      const at = (turn + i) % sides.length;
      done[at]!.push(await round(sides[at]!, calls[at]!));
    }
  }
  return done.map((rounds) => typical(rounds, good(rounds), method.rounds));
}

/** The median of the good rounds, or of the least disturbed ones where there are too few. */
function typical(all: readonly Round[], good: readonly Round[], wanted: number): number {
  const counted =
    good.length >= wanted / 2 ? good : all.toSorted((a, b) => b.share - a.share).slice(0, wanted);
  return median(counted.map((r) => r.milliseconds));
}
