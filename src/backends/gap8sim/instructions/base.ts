/** RV32I and Zicsr. */
import { encode, type Format, type Instruction, instruction, maskF3, maskF7, maskOpcode } from "./types.js";

const r = (name: string, f3: number, f7: number, code: string): Instruction =>
  instruction(name, "r", "value", encode(0x33, f3, f7), maskF7, code);
const i = (name: string, f3: number, code: string): Instruction =>
  instruction(name, "i", "value", encode(0x13, f3), maskF3, code);
const shift = (name: string, f3: number, f7: number, code: string): Instruction =>
  instruction(name, "uimm5", "value", encode(0x13, f3, f7), maskF7, code);
const branch = (name: string, f3: number, code: string): Instruction =>
  instruction(name, "b", "branch", encode(0x63, f3), maskF3, code);
const csr = (name: string, f3: number, format: Format): Instruction =>
  instruction(name, format, "csr", encode(0x73, f3), maskF3);
const system = (name: string, kind: Instruction["kind"], word: number): Instruction =>
  instruction(name, "none", kind, word, 0xffffffff);

export const base: readonly Instruction[] = [
  instruction("lui", "u", "value", 0x37, maskOpcode, "i"),
  instruction("auipc", "u", "value", 0x17, maskOpcode, "(pc + i)"),
  instruction("jal", "j", "jump", 0x6f, maskOpcode),
  instruction("jalr", "jalr", "jump-register", encode(0x67, 0), maskF3),
  branch("beq", 0, "a === b"),
  branch("bne", 1, "a !== b"),
  branch("blt", 4, "a < b"),
  branch("bge", 5, "a >= b"),
  branch("bltu", 6, "a >>> 0 < b >>> 0"),
  branch("bgeu", 7, "a >>> 0 >= b >>> 0"),
  i("addi", 0, "a + i | 0"),
  i("slti", 2, "a < i ? 1 : 0"),
  i("sltiu", 3, "a >>> 0 < i >>> 0 ? 1 : 0"),
  i("xori", 4, "a ^ i"),
  i("ori", 6, "a | i"),
  i("andi", 7, "a & i"),
  shift("slli", 1, 0, "a << i"),
  shift("srli", 5, 0, "a >>> i"),
  shift("srai", 5, 0x20, "a >> i"),
  r("add", 0, 0, "a + b | 0"),
  r("sub", 0, 0x20, "a - b | 0"),
  r("sll", 1, 0, "a << b"),
  r("slt", 2, 0, "a < b ? 1 : 0"),
  r("sltu", 3, 0, "a >>> 0 < b >>> 0 ? 1 : 0"),
  r("xor", 4, 0, "a ^ b"),
  r("srl", 5, 0, "a >>> b"),
  r("sra", 5, 0x20, "a >> b"),
  r("or", 6, 0, "a | b"),
  r("and", 7, 0, "a & b"),
  instruction("fence", "none", "fence", encode(0x0f, 0), maskF3),
  instruction("fence.i", "none", "fence-i", encode(0x0f, 1), maskF3),
  csr("csrrw", 1, "csr"),
  csr("csrrs", 2, "csr"),
  csr("csrrc", 3, "csr"),
  csr("csrrwi", 5, "csri"),
  csr("csrrsi", 6, "csri"),
  csr("csrrci", 7, "csri"),
  system("ecall", "ecall", 0x00000073),
  system("ebreak", "ebreak", 0x00100073),
  system("mret", "mret", 0x30200073),
  system("wfi", "wfi", 0x10500073),
];
