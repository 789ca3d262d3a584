/** The examples of the op records are the manual; here they are tests. */
import * as assert from "uvu/assert";
import { parseModule } from "../../src/frontends/text/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import { type Graph, type Module, mainGraph } from "../../src/ir/graph.js";
import type { Example, OpDef } from "../../src/ir/op.js";
import { ops } from "../../src/ir/ops/index.js";
import { printModule } from "../../src/ir/print.js";
import { verifyModule } from "../../src/ir/verify.js";
import { suite } from "../harness.js";
import { runInt } from "./build-one.js";
import { runFloat } from "./float.js";

const test = suite("examples");

async function moduleOf(op: OpDef, { text }: Example): Promise<Module> {
  const read = await parseModule(text, { file: `${op.name}.pir`, ops });
  const found = [...read.diagnostics, ...(read.ok ? verifyModule(read.value) : [])];
  const sources = new Map([[`${op.name}.pir`, text]]);
  assert.equal(found.map((d) => renderDiagnostic(d, sources)).join("\n"), "");
  if (!read.ok) throw new Error("a text without diagnostics is read");
  return read.value;
}

const evaluate = async (graph: Graph, inputs: Example["inputs"]): Promise<readonly number[]> =>
  graph.stage === "float"
    ? (await runFloat(graph, inputs)).outputs[0]!
    : Array.from(await runInt(graph, ...inputs), Number);

for (const op of ops) {
  test(`${op.name} has examples that are canonical and come true`, async () => {
    assert.ok(op.examples.length > 0, "an op without an example is not documented");
    for (const example of op.examples) {
      const module = await moduleOf(op, example);
      assert.is(printModule(module), example.text);
      const graph = mainGraph(module);
      assert.ok(
        graph.nodes.some((n) => n.op === op),
        "the example shows its op",
      );
      const found = await evaluate(graph, example.inputs);
      if (graph.stage !== "float") assert.equal(found, example.output);
      assert.is(found.length, example.output.length);
      for (const [i, v] of found.entries())
        assert.ok(Math.abs(v - example.output[i]!) < 1e-6, `element ${i} is ${v}, not ${example.output[i]}`);
    }
  });
}

test.run();
