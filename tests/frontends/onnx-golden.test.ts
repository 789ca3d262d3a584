/**
 * What wrong ONNX models are told, as people read it: golden/onnx/<name>.onnxtxt is the model,
 * golden/onnx/<name>.txt the messages. A first line `# input u8` says what the inputs are.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as assert from "uvu/assert";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { type Diagnostic, renderDiagnostic } from "../../src/ir/diagnostic.js";
import type { IntStorage } from "../../src/ir/storage.js";
import { matchesGolden } from "../golden.js";
import { root, suite } from "../harness.js";

const test = suite("onnx-golden");
const folder = path.join(root, "golden", "onnx");
const names = readdirSync(folder).filter((f) => f.endsWith(".onnxtxt"));

async function refused(text: string): Promise<readonly Diagnostic[]> {
  const input = /^# input (\w+)/.exec(text)?.[1] as IntStorage | undefined;
  const inputTypes = new Map(input ? [["*", input]] : []);
  const result = await importOnnx(text, { file: "net.onnxtxt", inputTypes });
  assert.not(result.ok, "the model is accepted");
  return result.diagnostics;
}

for (const name of names) {
  test(name.replace(".onnxtxt", "").replaceAll("-", " "), async () => {
    const text = readFileSync(path.join(folder, name), "utf8");
    const sources = new Map([["net.onnxtxt", text]]);
    const messages = (await refused(text)).map((d) => renderDiagnostic(d, sources));
    matchesGolden(`onnx/${name.replace(".onnxtxt", ".txt")}`, `${messages.join("\n\n")}\n`);
  });
}

test("every message belongs to a model", () => {
  const messages = readdirSync(folder).filter((f) => f.endsWith(".txt"));
  assert.equal(
    messages.map((f) => f.replace(".txt", ".onnxtxt")),
    names.filter((f) => messages.includes(f.replace(".onnxtxt", ".txt"))),
  );
  assert.ok(names.length >= 20, `${names.length} models`);
});

test.run();
