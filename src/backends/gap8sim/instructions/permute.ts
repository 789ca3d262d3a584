/** Lane moves of Xpulpv2: extract, insert, shuffle, pack. */
import { encode, type Instruction, instruction, maskF7 } from "./types.js";

const opcode = 0x57;
const maskSci = 0xfc00707f;
const r = (name: string, f3: number, f7: number, code: string, accumulates = false): Instruction =>
  instruction(name, "r", "value", encode(opcode, f3, f7), maskF7, code, { accumulates });
const imm = (name: string, f3: number, f7: number, code: string, accumulates = false): Instruction =>
  instruction(name, "simd-u", "value", encode(opcode, f3, f7), maskSci, code, { accumulates });

/** Byte n (an expression) of v. */
const byte = (v: string, n: string): string => `(${v} >>> ((${n}) << 3) & 255)`;
const half = (v: string, n: string): string => `(${v} >>> ((${n}) << 4) & 65535)`;
const each = (count: number, bits: number, value: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => `${value(k)} << ${k * bits}`).join(" | ");

const shuffleByte = each(4, 8, (k) => byte("a", `b >>> ${8 * k} & 3`));
const shuffleHalf = each(2, 16, (k) => half("a", `b >>> ${16 * k} & 1`));
const shuffle2Byte = each(4, 8, (k) => byte(`(b & ${4 << (8 * k)} ? a : d)`, `b >>> ${8 * k} & 3`));
const shuffle2Half = each(2, 16, (k) => half(`(b & ${2 << (16 * k)} ? a : d)`, `b >>> ${16 * k} & 1`));
/** The top byte comes from a fixed lane, the others from two bits of the immediate each. */
const shuffleFixed = (top: number): string =>
  `${byte("a", `${top}`)} << 24 | ${each(3, 8, (k) => byte("a", `i >>> ${2 * k} & 3`))}`;

export const permute: readonly Instruction[] = [
  imm("pv.extract.h", 6, 0x3c, "a >> ((i & 1) << 4) << 16 >> 16"),
  imm("pv.extract.b", 7, 0x3c, "a >> ((i & 3) << 3) << 24 >> 24"),
  imm("pv.extractu.h", 6, 0x48, half("a", "i & 1")),
  imm("pv.extractu.b", 7, 0x48, byte("a", "i & 3")),
  imm("pv.insert.h", 6, 0x58, "d & ~(65535 << ((i & 1) << 4)) | (a & 65535) << ((i & 1) << 4)", true),
  imm("pv.insert.b", 7, 0x58, "d & ~(255 << ((i & 3) << 3)) | (a & 255) << ((i & 3) << 3)", true),
  r("pv.shuffle.h", 0, 0x60, shuffleHalf),
  r("pv.shuffle.b", 1, 0x60, shuffleByte),
  imm("pv.shuffle.sci.h", 6, 0x60, `${half("a", "i & 1")} | ${half("a", "i >>> 1 & 1")} << 16`),
  imm("pv.shuffleI0.sci.b", 7, 0x60, shuffleFixed(0)),
  imm("pv.shuffleI1.sci.b", 7, 0x74, shuffleFixed(1)),
  imm("pv.shuffleI2.sci.b", 7, 0x78, shuffleFixed(2)),
  imm("pv.shuffleI3.sci.b", 7, 0x7c, shuffleFixed(3)),
  r("pv.shuffle2.h", 0, 0x64, shuffle2Half, true),
  r("pv.shuffle2.b", 1, 0x64, shuffle2Byte, true),
  r("pv.pack.h", 0, 0x68, "a << 16 | b & 65535"),
  r("pv.packhi.b", 1, 0x6c, "d & 65535 | a << 24 | (b & 255) << 16", true),
  r("pv.packlo.b", 1, 0x70, "d & -65536 | (a & 255) << 8 | b & 255", true),
];
