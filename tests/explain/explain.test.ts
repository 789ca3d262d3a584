/** Every diagnostic is explained, by examples that come true. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { findCompilers } from "../../src/backends/c/index.js";
import { cut } from "../../src/explain/blocks.js";
import { isScript } from "../../src/explain/explanation.js";
import { explanations } from "../../src/explain/index.js";
import { areas } from "../../src/explain/page.js";
import { areaOf, joinPrinted } from "../../src/explain/printed.js";
import { matchesGolden } from "../golden.js";
import { root, suite } from "../harness.js";
import { runExample } from "./examples.js";

const test = suite("explain");

/** `ONLY=dsl/,file/` looks at the ids that start so, and shows what their examples print. */
const prefixes = (process.env.ONLY ?? "").split(",");
const asked = (id: string): boolean => prefixes.some((p) => id.startsWith(p));
const explained = explanations.filter((e) => asked(e.id));

/** No id begins with the package's name: that is what its modules are called. */
const literal = /"(?!pulsec\/)([a-z]+\/[a-z0-9-]+)"/g;

/** Ids as they stand in the sources. */
function idsInSources(): readonly string[] {
  const files = ["src", "grammar"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((f) => f.endsWith(".ts"))
      .map((f) => path.join(root, folder, f)),
  );
  const ids = files
    .filter((f) => !f.includes(`${path.sep}explain${path.sep}`))
    .flatMap((f) => [...readFileSync(f, "utf8").matchAll(literal)].map((m) => m[1]!));
  return [...new Set(ids)].filter(asked).sort();
}

test("every id in the sources has one explanation, and no other has", () => {
  assert.equal(explained.map((e) => e.id).sort(), idsInSources());
});

test("every area has a heading", () => {
  assert.equal([...new Set(explanations.map((e) => areaOf(e.id)))].sort(), Object.keys(areas).sort());
});

const printed = new Map<string, string>();
/** Their messages are a compiler's own words, or need one. */
const needCompiler = new Set([
  "c/compiler",
  "c/no-temporary-folder",
  "c/run",
  "golden/compiler",
  "golden/no-binding",
]);
const hasGcc = (await findCompilers()).some((c) => c.kind === "cc" && /gcc|free software/i.test(c.version));
const runnable = explained.filter((e) => hasGcc || !needCompiler.has(e.id));
for (const { id } of explained) if (!runnable.some((e) => e.id === id)) test.skip(`${id}: needs gcc`);

/** The line that sends the reader here says nothing here. */
const withoutHint = (text: string): string => text.replace(/^pulsec explain .*\n/gm, "");

for (const { id, title, why, wrong, right } of runnable) {
  test(`${id}: the wrong example gives it, the right one does not`, async () => {
    assert.not.match(title, /\.$/, "a title has no full stop");
    assert.match(why, /\.$/, "an explanation is made of sentences");
    const before = await runExample(wrong);
    const said = `${before.out}${before.err}`;
    assert.ok(before.err.includes(`[${id}]`), `the wrong example gives no ${id}:\n${said}`);
    printed.set(id, cut(withoutHint(before.err).trimEnd()));
    if (process.env.ONLY) console.log(`${printed.get(id)}\n`);
    const isError = before.err.includes(`error[${id}]`);
    if (!isScript(wrong)) assert.is(before.code !== 0, isError, `exit code ${before.code}`);
    const after = await runExample(right);
    assert.is(after.code, 0, `the right example exits ${after.code}:\n${after.err}`);
    assert.not.match(after.err, `[${id}]`);
  });
}

for (const area of Object.keys(areas)) {
  const own = explanations.filter((e) => areaOf(e.id) === area).map((e) => e.id);
  if (!own.every(asked)) continue;
  if (["c", "golden"].includes(area) && !hasGcc) test.skip(`what the examples of ${area} print: needs gcc`);
  else
    test(`what the examples of ${area} print`, () => {
      const messages = own.map((id) => [id, printed.get(id) ?? ""] as const);
      matchesGolden(`explain/${area}.txt`, joinPrinted(new Map(messages)));
    });
}

test.run();
