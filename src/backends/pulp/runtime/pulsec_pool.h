/* Pools. */
#ifndef PULSEC_POOL_H
#define PULSEC_POOL_H
#include "pulsec_xpulp.h"

/* Taps of a window of `kernel` positions that begins at `first` which lie in [0, size). */
PULSEC_INLINE int32_t pulsec_taps_inside(int32_t first, int32_t kernel, int32_t size) {
  return pulsec_min(kernel, size - first) - pulsec_max(0, -first);
}

/*
 * In assembler: sums[k] += x[k] over n pairs of pixels, and sum += the bytes of n pairs of words; `dot` is
 * for the sign.
 */
#ifdef PULSEC_XPULP
#define PULSEC_SUM_PAIRS(dot) \
  if (n >= 2) { \
    uint32_t u, v; \
    __asm__ volatile(PULSEC_ASM_BEGIN \
      "lp.setup 0, %[n], . + 40\n" \
      "p.lw.postr %[u], %[x], %[step]\n" \
      "p.lw.postr %[v], %[x], %[step]\n" \
      dot " %[s0], %[u], %[m0]\n" \
      dot " %[s1], %[u], %[m1]\n" \
      dot " %[s2], %[u], %[m2]\n" \
      dot " %[s3], %[u], %[m3]\n" \
      dot " %[s0], %[v], %[m0]\n" \
      dot " %[s1], %[v], %[m1]\n" \
      dot " %[s2], %[v], %[m2]\n" \
      dot " %[s3], %[v], %[m3]\n" \
      PULSEC_ASM_END \
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), \
        [s0] "+r"(s[0]), [s1] "+r"(s[1]), [s2] "+r"(s[2]), [s3] "+r"(s[3]) \
      : [n] "r"(n >> 1), [step] "r"(step), \
        [m0] "r"(1), [m1] "r"(1 << 8), [m2] "r"(1 << 16), [m3] "r"(1 << 24) \
      : "memory"); \
    n &= 1; \
  }
#define PULSEC_SUM_WORDS(dot) \
  if (n >= 8) { \
    uint32_t u, v; \
    __asm__ volatile(PULSEC_ASM_BEGIN \
      "lp.setup 0, %[n], . + 16\n" \
      "p.lw.post %[u], %[x], 4\n" \
      "p.lw.post %[v], %[x], 4\n" \
      dot " %[sum], %[u], %[ones]\n" \
      dot " %[sum], %[v], %[ones]\n" \
      PULSEC_ASM_END \
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), [sum] "+r"(sum) \
      : [n] "r"(n >> 3), [ones] "r"(0x01010101) : "memory"); \
    n &= 7; \
  }
#else
#define PULSEC_SUM_PAIRS(dot)
#define PULSEC_SUM_WORDS(dot)
#endif

/*
 * pulsec_sum_pixels: sums[k] = the sum of x[i * step + k] over i < n, of four channels of pixels.
 * pulsec_sum_row: the sum of n neighbours.
 */
#define PULSEC_SUMS(suffix, type, dot) \
  static inline void pulsec_sum_pixels_##suffix(const uint8_t *x, int32_t step, int32_t n, \
                                                int32_t sums[4]) { \
    uint32_t s[4] = {0, 0, 0, 0}; \
    PULSEC_SUM_PAIRS(dot) \
    for (; n > 0; n--, x += step) \
      for (int k = 0; k < 4; k++) s[k] += (uint32_t)(type)x[k]; \
    for (int k = 0; k < 4; k++) sums[k] = (int32_t)s[k]; \
  } \
  static inline int32_t pulsec_sum_row_##suffix(const uint8_t *x, int32_t n) { \
    uint32_t sum = 0; \
    PULSEC_SUM_WORDS(dot) \
    for (; n > 0; n--) sum += (uint32_t)(type)*x++; \
    return (int32_t)sum; \
  }
PULSEC_SUMS(i8, int8_t, "pv.sdotsp.b")
PULSEC_SUMS(u8, uint8_t, "pv.sdotusp.b")
#endif
