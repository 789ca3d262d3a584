/* Instructions that xpulp.h leaves out, and operands for all: on RISC-V the instruction, elsewhere its definition. */
#ifndef XPULP_MORE_H
#define XPULP_MORE_H
#include "common.h"
#include "xpulp.h"

/* ---- operands ---- */
static __attribute__((noinline)) uint32_t operand(void) {
  static const uint32_t special[8] = { 0, 1, 0xffffffffu, 0x80000000u, 0x7fffffffu, 0x80808080u, 0x7f7f7f7fu, 0x80008000u };
  uint32_t r = draw(), k = draw();
  if (k % 8 == 0) return special[r % 8];
  if (k % 8 == 1) return (uint32_t)((int32_t)r >> (k >> 3) % 32);
  if (k % 8 == 2) return r >> (k >> 3) % 32;
  return r;
}
/* Width and offset of a bit field within 32 bits; the other bits of the register do not matter. */
static __attribute__((noinline)) uint32_t field(uint32_t b) {
  uint32_t width = ((b >> 5) & 31) + 1, offset = b & 31;
  return width + offset > 32 ? (b & ~31u) | (32 - width) : b;
}
#define POSITIVE(b) ((b) & 0x7fffffffu)

/* ---- scalar ---- */
#define MORE_AVGU(a, b) XP_SEL(XP_E3(0x33, 1, 0x02, a, b), ((uint32_t)(a) + (uint32_t)(b)) >> 1)
#define MORE_SUBUN(a, b, n) XP_SEL(XP_E3(0x5B, 3, 0x40 | (n), a, b), xpc_shn((uint32_t)(a) - (uint32_t)(b), n, 0, 0))
#define MORE_SUBURN(a, b, n) XP_SEL(XP_E3(0x5B, 7, 0x40 | (n), a, b), xpc_shn((uint32_t)(a) - (uint32_t)(b), n, 1, 0))
/* The shift stands in a register: rd = (rd + rs1) >> rs2[4:0]. */
#define MORE_ADDNR(d, a, b, r, u) XP_SEL(XP_E3A(0x5B, (r) ? 6 : 2, (u) ? 0x60 : 0x20, d, a, b), xpc_shn((uint32_t)(d) + (uint32_t)(a), (int)((b) & 31), r, !(u)))
#define MORE_SUBNR(d, a, b, r, u) XP_SEL(XP_E3A(0x5B, (r) ? 7 : 3, (u) ? 0x60 : 0x20, d, a, b), xpc_shn((uint32_t)(d) - (uint32_t)(a), (int)((b) & 31), r, !(u)))

/* ---- SIMD ---- */
#define MORE_DOT_SCI_B(n, f7, U, a, imm) XP_SEL(XP_E2I(0x57, 7, (f7) | ((imm) & 1), a, (imm) >> 1), xpc_dot##n##_b(a, XP_REPB(XP_SCI_VAL(imm, U))))
#define MORE_DOT_SCI_H(n, f7, U, a, imm) XP_SEL(XP_E2I(0x57, 6, (f7) | ((imm) & 1), a, (imm) >> 1), xpc_dot##n##_h(a, XP_REPH(XP_SCI_VAL(imm, U))))
#define MORE_SDOT_SCI_B(n, f7, U, d, a, imm) XP_SEL(XP_E2IA(0x57, 7, (f7) | ((imm) & 1), d, a, (imm) >> 1), (d) + xpc_dot##n##_b(a, XP_REPB(XP_SCI_VAL(imm, U))))
#define MORE_SDOT_SCI_H(n, f7, U, d, a, imm) XP_SEL(XP_E2IA(0x57, 6, (f7) | ((imm) & 1), d, a, (imm) >> 1), (d) + xpc_dot##n##_h(a, XP_REPH(XP_SCI_VAL(imm, U))))

