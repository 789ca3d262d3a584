/** Times sides against each other: warmed up, in turns, the median of rounds. */
import { median } from "../table.js";
import type { Side } from "./peers.js";

export interface Method {
  /** Each side runs this long before anything counts: V8 compiles what is hot a second time, in the background. */
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** How long a side runs in one round, about. */
  readonly roundMilliseconds: number;
}
export const thorough: Method = { warmUpSeconds: 0.7, rounds: 11, roundMilliseconds: 30 };
export const quick: Method = { warmUpSeconds: 0.05, rounds: 3, roundMilliseconds: 5 };

/** Milliseconds of one call, as the mean of `calls` calls one after the other. */
async function meanOf({ run }: Side, calls: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < calls; i++) await run();
  return (performance.now() - began) / calls;
}

/** Milliseconds of a call once it has run for a while. */
export async function warmUp(side: Side, { warmUpSeconds }: Method): Promise<number> {
  const until = performance.now() + 1000 * warmUpSeconds;
  let last = await meanOf(side, 1);
  while (performance.now() < until) last = await meanOf(side, Math.max(1, Math.ceil(2 / last)));
  return last;
}

/** Milliseconds per call of each side, in order. Sides take turns within a round, and each round starts with another one. */
export async function measure(sides: readonly Side[], method: Method): Promise<readonly number[]> {
  const calls: number[] = [];
  for (const side of sides)
    calls.push(Math.max(1, Math.ceil(method.roundMilliseconds / (await warmUp(side, method)))));
  const times = sides.map((): number[] => []);
  for (let round = 0; round < method.rounds; round++)
    for (let turn = 0; turn < sides.length; turn++) {
      const at = (round + turn) % sides.length;
      times[at]!.push(await meanOf(sides[at]!, calls[at]!));
    }
  return times.map(median);
}
