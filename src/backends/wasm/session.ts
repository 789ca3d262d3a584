/** Runs a compiled module: writes inputs, calls `run`, copies values out. */
import { error, Refusal } from "../../ir/diagnostic.js";
import { type Graph, isParam, type Value } from "../../ir/graph.js";
import type { Session } from "../../ir/contracts.js";
import { evaluate } from "../../ir/interpreter.js";
import { bytesOf, allocate, type Tensor } from "../../ir/tensor.js";
import { elements, printType } from "../../ir/type.js";
import type { CompiledWasm } from "./compile.js";
import { hostFunction } from "./lower.js";
import type { Located } from "./manifest.js";

/** A session of `graph`, which `compiled` was compiled from. */
export async function instantiate(graph: Graph, { binary, manifest }: CompiledWasm): Promise<Session> {
  const places = new Map(manifest.values.map((v) => [v.name, v]));
  const shown = [...graph.inputs, ...graph.nodes.map((n) => n.result)].filter((v) => places.has(v.name));
  const host = (index: number) => evaluateOnHost(graph, manifest.host.find((n) => n.index === index)!, memory());
  const { instance } = await WebAssembly.instantiate(binary as BufferSource, { env: { [hostFunction]: host } });
  const run = instance.exports.run as () => void;
  const memory = () => (instance.exports.memory as WebAssembly.Memory).buffer;
  return {
    async run(inputs) {
      checkInputs(graph, inputs);
      for (const [i, value] of graph.inputs.entries()) write(memory(), places.get(value.name)!, inputs[i]!);
      run();
      const given = new Map(graph.inputs.map((v, i) => [v, inputs[i]!]));
      return new Map(shown.map((v) => [v.name, given.get(v) ?? read(memory(), places.get(v.name)!, v)]));
    },
    async dispose() {},
  };
}

function write(memory: ArrayBuffer, { offset }: Located, { data }: Tensor): void {
  new Uint8Array(memory).set(bytesOf(data), offset);
}

function read(memory: ArrayBuffer, { offset, bytes }: Located, { type }: Value): Tensor {
  const data = allocate(type.storage, elements(type));
  bytesOf(data).set(new Uint8Array(memory, offset, bytes));
  return { type, data };
}
