/** Pages that are followed literally: every `pulsec` line of their sh blocks runs and exits 0. */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { root } from "../harness.js";

const cli = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "cli", "main.js");

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
export function follow(
  blocks: readonly Block[],
  dir: string,
  files: Readonly<Record<string, string>> = {},
): { readonly commands: number; readonly said: string } {
  cpSync(path.join(root, "examples"), path.join(dir, "examples"), { recursive: true });
  let [commands, said] = [0, ""];
  for (const { language, text } of blocks) {
    const file = files[language];
    if (file !== undefined) writeFileSync(path.join(dir, file), text);
    if (language !== "sh") continue;
    for (const line of text.trim().split("\n")) {
      assert.match(line, /^pulsec /);
      const args = [cli, ...words(line).slice(1)];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
      assert.is(status, 0, `${line}\n${stdout}${stderr}`);
      said += stdout + stderr;
      commands++;
    }
  }
  return { commands, said };
}
