/** Instructions as text: RV32IMC and Xpulpv2, compressed ones as what they abbreviate. */
import type { Firmware } from "./elf.js";
import { type Decoded, decode, instructions } from "./instructions/index.js";
import { type SymbolTable, symbolTable } from "./symbols.js";

export const registerNames: readonly string[] =
  "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split(
    " ",
  );

/** Control registers that a GAP8 core has, besides the performance counters 0x780 to 0x79f. */
const csrNames: Readonly<Record<number, string>> = {
  ...{ 768: "mstatus", 769: "misa", 772: "mie", 773: "mtvec" },
  ...{ 832: "mscratch", 833: "mepc", 834: "mcause", 835: "mtval", 836: "mip" },
  ...{ 1952: "pcer", 1953: "pcmr", 1968: "lpstart0", 1969: "lpend0", 1970: "lpcount0" },
  ...{ 1972: "lpstart1", 1973: "lpend1", 1974: "lpcount1", 3088: "privlv" },
  ...{ 3857: "mvendorid", 3858: "marchid", 3859: "mimpid", 3860: "mhartid" },
};
const csrName = (n: number): string =>
  csrNames[n] ?? (n >= 0x780 && n <= 0x79f ? `pccr${n - 0x780}` : hex(n));

export interface DisassembledLine {
  readonly address: number;
  /** Bytes of the instruction, 2 or 4. */
  readonly size: 2 | 4;
  /** The instruction as a number; of two bytes where `size` is 2. */
  readonly raw: number;
  readonly text: string;
}

const hex = (n: number): string => `0x${(n >>> 0).toString(16)}`;
const reg = (n: number): string => registerNames[n]!;

/** An address, with its symbol where there is one. */
export type Describe = (address: number) => string | undefined;
const nowhere: Describe = () => undefined;

/** The instruction that begins with the four bytes `word`; those behind a compressed one do not matter. */
export function disassemble(word: number, address: number, describe: Describe = nowhere): DisassembledLine {
  const decoded = decode(word);
  const size = decoded?.size ?? ((word & 3) === 3 ? 4 : 2);
  const raw = size === 4 ? word >>> 0 : word & 0xffff;
  if (!decoded) return { address, size, raw, text: `.${size}byte ${hex(raw)}` };
  const { name } = instructions[decoded.op]!;
  const operands = operandsOf(decoded, (offset) => target(address, offset, describe));
  return { address, size, raw, text: operands === "" ? name : `${name} ${operands}` };
}

function target(address: number, offset: number, describe: Describe): string {
  const to = (address + offset) >>> 0;
  const symbol = describe(to);
  return symbol === undefined ? hex(to) : `${hex(to)} <${symbol}>`;
}

/** Operands in the order of the assembler; `at` names an address by its distance. */
function operandsOf(d: Decoded, at: (offset: number) => string): string {
  const { format } = instructions[d.op]!;
  const [rd, rs1, rs2, rs3] = [d.rd, d.rs1, d.rs2, d.rs3].map(reg) as [string, string, string, string];
  const base = format.endsWith("-post") ? `(${rs1}!)` : `(${rs1})`;
  switch (format) {
    case "r":
      return `${rd}, ${rs1}, ${rs2}`;
    case "unary":
      return `${rd}, ${rs1}`;
    case "i":
    case "uimm5":
    case "simd-s":
    case "simd-u":
      return `${rd}, ${rs1}, ${d.imm}`;
    case "field":
      return `${rd}, ${rs1}, ${d.imm}, ${d.imm2}`;
    case "shift":
      return `${rd}, ${rs1}, ${rs2}, ${d.imm}`;
    case "u":
      return `${rd}, ${hex(d.imm >>> 12)}`;
    case "j":
      return `${rd}, ${at(d.imm)}`;
    case "b":
      return `${rs1}, ${rs2}, ${at(d.imm)}`;
    case "bimm":
      return `${rs1}, ${d.imm2}, ${at(d.imm)}`;
    case "jalr":
    case "load":
    case "load-post":
      return `${rd}, ${d.imm}${base}`;
    case "load-reg":
    case "load-reg-post":
      return `${rd}, ${rs2}${base}`;
    case "store":
    case "store-post":
      return `${rs2}, ${d.imm}${base}`;
    case "store-reg":
    case "store-reg-post":
      return `${rs2}, ${rs3}${base}`;
    default:
      return controlOperands(d, at);
  }
}

/** Of hardware loops (`x0` is the inner one) and control registers. */
function controlOperands(d: Decoded, at: (offset: number) => string): string {
  const { format, name } = instructions[d.op]!;
  const loop = `x${d.imm2}`;
  switch (format) {
    case "loop-imm":
      return name === "lp.counti" ? `${loop}, ${d.imm}` : `${loop}, ${at(2 * d.imm)}`;
    case "loop-reg":
      return `${loop}, ${reg(d.rs1)}`;
    case "loop-setup":
      return `${loop}, ${reg(d.rs1)}, ${at(2 * d.imm)}`;
    case "loop-setupi":
      return `${loop}, ${d.rs3}, ${at(2 * d.imm)}`;
    case "csr":
      return `${reg(d.rd)}, ${csrName(d.imm)}, ${reg(d.rs1)}`;
    case "csri":
      return `${reg(d.rd)}, ${csrName(d.imm)}, ${d.imm2}`;
    default:
      return "";
  }
}

/** All instructions of a program, by address. Where nothing can be decoded, the bytes. */
export function* disassembleFirmware(
  firmware: Firmware,
  symbols: SymbolTable = symbolTable(firmware),
): Generator<DisassembledLine> {
  for (const { address, size } of firmware.code) {
    const segment = firmware.segments.find((s) => address >= s.address && address < s.address + s.size)!;
    const start = address - segment.address;
    const bytes = segment.data.subarray(start, start + size);
    const byte = (i: number) => bytes[i] ?? 0;
    for (let at = 0; at + 1 < bytes.length; ) {
      const word = byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
      const isCut = at + 4 > bytes.length && (word & 3) === 3;
      const line = disassemble(isCut ? 0 : word, address + at, symbols.describe);
      yield isCut ? { ...line, size: 2, raw: word & 0xffff, text: `.2byte ${hex(word & 0xffff)}` } : line;
      at += line.size;
    }
  }
}
