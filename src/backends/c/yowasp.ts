/** Builds network.c with clang in WebAssembly and runs it in this process: for machines without a C compiler. */
import type { Session } from "../../ir/contracts.js";
import { bytesOf, type Tensor } from "../../ir/tensor.js";
import { alignUp } from "../memory.js";
import type { Buffer, Schedule } from "../schedule.js";
import { compilerFailed } from "./compilers.js";
import { checkInputs, resultsOf, tensorFrom, valuesByName } from "./layout.js";
import type { Files } from "./project.js";

/** The network as a module: no entry, memory of its own, `network_trace` imported. */
const target = [
  ..."-std=c11 --target=wasm32-wasip1 -mbulk-memory -nostartfiles".split(" "),
  ..."-Wl,--no-entry -Wl,--stack-first -Wl,--allow-undefined".split(" "),
  ..."-Wl,--export=network_run -Wl,--export=__heap_base -DNETWORK_TRACE".split(" "),
];

async function build(files: Files, flags: readonly string[]): Promise<WebAssembly.Module> {
  const { commands } = await import("@yowasp/clang");
  const tree = Object.fromEntries([...files].filter(([name]) => /^[^/]+\.[ch]$/.test(name)));
  const args = ["clang", ...target, ...flags, "network.c", "network_weights.c", "-o", "network.wasm"];
  let complaint = "";
  const hear = (bytes: Uint8Array | null) => {
    if (bytes) complaint += new TextDecoder().decode(bytes);
  };
  try {
    const made = await commands.clang(args, tree, { stdout: hear, stderr: hear, fetchProgress: () => {} });
    return await WebAssembly.compile(made?.["network.wasm"] as Uint8Array<ArrayBuffer>);
  } catch (e) {
    throw compilerFailed(args, complaint || String(e));
  }
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global<"i32">;
  network_run(...addresses: number[]): void;
}

/** A session over the files of a project with prefix `network`. */
export async function yowaspSession(
  files: Files,
  schedule: Schedule,
  { flags, all }: { readonly flags: readonly string[]; readonly all: boolean },
): Promise<Session> {
  const module = await build(files, flags);
  const layers = resultsOf(schedule);
  let results: Tensor[] = [];
  const read = (b: Buffer, at: number) => tensorFrom(b, new Uint8Array(exports.memory.buffer, at, b.bytes));
  const env = { network_trace: (layer: number, at: number) => (results[layer] = read(layers[layer]!, at)) };
  const exports = (await WebAssembly.instantiate(module, { env })).exports as unknown as Exports;
  const { inputs: wanted, outputs } = schedule;
  const addresses = allocate(exports, [...wanted, ...outputs]);
  return {
    async run(inputs) {
      checkInputs(schedule, inputs);
      results = [];
      for (const [i, t] of inputs.entries()) new Uint8Array(exports.memory.buffer).set(bytesOf(t.data), addresses[i]!);
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
