/** The diagnostics `c/...`: generated C, and the compilers that build it. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { mirrorKernel } from "./own-op.js";
import { catching, reluGraph, reluNames } from "./scripts.js";

const net = {
  "net.pir": `graph @main(%x: u8[1x4]) -> (%y: u8[1x4]) stage integer {
  %y = relu %x : u8[1x4]
}
`,
};
const run = "run net.pir --engine c";
const right = { files: net, command: run };

const emitting = (stage: "float" | "integer", options: string): ScriptExample => ({
  files: {},
  script: catching(
    ["emitProject", ...reluNames],
    reluGraph(stage, `"${stage === "float" ? "f32" : "u8"}", [1, 4]`),
    `emitProject(graph, ${options});`,
  ),
});

const preparing = (options: string): string =>
  catching(
    ["cEngine", ...reluNames],
    reluGraph("integer", '"u8", [1, 4]'),
    `const session = await cEngine(${options}).prepare(graph);
  await session.dispose();`,
  );

const compile = "compile net.pir -t c -o out";
const files = 'files: [{ name: "mirror.h", from: "/* mirror() */" }]';
const emit = "emit: (node, { operands: [x], result: y }) => '  mirror(' + x + ', ' + y + ');'";

export const cExplanations: readonly Explanation[] = [
  {
    id: "c/compiler",
    title: "The C compiler refused the generated code",
    why: "The engine `c` builds the project that `compile` writes, in C11 and without libraries. What the compiler said stands in the message; mostly it is an option in CC that does not fit this machine. A compiler of C11 that refuses the code itself has found a bug of ours.",
    wrong: { files: net, command: run, env: { CC: "cc -include board.h" } },
    right: { files: net, command: run, env: { CC: "cc" } },
  },
  {
    id: "c/kernel-file",
    title: "A C file that a kernel of your own names cannot be written beside the network",
    why: "A kernel brings its header, and sources if it has any, as `files`: each with a name and a text, or the URL of a file. All kernels of a network lie in one folder with network.c, so names must differ from those of the project, of the runtime and of other kernels. The header is one of these files, or a header of the runtime.",
    wrong: { files: mirrorKernel(`header: "mirror.h", ${emit}`), command: compile },
    right: { files: mirrorKernel(`header: "mirror.h", ${files}, ${emit}`), command: compile },
  },
  {
    id: "c/no-compiler",
    title: "There is no C compiler on this machine",
    why: "The engine `c` needs a compiler that builds for this machine: the command in CC, or cc, gcc or clang on the PATH, or clang as WebAssembly from npm (`@yowasp/clang`). `pulsec doctor` says which are there. `verify` without engine c needs none.",
    wrong: {
      files: {},
      env: { CC: "", PATH: "/nowhere" },
      script: preparing('{ compiler: "cc" }'),
    },
    right: { files: {}, script: preparing("{}") },
  },
  {
    id: "c/no-temporary-folder",
    title: "No folder can be made to build C in",
    why: "The engine `c` builds in a folder of its own below the system's folder for temporary files, and removes it afterwards. TMPDIR names another place; it must exist and be writable.",
    wrong: { files: net, command: run, env: { TMPDIR: "/no/such/folder" } },
    right,
  },
  {
    id: "c/prefix",
    title: "The network's name cannot be the prefix of its C functions",
    why: "A network called ecg gives `ecg_run()`, so the prefix must be a C identifier, and not one that the runtime uses itself: pulsec, test, layer. Choose another name.",
    wrong: emitting("integer", '{ prefix: "layer" }'),
    right: emitting("integer", '{ prefix: "ecg" }'),
  },
  {
    id: "c/run",
    title: "The compiled network did not run to its end",
    why: "The program was built, but it could not be started or it crashed. Most often the compiler in CC builds for another machine. If CC is the compiler of this machine, this is a bug of ours.",
    wrong: { files: net, command: run, env: { CC: "cc -nostartfiles" } },
    right: { files: net, command: run, env: { CC: "cc" } },
  },
  {
    id: "c/stage",
    title: "C is generated from integer graphs only",
    why: "The target has no floating point worth using: networks run there in integers, with every sum proven to fit. Quantise the network first; where an imported one ends in float operators, import has split them off into the graph @tail.",
    wrong: emitting("float", '{ name: "ecg" }'),
    right: emitting("integer", '{ name: "ecg" }'),
  },
];
