/** Reads models in tests: a refusal, or a module that does not verify, fails the test with its messages. */
import * as assert from "uvu/assert";
import { type PulseFile, type PulseOptions, parsePulse } from "../../src/frontends/dsl/index.js";
import { renderDiagnostic } from "../../src/ir/diagnostic.js";
import type { Graph } from "../../src/ir/graph.js";
import { ops } from "../../src/ir/ops/index.js";
import { verifyModule } from "../../src/ir/verify.js";

export async function read(source: string, options: Partial<PulseOptions> = {}): Promise<PulseFile> {
  const result = await parsePulse(source, { file: "net.pulse", ops, ...options });
  const found = result.diagnostics.map((d) => renderDiagnostic(d, new Map([["net.pulse", source]])));
  assert.ok(result.ok, found.join("\n"));
  const value = (result as { value: PulseFile }).value;
  assert.equal(verifyModule(value.module), []);
  return value;
}

/** A model with one input x and these statements. */
export const body = (statements: string, input = "[64, 4]") =>
  `model net {\n  input x: ${input}\n${statements}\n}\n`;
export const graphOf = async (source: string): Promise<Graph> => (await read(source)).module.graphs[0]!;

/** Ops, attributes and types in order, by position instead of name. */
export function structure({ inputs, nodes, outputs }: Graph): unknown {
  const index = new Map([...inputs, ...nodes.map((n) => n.result)].map((v, i) => [v, i]));
  const of = (v: Graph["inputs"][number]) => index.get(v) ?? v.type.shape;
  return [
    inputs.map((v) => v.type.shape),
    nodes.map((n) => [n.op.name, n.operands.map(of), Object.entries(n.attrs).sort(), n.result.type.shape]),
    outputs.map(of),
  ];
}
