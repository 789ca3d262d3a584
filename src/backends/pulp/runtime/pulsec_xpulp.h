/*
 * pulsec: the Xpulpv2 instructions of GAP8 that kernels use, for compilers that do not know them.
 *
 * For RISC-V every instruction is an assembler macro with the mnemonic of the RI5CY user manual (`pv.sdotsp.b
 * rd, rs1, rs2`; post-increment loads and stores are `p.lw.post rd, rs1, increment`), and a C function or
 * macro below that executes it. The encodings are numbers, so that any assembler will do, that of stock gcc
 * and the vendor's. Elsewhere, and with PULSEC_PORTABLE, the same functions are plain C, which says what the
 * instruction computes.
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
#include "pulsec_xpulp_asm.h"

/*
 * Loops in assembler: `lp.setup l, count, end` repeats what follows, up to and including the instruction at
 * `end` (not behind it). Between these, and not a jump as the last instruction; l is 0 for the inner loop, 1
 * for the outer one.
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
/*
 * Lane i of the result is the lane of {d (0..3), a (4..7)} that byte i of s says; .h: {d (0, 1), a (2, 3)}.
 */
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
/*
 * Words wherever they lie: the core splits an access itself, where gcc for RISC-V would make four or a call.
 */
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
