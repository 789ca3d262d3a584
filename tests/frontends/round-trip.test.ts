/** Random modules, every op's examples and every case file survive text and container unchanged. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { containerParams, readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { type Module, paramsOf } from "../../src/ir/graph.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { suite } from "../harness.js";
import { randomModule } from "./random-module.js";

const test = suite("round-trip");
/** Shrinking whole modules takes memory without end; the seed is printed. */
const quick = (numRuns: number) => ({ numRuns, endOnFailure: true });
const at = { file: "net.pir", ops };

async function throughText(module: Module, locations: boolean): Promise<Module> {
  const params = unwrap(await containerParams(await writeContainer(module), { file: "net.pmod" }));
  return unwrap(await parseModule(printModule(module, { locations }), { ...at, params }));
}
const throughContainer = async (module: Module): Promise<Module> =>
  unwrap(await readContainer(await writeContainer(module), { file: "net.pmod", ops }));

/** Everything a module holds, as text; data of hashed params by their hash. */
const everything = (module: Module): string => printModule(module, { locations: true });

test("random modules survive text", async () => {
  await fc.assert(
    fc.asyncProperty(randomModule, async (module) => {
      assert.is(printModule(await throughText(module, false)), printModule(module));
      assert.is(everything(await throughText(module, true)), everything(module));
      assert.is(moduleHash(await throughText(module, false)), moduleHash(module));
    }),
    quick(60),
  );
});

test("random modules survive the container", async () => {
  await fc.assert(
    fc.asyncProperty(randomModule, async (module) => {
      const back = await throughContainer(module);
      assert.is(everything(back), everything(module));
      assert.is(moduleHash(back), moduleHash(module));
      assert.equal(
        paramsOf(back.graphs).map((p) => p.data),
        paramsOf(module.graphs).map((p) => p.data),
      );
      assert.equal(await writeContainer(back), await writeContainer(module));
    }),
    quick(120),
  );
});

for (const op of ops) {
  test(`examples of ${op.name} survive both`, async () => {
    for (const { text } of op.examples) {
      const module = unwrap(await parseModule(text, at));
      const back = await throughContainer(module);
      assert.is(printModule(back), text);
      assert.is(moduleHash(back), moduleHash(module));
      assert.is(everything(await throughText(back, true)), everything(module));
    }
  });
}

test.run();
