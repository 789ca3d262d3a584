/** docs/passes.md: a section for every pass, in order, and examples that are what the passes do. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { unwrap } from "../../src/ir/diagnostic.js";
import { mainGraph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { allPasses, runPasses } from "../../src/passes/index.js";
import { root, suite } from "../harness.js";
import { blocksOf, sound, titled } from "./pir.js";

const test = suite("passes page");

const page = readFileSync(path.join(root, "docs", "passes.md"), "utf8");
const sections = page.split(/^#+ /m).map((s) => s.split("\n\n"));
const passes = allPasses(ops);

test("every pass has its section, in the order of the list", () => {
  const titles = [...page.matchAll(/^## (.*)$/gm)].map((m) => m[1]);
  assert.equal(
    titles,
    passes.map((p) => p.name),
  );
});

for (const pass of passes) {
  test(`${pass.name}: summary, what becomes of the function, example`, async () => {
    const [, summary, effect] = sections.find(([title]) => title === pass.name)!;
    assert.is(summary, pass.summary);
    if (pass.changesFunction) assert.is(effect, `Changes the function: ${pass.changesFunction}.`);
    else assert.match(effect!, /^Keeps the function\./);
    const blocks = blocksOf(page, "pir");
    const [before, after] = ["before", "after"].map((when) => titled(blocks, `${pass.name}: ${when}`));
    const module = await sound(before!, ops);
    assert.is(printModule(module), before, "the text before is canonical");
    const done = runPasses(mainGraph(module), [pass]);
    assert.is(printModule({ graphs: [unwrap(done)], meta: {} }), after);
    assert.is(done.diagnostics.length, pass.changesFunction ? 1 : 0);
  });
}

test.run();
