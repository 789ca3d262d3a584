/*
 * pulsec: the Xpulpv2 instructions of GAP8 that kernels use, for compilers that do not know them.
 *
 * For RISC-V every instruction is an assembler macro with the mnemonic of the RI5CY user manual (`pv.sdotsp.b rd, rs1,
 * rs2`; post-increment loads and stores are `p.lw.post rd, rs1, increment`), and a C function or macro below that
 * executes it. The encodings are numbers, so that any assembler will do, that of stock gcc and the vendor's. Elsewhere,
 * and with PULSEC_PORTABLE, the same functions are plain C, which says what the instruction computes.
 *
 * Words of four bytes or two halves are uint32_t. `s` is signed, `u` unsigned, `us` unsigned by signed.
 */
#ifndef PULSEC_XPULP_H
#define PULSEC_XPULP_H

#include <stdint.h>
#include <string.h>

#if defined(__riscv) && !defined(PULSEC_PORTABLE)
#define PULSEC_XPULP 1
#endif

#define PULSEC_INLINE static inline __attribute__((always_inline, unused))

#ifdef PULSEC_XPULP
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
#define PULSEC_X_R1(name, op, f3, f7) PULSEC_X_MACRO(name, "d, a", PULSEC_X_WORD(op, f3) PULSEC_X_DA #f7 " << 25")
#define PULSEC_X_RI(name, op, f3, f7) \
  PULSEC_X_MACRO(name, "d, a, i", PULSEC_X_WORD(op, f3) PULSEC_X_DA "(\\i) << 20 | " #f7 " << 25")
#define PULSEC_X_FIELD(name, f3) \
  PULSEC_X_MACRO(name, "d, a, w, i", PULSEC_X_WORD(0x33, f3) PULSEC_X_DA "(\\i) << 20 | (0x60 | ((\\w) - 1)) << 25")
#define PULSEC_X_SHIFTED(name, f3, f2) \
  PULSEC_X_MACRO(name, "d, a, b, i", PULSEC_X_WORD(0x5b, f3) PULSEC_X_DA ".Lpx_\\b << 20 | (" #f2 " << 5 | (\\i)) << 25")
#define PULSEC_X_SIX_BITS(name, f3, f7) \
  PULSEC_X_MACRO(name, "d, a, i", \
               PULSEC_X_WORD(0x57, f3) PULSEC_X_DA "((\\i) >> 1 & 31) << 20 | (" #f7 " | ((\\i) & 1)) << 25")
#define PULSEC_X_LOAD(name, f3, f7) \
  PULSEC_X_MACRO("p.l" name ".post", "d, a, i", PULSEC_X_WORD(0x0b, f3) PULSEC_X_DA "((\\i) & 0xfff) << 20") \
  PULSEC_X_R("p.l" name ".postr", 0x0b, 7, f7)
#define PULSEC_X_STORED "\\a << 15 | .Lpx_\\d << 20 | "
#define PULSEC_X_STORE(name, f3, by_register) \
  PULSEC_X_MACRO("p.s" name ".post", "d, a, i", \
               PULSEC_X_WORD(0x2b, f3) ".Lpx_" PULSEC_X_STORED "((\\i) & 31) << 7 | ((\\i) >> 5 & 127) << 25") \
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

/*
 * Loops in assembler: `lp.setup l, count, end` repeats what follows, up to and including the instruction at `end` (not
 * behind it). Between these, and not a jump as the last instruction; l is 0 for the inner loop, 1 for the outer one.
 */
#define PULSEC_ASM_BEGIN ".option push\n.option norvc\n.option norelax\n"
#define PULSEC_ASM_END ".option pop\n"
#endif

/* How the C functions execute an instruction, or compute the same. */
#ifdef PULSEC_XPULP
#define PULSEC_ASM2(name, a, b) \
  ({ uint32_t d_; __asm__(name " %0, %1, %2" : "=r"(d_) : "r"(a), "r"(b)); d_; })
#define PULSEC_ASM1(name, a) ({ uint32_t d_; __asm__(name " %0, %1" : "=r"(d_) : "r"(a)); d_; })
#define PULSEC_ASM3(name, c, a, b) \
  ({ uint32_t d_ = (uint32_t)(c); __asm__(name " %0, %1, %2" : "+r"(d_) : "r"(a), "r"(b)); d_; })
#define PULSEC_OR(real, portable) real
#else
#define PULSEC_OR(real, portable) portable
#endif

/* ---- lanes ---- */
PULSEC_INLINE int32_t pulsec_sb(uint32_t v, int i) { return (int8_t)(v >> (8 * i)); }
PULSEC_INLINE uint32_t pulsec_ub(uint32_t v, int i) { return (uint8_t)(v >> (8 * i)); }
PULSEC_INLINE int32_t pulsec_sh(uint32_t v, int i) { return (int16_t)(v >> (16 * i)); }
PULSEC_INLINE uint32_t pulsec_uh(uint32_t v, int i) { return (uint16_t)(v >> (16 * i)); }
PULSEC_INLINE uint32_t pulsec_bytes(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return (a & 255) | (b & 255) << 8 | (c & 255) << 16 | (d & 255) << 24;
}
PULSEC_INLINE uint32_t pulsec_halves(uint32_t a, uint32_t b) { return (a & 65535) | (b & 65535) << 16; }
PULSEC_INLINE uint32_t pulsec_repeat_b(uint32_t v) { return (v & 255) * 0x01010101u; }
PULSEC_INLINE uint32_t pulsec_repeat_h(uint32_t v) { return (v & 65535) * 0x00010001u; }

/* floor(v / 2^s), and bits as a signed number, free of undefined behaviour. */
PULSEC_INLINE int32_t pulsec_sra(int32_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }
PULSEC_INLINE int64_t pulsec_sra_wide(int64_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }
PULSEC_INLINE int32_t pulsec_clamp(int32_t v, int32_t lo, int32_t hi) {
  return v < lo ? lo : v > hi ? hi : v;
}

/* Sums of products of lanes; the second of each pair adds to c. */
#define PULSEC_X_PRODUCT(x, y, lane, i) \
  ((uint32_t)pulsec_##x##lane(a, i) * (uint32_t)pulsec_##y##lane(b, i))
#define PULSEC_X_DOTS(kind, x, y) \
  PULSEC_INLINE uint32_t pulsec_dot##kind##_b(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv.dot" #kind ".b", a, b), \
                     PULSEC_X_PRODUCT(x, y, b, 0) + PULSEC_X_PRODUCT(x, y, b, 1) + \
                         PULSEC_X_PRODUCT(x, y, b, 2) + PULSEC_X_PRODUCT(x, y, b, 3)); \
  } \
  PULSEC_INLINE uint32_t pulsec_dot##kind##_h(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv.dot" #kind ".h", a, b), \
                     PULSEC_X_PRODUCT(x, y, h, 0) + PULSEC_X_PRODUCT(x, y, h, 1)); \
  } \
  PULSEC_INLINE uint32_t pulsec_sdot##kind##_b(uint32_t c, uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM3("pv.sdot" #kind ".b", c, a, b), c + pulsec_dot##kind##_b(a, b)); \
  } \
  PULSEC_INLINE uint32_t pulsec_sdot##kind##_h(uint32_t c, uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM3("pv.sdot" #kind ".h", c, a, b), c + pulsec_dot##kind##_h(a, b)); \
  }
