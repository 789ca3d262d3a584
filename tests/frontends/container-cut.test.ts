/** Containers that end early. Other damage: tests/fuzz. */
import * as assert from "uvu/assert";
import { readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { unwrap } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { suite } from "../harness.js";

const test = suite("container-cut");
const at = { file: "cut.pmod", ops };

test("a file cut off anywhere is refused, or holds all that is referred to", async () => {
  const texts = ops.flatMap((op) => op.examples.map((e) => e.text));
  const files = await Promise.all(texts.map(async (t) => writeContainer(unwrap(await parseModule(t, at)))));
  const [bytes] = files.toSorted((a, b) => b.length - a.length);
  for (let length = 0; length < bytes!.length; length++) {
    const result = await readContainer(bytes!.subarray(0, length), at);
    if (result.ok) assert.ok(bytes!.length - length < 16, `${length} of ${bytes!.length} bytes`);
  }
});

test.run();
