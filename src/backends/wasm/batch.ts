/** Many inferences of one network, on as many threads as there are workers. */
import type { Worker } from "node:worker_threads";
import type { Graph } from "../../ir/graph.js";
import { requireInputs } from "../../ir/inputs.js";
import { allocate, bytesOf, type Tensor } from "../../ir/tensor.js";
import { elements } from "../../ir/type.js";
import type { WorkerTask } from "./batch-worker.js";
import { type CompiledWasm, compileWasm } from "./compile.js";
import { compileModule } from "./instance.js";
import type { Located } from "./manifest.js";
import { instantiate } from "./session.js";

/** How a batch is spread over threads. */
export interface BatchOptions {
  /** Threads; default: as many as the machine runs at once. 1 computes in the calling thread. */
  readonly workers?: number;
}
/** The outputs of one inference by name. */
export type Outputs = ReadonlyMap<string, Tensor>;
/** The inputs of one inference each, in the graph's order. */
export type Samples = Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>;

/** Bytes of inputs that are sent to a worker at once, where a sample is no larger. */
const chunkBytes = 2 ** 18;

/**
 * The outputs of every sample, in the order of the samples, whatever the number of workers. Throws a `Refusal` where a sample
 * does not fit the graph's inputs. A network with nodes that the host evaluates runs in the calling thread.
 */
export async function evaluateBatch(
  graph: Graph,
  samples: Samples,
  { workers }: BatchOptions = {},
): Promise<readonly Outputs[]> {
  const compiled = await compileWasm(graph, { expose: "outputs" });
  const threads = workers ?? (await import("node:os")).availableParallelism();
  const alone = threads <= 1 || compiled.manifest.host.length > 0;
  return alone ? inThisThread(graph, compiled, samples) : inWorkers(graph, compiled, samples, threads);
}

async function inThisThread(graph: Graph, compiled: CompiledWasm, samples: Samples): Promise<Outputs[]> {
  const session = await instantiate(graph, compiled);
  const results: Outputs[] = [];
  for await (const sample of samples) {
    const values = await session.run(sample);
    results.push(new Map(graph.outputs.map(({ name }) => [name, values.get(name)!])));
  }
  return results;
}

async function inWorkers(
  graph: Graph,
  { binary, manifest }: CompiledWasm,
  samples: Samples,
  threads: number,
): Promise<Outputs[]> {
  const { Worker } = await import("node:worker_threads");
  const place = (name: string) => manifest.values.find((v) => v.name === name)!;
  const [inputs, outputs] = [manifest.inputs.map(place), [...new Set(manifest.outputs)].map(place)];
  const task: WorkerTask = { module: await compileModule(binary), inputs, outputs };
  const chunks = chunked(graph, samples, sum(inputs));
  const started: Worker[] = [];
  const results: Outputs[] = [];
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    for await (const { first, count, data } of sharing(chunks)) {
      worker ??= new Worker(new URL("./batch-worker.js", import.meta.url), { workerData: task });
      if (!started.includes(worker)) started.push(worker);
      const made = await answer(worker, { count, data });
      for (let i = 0; i < count; i++) results[first + i] = outputsAt(graph, outputs, made, i * sum(outputs));
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    await Promise.all(started.map((worker) => worker.terminate()));
  }
  return results;
}

const sum = (places: readonly Located[]): number => places.reduce((total, p) => total + p.bytes, 0);

interface Chunk {
  /** Index of its first sample. */
  readonly first: number;
  readonly count: number;
  /** Inputs, one sample behind the other. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Samples as bytes, as many at once as chunks should hold. */
async function* chunked(graph: Graph, samples: Samples, bytes: number): AsyncGenerator<Chunk, void, void> {
  const most = Math.max(1, Math.floor(chunkBytes / Math.max(1, bytes)));
  let [first, held]: [number, (readonly Tensor[])[]] = [0, []];
  const chunk = (): Chunk => {
    const data = new Uint8Array(held.length * bytes);
    let to = 0;
    for (const tensor of held.flat()) {
      data.set(bytesOf(tensor.data), to);
      to += tensor.data.byteLength;
    }
    return { first, count: held.length, data };
  };
  for await (const sample of samples) {
    requireInputs(graph, sample);
    held.push(sample);
    if (held.length < most) continue;
    yield chunk();
    [first, held] = [first + held.length, []];
  }
  if (held.length > 0) yield chunk();
}

/** Several loops may take from one generator: leaving one of them does not close it. */
const sharing = <T>(from: AsyncGenerator<T, void, void>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => ({ next: () => from.next() }),
});

/** What the worker makes of a message; its failure is ours. */
const answer = (
  worker: Worker,
  message: { count: number; data: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      settle();
    };
    const onMessage = (made: Uint8Array) => done(() => resolve(made));
    const onError = (thrown: Error) => done(() => reject(thrown));
    const onExit = (code: number) => done(() => reject(new Error(`a worker ended with code ${code}`)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(message, [message.data.buffer]);
  });

function outputsAt(graph: Graph, places: readonly Located[], made: Uint8Array, from: number): Outputs {
  const types = new Map(graph.outputs.map((v) => [v.name, v.type]));
  let at = from;
  return new Map(
    places.map(({ name, bytes }) => {
      const type = types.get(name)!;
      const data = allocate(type.storage, elements(type));
      bytesOf(data).set(made.subarray(at, at + bytes));
      at += bytes;
      return [name, { type, data }];
    }),
  );
}
