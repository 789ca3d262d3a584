/** The diagnostics `sim/...`: firmware that cannot be loaded, and runs that end in a trap. */
import { type ElfParts, elfFile, exitWith } from "./elf.js";
import type { Explanation } from "./explanation.js";

const good = elfFile("a program that exits with 0", exitWith(0));
const right = { files: { "firmware.elf": good }, command: "sim firmware.elf" };
const loading = (about: string, parts: ElfParts) => ({
  wrong: { files: { "firmware.elf": elfFile(about, exitWith(0), parts) }, command: "sim firmware.elf" },
  right,
});

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
];
