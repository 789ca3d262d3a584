/** Scalar ALU and bit manipulation of Xpulpv2. */
import { encode, type Instruction, instruction, maskF7, maskRs2 } from "./types.js";

const r = (name: string, f3: number, f7: number, code: string, accumulates = false): Instruction =>
  instruction(name, "r", "value", encode(0x33, f3, f7), maskF7, code, { accumulates });
const unary = (name: string, f3: number, f7: number, code: string): Instruction =>
  instruction(name, "unary", "value", encode(0x33, f3, f7), maskRs2, code);
const clip = (name: string, f3: number, code: string): Instruction =>
  instruction(name, "uimm5", "value", encode(0x33, f3, 0x0a), maskF7, code);
/** Bits 31:30 are 11, bits 29:25 the width less one. */
const field = (name: string, f3: number, code: string, accumulates = false): Instruction =>
  instruction(name, "field", "value", encode(0x33, f3, 0x60), 0xc000707f, code, { accumulates });

/** The mask of a field of width i + 1 at offset j; the register forms take i and j from rs2. */
const mask = "(~(-2 << i) << j)";
const dynamic = (code: string): string =>
  code.replace(/\bi\b/g, "(b >> 5 & 31)").replace(/\bj\b/g, "(b & 31)");
const fields: readonly (readonly [string, string, boolean])[] = [
  ["extract", "a >>> j << 31 - i >> 31 - i", false],
  ["extractu", "a >>> j & ~(-2 << i)", false],
  ["insert", `d & ~${mask} | a << j & ${mask}`, true],
  ["bclr", `a & ~${mask}`, false],
  ["bset", `a | ${mask}`, false],
];

export const bits: readonly Instruction[] = [
  unary("p.abs", 0, 0x02, "a < 0 ? -a | 0 : a"),
  r("p.avgu", 1, 0x02, "(a + b | 0) >>> 1"),
  r("p.slet", 2, 0x02, "a <= b ? 1 : 0"),
  r("p.sletu", 3, 0x02, "a >>> 0 <= b >>> 0 ? 1 : 0"),
  r("p.min", 4, 0x02, "a < b ? a : b"),
  r("p.minu", 5, 0x02, "a >>> 0 < b >>> 0 ? a : b"),
  r("p.max", 6, 0x02, "a > b ? a : b"),
  r("p.maxu", 7, 0x02, "a >>> 0 > b >>> 0 ? a : b"),
  r("p.ror", 5, 0x04, "a >>> (b & 31) | a << (32 - (b & 31) & 31)"),
  unary("p.ff1", 0, 0x08, "a === 0 ? 32 : 31 - Math.clz32(a & -a)"),
  unary("p.fl1", 1, 0x08, "a === 0 ? 32 : 31 - Math.clz32(a)"),
  unary("p.clb", 2, 0x08, "a === 0 ? 0 : Math.clz32(a ^ a >> 31) - 1"),
  unary("p.cnt", 3, 0x08, "ones(a)"),
  unary("p.exths", 4, 0x08, "a << 16 >> 16"),
  unary("p.exthz", 5, 0x08, "a & 65535"),
  unary("p.extbs", 6, 0x08, "a << 24 >> 24"),
  unary("p.extbz", 7, 0x08, "a & 255"),
  clip("p.clip", 1, "i === 0 ? a >> 31 : clamp(a, -1 << i - 1, (1 << i - 1) - 1)"),
  clip("p.clipu", 2, "i === 0 ? 0 : clamp(a, 0, (1 << i - 1) - 1)"),
  r("p.clipr", 5, 0x0a, "clamp(a, ~b, b)"),
  r("p.clipur", 6, 0x0a, "clamp(a, 0, b)"),
  ...fields.flatMap(([name, code, accumulates], f3) => [
    field(`p.${name}`, f3, code, accumulates),
    r(`p.${name}r`, f3, 0x40, dynamic(code), accumulates),
  ]),
];