PULSEC_X_DOTS(up, u, u)
PULSEC_X_DOTS(usp, u, s)
PULSEC_X_DOTS(sp, s, s)

/* The same operation on each lane, wrapping; shifts take their amount from the lanes of b. */
#define PULSEC_LANES(name, mnemonic, sign, op) \
  PULSEC_INLINE uint32_t pulsec_##name##_b(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv." mnemonic ".b", a, b), \
                     pulsec_bytes(op(pulsec_##sign##b(a, 0), pulsec_##sign##b(b, 0)), \
                                  op(pulsec_##sign##b(a, 1), pulsec_##sign##b(b, 1)), \
                                  op(pulsec_##sign##b(a, 2), pulsec_##sign##b(b, 2)), \
                                  op(pulsec_##sign##b(a, 3), pulsec_##sign##b(b, 3)))); \
  } \
  PULSEC_INLINE uint32_t pulsec_##name##_h(uint32_t a, uint32_t b) { \
    return PULSEC_OR(PULSEC_ASM2("pv." mnemonic ".h", a, b), \
                     pulsec_halves(op(pulsec_##sign##h(a, 0), pulsec_##sign##h(b, 0)), \
                                   op(pulsec_##sign##h(a, 1), pulsec_##sign##h(b, 1)))); \
  }
#define PULSEC_OP_ADD(x, y) ((uint32_t)(x) + (uint32_t)(y))
#define PULSEC_OP_SUB(x, y) ((uint32_t)(x) - (uint32_t)(y))
#define PULSEC_OP_MIN(x, y) ((uint32_t)((x) < (y) ? (x) : (y)))
#define PULSEC_OP_MAX(x, y) ((uint32_t)((x) > (y) ? (x) : (y)))
#define PULSEC_OP_SRL(x, y) ((uint32_t)(x) >> (y))
#define PULSEC_OP_SRA(x, y) ((uint32_t)pulsec_sra((x), (int)(y)))
#define PULSEC_OP_SLL(x, y) ((uint32_t)(x) << (y))
PULSEC_LANES(add, "add", u, PULSEC_OP_ADD)
PULSEC_LANES(sub, "sub", u, PULSEC_OP_SUB)
PULSEC_LANES(min, "min", s, PULSEC_OP_MIN)
PULSEC_LANES(max, "max", s, PULSEC_OP_MAX)
PULSEC_LANES(minu, "minu", u, PULSEC_OP_MIN)
PULSEC_LANES(maxu, "maxu", u, PULSEC_OP_MAX)
PULSEC_LANES(srl, "srl", u, PULSEC_OP_SRL)
PULSEC_LANES(sra, "sra", s, PULSEC_OP_SRA)
PULSEC_LANES(sll, "sll", u, PULSEC_OP_SLL)

/* ---- moving lanes ---- */
/* Lane i of the result is the lane of {d (0..3), a (4..7)} that byte i of s says; .h: {d (0, 1), a (2, 3)}. */
PULSEC_INLINE uint32_t pulsec_pick_b(uint32_t d, uint32_t a, uint32_t s) {
  return pulsec_ub(s & 4 ? a : d, (int)(s & 3));
}
PULSEC_INLINE uint32_t pulsec_pick_h(uint32_t d, uint32_t a, uint32_t s) {
  return pulsec_uh(s & 2 ? a : d, (int)(s & 1));
}
PULSEC_INLINE uint32_t pulsec_shuffle2_b(uint32_t d, uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM3("pv.shuffle2.b", d, a, s),
                   pulsec_bytes(pulsec_pick_b(d, a, s), pulsec_pick_b(d, a, s >> 8),
                                pulsec_pick_b(d, a, s >> 16), pulsec_pick_b(d, a, s >> 24)));
}
PULSEC_INLINE uint32_t pulsec_shuffle2_h(uint32_t d, uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM3("pv.shuffle2.h", d, a, s),
                   pulsec_halves(pulsec_pick_h(d, a, s), pulsec_pick_h(d, a, s >> 16)));
}
PULSEC_INLINE uint32_t pulsec_shuffle_b(uint32_t a, uint32_t s) {
  return PULSEC_OR(PULSEC_ASM2("pv.shuffle.b", a, s),
                   pulsec_bytes(pulsec_pick_b(a, a, s), pulsec_pick_b(a, a, s >> 8),
                                pulsec_pick_b(a, a, s >> 16), pulsec_pick_b(a, a, s >> 24)));
}
/* a becomes the upper half, b the lower. */
PULSEC_INLINE uint32_t pulsec_pack_h(uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM2("pv.pack.h", a, b), pulsec_halves(b, a));
}
/* Bytes 3 and 2 (hi) or 1 and 0 (lo) of d become the low bytes of a and b. */
PULSEC_INLINE uint32_t pulsec_packhi_b(uint32_t d, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.packhi.b", d, a, b), (d & 0xffff) | (b & 255) << 16 | (a & 255) << 24);
}
PULSEC_INLINE uint32_t pulsec_packlo_b(uint32_t d, uint32_t a, uint32_t b) {
  return PULSEC_OR(PULSEC_ASM3("pv.packlo.b", d, a, b), (d & 0xffff0000u) | (b & 255) | (a & 255) << 8);
}
/* Four bytes, the first lowest. */
PULSEC_INLINE uint32_t pulsec_pack4(int32_t a, int32_t b, int32_t c, int32_t d) {
#ifdef PULSEC_XPULP
  uint32_t v;
  __asm__("pv.packlo.b %0, %2, %1\n\tpv.packhi.b %0, %4, %3" : "=&r"(v) : "r"(a), "r"(b), "r"(c), "r"(d));
  return v;
#else
  return pulsec_bytes((uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d);
#endif
}

/* ---- scalars ---- */
PULSEC_INLINE int32_t pulsec_min(int32_t a, int32_t b) {
  return PULSEC_OR((int32_t)PULSEC_ASM2("p.min", a, b), a < b ? a : b);
}
PULSEC_INLINE int32_t pulsec_max(int32_t a, int32_t b) {
  return PULSEC_OR((int32_t)PULSEC_ASM2("p.max", a, b), a > b ? a : b);
}
/* c + a * b modulo 2^32. */
PULSEC_INLINE int32_t pulsec_mac(int32_t c, int32_t a, int32_t b) {
  return PULSEC_OR((int32_t)PULSEC_ASM3("p.mac", c, a, b),
                   (int32_t)((uint32_t)c + (uint32_t)a * (uint32_t)b));
}
/* Clamped to [-hi - 1, hi], and to [0, hi]. */
PULSEC_INLINE int32_t pulsec_clipr(int32_t a, int32_t hi) {
  return PULSEC_OR((int32_t)PULSEC_ASM2("p.clipr", a, hi), pulsec_clamp(a, -hi - 1, hi));
}
PULSEC_INLINE int32_t pulsec_clipur(int32_t a, int32_t hi) {
  return PULSEC_OR((int32_t)PULSEC_ASM2("p.clipur", a, hi), pulsec_clamp(a, 0, hi));
}
/* floor((a + b) / 2^s), the sum modulo 2^32; s is 0 to 31. */
PULSEC_INLINE int32_t pulsec_add_sra(int32_t a, int32_t b, int32_t s) {
#ifdef PULSEC_XPULP
  if (__builtin_constant_p(s)) {
    int32_t d;
    __asm__("p.addN %0, %1, %2, %3" : "=r"(d) : "r"(a), "r"(b), "i"(__builtin_constant_p(s) ? s & 31 : 0));
    return d;
  }
  return (int32_t)PULSEC_ASM3("p.addNr", a, b, s);
#else
  return pulsec_sra((int32_t)((uint32_t)a + (uint32_t)b), s);
#endif
}
/* p.clip and p.clipu count one bit more than their greatest result has. */
#define PULSEC_CLIP_BITS(hi) \
  (!__builtin_constant_p(hi) ? 0 : (hi) <= 0 ? 1 : 33 - __builtin_clz((unsigned)(hi)))
/* Clamped to [lo, hi]: one instruction where these are the ends of a format and known to the compiler. */
PULSEC_INLINE int32_t pulsec_clip(int32_t v, int32_t lo, int32_t hi) {
#ifdef PULSEC_XPULP
  /* No instruction has a field for the width of 32 bits. */
  if (__builtin_constant_p(hi) && hi == INT32_MAX)
    return __builtin_constant_p(lo) && lo == INT32_MIN ? v : pulsec_max(v, lo);
  if (__builtin_constant_p(lo) && __builtin_constant_p(hi) && lo == 0 && ((hi + 1) & hi) == 0) {
    int32_t d;
    __asm__("p.clipu %0, %1, %2" : "=r"(d) : "r"(v), "i"(PULSEC_CLIP_BITS(hi)));
    return d;
  }
  if (__builtin_constant_p(lo) && __builtin_constant_p(hi) && lo == -hi - 1 && ((hi + 1) & hi) == 0) {
    int32_t d;
    __asm__("p.clip %0, %1, %2" : "=r"(d) : "r"(v), "i"(PULSEC_CLIP_BITS(hi)));
    return d;
  }
  return pulsec_min(pulsec_max(v, lo), hi);
#else
  return pulsec_clamp(v, lo, hi);
#endif
}

/* ---- memory: loads and stores that move their pointer by `step` bytes, a constant ---- */
/* Words wherever they lie: the core splits an access itself, where gcc for RISC-V would make four or a call. */
typedef struct pulsec_word_at {
  uint32_t v;
} __attribute__((packed, may_alias)) pulsec_word_at;
PULSEC_INLINE uint32_t pulsec_lw(const void *p) {
#ifdef PULSEC_XPULP
  uint32_t v;
  __asm__("lw %0, %1" : "=r"(v) : "m"(*(const pulsec_word_at *)p));
  return v;
#else
  return ((const pulsec_word_at *)p)->v;
#endif
}
PULSEC_INLINE void pulsec_sw(void *p, uint32_t v) {
#ifdef PULSEC_XPULP
  __asm__("sw %1, %0" : "=m"(*(pulsec_word_at *)p) : "r"(v));
#else
  ((pulsec_word_at *)p)->v = v;
#endif
}
#ifdef PULSEC_XPULP
#define PULSEC_LOAD_POST(type, mnemonic, p, step) \
  ({ \
    uint32_t d_; \
    __asm__ volatile(mnemonic " %0, %1, %2" : "=&r"(d_), "+r"(p) : "i"(step) : "memory"); \
    (type)d_; \
  })
#define PULSEC_STORE_POST(type, mnemonic, p, v, step) \
  __asm__ volatile(mnemonic " %1, %0, %2" : "+r"(p) : "r"(v), "i"(step) : "memory")
#else
#define PULSEC_OBJECT(type, p) ((struct { type object; } __attribute__((packed, may_alias)) *)(uintptr_t)(p))
#define PULSEC_MOVE(p, step) ((p) = (__typeof__(p))((uintptr_t)(p) + (uintptr_t)(intptr_t)(step)))
#define PULSEC_LOAD_POST(type, mnemonic, p, step) \
  ({ type d_ = PULSEC_OBJECT(type, p)->object; PULSEC_MOVE(p, step); d_; })
#define PULSEC_STORE_POST(type, mnemonic, p, v, step) \
  do { \
    PULSEC_OBJECT(type, p)->object = (type)(v); \
    PULSEC_MOVE(p, step); \
  } while (0)
#endif
#define PULSEC_LW(p, step) PULSEC_LOAD_POST(uint32_t, "p.lw.post", p, step)
#define PULSEC_LH(p, step) PULSEC_LOAD_POST(int16_t, "p.lh.post", p, step)
#define PULSEC_LHU(p, step) PULSEC_LOAD_POST(uint16_t, "p.lhu.post", p, step)
#define PULSEC_LB(p, step) PULSEC_LOAD_POST(int8_t, "p.lb.post", p, step)
#define PULSEC_LBU(p, step) PULSEC_LOAD_POST(uint8_t, "p.lbu.post", p, step)
#define PULSEC_SW(p, v, step) PULSEC_STORE_POST(uint32_t, "p.sw.post", p, v, step)
#define PULSEC_SH(p, v, step) PULSEC_STORE_POST(uint16_t, "p.sh.post", p, v, step)
#define PULSEC_SB(p, v, step) PULSEC_STORE_POST(uint8_t, "p.sb.post", p, v, step)

#endif
