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
  const { machine = 243, type = 2, entry = 0, segment = 1, kept } = parts;
  const size = 4 * code.length;
  const header =
    `7f454c46010101${"00".repeat(9)}${little(type, 2)}${little(machine, 2)}${little(1, 4)}` +
    `${little(l2 + entry, 4)}${little(52, 4)}${little(0, 4)}${little(0, 4)}` +
    `${little(52, 2)}${little(32, 2)}${little(1, 2)}${little(40, 2)}${little(0, 2)}${little(0, 2)}`;
  const words = [segment, 84, l2, l2, size, size, 7, 4].map((w) => little(w, 4)).join("");
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
