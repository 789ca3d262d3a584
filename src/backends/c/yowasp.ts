/** Builds network.c with clang in WebAssembly, and runs it here: for machines without a C compiler. */
import type { Session } from "../../ir/contracts.js";
import { requireInputs } from "../../ir/inputs.js";
import { bytesOf, type Tensor } from "../../ir/tensor.js";
import { alignUp } from "../memory.js";
import { compilerFailed } from "./compilers.js";
import type { Buffer, Schedule } from "./host-schedule.js";
import { kernelSources, ownFiles } from "./kernel-files.js";
import { resultsOf, tensorFrom, valuesByName } from "./layout.js";
import type { Files } from "./project.js";

/** What we use of WebAssembly: the language's own types have none. */
declare const WebAssembly: {
  instantiate(binary: Uint8Array, imports: object): Promise<{ instance: { exports: unknown } }>;
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  readonly __heap_base: { readonly value: number };
  network_run(...addresses: number[]): void;
}

/** The network as a module: no entry, memory of its own, `network_trace` imported. */
const target = [
  ..."-std=c11 --target=wasm32-wasip1 -mbulk-memory -nostartfiles".split(" "),
  ..."-Wl,--no-entry -Wl,--stack-first -Wl,--allow-undefined".split(" "),
  ..."-Wl,--export=network_run -Wl,--export=__heap_base -DNETWORK_TRACE".split(" "),
];

async function build(files: Files, flags: readonly string[]): Promise<Uint8Array> {
  const { commands } = await import("@yowasp/clang");
  const tree = Object.fromEntries([...files].filter(([name]) => /^[^/]+\.[ch]$/.test(name)));
  const all = ["network.c", "network_weights.c", ...kernelSources(files.keys())];
  const args = [...target, ...flags, ...all, "-o", "network.wasm"];
  let complaint = "";
  const hear = (bytes: Uint8Array | null) => {
    if (bytes) complaint += new TextDecoder().decode(bytes);
  };
  try {
    // Without arguments it only loads itself: that first loading is what reports progress on the console.
    await commands.clang(undefined, {}, { fetchProgress: () => {} });
    const made = await commands.clang(args, tree, { stdout: hear, stderr: hear });
    return made?.["network.wasm"] as Uint8Array;
  } catch (e) {
    throw compilerFailed(["clang", ...args], complaint || String(e), ownFiles(files));
  }
}

/** A session over the files of a project with prefix `network`. */
export async function yowaspSession(
  files: Files,
  schedule: Schedule,
  { flags, all }: { readonly flags: readonly string[]; readonly all: boolean },
): Promise<Session> {
  const binary = await build(files, flags);
  const layers = resultsOf(schedule);
  let results: Tensor[] = [];
  const read = (b: Buffer, at: number) => tensorFrom(b, new Uint8Array(exports.memory.buffer, at, b.bytes));
  const env = { network_trace: (layer: number, at: number) => (results[layer] = read(layers[layer]!, at)) };
  const exports = (await WebAssembly.instantiate(binary, { env })).instance.exports as Exports;
  const { inputs: wanted, outputs } = schedule;
  const addresses = allocate(exports, [...wanted, ...outputs]);
  return {
    async run(inputs) {
      requireInputs(schedule.graph, inputs);
      results = [];
      for (const [i, t] of inputs.entries())
        new Uint8Array(exports.memory.buffer).set(bytesOf(t.data), addresses[i]!);
      exports.network_run(...addresses);
      const returned = outputs.map((b, i) => read(b, addresses[wanted.length + i]!));
      return valuesByName(schedule, inputs, results, returned, all);
    },
    async dispose() {},
  };
}

/** Places for arguments behind the module's own data. */
function allocate({ memory, __heap_base }: Exports, buffers: readonly Buffer[]): readonly number[] {
  const page = 65536;
  let top = __heap_base.value;
  const addresses = buffers.map((b) => {
    const at = alignUp(top, 16);
    top = at + b.bytes;
    return at;
  });
  const missing = top - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / page));
  return addresses;
}
