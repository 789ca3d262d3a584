/** The thread behind `evaluateBatch`: an instance of its own, asked for one chunk of samples after the other. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { newInstance } from "./instance.js";
import type { Located } from "./manifest.js";

export interface WorkerTask {
  readonly module: object;
  readonly inputs: readonly Located[];
  readonly outputs: readonly Located[];
}

const { module, inputs, outputs } = workerData as WorkerTask;
const port = parentPort as MessagePort;
const { bytes, run } = await newInstance(module);
const bytesPerSample = (places: readonly Located[]) => places.reduce((sum, p) => sum + p.bytes, 0);
const [given, made] = [bytesPerSample(inputs), bytesPerSample(outputs)];

/** Inputs of `count` samples, one behind the other; the answer holds their outputs in the same way. */
port.on("message", ({ count, data }: { count: number; data: Uint8Array }) => {
  const results = new Uint8Array(count * made);
  for (let i = 0; i < count; i++) {
    let from = i * given;
    for (const place of inputs) {
      bytes.set(data.subarray(from, from + place.bytes), place.offset);
      from += place.bytes;
    }
    run();
    let to = i * made;
    for (const place of outputs) {
      results.set(bytes.subarray(place.offset, place.offset + place.bytes), to);
      to += place.bytes;
    }
  }
  port.postMessage(results, [results.buffer]);
});
