/** Firmware files of examples, from their instructions. */
import type { BinaryFile } from "./explanation.js";

const little = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, i) => ((value >>> (8 * i)) & 255).toString(16).padStart(2, "0")).join("");

/** What differs from a right program. */
export interface ElfParts {
  /** 243 is RISC-V. */
  readonly machine?: number;
  /** 2 is an executable, 1 an object file. */
  readonly type?: number;
  /** Where the program lies; L2 unless given. */
  readonly address?: number;
  /** Bytes behind the program's start at which it is entered. */
  readonly entry?: number;
  /** 1 is a segment that is loaded. */
  readonly segment?: number;
  /** Bytes of the file that are kept. */
  readonly kept?: number;
}

const l2 = 0x1c000000;

/** A program of 32-bit instructions in L2, without sections and symbols. */
export function elfFile(about: string, code: readonly number[], parts: ElfParts = {}): BinaryFile {
  const { machine = 243, type = 2, address = l2, entry = 0, segment = 1, kept } = parts;
  const size = 4 * code.length;
  const header =
    `7f454c46010101${"00".repeat(9)}${little(type, 2)}${little(machine, 2)}${little(1, 4)}` +
    `${little(address + entry, 4)}${little(52, 4)}${little(0, 4)}${little(0, 4)}` +
    `${little(52, 2)}${little(32, 2)}${little(1, 2)}${little(40, 2)}${little(0, 2)}${little(0, 2)}`;
  const words = [segment, 84, address, address, size, size, 7, 4].map((w) => little(w, 4)).join("");
  const hex = `${header}${words}${code.map((w) => little(w, 4)).join("")}`;
  return { about, hex: kept === undefined ? hex : hex.slice(0, 2 * kept) };
}

/** Stores 0x80000000 + code to the SoC's status register and stays there. */
export const exitWith = (code: number): readonly number[] => [
  0x1a1042b7, // lui t0, 0x1a104
  0x80000337, // lui t1, 0x80000
  (0x00030313 | (code << 20)) >>> 0, // addi t1, t1, code
  0x0a62a023, // sw t1, 0xa0(t0)
  0x0000006f, // j .
];

/** The fabric controller starts cores 0 and 1, waits for some thousand cycles and exits with 0; the two run `code`. */
export const onTwoCores = (code: readonly number[]): readonly number[] => [
  ...[0xf1402573, 0x00555593], // csrr a0, mhartid; srli a1, a0, 5
  0x04058863, // beqz a1, to `code`
  ...[0x1a1042b7, 0x00800313, 0x0662a823], // supply on: 8 to 0x1a104070
  0x0002a623, // isolation off: 0 to 0x1a10400c
  ...[0x102003b7, 0x00100313, 0x0263a023], // clock on: 1 to 0x10200020
  ...[0x1c000337, 0xf8030313, 0x0463a023, 0x0463a223], // boot addresses 0x1bffff80: cores start 0x80 behind
  ...[0x00300313, 0x0063a423], // fetch enable: 3 to 0x10200008
  ...[0x7d000e13, 0xfffe0e13, 0xfe0e1ee3], // a loop of 2000
  ...[0x80000337, 0x0a62a023, 0x0000006f], // exit
  ...code,
];
