/** What tests of DORY's export do with its files. */
import * as assert from "uvu/assert";
import { readTensorFile } from "../../src/data/tensor-files/index.js";
import { importOnnx } from "../../src/frontends/onnx/index.js";
import { renderDiagnostic, unwrap } from "../../src/ir/diagnostic.js";
import { type Graph, type Module, mainGraph } from "../../src/ir/graph.js";
import { interpret } from "../../src/ir/interpreter.js";
import { moduleHash } from "../../src/ir/module-hash.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { verifyModule } from "../../src/ir/verify.js";

export type Files = ReadonlyMap<string, string | Uint8Array>;
export const moduleOf = (graph: Graph): Module => ({ graphs: [graph], meta: {} });
export const text = (files: Files, name: string): string => files.get(name) as string;
export const numbersIn = (name: string, content: string | Uint8Array): number[] => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Array.from(unwrap(readTensorFile(name, bytes))[0]!.data as ArrayLike<number>, Number);
};

/** The exported network as our importer reads it, with nothing but the files that were written. */
export async function readBack(files: Files, name: string): Promise<Graph> {
  const config = JSON.parse(text(files, `config_${name}.json`));
  const bytes = files.get(config.onnx_file) as Uint8Array;
  const { module } = unwrap(await importOnnx(bytes, { file: config.onnx_file, config }));
  const complaints = verifyModule(module).filter((d) => d.severity === "error");
  assert.is(complaints.map((d) => renderDiagnostic(d)).join("\n"), "");
  return mainGraph(module);
}

/** Graphs, params and names, without what the module says about its origin. */
export const graphHash = (graph: Graph): string => moduleHash(moduleOf(graph));

/** Values of one name hold the same numbers; the outputs do in any case. Gives the names that only `a` has. */
export async function sameValues(a: Graph, b: Graph, input: Tensor): Promise<string[]> {
  const [ours, theirs] = [
    await interpret(a).run([input]),
    await interpret(b).run([{ ...input, type: b.inputs[0]!.type }]),
  ];
  const equal = (name: string, other: string) =>
    assert.equal([...theirs.get(other)!.data], [...ours.get(name)!.data], name);
  equal(a.outputs[0]!.name, b.outputs[0]!.name);
  const shared = [...ours.keys()].filter((name) => theirs.has(name));
  for (const name of shared) equal(name, name);
  return [...ours.keys()].filter((name) => !theirs.has(name));
}
