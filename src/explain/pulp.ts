/** The diagnostics `pulp/...`: firmware that does not fit, cannot be built, or does not run to its end. */
import type { Explanation, ScriptExample } from "./explanation.js";
import { catching, reluGraph, reluNames } from "./scripts.js";
import { convs } from "./two-convs.js";

const net = { "net.pir": convs(5) };
const compile = "compile net.pir -t gap8 -o out";
const right = { files: net, command: compile };
const long = (length: number) => `graph @main(%x: u8[1x${length}]) -> (%y: u8[1x${length}]) stage integer {
  %y = relu %x : u8[1x${length}]
}
`;

const batch = (n: number) => `graph @main(%x: u8[${n}x4x8]) -> (%y: u8[${n}x4x8]) stage integer {
  %y = relu %x : u8[${n}x4x8]
}
`;

const making = (options: string): ScriptExample => ({
  files: net,
  script: catching(
    ["makeFirmware", "ops", "parseModule"],
    `const { readFileSync } = await import("node:fs");
const { value } = await parseModule(readFileSync("net.pir", "utf8"), { file: "net.pir", ops });`,
    `makeFirmware(value.graphs[0], ${options});`,
  ),
});

/** Runs a network on the simulator with a kernel of its own, whose body is C. */
const running = (body: string): ScriptExample => ({
  files: {},
  script: catching(
    ["gap8simEngine", "randomTensor", ...reluNames],
    `${reluGraph("integer", '"u8", [1, 4]')}
const mine = { name: "mine", op: opNamed("relu"), header: "pulsec_base.h", emit: () => ${JSON.stringify(body)} };`,
    `const session = await gap8simEngine({ kernels: [mine], tileKernels: [] }).prepare(graph);
  await session.run([randomTensor(graph.inputs[0].type, 1)]);`,
  ),
});

const budgets: readonly Explanation[] = [
  {
    id: "pulp/l1-budget",
    title: "Not even the smallest tile of a layer fits the budget of L1",
    why: "A layer is computed tile by tile in L1, and a tile needs its part of the inputs, of the weights and of the result at once. The message says how much the smallest legal tile takes. Allow that much with --l1 or the setting `l1` of the deploy section (the cluster has 64 KiB, stacks take 11 of them), or make the layer narrower.",
    wrong: { files: net, command: "compile net.pir -t gap8 --l1 100 -o out" },
    right: { files: net, command: "compile net.pir -t gap8 --l1 4KiB -o out" },
  },
  {
    id: "pulp/l2-budget",
    title: "The network does not fit the budget of L2",
    why: "Constants and values lie in L2, and what does not fit there in L3, from where it comes through windows in L2. Even so the windows of a layer and what is read by portable kernels must fit. Raise --l2 or the setting `l2` of the deploy section (the chip has 512 KiB, of which code and test data need a part), or make the layer that the message names smaller.",
    wrong: { files: net, command: "compile net.pir -t gap8 --l2 100 -o out" },
    right: { files: net, command: "compile net.pir -t gap8 --l2 16KiB -o out" },
  },
  {
    id: "pulp/l3-budget",
    title: "The network needs more L3 than there is",
    why: "Constants and values that do not fit L2 lie in the HyperRAM, which holds 8 MiB. Make the network smaller, quantise its weights to fewer bits, or give it more L2.",
    wrong: making("{ l2: 1000, l3: 16 }"),
    right: making("{ l2: 1000 }"),
  },
  {
    id: "pulp/program-too-large",
    title: "The firmware with its data does not fit L2",
    why: "Besides the network's constants and values, L2 holds the program, the arguments that the caller passes, and golden vectors in a test program. The sum of them exceeds 512 KiB. Give the network less with --l2, so that more of it moves to L3, or leave golden vectors out.",
    wrong: { files: { "net.pir": long(300_000) }, command: compile },
    right: { files: { "net.pir": long(3000) }, command: compile },
  },
];

const builds: readonly Explanation[] = [
  {
    id: "pulp/compiler",
    title: "The cross compiler refused the generated code",
    why: "The engine gap8sim and `verify --target gap8` build firmware with gcc for bare RISC-V. What it said stands in the message; mostly it is an option in RISCV_CC that does not fit. Compilers that know no -misa-spec=2.2 are older than gcc 10.",
    wrong: {
      files: net,
      command: "run net.pir --engine gap8sim",
      env: { RISCV_CC: "riscv64-unknown-elf-gcc -include board.h" },
    },
    right: {
      files: net,
      command: "run net.pir --engine gap8sim",
      env: { RISCV_CC: "riscv64-unknown-elf-gcc" },
    },
  },
  {
    id: "pulp/no-cross-compiler",
    title: "There is no compiler for bare RISC-V on this machine",
    why: "Compiling a network for gap8 writes C and needs no compiler; running it on the simulator does. Install Debian's gcc-riscv64-unknown-elf, or name a compiler in RISCV_CC. `pulsec doctor` says what was found.",
    wrong: {
      files: net,
      command: "run net.pir --engine gap8sim",
      env: { PATH: "/nowhere", RISCV_CC: "" },
    },
    right: { ...right, env: { PATH: "/nowhere", RISCV_CC: "" } },
  },
];

export const pulpExplanations: readonly Explanation[] = [
  ...budgets,
  ...builds,
  {
    id: "pulp/no-kernel",
    title: "No kernel of the target takes a node",
    why: "Each layer is computed by the first kernel that does not refuse it: kernels on tiles in L1, then portable ones on whole tensors. The portable kernels of pulsec take every op of an integer graph, so only a list of kernels of your own can lack one. Append ours: [...mine, ...portableKernels].",
    wrong: making("{ kernels: [], tileKernels: [] }"),
    right: making("{}"),
  },
  {
    id: "pulp/portable-kernel",
    title: "One core computes a layer, on whole tensors",
    why: "Kernels of the target work on tiles in L1 with all cores. What none of them takes (more than one input at a time, borders that repeat edges) is computed by portable C: core 0 alone, from L2 to L2. The integers are the same, the layer is many times slower, and its operands must fit L2 whole. Rewrite the layer so that a tile kernel takes it, or write a kernel of your own: pulsec golden new OP makes its binding, --kernel links it. --kernel VALUE=FILE.c names one layer by its result.",
    wrong: { files: { "net.pir": batch(2) }, command: compile },
    right: { files: { "net.pir": batch(1) }, command: compile },
  },
  {
    id: "pulp/run",
    title: "Firmware did not run to its end on the simulator",
    why: "The program trapped, waits for ever, or exited where it should not. The message says what the simulator saw and where. With kernels of your own, look there first: a kernel may write to its result alone, and what core 0 of the cluster executes has a stack of 4 KiB.",
    wrong: running("  *(volatile uint8_t *)0x40000000 = x[0]; y[0] = 0;"),
    right: running("  for (int i = 0; i < 4; i++) y[i] = x[i];"),
  },
  {
    id: "pulp/weights-change-code",
    title: "Other weights need other code",
    why: "With --weights-only, compile replaces weights, multipliers and golden vectors in a folder and leaves its code alone. The code was made for what was proven of the old weights: which products fit 32 bits, what a shift may drop. These weights break a proof, or the network itself differs. Compile without --weights-only, and build the firmware anew.",
    wrong: {
      files: { ...net, "other.pir": convs(2_000_000_000) },
      before: [compile],
      command: "compile other.pir -t gap8 --name net --weights-only -o out",
    },
    right: {
      files: { ...net, "other.pir": convs(7) },
      before: [compile],
      command: "compile other.pir -t gap8 --name net --weights-only -o out",
    },
  },
];
