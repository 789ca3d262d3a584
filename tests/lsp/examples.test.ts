/** The examples and goldens, read as an editor reads them: no place of them brings the server down. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { ops } from "../../src/ir/ops/index.js";
import { readPirView, readPulseView } from "../../src/lsp/analysis.js";
import { completePulse } from "../../src/lsp/completion.js";
import type { Host } from "../../src/lsp/host.js";
import { definitionPulse, hoverPulse } from "../../src/lsp/hover.js";
import { hoverPir } from "../../src/lsp/pir.js";
import { root, suite } from "../harness.js";

const host: Host = {
  ops,
  weights: () => async () => ({ ok: false, diagnostics: [] }),
  params: async () => undefined,
};

const examples = path.join(root, "examples");
const sources = readdirSync(examples).filter((name) => name.endsWith(".pulse"));
const read = (name: string) => readFileSync(path.join(examples, name), "utf8");

/** Places worth asking at; every third is enough to meet all kinds. */
const offsets = (source: string): readonly number[] =>
  Array.from({ length: Math.ceil(source.length / 3) }, (_, i) => 3 * i);

const test = suite("editor views");

test("examples have no diagnostics, and every name of a value has a type", async () => {
  assert.ok(sources.length >= 3);
  for (const name of sources) {
    const view = await readPulseView(host, read(name), name);
    assert.equal(view.diagnostics, [], name);
    for (const { 0: line, index } of view.source.matchAll(/^ {2}(\w+) = /gm))
      assert.match(hoverPulse(view, ops, index + 2)?.text ?? "", ": f32[N", `${name}: ${line}`);
  }
});

test("every place of an example, whole or cut off there, can be asked", async () => {
  for (const name of sources) {
    const source = read(name);
    const whole = await readPulseView(host, source, name);
    for (const offset of offsets(source)) {
      hoverPulse(whole, ops, offset);
      definitionPulse(whole, offset);
      completePulse(whole, ops, offset);
    }
    for (const end of offsets(source).filter((_, i) => i % 12 === 0)) {
      const view = await readPulseView(host, source.slice(0, end), name);
      const labels = completePulse(view, ops, end).map((p) => p.label);
      assert.equal(labels.length, new Set(labels).size, `${name} cut at ${end}: ${labels}`);
    }
  }
});

test("every example of an op can be hovered over", async () => {
  for (const op of ops)
    for (const { text } of op.examples) {
      const view = await readPirView(host, text, `${op.name}.pir`);
      assert.equal(
        view.diagnostics.filter((d) => d.severity === "error"),
        [],
      );
      const called = text.indexOf(`= ${op.name} `) + 2;
      assert.match(hoverPir(view, ops, called)?.text ?? "", op.summary, op.name);
      for (const offset of offsets(text)) hoverPir(view, ops, offset);
    }
});

test.run();
