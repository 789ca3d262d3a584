/** `npm run conformance -- --dory|--deeploy|--onnx|--networks|--gap8|--firmware DIR`: one line per case, then one JSON object. Exit code 3 when a case failed. */
import { parseArgs } from "node:util";
import { isFolder } from "../../src/cli/files.js";
import { meanErrors } from "./gap8.js";
import { isolated } from "./isolated.js";
import { type Outcome, outcomeLine, summarise } from "./run.js";
import { casesOf, suites } from "./suites.js";

async function runSuite(suite: keyof typeof suites, dir: string): Promise<boolean> {
  const outcomes: Outcome[] = [];
  const worker = isolated();
  const run = suite === "onnx" ? worker.run : suites[suite];
  for (const folder of casesOf(suite, dir)) {
    for (const outcome of await run(folder)) {
      console.log(outcomeLine(outcome));
      outcomes.push(outcome);
    }
  }
  worker.end();
  const summary = summarise(suite, outcomes);
  console.log(JSON.stringify({ ...summary, ...meanErrors(outcomes) }));
  return summary.failed === 0;
}

function usage(text: string): never {
  console.error(`${text}\nusage: npm run conformance -- ${names.map((s) => `--${s} DIR`).join(" | ")}`);
  process.exit(2);
}

const names = Object.keys(suites) as (keyof typeof suites)[];
const folder = { type: "string" } as const;
const options = {
  dory: folder,
  deeploy: folder,
  onnx: folder,
  networks: folder,
  gap8: folder,
  firmware: folder,
};
const { values } = parseArgs({ options });
const asked = names.filter((s) => values[s] !== undefined);
if (asked.length === 0) usage("name a suite and its directory");
for (const suite of asked) {
  const dir = values[suite]!;
  if (!isFolder(dir)) usage(`there is no folder ${dir}`);
  if (!(await runSuite(suite, dir))) process.exitCode = 3;
}
