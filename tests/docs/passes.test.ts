/** docs/passes.md: a section for every pass, in order, and examples that are what the passes do. */
import { readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { floatEngine } from "../../src/backends/float/index.js";
import { randomTensor } from "../../src/data/random-tensor.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, mainGraph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { atBatch } from "../../src/ir/type.js";
import { allPasses, runPasses } from "../../src/passes/index.js";
import { root, suite } from "../harness.js";
import { blocksOf, sound, titled } from "./pir.js";

const test = suite("passes page");

const page = readFileSync(path.join(root, "docs", "passes.md"), "utf8");
const sections = page.split(/^#+ /m).map((s) => s.split("\n\n"));
const passes = allPasses(ops);
/** Calibration data of the examples: every one takes a single input. */
const samplesFor = ({ inputs }: Graph) =>
  [1, 2].map((seed) => inputs.map((v) => randomTensor(atBatch(v.type, 1), seed)));

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
    const done = await runPasses(module, [pass], {
      samples: samplesFor(mainGraph(module)),
      engine: async () => floatEngine,
    });
    assert.is(printModule(unwrap(done)), after);
    assert.is(done.diagnostics.length, pass.changesFunction ? 1 : 0);
  });
}

test.run();
