/** The diagnostics `wasm/...`. */
import { calledBetter, type Explanation, type ScriptExample } from "./explanation.js";
import { integerMirror } from "./own-op.js";
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
    id: "wasm/no-kernel",
    title: "The WebAssembly engine does not compile a node, and runs its integer meaning instead",
    why: "An op of your own has no WebAssembly kernel. The module calls out of WebAssembly for such a node, at its place in the order, and the op's `int` computes it on the module's memory: the same bytes, more slowly. The note says which nodes; `network.wasm` of a network with such nodes imports `env.node`.",
    ...calledBetter(integerMirror, "run net.pir --engine wasm", "run net.pir --engine int"),
  },
  {
    id: "wasm/too-large",
    title: "The network's constants and values do not fit into a WebAssembly memory",
    why: 'Addresses in the module are 32-bit numbers, which leaves 2 GiB. With `expose: "all"` every value has memory of its own; `expose: "outputs"` lets values share it. Networks for microcontrollers are smaller by a factor of a thousand.',
    wrong: compiling("1_500_000_000"),
    right: compiling("1_500"),
  },
];
