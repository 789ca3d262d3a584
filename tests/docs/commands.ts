/** Pages that are followed literally: every `pulsec` line of their sh blocks runs and exits 0. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { callPulsecIn } from "../cli/in-process.js";
import { root } from "../harness.js";

export interface Block {
  /** The word behind the fence; "" where there is none. */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page of docs/. */
export const blocksIn = (page: string): readonly Block[] =>
  [...readFileSync(path.join(root, "docs", page), "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
    ([, language, text]) => ({ language: language!, text: text! }),
  );

/** Words of a command line: single quotes keep spaces. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!);

/**
 * Runs a page in `dir`, beside a copy of examples/. Blocks in the languages of `files` are written to those files where
 * they stand. Gives what all commands printed.
 */
export async function follow(
  blocks: readonly Block[],
  dir: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly commands: number; readonly said: string }> {
  cpSync(path.join(root, "examples"), path.join(dir, "examples"), { recursive: true });
  let [commands, said] = [0, ""];
  for (const { language, text } of blocks) {
    const file = files[language];
    if (file !== undefined) writeFileSync(path.join(dir, file), text);
    if (language !== "sh") continue;
    for (const line of text.trim().split("\n")) {
      assert.match(line, /^pulsec /);
      const { code, out, err } = await callPulsecIn(dir, ...words(line).slice(1));
      assert.is(code, 0, `${line}\n${out}${err}`);
      said += out + err;
      commands++;
    }
  }
  return { commands, said };
}
