/** The command line without a process of its own: for tests that call it often. */
import { pulsec } from "../../src/cli/pulsec.js";
import { root } from "../harness.js";

// Relative paths mean what they mean to somebody in the project's folder.
process.chdir(root);

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The same as called in another folder. */
export async function callPulsecIn(dir: string, ...args: readonly string[]): Promise<Said> {
  process.chdir(dir);
  try {
    return await callPulsec(...args);
  } finally {
    process.chdir(root);
  }
}

export async function callPulsec(...args: readonly string[]): Promise<Said> {
  let [out, err] = ["", ""];
  const streams = { out: (t: string) => void (out += t), err: (t: string) => void (err += t) };
  return { code: await pulsec(args, streams), out, err };
}
