/** A process that reads cases, one after the other, and says how each ended. Its parent watches its time and memory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkFile } from "./check.js";
import { type Answer, type Case, type Format, ready } from "./formats.js";
import { mutated } from "./mutate.js";
import { seedsOf } from "./seeds.js";

const folder = mkdtempSync(path.join(tmpdir(), "pulsec-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("disconnect", () => process.exit());

const seeds = new Map<Format, Promise<readonly Uint8Array[]>>();
async function bytesOf(c: Case): Promise<Uint8Array> {
  if (!("seed" in c)) return c.bytes;
  if (!seeds.has(c.format)) seeds.set(c.format, seedsOf(c.format));
  return mutated(c.format, await seeds.get(c.format)!, c.seed);
}

/** A folder per format: files find each other by their names. */
function written(format: Format, bytes: Uint8Array): string {
  const file = path.join(folder, format, `case.${format}`);
  mkdirSync(path.dirname(file), { recursive: true });
  // A new file: some file systems wait for the disk where one is cut to nothing and written again.
  rmSync(file, { force: true });
  writeFileSync(file, bytes);
  return file;
}

async function answer(index: number, c: Case): Promise<Answer> {
  const file = written(c.format, await bytesOf(c));
  process.send!(index);
  const started = process.cpuUsage();
  let outcome: Answer["outcome"] = "fault";
  let stack: string | undefined;
  try {
    outcome = await checkFile(c.format, file);
  } catch (e) {
    stack = e instanceof Error ? (e.stack ?? e.message) : String(e);
  }
  const { user, system } = process.cpuUsage(started);
  return {
    index,
    outcome,
    milliseconds: (user + system) / 1000,
    peak: process.resourceUsage().maxRSS * 1024,
    ...(stack === undefined ? {} : { stack }),
  };
}

process.on("message", async (cases: readonly Case[]) => {
  for (const [index, c] of cases.entries()) process.send!(await answer(index, c));
});
process.send!(ready);
