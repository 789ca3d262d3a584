/** Blocks of inline assembly in the mnemonics of pulsec_xpulp.h; every instruction takes 4 bytes. */

/** By its name in the calling convention: `t0`, `a1`, `s2`. */
export type Register = string;

type Three = (rd: Register, a: Register, b: Register) => string;
const three =
  (name: string): Three =>
  (rd, a, b) =>
    `${name} ${rd}, ${a}, ${b}`;
type Step = (value: Register, p: Register, step: number | Register) => string;

export const lw = (rd: Register, offset: number, p: Register) => `lw ${rd}, ${offset}(${p})`;
export const sw = (value: Register, offset: number, p: Register) => `sw ${value}, ${offset}(${p})`;
/** Any constant, in two instructions. */
export const li = (rd: Register, value: number) => [
  `lui ${rd}, %%hi(${value})`,
  `addi ${rd}, ${rd}, %%lo(${value})`,
];
export const addi = (rd: Register, a: Register, value: number) => `addi ${rd}, ${a}, ${value}`;
export const mv = (rd: Register, a: Register) => addi(rd, a, 0);
export const add = three("add");
export const mul = three("mul");
export const mulh = three("mulh");
export const sltu = three("sltu");
export const mac = three("p.mac");
export const max = three("p.max");
export const min = three("p.min");

const stepped =
  (name: string): Step =>
  (value, p, step) =>
    `${name}.post${typeof step === "number" ? "" : "r"} ${value}, ${p}, ${step}`;
/** Loads of what `p` points at; then p += step, a number or a register. */
export const lwPost = stepped("p.lw");
export const byteLoad = (signed: boolean): Step => stepped(signed ? "p.lb" : "p.lbu");
/** Stores of 1, 2 or 4 bytes; then p += step. */
export const storePost = (bytes: number): Step =>
  stepped(bytes === 4 ? "p.sw" : bytes === 2 ? "p.sh" : "p.sb");

/** Dot product of four bytes of x, signed or not, with four signed ones; `sdot` adds it to rd. */
export const dot = (signed: boolean): Three => three(signed ? "pv.dotsp.b" : "pv.dotusp.b");
export const sdot = (signed: boolean): Three => three(signed ? "pv.sdotsp.b" : "pv.sdotusp.b");
/** Lanes of four bytes. */
export const maxBytes = (signed: boolean): Three => three(signed ? "pv.max.b" : "pv.maxu.b");
/** (a + b) >> shift, arithmetic; `addShiftBy`: rd = (rd + a) >> b. */
export const addShift = (rd: Register, a: Register, b: Register, shift: number) =>
  `p.addN ${rd}, ${a}, ${b}, ${shift}`;
/** The same, logical. */
export const addLogical = (rd: Register, a: Register, b: Register, shift: number) =>
  `p.adduN ${rd}, ${a}, ${b}, ${shift}`;
export const addLogicalBy = three("p.adduNr");
export const addShiftBy = three("p.addNr");
/** Clamps to [-2^(n-1), 2^(n-1) - 1], or to [0, 2^(n-1) - 1]. */
export const clip = (rd: Register, a: Register, n: number) => `p.clip ${rd}, ${a}, ${n}`;
export const clipu = (rd: Register, a: Register, n: number) => `p.clipu ${rd}, ${a}, ${n}`;
/** Clamps to [-b - 1, b], or to [0, b]. */
export const clipBy = three("p.clipr");
export const clipuBy = three("p.clipur");
/** rd gets a and b in its bytes 1, 0 (`packLow`) or 3, 2 (`packHigh`). */
export const packLow = three("pv.packlo.b");
export const packHigh = three("pv.packhi.b");
/** Bytes of rd (0..3) and a (4..7) that the bytes of b name. */
export const shuffle2 = three("pv.shuffle2.b");

/** The loop of `body` (at least two instructions), `count` times, at least once; level 0 is the inner one. */
export function loop(level: 0 | 1, count: Register, body: readonly string[]): string[] {
  if (body.length < 2 || body.length > 2047) throw new Error(`a loop of ${body.length} instructions`);
  return [`lp.setup ${level}, ${count}, . + ${4 * body.length}`, ...body];
}

/** What a block may use besides a0, through which it gets its operands: gp, tp, sp and the frame pointer are others'. */
export const freeRegisters: readonly Register[] = [
  ...["t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5", "a6", "a7"],
  ...["s1", "ra", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11"],
];

/** An `__asm__` statement over free registers; a0 holds the address of the C array `operands`. */
export function block(lines: readonly string[], operands: string): string {
  const used = freeRegisters.filter((x) => lines.some((l) => new RegExp(`\\b${x}\\b`).test(l)));
  const text = lines.map((l) => `"${l}\\n"`);
  return `register const void *a0 __asm__("a0") = ${operands};
  __asm__ volatile(
    PULSEC_ASM_BEGIN
    ${text.join("\n    ")}
    PULSEC_ASM_END
    : "+r"(a0)
    :
    : ${[...used, "memory"].map((x) => `"${x}"`).join(", ")});`;
}
