/** The two sides as something to call: our engine, and onnxruntime in its two builds. */
import fs from "node:fs";
import { wasmEngine } from "../../src/backends/wasm/index.js";
import type { Graph } from "../../src/ir/graph.js";
import type { Data } from "../../src/ir/storage.js";
import type { Tensor } from "../../src/ir/tensor.js";
import { sizes } from "../../src/ir/type.js";

/** A network with its inputs at hand. A call hands over the inputs, computes, and takes the outputs. */
export interface Side {
  run(): Promise<unknown>;
  /** One more call; its outputs by name. */
  outputs(): Promise<ReadonlyMap<string, Data>>;
  release(): Promise<void>;
}

export async function ourSide(graph: Graph, inputs: readonly Tensor[]): Promise<Side> {
  const session = await wasmEngine.prepare(graph, { expose: "outputs" });
  return {
    run: () => session.run(inputs),
    async outputs() {
      const values = await session.run(inputs);
      return new Map(graph.outputs.map((v) => [v.name, values.get(v.name)!.data]));
    },
    release: () => session.dispose(),
  };
}

export type PeerName = "web" | "node";
type Runtime = typeof import("onnxruntime-node");

/** Both builds with one thread; `web` is the one for browsers, its SIMD build for WebAssembly, inside Node. */
async function runtime(name: PeerName): Promise<Runtime> {
  if (name === "node") return import("onnxruntime-node");
  const web = (await import("onnxruntime-web")) as unknown as Runtime;
  web.env.wasm.numThreads = 1;
  return web;
}

export const peerVersion = async (): Promise<string> => (await runtime("web")).env.versions.common;

/** The arena and the memory pattern are native defaults; the web build is the faster for them, too. */
const sessionOptions = (name: PeerName) => ({
  logSeverityLevel: 4 as const,
  executionProviders: [name === "web" ? "wasm" : "cpu"],
  graphOptimizationLevel: "all" as const,
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: true,
  enableMemPattern: true,
});

const elementTypes = { u8: "uint8", i8: "int8", f32: "float32" } as const;
type Fed = Readonly<Record<string, InstanceType<Runtime["Tensor"]>>>;

/** Tensors in the shape that the file's inputs have. */
function fed(ort: Runtime, inputs: readonly (readonly [string, Tensor])[]): Fed {
  const entries = inputs.map(([name, { type, data }]) => {
    const of = elementTypes[type.storage as "u8"];
    return [name, new ort.Tensor(of as "uint8", data as Uint8Array, sizes(type))];
  });
  return Object.fromEntries(entries) as Fed;
}

/** `bytes` is an ONNX file whose inputs have these names and shapes. */
export async function peerSide(
  name: PeerName,
  bytes: Uint8Array,
  inputs: readonly (readonly [string, Tensor])[],
): Promise<Side> {
  const ort = await runtime(name);
  const session = await ort.InferenceSession.create(bytes, sessionOptions(name));
  const feeds = fed(ort, inputs);
  return {
    run: () => session.run(feeds),
    async outputs() {
      const found = await session.run(feeds);
      return new Map(Object.entries(found).map(([key, tensor]) => [key, tensor.data as Data]));
    },
    release: () => session.release(),
  };
}

/** How often each operator ran in one inference of the optimised graph, told by onnxruntime-web's profiler. */
export async function kernelsOf(
  bytes: Uint8Array,
  inputs: readonly (readonly [string, Tensor])[],
): Promise<ReadonlyMap<string, number>> {
  const ort = await runtime("web");
  const session = await ort.InferenceSession.create(bytes, {
    ...sessionOptions("web"),
    enableProfiling: true,
  });
  await session.run(fed(ort, inputs));
  const said = spoken(() => (session as unknown as { endProfiling(): void }).endProfiling());
  await session.release();
  const counts = new Map<string, number>();
  for (const line of said) {
    const op = /_kernel_time".*"op_name" : "(\w+)"/.exec(line)?.[1];
    if (op) counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  if (counts.size === 0) throw new Error("the profiler of onnxruntime-web said nothing");
  return counts;
}

/** The lines that `act` writes to standard output: the web build has no other place for its profile. */
function spoken(act: () => void): readonly string[] {
  const { writeSync } = fs;
  const texts: string[] = [];
  fs.writeSync = ((_: number, text: string) => texts.push(text)) as typeof writeSync;
  try {
    act();
  } finally {
    fs.writeSync = writeSync;
  }
  return texts.join("").split("\n");
}

/** Layers that onnxruntime computes in floats. */
export const floatKernels = (kernels: ReadonlyMap<string, number>): number =>
  ["Conv", "FusedConv", "Gemm", "FusedGemm", "MatMul", "FusedMatMul"].reduce(
    (sum, op) => sum + (kernels.get(op) ?? 0),
    0,
  );
