/** The diagnostics `sim/...`: firmware that cannot be loaded, and runs that end in a trap. */
import { type ElfParts, elfFile, exitWith, onTwoCores } from "./elf.js";
import type { Explanation } from "./explanation.js";

const good = elfFile("a program that exits with 0", exitWith(0));
const right = { files: { "firmware.elf": good }, command: "sim firmware.elf" };
const loading = (about: string, parts: ElfParts) => ({
  wrong: { files: { "firmware.elf": elfFile(about, exitWith(0), parts) }, command: "sim firmware.elf" },
  right,
});

type Program = readonly [about: string, code: readonly number[]];
/** Two programs under one command. */
const running = (wrong: Program, better: Program, command = "sim firmware.elf") => ({
  wrong: { files: { "firmware.elf": elfFile(...wrong) }, command },
  right: { files: { "firmware.elf": elfFile(...better) }, command },
});
const exits: Program = ["a program that exits with 0", exitWith(0)];

/** Both cores, or core 0 alone, copy 256 bytes in lines of 16 to L1. */
const transfer = (isAlone: boolean): readonly number[] => [
  isAlone ? 0x02051a63 : 0x00000013, // bnez a0, to the end; nop
  ...[0x002042b7, 0x4002a303], // an id from the DMA at 0x204400
  ...[0x00050337, 0x10030313, 0x4062a023], // 2-D, to L1, 256 bytes
  ...[0x10000337, 0x4062a023, 0x1c010337, 0x4062a023], // 0x10000000 from 0x1c010000
  ...[0x00400337, 0x01030313, 0x4062a023], // stride 64, lines of 16
  0x0000006f, // j .
];
/** Stacks of 1 KiB below 0x10010000; then `frame` (addi sp, sp, -N) and another store to the event unit. */
const stacks = (frame: number): readonly number[] => [
  ...[0x10010137, 0x00a51593, 0x40b10133], // sp = 0x10010000 - 1024 x core
  ...[0x002042b7, 0x0002a023], // sw zero, 0(event unit)
  ...[0x06400e13, 0xfffe0e13, 0xfe0e1ee3], // a loop of 100
  ...[frame, 0x0002a023, 0x0000006f],
];
const setsBreakpoint = (place: string) =>
  `import { createSimulation, loadFirmware, renderDiagnostic } from ${JSON.stringify("pulsec")};
const { readFileSync } = await import("node:fs");
const firmware = loadFirmware(readFileSync("firmware.elf"), "firmware.elf").value;
const { diagnostics } = createSimulation(firmware, { breakpoints: [${place}] });
for (const d of diagnostics) console.log(renderDiagnostic(d));
`;
const writesInput = (bytes: number) =>
  `import { loadFirmware, renderDiagnostic, runFirmware } from ${JSON.stringify("pulsec")};
const { readFileSync } = await import("node:fs");
const loaded = loadFirmware(readFileSync("firmware.elf"), "firmware.elf").value;
const symbols = [{ name: "input", address: 0x1c000010, size: 4, kind: "object" }];
const { diagnostics } = runFirmware({ ...loaded, symbols }, { write: { input: new Uint8Array(${bytes}) } });
for (const d of diagnostics) console.log(renderDiagnostic(d));
`;

