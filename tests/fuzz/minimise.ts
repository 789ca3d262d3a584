/** A smaller input that fails in the same way. */
import { type Case, caseName } from "./formats.js";
import type { Outcome, Pool } from "./pool.js";

/** What two failures share when they are one fault: the message without its numbers, and the first place of ours. */
export function signatureOf(fault: string): string {
  const [head = "", ...frames] = fault.split("\n");
  const place = frames.find((f) => /\/(?:src|grammar)\//.test(f)) ?? "";
  const where = /\/((?:src|grammar)\/[^:]+):/.exec(place)?.[1] ?? "";
  const what = head.replace(/\d+(?:\.\d+)?/g, "#").slice(0, 80);
  return where === "" ? what : `${what} (${where})`;
}

/**
 * Removes pieces, from halves down to single bytes, while the fault stays the same (ddmin: Zeller and Hildebrandt, Simplifying
 * and isolating failure-inducing input, 2002), until `seconds` are over.
 */
export async function minimise(
  pool: Pool,
  { format }: Case,
  bytes: Uint8Array,
  fault: string,
  seconds: number,
): Promise<Uint8Array> {
  const signature = signatureOf(fault);
  const end = performance.now() + seconds * 1000;
  const fails = async (candidate: Uint8Array): Promise<boolean> => {
    const outcome = await alone(pool, { format, name: "smaller", bytes: candidate });
    return outcome.fault !== undefined && signatureOf(outcome.fault) === signature;
  };
  let smallest = bytes;
  for (let size = smallest.length >> 1; size >= 1 && performance.now() < end; ) {
    let shrunk = false;
    for (let at = 0; at < smallest.length && performance.now() < end; ) {
      const rest = [smallest.subarray(0, at), smallest.subarray(at + size)];
      const candidate = new Uint8Array(Buffer.concat(rest));
      if (await fails(candidate)) [smallest, shrunk] = [candidate, true];
      else at += size;
    }
    if (!shrunk || size > smallest.length) size >>= 1;
  }
  return smallest;
}

/** The outcome of one case. */
export async function alone(pool: Pool, c: Case): Promise<Outcome> {
  let found: Outcome | undefined;
  await pool.run([c], (outcome) => (found = outcome));
  if (!found) throw new Error(`${caseName(c)} has no outcome`);
  return found;
}
