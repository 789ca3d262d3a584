/** The record of an instruction, from which the decoder, the disassembler and both executions are made. */

/**
 * Where operands lie, and how they are written:
 * `r` rd,rs1,rs2; `unary` rd,rs1; `i` rd,rs1,imm12; `uimm5` rd,rs1,imm (rs2 field; shifts and clips);
 * `field` rd,rs1,imm (width - 1, bits 29:25),imm2 (offset, rs2 field); `shift` rd,rs1,rs2,imm (bits 29:25);
 * `simd-s` and `simd-u` rd,rs1,imm6 (bit 0 in bit 25, the rest in the rs2 field; signed or unsigned);
 * `u` rd,imm20; `j` rd,offset; `jalr` rd,imm(rs1); `b` rs1,rs2,offset; `bimm` rs1,imm2 (signed, rs2 field),offset;
 * `load` rd,imm(rs1); `load-reg` rd,rs2(rs1); `store` rs2,imm(rs1); `store-reg` rs2,rs3(rs1), rs3 in the rd field;
 * the four with `-post` write rs1 after the access and print as (rs1!);
 * `loop-imm` imm2 (loop),imm (unsigned); `loop-reg` imm2,rs1; `loop-setup` imm2,rs1,imm;
 * `loop-setupi` imm2 (loop),imm (end offset in halfwords, rs1 field),rs3 (count, 12 bit);
 * `csr` rd,imm,rs1; `csri` rd,imm,imm2 (rs1 field); `none` no operands.
 */
export type Format =
  | "r"
  | "unary"
  | "i"
  | "uimm5"
  | "field"
  | "shift"
  | "simd-s"
  | "simd-u"
  | "u"
  | "j"
  | "jalr"
  | "b"
  | "bimm"
  | "load"
  | "load-reg"
  | "load-post"
  | "load-reg-post"
  | "store"
  | "store-reg"
  | "store-post"
  | "store-reg-post"
  | "loop-imm"
  | "loop-reg"
  | "loop-setup"
  | "loop-setupi"
  | "csr"
  | "csri"
  | "none";

/** How an instruction is executed: `value` computes rd from `code`; the others move data or control. */
export type Kind =
  | "value"
  | "load"
  | "store"
  | "event"
  | "branch"
  | "jump"
  | "jump-register"
  | "loop"
  | "csr"
  | "fence"
  | "fence-i"
  | "ecall"
  | "ebreak"
  | "mret"
  | "wfi";

export interface Instruction {
  readonly name: string;
  readonly format: Format;
  readonly kind: Kind;
  /** An encoding belongs to the instruction when `(word & mask) === match`, as unsigned numbers. */
  readonly match: number;
  readonly mask: number;
  /**
   * JavaScript expression of the result (or, for branches, of the condition) over the signed 32-bit numbers `a` (rs1),
   * `b` (rs2), `d` (rd before), the constants `i` (imm), `j` (imm2), `pc`, and the functions of helpers.ts. It is
   * reduced to 32 bits when it is stored.
   */
  readonly code: string;
  /** rd is also a source. */
  readonly accumulates: boolean;
  /** Which timing class: see `CoreTiming`. */
  readonly timing: "plain" | "mul" | "mulh" | "div";
  /** Bytes of a memory access and whether the loaded value is sign-extended. */
  readonly size: 0 | 1 | 2 | 4;
  readonly signed: boolean;
}

/** A decoded instruction; fields that the format does not have are 0. `op` is its place in `instructions`. */
export interface Decoded {
  readonly op: number;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly imm: number;
  readonly imm2: number;
  /** 2 or 4 bytes. */
  readonly size: 2 | 4;
}

type Optional = Partial<Pick<Instruction, "accumulates" | "timing" | "size" | "signed">>;

/** An instruction with the fields that most do not set. */
export const instruction = (
  name: string,
  format: Format,
  kind: Kind,
  match: number,
  mask: number,
  code = "",
  more: Optional = {},
): Instruction => ({
  name,
  format,
  kind,
  match: match >>> 0,
  mask: mask >>> 0,
  code,
  accumulates: false,
  timing: "plain",
  size: 0,
  signed: false,
  ...more,
});

/** Match words and masks of the usual encodings. */
export const encode = (opcode: number, f3 = 0, f7 = 0, rs2 = 0): number =>
  (opcode | (f3 << 12) | (rs2 << 20) | (f7 << 25)) >>> 0;
export const maskOpcode = 0x7f;
export const maskF3 = 0x707f;
export const maskF7 = 0xfe00707f;
/** The rs2 field is fixed too. */
export const maskRs2 = 0xfff0707f;
