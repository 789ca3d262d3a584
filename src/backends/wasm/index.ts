/** Engine `wasm`: the integer network as one WebAssembly module. */
import type { Engine, Session } from "../../ir/contracts.js";
import type { Diagnostic } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Value } from "../../ir/graph.js";
import { slotBytes } from "../../ir/storage.js";
import { elements } from "../../ir/type.js";
import { compileWasm, largestMemory, type WasmOptions } from "./compile.js";
import { kernels } from "./kernels/index.js";
import { instantiate } from "./session.js";

export { type BatchOptions, evaluateBatch, type Outputs, type Samples } from "./batch.js";
export { type CompiledWasm, compileWasm, type WasmOptions } from "./compile.js";
export type { WasmKernel } from "./kernel.js";
export { type HostNode, type Located, type Manifest, sectionName } from "./manifest.js";
export { instantiate } from "./session.js";
export { kernels };

/** Compiles and instantiates an integer graph. */
export const wasmSession = async (graph: Graph, options: WasmOptions = {}): Promise<Session> =>
  instantiate(graph, await compileWasm(graph, options));

/** Engine `wasm`: WebAssembly with 128-bit SIMD, compiled when a graph is prepared. */
export const wasmEngine: Engine = { name: "wasm", refuses, remarks, prepare: wasmSession };

function refuses(graph: Graph): readonly string[] {
  if (graph.stage !== "integer")
    return [`@${graph.name} is in stage ${graph.stage}; wasm runs integer graphs`];
  const without = graph.nodes
    .filter((n) => !n.op.int)
    .map((n) => `%${n.result.name}: ${n.op.name} has no integer meaning`);
  const bytes = totalBytes(graph);
  return bytes > largestMemory
    ? [...without, `params and values take ${bytes} bytes, a module holds at most ${largestMemory}`]
    : without;
}

const compiled = new Set(kernels.map((k) => k.op));

/** Nodes that are not compiled, by name. */
function remarks(graph: Graph): readonly Diagnostic[] {
  const generic = graph.nodes.filter((n) => n.op.int && !compiled.has(n.op));
  return generic.map(({ op, result }) => ({
    id: "wasm/no-kernel",
    severity: "note",
    text: `%${result.name}: ${op.name} has no WebAssembly kernel, its integer meaning runs in its place`,
    ...(result.places[0] ? { place: result.places[0] } : {}),
  }));
}

/** All params and values side by side. */
function totalBytes(graph: Graph): number {
  const values = new Set<Value>([
    ...graph.inputs,
    ...graph.nodes.flatMap((n) => [...n.operands.filter(isParam), n.result]),
  ]);
  return [...values].reduce((sum, { type }) => sum + elements(type) * slotBytes(type.storage), 0);
}