export const simExplanations: readonly Explanation[] = [
  {
    id: "sim/elf-empty",
    title: "A firmware file holds nothing that is loaded into memory",
    why: "The simulator places the segments of type LOAD in memory, as a loader would, and this file has none with contents. The linker script places no section, or the file is only a symbol file. Link with a script that puts code and data into L2 at 0x1c000000.",
    ...loading("a program whose only segment is a note", { segment: 4 }),
  },
  {
    id: "sim/elf-machine",
    title: "A firmware file is a program for another machine, or is not linked",
    why: "GAP8's cores run 32-bit little-endian RISC-V programs that are linked at fixed addresses. The file is for another processor, of 64 bits, or an object file or library that is still to be linked. Compile with riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 and link statically.",
    ...loading("a program for Arm", { machine: 40 }),
  },
  {
    id: "sim/elf-malformed",
    title: "The tables of a firmware file contradict each other",
    why: "Segments overlap, leave the 32-bit address space or hold more than they load, the entry lies outside of the program, or symbols have no names. Nothing of such a file is run. Link the program again; a tool that edits ELF files may have damaged it.",
    ...loading("a program that is entered behind its end", { entry: 0x1000 }),
  },
  {
    id: "sim/elf-truncated",
    title: "A firmware file ends before everything that its header promises",
    why: "A table or a segment would lie beyond the end of the file: it was copied or linked incompletely. Copy it again, or link again and look for a full disk.",
    ...loading("the first 90 bytes of a program", { kept: 90 }),
  },
  {
    id: "sim/not-elf",
    title: "What was given as firmware is no ELF file",
    why: "pulsec sim runs ELF files as the linker writes them: they begin with the bytes 7f 45 4c 46. Raw images and hex files hold no addresses. Name the .elf file that they were made from.",
    wrong: { files: { "firmware.elf": "int main(void) { return 0; }\n" }, command: "sim firmware.elf" },
    right,
  },
  {
    id: "sim/segment-outside-memory",
    title: "A part of the firmware is linked to addresses where GAP8 has no memory",
    why: "Segments are copied to where the file says, and that must lie in L2 (0x1c000000), in L1 (0x10000000) or in the memory of the fabric controller (0x1b000000). Default linker scripts place programs at 0x10000 or 0x80000000. Link with a script for GAP8.",
    ...loading("a program at 0x80000000", { address: 0x80000000 }),
  },
  {
    id: "sim/no-such-symbol",
    title: "A place in the firmware was given by a name that its symbol table does not have",
    why: "Breakpoints and memory can be named by symbols of the ELF file. The name is misspelt, was inlined away, or the file is stripped. Use an address, or link without --strip-all and -s.",
    wrong: { files: { "firmware.elf": good }, script: setsBreakpoint('"main"') },
    right: { files: { "firmware.elf": good }, script: setsBreakpoint("0x1c000004") },
  },
  {
    id: "sim/symbol-size",
    title: "More bytes were to be written to a symbol of the firmware than it has",
    why: "runFirmware writes memory by symbol, and the ELF file says how large each one is. What lies behind it belongs to another variable. Check the shape and type of the data, or write to an address with Simulation.write.",
    wrong: { files: { "firmware.elf": good }, script: writesInput(8) },
    right: { files: { "firmware.elf": good }, script: writesInput(4) },
  },
  {
    id: "sim/breakpoint",
    title: "The program executed ebreak, and no debugger is there",
    why: "ebreak between the two no-ops of RISC-V semihosting (slli x0, x0, 31 and srai x0, x0, 7) is a call of the host; alone it stops the run. Compilers emit it for __builtin_trap and after code that they proved unreachable. Find out why the program gets there.",
    ...running(["ebreak", [0x00100073]], exits),
  },
  {
    id: "sim/budget",
    title: "The program did not exit within the instructions that --budget allows",
    why: "The budget ends programs that loop for ever, in CI above all. The message says where each core was. Raise --budget when the program only needs longer.",
    ...running(["a loop without an end", [0x0000006f]], exits, "sim firmware.elf --budget 100000"),
  },
  {
    id: "sim/deadlock",
    title: "Every core sleeps, and no event is on its way that would wake one",
    why: "p.elw puts a core to sleep until the event unit answers. When all cores sleep and no DMA transfer, timer or other device will raise an event, nothing can happen any more: a chip would sleep for ever too. The message says what each core waits for; often a barrier's mask names a core that never arrives.",
    ...running(
      ["the fabric controller waits for an event that nobody raises", [0x002042b7, 0x0382e503]],
      exits,
    ),
  },
  {
    id: "sim/dma-hazard",
    title: "Two cores have 2-D DMA transfers in flight at once without a barrier between them",
    why: "GAP8 boards were seen to freeze when several cores push 2-D transfers at once (pulp-platform/dory, pull request 42), and no model shows it; profile rtl looks for it. Push all 2-D transfers from one core, or put a barrier after each wait.",
    ...running(
      ["cores 0 and 1 push a 2-D transfer each", onTwoCores(transfer(false))],
      ["core 0 alone does", onTwoCores(transfer(true))],
      "sim firmware.elf --profile rtl",
    ),
  },
  {
    id: "sim/environment-call",
    title: "The program executed ecall, and there is no operating system to call",
    why: "ecall asks a system below the program for a service, as programs for Linux do. Firmware has none. Print through stdout or semihosting (picolibc with --oslib=semihost), and exit through the SoC's status register.",
    ...running(["ecall", [0x00000073]], exits),
  },
  {
    id: "sim/hardware-loop",
    title: "A hardware loop breaks a rule of the core",
    why: "The body of a hardware loop needs at least two instructions, and its last one may not be a jump or branch: on the chip the loop counter and the branch would both set the next address. Put a nop behind the branch, or use an ordinary loop.",
    ...running(
      [
        "lp.setupi x0, 3; addi a0, a0, 1; bnez a0 as the loop's last instruction",
        [0x0032507b, 0x00150513, 0x00051463, 0x00000013, ...exitWith(0)],
      ],
      ["addi as the last instruction", [0x0032507b, 0x00150513, 0x00150513, 0x00000013, ...exitWith(0)]],
    ),
  },
  {
    id: "sim/illegal-instruction",
    title: "A core came to bytes that are no instruction of it",
    why: "The cores execute RV32IMC with Zicsr and Xpulpv2. Code for other extensions (floating point, atomics, XpulpNN), data that is jumped into, and returns with a damaged ra end here. The message shows the instructions before; compile with -march=rv32imc.",
    ...running(["a word that is no instruction", [0xffffffff]], exits),
  },
  {
    id: "sim/stack-overflow",
    title: "The stack of a core has run into the stack of another",
    why: "Stacks of the cluster's cores lie side by side in L1 and nothing guards them; an overflow shows as wrong results of another core. The simulator compares stack pointers whenever a core waits or touches a device. Give the cores larger stacks, or put large arrays elsewhere.",
    ...running(
      ["stacks of 1 KiB, and a frame of 2 KiB on core 0", onTwoCores(stacks(0x81010113))],
      ["a frame of 16 bytes", onTwoCores(stacks(0xff010113))],
    ),
  },
  {
    id: "sim/uninitialised-read",
    title: "A core read memory that nothing has written",
    why: "With --check-uninitialised the simulator knows for every byte of L1 and L2 whether the loader, a core or a DMA has written it. On the chip such a read gives what a former program left there. Write the memory first; .bss must be cleared by the program's start-up code.",
    ...running(
      ["lw from L2 behind the program", [0x1c010537, 0x00052583, ...exitWith(0)]],
      ["sw to it before", [0x1c010537, 0x00052023, 0x00052583, ...exitWith(0)]],
      "sim firmware.elf --check-uninitialised",
    ),
  },
  {
    id: "sim/unmapped-access",
    title: "A load or store went to an address where there is no memory and no device",
    why: "The message names the register that the address came from and the instruction that set it. Common causes are pointers that were never set, the cluster's memory used before the cluster is switched on, and devices that are not modelled.",
    ...running(["lw from 0x40000000", [0x40000537, 0x00052583]], exits),
  },
  {
    id: "sim/unmapped-fetch",
    title: "A core jumped to an address where there is no memory",
    why: "The address came from a function pointer that was never set, or from a return address on a damaged stack. The message names the place it went to; breakpoints in the API, or a smaller --budget, show how it got there.",
    ...running(["a jump to 0x40000000", [0x40000537, 0x000500e7]], exits),
  },
];
