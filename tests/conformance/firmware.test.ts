/**
 * Networks as firmware: the table is golden. Two networks run here, each under two budgets, and must give their lines.
 * All of them take minutes: `npm run conformance -- --firmware DIR` runs those below a folder, and
 * `UPDATE_GOLDEN=firmware node dist/tests/conformance/firmware.test.js` writes the table anew.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { hasCrossCompiler } from "../backends/pulp/tools.js";
import { root, sharedPath, suite } from "../harness.js";
import { type FirmwareCase, firmwareCases, runFirmwareCase } from "./firmware.js";
import { type Outcome, outcomeLine } from "./run.js";

const test = suite("conformance of firmware");
const cross = hasCrossCompiler ? test : test.skip;
const golden = path.join(root, "golden", "conformance", "firmware.txt");

/** By the name in front of their cases; the shared ones may be absent. */
const folders: Readonly<Record<string, string | undefined>> = {
  dory: sharedPath("fixtures", "dory"),
  deeploy: sharedPath("fixtures", "deeploy", "models"),
  examples: path.join(root, "examples"),
};
/** What runs in every test: a network with branches and one that is mostly depthwise. */
const always: readonly (readonly [folder: string, name: string, budgets: readonly string[]])[] = [
  ["dory", "eegnetDW_1d_8b_1xW", ["L1 44 KiB", "L2 at 50 %"]],
  ["examples", "unet, 2-bit weights", ["L1 16 KiB", "L2 at 50 %"]],
];

const casesIn = (folder: string): readonly FirmwareCase[] =>
  firmwareCases(folders[folder]!).map((c) => ({ ...c, name: `${folder}/${c.name}` }));

async function lines(c: FirmwareCase): Promise<readonly string[]> {
  const outcomes: readonly Outcome[] = await runFirmwareCase(c);
  return outcomes.map(outcomeLine);
}

if (process.env.UPDATE_GOLDEN === "firmware" && !process.env.CI)
  cross("every network", async () => {
    const table: string[] = [];
    for (const [name, dir] of Object.entries(folders)) {
      assert.ok(dir, `../shared holds ${name}`);
      for (const c of casesIn(name)) table.push(...(await lines(c)));
    }
    writeFileSync(golden, `${table.join("\n")}\n`);
  });

for (const [folder, name, budgets] of always) {
  const run = folders[folder] ? cross : test.skip;
  run(`${name} gives its lines of the golden table`, async () => {
    assert.ok(existsSync(golden), `${golden} is missing`);
    const table = readFileSync(golden, "utf8").split("\n");
    const found = casesIn(folder).find((c) => c.name === `${folder}/${name}`)!;
    for (const line of await lines({ ...found, budgets })) assert.ok(table.includes(line), line);
  });
}

cross("no network of the golden table fails", () => {
  const failed = readFileSync(golden, "utf8").match(/^FAIL .*$/gm) ?? [];
  assert.equal([...failed], []);
});

test.run();
