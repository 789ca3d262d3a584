/** The conformance tables are golden: a case that changes its verdict shows in the diff. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, sharedPath, suite } from "../harness.js";
import { meanErrors } from "./gap8.js";
import { type Outcome, outcomeLine, summarise } from "./run.js";
import { casesOf, suites } from "./suites.js";

const test = suite("conformance");

/** Golden table, suite, folder in ../shared. */
const fixtures = [
  ["dory", "dory", "fixtures/dory"],
  ["deeploy", "deeploy", "fixtures/deeploy"],
  ["onnx-node", "onnx", "fixtures/onnx-node"],
  ["gap8", "gap8", "gap8"],
] as const;

for (const [name, suiteName, folder] of fixtures) {
  const dir = sharedPath(folder);
  if (dir === undefined) {
    test.skip(`${name}: ../shared/${folder} is absent`);
    continue;
  }
  test(`${name}: the table is the golden one`, async () => {
    const outcomes: Outcome[] = [];
    for (const c of casesOf(suiteName, dir)) outcomes.push(...(await suites[suiteName](c)));
    const { passed, failed, unsupported, cases } = summarise(name, outcomes);
    const table = [
      ...outcomes.map(outcomeLine),
      "",
      `${passed} passed, ${failed} failed, ${unsupported} unsupported of ${cases}`,
      ...errorLines(outcomes),
      "",
    ].join("\n");
    const golden = path.join(root, "golden", "conformance", `${name}.txt`);
    if (process.env.UPDATE_GOLDEN && !process.env.CI) {
      mkdirSync(path.dirname(golden), { recursive: true });
      writeFileSync(golden, table);
    }
    assert.ok(existsSync(golden), `${golden} is missing; npm run golden writes it`);
    assert.is(table, readFileSync(golden, "utf8"));
    assert.is(failed, 0);
  });
}

/** Mean errors of a timed suite. */
function errorLines(outcomes: readonly Outcome[]): readonly string[] {
  const errors = meanErrors(outcomes);
  return Object.keys(errors).length > 0 ? [JSON.stringify(errors)] : [];
}

test.run();
