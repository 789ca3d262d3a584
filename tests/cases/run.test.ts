/** Every chunk of every case file: its errors are the expected ones, its graphs give what they say, its text round-trips. */
import * as assert from "uvu/assert";
import { readContainer, writeContainer } from "../../src/frontends/container/index.js";
import { parseModule } from "../../src/frontends/text/index.js";
import { type Diagnostic, isSpan, positionOf, renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import type { Graph, Module } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";
import { runFloat } from "../ir/float.js";
import { allChunks, type Chunk, integerRuns, type Run } from "./cases.js";

const test = suite("cases");
const chunks = allChunks();

/** Line of the file, and the message without its code frame: the frame would hold the expected words. */
function located(chunk: Chunk, d: Diagnostic): { line: number; words: string } {
  const line = d.place && isSpan(d.place) ? positionOf(chunk.text, d.place.start).line + chunk.line - 1 : 0;
  return { line, words: renderDiagnostic(d) };
}

/** Expected errors must come, on their line; no others may. */
function checkErrors(chunk: Chunk, diagnostics: readonly Diagnostic[]): void {
  const found = diagnostics.filter((d) => d.severity === "error").map((d) => located(chunk, d));
  const says = (f: { line: number; words: string }, e: Chunk["errors"][number]) =>
    f.line === e.line && f.words.includes(e.what);
  const missing = chunk.errors.filter((e) => !found.some((f) => says(f, e)));
  const extra = found.filter((f) => !chunk.errors.some((e) => says(f, e)));
  const list = [
    ...missing.map((e) => `${chunk.file}:${e.line}: no error says: ${e.what}`),
    ...extra.map((f) => `${chunk.file}:${f.line}: unexpected ${f.words}`),
  ];
  assert.is(list.join("\n"), "");
}

async function checkRoundTrip(module: Module): Promise<void> {
  const text = printModule(module);
  const again = unwrap(await parseModule(text, { file: "printed", ops }));
  assert.is(printModule(again), text);
  const back = unwrap(await readContainer(await writeContainer(module), { file: "written", ops }));
  assert.is(printModule(back), text);
  assert.is(moduleHash(back), moduleHash(module));
}

/** Floats agree to 1e-5 of the larger one; integers are exact. */
function checkClose(actual: readonly number[], expected: readonly number[]): void {
  const close = (a: number, b: number) =>
    Object.is(a, b) || Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(a), Math.abs(b), 1e-3);
  assert.ok(
    actual.length === expected.length && actual.every((v, i) => close(v, expected[i]!)),
    `[${actual.join(", ")}] == [${expected.join(", ")}]`,
  );
}

async function checkRun(graph: Graph, { inputs, outputs }: Run): Promise<void> {
  assert.is(inputs.length, graph.inputs.length, `inputs of @${graph.name}`);
  assert.is(outputs.length, graph.outputs.length, `outputs of @${graph.name}`);
  if (graph.stage !== "integer") {
    const given = await runFloat(graph, inputs);
    for (const [i, list] of outputs.entries()) checkClose(given.outputs[i]!, list);
    return;
  }
  const given = await interpret(graph).run(graph.inputs.map((v, i) => tensor(v.type, inputs[i]!)));
  for (const [i, list] of outputs.entries())
    assert.equal(Array.from(given.get(graph.outputs[i]!.name)!.data, Number), list);
}

for (const chunk of chunks) {
  test(`${chunk.file}:${chunk.line}`, async () => {
    const result = await parseModule(chunk.text, { file: chunk.file, ops });
    const verified = result.ok ? verifyModule(result.value) : [];
    checkErrors(chunk, [...result.diagnostics, ...verified]);
    if (!result.ok) return assert.is(chunk.runs.length, 0, "a chunk with errors has nothing to run");
    await checkRoundTrip(result.value);
    for (const { line, what } of chunk.runs) {
      const graph = result.value.graphs.find((g) => g.name === what.graph);
      assert.ok(graph, `${chunk.file}:${line}: there is no graph @${what.graph}`);
      await checkRun(graph!, what);
    }
  });
}

test("runs of integer graphs are listed for other engines", async () => {
  const runs = await integerRuns();
  assert.ok(runs.length >= chunks.filter((c) => c.runs.length > 0).length / 2);
  assert.is(new Set(runs.map((r) => r.name)).size, runs.length);
});

test.run();