/* ---- memory: `pool` at any alignment ---- */
static uint8_t pool[320];
#define PLACE(a) (pool + 16 + ((a) & 0xff))
#define POOL_HASH(r) hash(pool, sizeof pool, (uint32_t)(r))
#ifdef XP_ASM
#define MORE_LOAD_POST(T, f7, p, n) ({ uint32_t d_; __asm__ volatile(".insn r 0x0B, 7, %c2, %0, %1, %3" : "=&r"(d_), "+r"(p) : "i"(f7), "r"(n) : "memory"); d_; })
#define MORE_LOAD_AT(T, f7, p, n) ({ uint32_t d_; __asm__ volatile(".insn r 0x03, 7, %c2, %0, %1, %3" : "=&r"(d_), "+r"(p) : "i"(f7), "r"(n) : "memory"); d_; })
#define MORE_STORE_POST(T, f3, p, v, n) __asm__ volatile(".insn r 0x2B, %c2, 0, %3, %0, %1" : "+r"(p) : "r"(v), "i"(f3), "r"(n) : "memory")
#define MORE_STORE_AT(T, f3, p, v, n) __asm__ volatile(".insn r 0x23, %c2, 0, %3, %0, %1" : "+r"(p) : "r"(v), "i"(f3), "r"(n) : "memory")
#else
#define MORE_LOAD_POST(T, f7, p, n) XP_LDT_POST(T, p, (int32_t)(n))
#define MORE_LOAD_AT(T, f7, p, n) ({ T t_; __builtin_memcpy(&t_, (p) + (int32_t)(n), sizeof t_); t_; })
#define MORE_STORE_POST(T, f3, p, v, n) XP_STT_POST(T, p, v, (int32_t)(n))
#define MORE_STORE_AT(T, f3, p, v, n) ({ T t_ = (T)(v); __builtin_memcpy((p) + (int32_t)(n), &t_, sizeof t_); })
#endif
/* What a load gives, with where its pointer then stands. */
#define LOADED(load, a, ...) ({ uint8_t *p_ = PLACE(a); uint32_t r_ = (uint32_t)load(__VA_ARGS__); r_ * 31u + (uint32_t)(p_ - pool); })
#define STORED(store, a, ...) ({ uint8_t *p_ = PLACE(a); store(__VA_ARGS__); POOL_HASH(p_ - pool); })
/* Offsets in a register: -16..15. */
#define STEP(b) (((int32_t)((b) << 27)) >> 27)

/* ---- control ---- */
#ifdef XP_ASM
#define MORE_BRANCH(f3, a, imm) ({ uint32_t r_ = 1; __asm__(".insn sb 0x63, %c2, %1, x%c3, 1f\n li %0, 0\n1:" : "+r"(r_) : "r"(a), "i"(f3), "i"((imm) & 31)); r_; })
/* d = ((d + a) ^ b) * 3, n times */
#define BODY " add %0, %0, %[a]\n xor %0, %0, %[b]\n slli t0, %0, 1\n"
#define LAST "2: add %0, %0, t0\n"
#define ASM_LOOP(s, x, y, setup, ...) ({ uint32_t s_ = (s); __asm__ volatile(LP_OPEN ".balign 4\n" setup BODY LAST LP_CLOSE : "+&r"(s_) : [a] "r"(x), [b] "r"(y) __VA_ARGS__ : "t0", "memory"); s_; })
#define COUNT(c) , [n] "r"(c)
#define MORE_LOOP(L, s, x, y, c) ASM_LOOP(s, x, y, LPN(L, "XPR_%[n]", 1, 2), COUNT(c))
#define MORE_LOOPI(L, s, x, y, c) ASM_LOOP(s, x, y, LPSI(L, c, 1, 2))
#define MORE_LOOP_PARTS(L, s, x, y, c) ASM_LOOP(s, x, y, LPSTART(L, 1, 4) LPEND(L, 3, 2) LPCOUNT(L, XPR_%[n]) "4:", COUNT(c))
/* m times: the loop above n times, then one more */
#define MORE_NEST(s, x, y, c, o) ({ uint32_t s_ = (s); __asm__ volatile(LP_OPEN ".balign 4\n" LPN(1, "XPR_%[m]", 5, 6) LPN(0, "XPR_%[n]", 1, 2) BODY LAST " nop\n6: addi %0, %0, 1\n" LP_CLOSE \
  : "+&r"(s_) : [a] "r"(x), [b] "r"(y), [n] "r"(c), [m] "r"(o) : "t0", "memory"); s_; })
#else
#define MORE_BRANCH(f3, a, imm) ((uint32_t)((f3) == 2 ? (int32_t)(a) == (imm) : (int32_t)(a) != (imm)))
static inline uint32_t looped(uint32_t d, uint32_t a, uint32_t b, uint32_t n) {
  while (n--) d = ((d + a) ^ b) * 3;
  return d;
}
#define MORE_LOOP(L, d, a, b, n) looped(d, a, b, n)
#define MORE_LOOPI(L, d, a, b, n) looped(d, a, b, n)
#define MORE_LOOP_PARTS(L, d, a, b, n) looped(d, a, b, n)
#define MORE_NEST(d, a, b, n, m) ({ uint32_t s_ = (d); for (uint32_t i_ = 0; i_ < (m); i_++) s_ = looped(s_, a, b, n) + 1; s_; })
#endif
#endif
