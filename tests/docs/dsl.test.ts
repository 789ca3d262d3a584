/** docs/dsl.md: every model on it is read, every message on it is the one that is printed, its tables are the code's. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { formatPulse, parsePulse } from "../../src/frontends/dsl/index.js";
import { dslReference } from "../../src/frontends/dsl/reference.js";
import { type Diagnostic, renderDiagnostic } from "../../src/ir/diagnostic.js";
import { ops } from "../../src/ir/ops/index.js";
import { verifyModule } from "../../src/ir/verify.js";
import { callPulsecIn } from "../cli/in-process.js";
import { inTemporaryFolder } from "../cli/pulsec.js";
import { root, suite } from "../harness.js";

const test = suite("docs/dsl.md");
const file = path.join(root, "docs", "dsl.md");
const page = readFileSync(file, "utf8");
const blocks = [...page.matchAll(/^```pulse( wrong)?\n(.*?)^```\n(?:```\n(.*?)^```$)?/gms)];

const render = (source: string, found: readonly Diagnostic[]): string =>
  found.map((d) => renderDiagnostic(d, new Map([["model.pulse", source]]))).join("\n\n");

for (const [i, [, wrong, source, message]] of blocks.entries())
  test(`block ${i + 1}: ${wrong ? "is refused with the message shown" : "is read, verifies and is canonical"}`, async () => {
    const result = await parsePulse(source!, { file: "model.pulse", ops });
    const text = render(source!, result.diagnostics);
    if (wrong) {
      assert.not(result.ok);
      assert.is(`${text}\n`, message);
      return;
    }
    assert.ok(result.ok, text);
    assert.is(
      render(
        source!,
        result.diagnostics.filter((d) => d.id !== "dsl/weights"),
      ),
      "",
    );
    assert.equal(
      verifyModule((result as { value: { module: Parameters<typeof verifyModule>[0] } }).value.module),
      [],
    );
    assert.equal(await formatPulse(source!), { ok: true, value: source, diagnostics: [] });
  });

test("its commands work in the order in which they stand, on the models above them", async () => {
  await inTemporaryFolder(async (dir) => {
    for (const [, language, text] of page.matchAll(/^```(pulse|sh)\n(.*?)^```$/gms)) {
      const model = /^model (\w+)/m.exec(text!)?.[1];
      if (language === "pulse") writeFileSync(path.join(dir, `${model}.pulse`), text!);
      else for (const line of text!.trim().split("\n")) await run(line, dir);
    }
  });
});

async function run(line: string, dir: string): Promise<void> {
  assert.match(line, /^pulsec /);
  const { code, out, err } = await callPulsecIn(dir, ...line.split(" ").slice(1));
  assert.is(code, 0, `${line}\n${out}${err}`);
}

test("there is something to test", () => {
  assert.ok(blocks.filter(([, wrong]) => wrong).length >= 4);
  assert.ok(blocks.length >= 10);
});

/** The rules as they head the grammar's own sources. */
function grammar(): string {
  const rules = ["dsl.ts", "dsl-expressions.ts"].map((name) => {
    const source = readFileSync(path.join(root, "grammar", name), "utf8");
    return [...source.matchAll(/^ \* {5}(.*)$/gm)].map(([, line]) => line).join("\n");
  });
  return `\`\`\`\n${rules.join("\n")}\n\`\`\`\n`;
}

test("its tables are made from the code; UPDATE_GOLDEN=1 rewrites them", () => {
  const parts = new Map([["grammar", grammar()], ...dslReference(ops)]);
  const used = new Set<string>();
  const made = page.replace(/(<!-- (\w+) -->\n).*?(<!-- \/\2 -->)/gs, (_, open, name: string, close) => {
    used.add(name);
    assert.ok(parts.has(name), `nothing makes ${name}`);
    return `${open}\n${parts.get(name)}\n${close}`;
  });
  assert.equal(
    [...parts.keys()].filter((name) => !used.has(name)),
    [],
    "all parts are on the page",
  );
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, made);
  assert.fixture(process.env.UPDATE_GOLDEN === "1" ? made : page, made);
});

test.run();
