/* Loops over words of bytes, in hardware loops where there are any. */
#ifndef PULSEC_WORDS_H
#define PULSEC_WORDS_H
#include "pulsec_xpulp.h"

/*
 * The position of [0, size) that position i shows: the nearest, or its mirror image in the first or the last.
 */
PULSEC_INLINE int32_t pulsec_edge(int32_t i, int32_t size) { return pulsec_max(0, pulsec_min(i, size - 1)); }
PULSEC_INLINE int32_t pulsec_reflect(int32_t i, int32_t size) {
  return i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
}

/* Bytes from x to y, both multiples of 4 where n is not small: 2 cycles per word. */
static inline void pulsec_copy(void *y, const void *x, int32_t n) {
#ifdef PULSEC_XPULP
  const int32_t pairs = n >> 3;
  if (pairs > 0) {
    uint32_t a, b;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 16\n"
      "p.lw.post %[a], %[x], 4\n"
      "p.lw.post %[b], %[x], 4\n"
      "p.sw.post %[a], %[y], 4\n"
      "p.sw.post %[b], %[y], 4\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [y] "+r"(y), [a] "=&r"(a), [b] "=&r"(b) : [n] "r"(pairs) : "memory");
  }
  if (n & 4) {
    const uint32_t v = PULSEC_LW(x, 4);
    PULSEC_SW(y, v, 4);
  }
  for (n &= 3; n > 0; n--) {
    const uint8_t v = PULSEC_LBU(x, 1);
    PULSEC_SB(y, v, 1);
  }
#else
  memcpy(y, x, (size_t)n);
#endif
}

/* y[i * ystep] = x[i * xstep] for i < n: one byte of each of n rows. */
static inline void pulsec_copy_rows(uint8_t *y, int32_t ystep, const uint8_t *x, int32_t xstep, int32_t n) {
#ifdef PULSEC_XPULP
  uint32_t v;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 8\n"
    "p.lbu.postr %[v], %[x], %[xstep]\n"
    "p.sb.postr %[v], %[y], %[ystep]\n"
    PULSEC_ASM_END
    : [x] "+r"(x), [y] "+r"(y), [v] "=&r"(v) : [n] "r"(n), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, x += xstep) *y = *x;
#endif
}
#endif
