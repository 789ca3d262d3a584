/** All instructions of a GAP8 core, and the decoder that is made from their table. */
import { base } from "./base.js";
import { bits } from "./bits.js";
import { expand } from "./compressed.js";
import { control } from "./control.js";
import { memory } from "./memory.js";
import { multiply } from "./multiply.js";
import { permute } from "./permute.js";
import { simd } from "./simd.js";
import type { Decoded, Format, Instruction } from "./types.js";

export type { Decoded, Format, Instruction, Kind } from "./types.js";

/** Every instruction; `Decoded.op` is the place in this list. */
export const instructions: readonly Instruction[] = [
  ...base,
  ...multiply,
  ...memory,
  ...control,
  ...bits,
  ...simd,
  ...permute,
];

/** Candidates by the seven opcode bits. */
const byOpcode: number[][] = Array.from({ length: 128 }, () => []);
for (const [op, entry] of instructions.entries()) byOpcode[entry.match & 127]!.push(op);

const bImm = (w: number): number =>
  ((w >> 31) << 12) | ((w << 4) & 0x800) | ((w >>> 20) & 0x7e0) | ((w >>> 7) & 0x1e);
const jImm = (w: number): number =>
  ((w >> 31) << 20) | (w & 0xff000) | ((w >>> 9) & 0x800) | ((w >>> 20) & 0x7fe);
const sImm = (w: number): number => ((w >> 25) << 5) | ((w >>> 7) & 31);
const simd6 = (w: number): number => ((w >>> 25) & 1) | ((w >>> 19) & 0x3e);

/** The field values of a format: imm, imm2. */
function immediates(format: Format, w: number): readonly [number, number] {
  const f20 = (w >>> 20) & 31;
  const f25 = (w >>> 25) & 31;
  const f15 = (w >>> 15) & 31;
  switch (format) {
    case "i":
    case "load":
    case "load-post":
    case "jalr":
      return [w >> 20, 0];
    case "store":
    case "store-post":
      return [sImm(w), 0];
    case "uimm5":
      return [f20, 0];
    case "field":
      return [f25, f20];
    case "shift":
      return [f25, 0];
    case "simd-s":
      return [(simd6(w) << 26) >> 26, 0];
    case "simd-u":
      return [simd6(w), 0];
    case "u":
      return [w & 0xfffff000, 0];
    case "j":
      return [jImm(w), 0];
    case "b":
      return [bImm(w), 0];
    case "bimm":
      return [bImm(w), (w << 7) >> 27];
    case "csr":
      return [w >>> 20, 0];
    case "csri":
      return [w >>> 20, f15];
    case "loop-imm":
    case "loop-setup":
      return [w >>> 20, (w >>> 7) & 1];
    case "loop-reg":
      return [0, (w >>> 7) & 1];
    case "loop-setupi":
      return [f15, (w >>> 7) & 1];
    default:
      return [0, 0];
  }
}

const withoutRd = new Set<Format>([
  "store",
  "store-post",
  "store-reg",
  "store-reg-post",
  "b",
  "bimm",
  "none",
]);
const withRs2 = new Set<Format>(["r", "shift", "b", "load-reg", "load-reg-post"]);
const withoutRs1 = new Set<Format>(["u", "j", "csri", "loop-imm", "loop-setupi", "none"]);
const isStore = (f: Format): boolean => f.startsWith("store");

function operands(op: number, w: number, size: 2 | 4): Decoded {
  const { format } = instructions[op]!;
  const [imm, imm2] = immediates(format, w);
  const rdField = (w >>> 7) & 31;
  const registerOffset = format === "store-reg" || format === "store-reg-post";
  return {
    op,
    rd: withoutRd.has(format) || format.startsWith("loop") ? 0 : rdField,
    rs1: withoutRs1.has(format) ? 0 : (w >>> 15) & 31,
    rs2: withRs2.has(format) || isStore(format) ? (w >>> 20) & 31 : 0,
    rs3: registerOffset ? rdField : format === "loop-setupi" ? w >>> 20 : 0,
    imm,
    imm2,
    size,
  };
}

/**
 * Decodes the instruction that begins with `word` (the next four bytes; a compressed one uses the low two). Undefined if
 * it is illegal.
 */
export function decode(word: number): Decoded | undefined {
  const compressed = (word & 3) !== 3;
  const w = (compressed ? expand(word) : word) | 0;
  if (w === 0) return undefined;
  for (const op of byOpcode[w & 127]!) {
    const entry = instructions[op]!;
    if ((w & entry.mask) >>> 0 === entry.match) return operands(op, w, compressed ? 2 : 4);
  }
  return undefined;
}

/** The registers that an instruction reads; x0 is left out. */
export function sources(d: Decoded): readonly number[] {
  const { format, accumulates } = instructions[d.op]!;
  const read = [d.rs1, d.rs2];
  if (isStore(format)) read.push(d.rs3);
  if (accumulates) read.push(d.rd);
  return [...new Set(read)].filter((r) => r !== 0);
}
