import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { pages } from "../../scripts/docs.js";
import { ops } from "../../src/ir/ops/index.js";
import { irReference, opsReference } from "../../src/ir/reference.js";
import { root, suite } from "../harness.js";
import { blocksOf, comesTrue } from "./pir.js";

const test = suite("reference");
const doc = (...parts: string[]): string => readFileSync(path.join(root, "docs", ...parts), "utf8");

for (const [name, text] of pages())
  test(`docs/reference/${name} is up to date; \`npm run docs\` writes it`, () => {
    assert.ok(doc("reference", name) === text, `docs/reference/${name} differs from what the records say`);
  });

test("every op has its section, its operands and its attributes", () => {
  const text = opsReference(ops);
  for (const op of ops) {
    const section = text.split(`\n## ${op.name}\n`)[1]?.split("\n## ")[0];
    assert.ok(section, `${op.name} has a section`);
    for (const name of [...Object.keys(op.operands), ...Object.keys(op.attrs)])
      assert.match(section!, `| \`${name}\` |`, `${op.name} ${name}`);
  }
});

test("the IR page knows every diagnostic of the core", () => {
  const folder = path.join(root, "src", "ir");
  const sources = readdirSync(folder).filter((f) => f.endsWith(".ts"));
  const ids = sources.flatMap((f) => [
    ...readFileSync(path.join(folder, f), "utf8").matchAll(/"(ir\/[a-z-]+)"/g),
  ]);
  const text = doc("reference", "ir.md");
  assert.ok(ids.length > 5);
  for (const [, id] of ids) assert.match(text, `| \`${id}\` |`);
});

test("every op with an integer meaning is in the integer specification", () => {
  const text = doc("integer-specification.md");
  for (const op of ops.filter((o) => o.int)) assert.match(text, `\`${op.name}\``);
});

test("the IR text on the pages does what it says", async () => {
  const texts = [doc("reference", "ir.md"), doc("integer-specification.md")].flatMap((p) =>
    blocksOf(p, "pir"),
  );
  assert.is.not(texts.length, 0);
  for (const text of texts) await comesTrue(text, ops);
});

test("an unknown placeholder is a mistake", () => {
  assert.throws(() => irReference("{{weather}}\n"), "nothing fills {{weather}}");
});

test.run();
