/** `npm run conformance -- --dory DIR | --deeploy DIR`: one line per case, then one JSON object. Exit code 3 when a case failed. */
import { parseArgs } from "node:util";
import { isFolder } from "../../src/cli/files.js";
import { caseFolders } from "./cases.js";
import { type Outcome, outcomeLine, runCase, summarise } from "./run.js";

const suites = ["dory", "deeploy"] as const;

async function runSuite(suite: string, dir: string): Promise<boolean> {
  const outcomes: Outcome[] = [];
  for (const folder of caseFolders(dir)) {
    for (const outcome of await runCase(folder)) {
      console.log(outcomeLine(outcome));
      outcomes.push(outcome);
    }
  }
  const summary = summarise(suite, outcomes);
  console.log(JSON.stringify(summary));
  return summary.failed === 0;
}

function usage(text: string): never {
  console.error(`${text}\nusage: npm run conformance -- ${suites.map((s) => `--${s} DIR`).join(" | ")}`);
  process.exit(2);
}

const { values } = parseArgs({ options: { dory: { type: "string" }, deeploy: { type: "string" } } });
const asked = suites.filter((s) => values[s] !== undefined);
if (asked.length === 0) usage("name a suite and its directory");
for (const suite of asked) {
  const dir = values[suite]!;
  if (!isFolder(dir)) usage(`there is no folder ${dir}`);
  if (!(await runSuite(suite, dir))) process.exitCode = 3;
}
