/** Runs every `*.test.js` in a process of its own, two at a time, and ends with `N passed, N failed, N skipped`. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** A file that neither ends nor prints for this long hangs; the slowest one takes about a minute. */
const limitMs = 10 * 60_000;
const here = path.dirname(fileURLToPath(import.meta.url));

interface Outcome {
  readonly file: string;
  readonly output: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const count = (output: string, label: string): number | undefined => {
  // uvu colours its totals.
  const found = new RegExp(`${label}:\\s+(?:\\u001b\\[\\d+m)*(\\d+)`).exec(output);
  return found ? Number(found[1]) : undefined;
};

function runFile(file: string): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(here, file)], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limitMs,
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code, signal) => {
      const [total, passed] = [count(output, "Total"), count(output, "Passed") ?? 0];
      const crashed = total === undefined || (code !== 0 && total === passed);
      if (crashed) output += `\n${file} ended with ${signal ?? `exit code ${code}`} instead of a summary\n`;
      const failed = (total ?? 0) - passed + (crashed ? 1 : 0);
      const seconds = (performance.now() - started) / 1000;
      resolve({ file, output, seconds, passed, failed, skipped: count(output, "Skipped") ?? 0 });
    });
  });
}

function report(o: Outcome): void {
  const skips = o.output.split("\n").filter((line) => line.startsWith("SKIP "));
  const mark = o.failed > 0 ? "FAIL" : "ok  ";
  console.log(
    `${mark} ${o.file} (${o.passed} passed, ${o.failed} failed, ${o.skipped} skipped, ${o.seconds.toFixed(1)} s)`,
  );
  if (o.failed > 0) console.log(o.output);
  else for (const line of skips) console.log(`     ${line}`);
}

async function main(filters: readonly string[]): Promise<void> {
  const all = readdirSync(here, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".test.js"));
  const files = all.filter((f) => filters.length === 0 || filters.some((part) => f.includes(part))).sort();
  const outcomes: Outcome[] = [];
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const outcome = await runFile(file);
      report(outcome);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const sum = (pick: (o: Outcome) => number) => outcomes.reduce((total, o) => total + pick(o), 0);
  const failed = sum((o) => o.failed) + (files.length === 0 ? 1 : 0);
  console.log(`${sum((o) => o.passed)} passed, ${failed} failed, ${sum((o) => o.skipped)} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2));
