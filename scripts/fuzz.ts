/** `npm run fuzz`: damaged and hostile files through the readers; what fails is made smaller and kept. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Case, caseName, formats } from "../tests/fuzz/formats.js";
import { hostileCases } from "../tests/fuzz/hostile/index.js";
import { minimise } from "../tests/fuzz/minimise.js";
import { mutated } from "../tests/fuzz/mutate.js";
import { type Outcome, openPool } from "../tests/fuzz/pool.js";
import { casesOf, runCases, type Summary } from "../tests/fuzz/run.js";
import { seedsOf } from "../tests/fuzz/seeds.js";

const help = `npm run fuzz -- [--count N] [--seed N] [--format F]... [--out DIR] [--seconds N]

  --count N     damaged files, spread over the formats; default 100000; the hostile ones come last
  --seed N      of the first file of each format; default 1
  --format F    ${formats.join(", ")}; default all
  --out DIR     where failing files go; default out/fuzz
  --seconds N   time to make one failing file smaller; default 20

Ends with 3 when a file is neither read nor refused, or takes more than 5 s or 1 GiB.`;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    format: { type: "string", multiple: true, default: [...formats] },
    out: { type: "string", default: path.join("out", "fuzz") },
    seconds: { type: "string", default: "20" },
    help: { type: "boolean", short: "h" },
  },
});

const [count, seed, seconds] = [values.count, values.seed, values.seconds].map(Number) as [
  number,
  number,
  number,
];
const wanted = formats.filter((f) => values.format.includes(f));
const sound = [count, seed, seconds].every(Number.isSafeInteger) && wanted.length === values.format.length;
if (values.help || !sound) {
  console.log(help);
  process.exit(sound ? 0 : 2);
}

const inSeconds = (ms: number) => (ms / 1000).toFixed(1);

function row(cells: readonly string[]): string {
  return cells.map((c, i) => (i === 0 ? c.padEnd(8) : c.padStart(12))).join(" ");
}

function table({ tallies, faults }: Summary): string {
  const rows = [...tallies].map(([format, t]) =>
    row([
      format,
      ...[t.cases, t.diagnostics, t.results, t.faults].map(String),
      `${Math.round(t.slowest.milliseconds)} ms`,
      `${Math.round(t.peak.bytes / 2 ** 20)} MiB`,
      t.slowest.case ? caseName(t.slowest.case) : "",
    ]),
  );
  const head = row([
    "format",
    "cases",
    "diagnostics",
    "results",
    "faults",
    "slowest",
    "memory",
    "slowest is",
  ]);
  return [head, ...rows, `${faults.size} kinds of faults`].join("\n");
}

function* allCases(): Generator<Case> {
  yield* casesOf(wanted, count, seed);
  yield* hostileCases(wanted);
}

/** Saves the failing file as small as it gets in the time. */
async function keep(outcome: Outcome, name: string): Promise<string> {
  const c = outcome.case;
  const bytes = "seed" in c ? mutated(c.format, await seedsOf(c.format), c.seed) : c.bytes;
  const pool = openPool();
  const smaller = await minimise(pool, c, bytes, outcome.fault!, seconds);
  pool.close();
  const file = path.join(values.out, `${name}.${c.format}`);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(file, smaller);
  return `${file} (${smaller.length} of ${bytes.length} bytes)`;
}

const started = performance.now();
let told = started;
const known = new Set<string>();
const summary = await runCases(allCases(), (now) => {
  for (const [signature, { case: c }] of now.faults) {
    if (!known.has(signature)) console.error(`${signature}: ${caseName(c)}`);
    known.add(signature);
  }
  if (performance.now() - told < 5_000) return;
  told = performance.now();
  const done = [...now.tallies.values()].reduce((sum, t) => sum + t.cases, 0);
  console.error(`${done} cases, ${now.faults.size} kinds of faults, ${inSeconds(told - started)} s`);
});
console.log(table(summary));
console.log(`${inSeconds(performance.now() - started)} s`);
for (const [i, [signature, outcome]] of [...summary.faults].entries()) {
  console.log(`\n${signature}\n  ${caseName(outcome.case)}: ${outcome.fault}`);
  console.log(`  ${await keep(outcome, `fault-${i + 1}`)}`);
}
if (summary.faults.size > 0) process.exitCode = 3;
