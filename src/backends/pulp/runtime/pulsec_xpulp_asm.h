/*
 * pulsec: the Xpulpv2 instructions as macros of the assembler. Every mnemonic of the RI5CY user manual that
 * kernels use puts its operands into the fields of one word: numbers, so that any assembler will do.
 */
#ifndef PULSEC_XPULP_ASM_H
#define PULSEC_XPULP_ASM_H

/* clang-format off */
/* Register numbers by name. */
__asm__(
  ".equ .Lpx_zero,0; .equ .Lpx_ra,1; .equ .Lpx_sp,2; .equ .Lpx_gp,3; .equ .Lpx_tp,4; .equ .Lpx_t0,5\n"
  ".equ .Lpx_t1,6; .equ .Lpx_t2,7; .equ .Lpx_s0,8; .equ .Lpx_s1,9; .equ .Lpx_a0,10; .equ .Lpx_a1,11\n"
  ".equ .Lpx_a2,12; .equ .Lpx_a3,13; .equ .Lpx_a4,14; .equ .Lpx_a5,15; .equ .Lpx_a6,16; .equ .Lpx_a7,17\n"
  ".equ .Lpx_s2,18; .equ .Lpx_s3,19; .equ .Lpx_s4,20; .equ .Lpx_s5,21; .equ .Lpx_s6,22; .equ .Lpx_s7,23\n"
  ".equ .Lpx_s8,24; .equ .Lpx_s9,25; .equ .Lpx_s10,26; .equ .Lpx_s11,27; .equ .Lpx_t3,28; .equ .Lpx_t4,29\n"
  ".equ .Lpx_t5,30; .equ .Lpx_t6,31\n");

