/** Damaged and hostile files of every format: a result or a diagnostic, within 5 s and 1 GiB. `npm run fuzz` reads more of them. */
import * as assert from "uvu/assert";
import { seed, suite } from "../harness.js";
import { caseName, formats } from "./formats.js";
import { hostileCases } from "./hostile/index.js";
import { minimise, signatureOf } from "./minimise.js";
import { openPool } from "./pool.js";
import { casesOf, runCases, type Summary } from "./run.js";

const test = suite("fuzz");
const perFormat = 1000;

const faultsOf = ({ faults }: Summary) =>
  [...faults.values()].map((o) => `.${o.case.format}, ${caseName(o.case)}: ${o.fault}`);

for (const format of formats) {
  test(`${perFormat} damaged .${format} files`, async () => {
    const summary = await runCases(casesOf([format], perFormat, seed * 1_000_000));
    assert.equal(faultsOf(summary), []);
    const { cases, results, diagnostics } = summary.tallies.get(format)!;
    assert.is(cases, perFormat);
    assert.ok(results > perFormat / 50, `${results} results: the damage is too heavy to reach deep`);
    assert.ok(diagnostics > perFormat / 10, `${diagnostics} diagnostics: there is no damage`);
  });

  test(`hostile .${format} files`, async () => {
    assert.equal(faultsOf(await runCases(hostileCases([format]))), []);
  });
}

test("what a worker throws, or takes too long for, is told, and made smaller", async () => {
  const pool = openPool();
  const bytes = new TextEncoder().encode("model m { fault }");
  const c = { format: "pulse", name: "a fault", bytes } as const;
  const smaller = await minimise(pool, c, bytes, "nothing fails like this", 1);
  pool.close();
  assert.equal(smaller, bytes, "what does not fail is left as it is");
  const stack = "RangeError: 12 of 345\n    at f (node:fs:1)\n    at g (file:///a/src/ir/x.js:1:2)";
  assert.is(signatureOf(stack), "RangeError: # of # (src/ir/x.js)");
});

test.run();
