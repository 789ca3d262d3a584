/** Runs a compiled module: writes inputs, calls `run`, copies values out. */
import type { Session } from "../../ir/contracts.js";
import { type Graph, isParam, type Value } from "../../ir/graph.js";
import { requireInputs } from "../../ir/inputs.js";
import { evaluate } from "../../ir/interpreter.js";
import { storages } from "../../ir/storage.js";
import { allocate, bytesOf, type Tensor } from "../../ir/tensor.js";
import { elements } from "../../ir/type.js";
import type { CompiledWasm } from "./compile.js";
import { compileModule, newInstance } from "./instance.js";
import { hostFunction } from "./lower.js";
import type { HostNode, Located } from "./manifest.js";

/** A session of `graph`, which `compiled` was compiled from. */
export async function instantiate(graph: Graph, { binary, manifest }: CompiledWasm): Promise<Session> {
  const places = new Map(manifest.values.map((v) => [v.name, v]));
  const results = graph.nodes.map((n) => n.result).filter((v) => places.has(v.name));
  const imports = {
    env: {
      [hostFunction]: (index: number) =>
        evaluateOnHost(graph, manifest.host.find((n) => n.index === index)!, bytes),
    },
  };
  const { bytes, run } = await newInstance(await compileModule(binary), imports);
  return {
    async run(inputs) {
      requireInputs(graph, inputs);
      for (const [i, { name }] of graph.inputs.entries()) write(bytes, places.get(name)!, inputs[i]!);
      run();
      // Where memory is reused, an input may be gone by now.
      const kept = manifest.expose === "all";
      const given = graph.inputs.map(({ name, type }, i): [string, Tensor] => {
        return [name, kept ? read(bytes, places.get(name)!, type) : { type, data: inputs[i]!.data.slice() }];
      });
      return new Map([
        ...given,
        ...results.map(({ name, type }): [string, Tensor] => [name, read(bytes, places.get(name)!, type)]),
      ]);
    },
    async dispose() {},
  };
}

const write = (memory: Uint8Array, { offset }: Located, { data }: Tensor): void =>
  memory.set(bytesOf(data), offset);

function read(memory: Uint8Array, { offset, bytes }: Located, type: Value["type"]): Tensor {
  const data = allocate(type.storage, elements(type));
  bytesOf(data).set(memory.subarray(offset, offset + bytes));
  return { type, data };
}

/** The op's own integer meaning on its operands where they lie: how ops without a kernel run. */
function evaluateOnHost(graph: Graph, { index, operands, result }: HostNode, memory: Uint8Array): void {
  const places = new Map(operands.map((o) => [o.name, o]));
  const computed = evaluate(graph.nodes[index]!, (v) =>
    isParam(v) ? v : view(memory, places.get(v.name)!, v.type),
  );
  write(memory, result, computed);
}

/** Every value begins at a multiple of 16 bytes. */
function view({ buffer }: Uint8Array, { offset }: Located, type: Value["type"]): Tensor {
  const { array } = storages[type.storage];
  const Elements = array as unknown as new (b: ArrayBufferLike, at: number, count: number) => Tensor["data"];
  return { type, data: new Elements(buffer, offset, elements(type)) };
}