/* Formats: a macro `name operands` that puts its operands into the fields of one word. */
#define PULSEC_X_MACRO(name, operands, word) ".macro " name " " operands "\n .4byte " word "\n.endm\n"
#define PULSEC_X_WORD(op, f3) #op " | " #f3 " << 12 | "
#define PULSEC_X_DA ".Lpx_\\d << 7 | .Lpx_\\a << 15 | "
#define PULSEC_X_R(name, op, f3, f7) \
  PULSEC_X_MACRO(name, "d, a, b", PULSEC_X_WORD(op, f3) PULSEC_X_DA ".Lpx_\\b << 20 | " #f7 " << 25")
#define PULSEC_X_R1(name, op, f3, f7) \
  PULSEC_X_MACRO(name, "d, a", PULSEC_X_WORD(op, f3) PULSEC_X_DA #f7 " << 25")
#define PULSEC_X_RI(name, op, f3, f7) \
  PULSEC_X_MACRO(name, "d, a, i", PULSEC_X_WORD(op, f3) PULSEC_X_DA "(\\i) << 20 | " #f7 " << 25")
#define PULSEC_X_FIELD(name, f3) \
  PULSEC_X_MACRO(name, "d, a, w, i", \
               PULSEC_X_WORD(0x33, f3) PULSEC_X_DA "(\\i) << 20 | (0x60 | ((\\w) - 1)) << 25")
#define PULSEC_X_SHIFTED(name, f3, f2) \
  PULSEC_X_MACRO(name, "d, a, b, i", \
               PULSEC_X_WORD(0x5b, f3) PULSEC_X_DA ".Lpx_\\b << 20 | (" #f2 " << 5 | (\\i)) << 25")
#define PULSEC_X_SIX_BITS(name, f3, f7) \
  PULSEC_X_MACRO(name, "d, a, i", \
               PULSEC_X_WORD(0x57, f3) PULSEC_X_DA "((\\i) >> 1 & 31) << 20 | (" #f7 " | ((\\i) & 1)) << 25")
#define PULSEC_X_LOAD(name, f3, f7) \
  PULSEC_X_MACRO("p.l" name ".post", "d, a, i", PULSEC_X_WORD(0x0b, f3) PULSEC_X_DA "((\\i) & 0xfff) << 20") \
  PULSEC_X_R("p.l" name ".postr", 0x0b, 7, f7)
#define PULSEC_X_STORED "\\a << 15 | .Lpx_\\d << 20 | "
#define PULSEC_X_STORE(name, f3, by_register) \
  PULSEC_X_MACRO("p.s" name ".post", "d, a, i", \
               PULSEC_X_WORD(0x2b, f3) ".Lpx_" PULSEC_X_STORED \
               "((\\i) & 31) << 7 | ((\\i) >> 5 & 127) << 25") \
  PULSEC_X_MACRO("p.s" name ".postr", "d, a, b", \
               PULSEC_X_WORD(0x2b, by_register) ".Lpx_" PULSEC_X_STORED ".Lpx_\\b << 7")
#define PULSEC_X_TWO(name, f7) PULSEC_X_R(name ".h", 0x57, 0, f7) PULSEC_X_R(name ".b", 0x57, 1, f7)
#define PULSEC_X_DOT(name, f7) \
  PULSEC_X_TWO(name, f7) PULSEC_X_R(name ".sc.h", 0x57, 4, f7) PULSEC_X_R(name ".sc.b", 0x57, 5, f7)
#define PULSEC_X_LANE(name, f7) \
  PULSEC_X_DOT(name, f7) PULSEC_X_SIX_BITS(name ".sci.h", 6, f7) PULSEC_X_SIX_BITS(name ".sci.b", 7, f7)
#define PULSEC_X_PICK(name, f7) PULSEC_X_SIX_BITS(name ".h", 6, f7) PULSEC_X_SIX_BITS(name ".b", 7, f7)
#define PULSEC_X_LOOP(name, f3, operands, field) \
  PULSEC_X_MACRO("lp." name, operands, PULSEC_X_WORD(0x7b, f3) "\\l << 7 | " field)
#define PULSEC_X_AT(place) "(((\\to) - .) / 2) << " #place

__asm__(
  PULSEC_X_LOAD("b", 0, 0x00) PULSEC_X_LOAD("h", 1, 0x08) PULSEC_X_LOAD("w", 2, 0x10)
  PULSEC_X_LOAD("bu", 4, 0x20) PULSEC_X_LOAD("hu", 5, 0x28)
  PULSEC_X_STORE("b", 0, 4) PULSEC_X_STORE("h", 1, 5) PULSEC_X_STORE("w", 2, 6)
  PULSEC_X_R("p.min", 0x33, 4, 0x02) PULSEC_X_R("p.minu", 0x33, 5, 0x02)
  PULSEC_X_R("p.max", 0x33, 6, 0x02) PULSEC_X_R("p.maxu", 0x33, 7, 0x02)
  PULSEC_X_R("p.clipr", 0x33, 5, 0x0a) PULSEC_X_R("p.clipur", 0x33, 6, 0x0a)
  PULSEC_X_RI("p.clip", 0x33, 1, 0x0a) PULSEC_X_RI("p.clipu", 0x33, 2, 0x0a)
  PULSEC_X_R("p.mac", 0x33, 0, 0x21) PULSEC_X_R("p.msu", 0x33, 1, 0x21) PULSEC_X_R("p.ror", 0x33, 5, 0x04)
  PULSEC_X_R1("p.abs", 0x33, 0, 0x02)
  PULSEC_X_R1("p.exths", 0x33, 4, 0x08) PULSEC_X_R1("p.exthz", 0x33, 5, 0x08)
  PULSEC_X_R1("p.extbs", 0x33, 6, 0x08) PULSEC_X_R1("p.extbz", 0x33, 7, 0x08)
  PULSEC_X_R1("p.ff1", 0x33, 0, 0x08) PULSEC_X_R1("p.fl1", 0x33, 1, 0x08) PULSEC_X_R1("p.clb", 0x33, 2, 0x08)
  PULSEC_X_FIELD("p.extract", 0) PULSEC_X_FIELD("p.extractu", 1) PULSEC_X_FIELD("p.insert", 2)
  PULSEC_X_FIELD("p.bclr", 3) PULSEC_X_FIELD("p.bset", 4)
  PULSEC_X_SHIFTED("p.addN", 2, 0) PULSEC_X_SHIFTED("p.adduN", 2, 2) PULSEC_X_SHIFTED("p.subN", 3, 0)
  PULSEC_X_SHIFTED("p.addRN", 6, 0) PULSEC_X_SHIFTED("p.adduRN", 6, 2) PULSEC_X_SHIFTED("p.subRN", 7, 0)
  PULSEC_X_SHIFTED("p.mulsN", 0, 2) PULSEC_X_SHIFTED("p.mulhhsN", 0, 3)
  PULSEC_X_SHIFTED("p.muluN", 0, 0) PULSEC_X_SHIFTED("p.mulhhuN", 0, 1)
  PULSEC_X_SHIFTED("p.macsN", 1, 2) PULSEC_X_SHIFTED("p.machhsN", 1, 3)
  PULSEC_X_SHIFTED("p.macuN", 1, 0) PULSEC_X_SHIFTED("p.machhuN", 1, 1)
  PULSEC_X_R("p.addNr", 0x5b, 2, 0x20) PULSEC_X_R("p.adduNr", 0x5b, 2, 0x60)
  PULSEC_X_R("p.addRNr", 0x5b, 6, 0x20) PULSEC_X_R("p.subNr", 0x5b, 3, 0x20));

__asm__(
  PULSEC_X_LANE("pv.add", 0x00) PULSEC_X_LANE("pv.sub", 0x04)
  PULSEC_X_LANE("pv.avg", 0x08) PULSEC_X_LANE("pv.avgu", 0x0c)
  PULSEC_X_LANE("pv.min", 0x10) PULSEC_X_LANE("pv.minu", 0x14)
  PULSEC_X_LANE("pv.max", 0x18) PULSEC_X_LANE("pv.maxu", 0x1c)
  PULSEC_X_LANE("pv.srl", 0x20) PULSEC_X_LANE("pv.sra", 0x24) PULSEC_X_LANE("pv.sll", 0x28)
  PULSEC_X_LANE("pv.or", 0x2c) PULSEC_X_LANE("pv.xor", 0x30) PULSEC_X_LANE("pv.and", 0x34)
  PULSEC_X_LANE("pv.cmpeq", 0x02) PULSEC_X_LANE("pv.cmpgt", 0x0a) PULSEC_X_LANE("pv.cmplt", 0x12)
  PULSEC_X_DOT("pv.dotup", 0x40) PULSEC_X_DOT("pv.dotusp", 0x44) PULSEC_X_DOT("pv.dotsp", 0x4c)
  PULSEC_X_DOT("pv.sdotup", 0x50) PULSEC_X_DOT("pv.sdotusp", 0x54) PULSEC_X_DOT("pv.sdotsp", 0x5c)
  PULSEC_X_R1("pv.abs.h", 0x57, 0, 0x38) PULSEC_X_R1("pv.abs.b", 0x57, 1, 0x38)
  PULSEC_X_PICK("pv.extract", 0x3c) PULSEC_X_PICK("pv.extractu", 0x48) PULSEC_X_PICK("pv.insert", 0x58)
  PULSEC_X_TWO("pv.shuffle", 0x60) PULSEC_X_TWO("pv.shuffle2", 0x64) PULSEC_X_R("pv.pack.h", 0x57, 0, 0x68)
  PULSEC_X_R("pv.packhi.b", 0x57, 1, 0x6c) PULSEC_X_R("pv.packlo.b", 0x57, 1, 0x70)
  PULSEC_X_LOOP("starti", 0, "l, to", PULSEC_X_AT(20)) PULSEC_X_LOOP("endi", 1, "l, to", PULSEC_X_AT(20))
  PULSEC_X_LOOP("count", 2, "l, a", ".Lpx_\\a << 15") PULSEC_X_LOOP("counti", 3, "l, i", "(\\i) << 20")
  PULSEC_X_LOOP("setup", 4, "l, a, to", ".Lpx_\\a << 15 | " PULSEC_X_AT(20))
  PULSEC_X_LOOP("setupi", 5, "l, i, to", "(\\i) << 20 | " PULSEC_X_AT(15)));
/* clang-format on */

#endif
