/** The command line without a process of its own: for tests that call it often. */
import { pulsec } from "../../src/cli/pulsec.js";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function callPulsec(...args: readonly string[]): Promise<Said> {
  let [out, err] = ["", ""];
  const streams = { out: (t: string) => void (out += t), err: (t: string) => void (err += t) };
  return { code: await pulsec(args, streams), out, err };
}
