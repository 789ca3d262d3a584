/** The conformance tables are golden: a case that changes its verdict shows in the diff. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { root, sharedPath, suite } from "../harness.js";
import { caseFolders } from "./cases.js";
import { type Outcome, outcomeLine, summarise } from "./run.js";
import { suites } from "./suites.js";

const test = suite("conformance");

const fixtures = { dory: suites.dory, deeploy: suites.deeploy, "onnx-node": suites.onnx };

for (const [name, run] of Object.entries(fixtures)) {
  const dir = sharedPath("fixtures", name);
  if (dir === undefined) {
    test.skip(`${name}: ../shared/fixtures/${name} is absent`);
    continue;
  }
  test(`${name}: the table is the golden one`, async () => {
    const outcomes: Outcome[] = [];
    for (const folder of caseFolders(dir)) outcomes.push(...(await run(folder)));
    const { passed, failed, unsupported, cases } = summarise(name, outcomes);
    const table = [
      ...outcomes.map(outcomeLine),
      "",
      `${passed} passed, ${failed} failed, ${unsupported} unsupported of ${cases}`,
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

test.run();
