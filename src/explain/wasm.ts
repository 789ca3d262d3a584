/** The diagnostics `wasm/...`. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { catching, reluGraph, reluNames } from "./scripts.js";

const compiling = (length: string): ScriptExample => ({
  files: {},
  script: catching(
    ["compileWasm", ...reluNames],
    reluGraph("integer", `"u8", [1, ${length}]`),
    "await compileWasm(graph);",
  ),
});

export const wasmExplanations: readonly Explanation[] = [
  {
    id: "wasm/too-large",
    title: "The network's constants and values do not fit into a WebAssembly memory",
    why: 'Addresses in the module are 32-bit numbers, which leaves 2 GiB. With `expose: "all"` every value has memory of its own; `expose: "outputs"` lets values share it. Networks for microcontrollers are smaller by a factor of a thousand.',
    wrong: compiling("1_500_000_000"),
    right: compiling("1_500"),
  },
];
