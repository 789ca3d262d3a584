/** The public interface: exported on purpose, and documented. The page docs/reference/api.md is its golden copy. */
import * as assert from "uvu/assert";
import { exported } from "../../scripts/api.js";
import { suite } from "../harness.js";

const test = suite("public interface");
const all = exported();

test("every export has a comment that says what it is", () => {
  assert.ok(all.length > 100);
  assert.equal(
    all.filter((e) => e.doc.length < 10).map((e) => `${e.name} in src/${e.file}`),
    [],
  );
});

test("nothing of the command line is exported", () => {
  assert.equal(
    all.filter((e) => /^(cli|lsp|explain)\//.test(e.file)).map((e) => e.name),
    [],
  );
});

test("what is exported is there", async () => {
  const module: object = await import("../../src/index.js");
  const values = all
    .filter((e) => /^(?:const|function|class|abstract class) /.test(e.text))
    .map((e) => e.name);
  assert.equal(Object.keys(module).sort(), [...new Set(values)].sort());
});

test.run();
