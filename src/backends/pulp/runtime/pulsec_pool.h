/* Pools. */
#ifndef PULSEC_POOL_H
#define PULSEC_POOL_H
#include "pulsec_xpulp.h"

/* Taps of a window of `kernel` positions that begins at `first` which lie in [0, size). */
PULSEC_INLINE int32_t pulsec_taps_inside(int32_t first, int32_t kernel, int32_t size) {
  return pulsec_min(kernel, size - first) - pulsec_max(0, -first);
}

/* sums[k] = the sum of x[i * step + k] over i < n, of int8_t: four channels of pixels. */
static inline void pulsec_sum_pixels_i8(const uint8_t *x, int32_t step, int32_t n, int32_t sums[4]) {
  uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#ifdef PULSEC_XPULP
  if (n >= 2) {
    uint32_t u, v;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 40\n"
      "p.lw.postr %[u], %[x], %[step]\n"
      "p.lw.postr %[v], %[x], %[step]\n"
      "pv.sdotsp.b %[s0], %[u], %[m0]\n"
      "pv.sdotsp.b %[s1], %[u], %[m1]\n"
      "pv.sdotsp.b %[s2], %[u], %[m2]\n"
      "pv.sdotsp.b %[s3], %[u], %[m3]\n"
      "pv.sdotsp.b %[s0], %[v], %[m0]\n"
      "pv.sdotsp.b %[s1], %[v], %[m1]\n"
      "pv.sdotsp.b %[s2], %[v], %[m2]\n"
      "pv.sdotsp.b %[s3], %[v], %[m3]\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3)
      : [n] "r"(n >> 1), [step] "r"(step), [m0] "r"(1), [m1] "r"(1 << 8), [m2] "r"(1 << 16), [m3] "r"(1 << 24)
      : "memory");
    n &= 1;
  }
#endif
  for (; n > 0; n--, x += step) {
    s0 += (uint32_t)(int8_t)x[0];
    s1 += (uint32_t)(int8_t)x[1];
    s2 += (uint32_t)(int8_t)x[2];
    s3 += (uint32_t)(int8_t)x[3];
  }
  sums[0] = (int32_t)s0;
  sums[1] = (int32_t)s1;
  sums[2] = (int32_t)s2;
  sums[3] = (int32_t)s3;
}

/* The sum of n neighbours, of int8_t. */
static inline int32_t pulsec_sum_row_i8(const uint8_t *x, int32_t n) {
  uint32_t sum = 0;
#ifdef PULSEC_XPULP
  if (n >= 8) {
    uint32_t u, v;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 16\n"
      "p.lw.post %[u], %[x], 4\n"
      "p.lw.post %[v], %[x], 4\n"
      "pv.sdotsp.b %[sum], %[u], %[ones]\n"
      "pv.sdotsp.b %[sum], %[v], %[ones]\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), [sum] "+r"(sum) : [n] "r"(n >> 3), [ones] "r"(0x01010101) : "memory");
    n &= 7;
  }
#endif
  for (; n > 0; n--) sum += (uint32_t)(int8_t)*x++;
  return (int32_t)sum;
}

/* sums[k] = the sum of x[i * step + k] over i < n, of uint8_t: four channels of pixels. */
static inline void pulsec_sum_pixels_u8(const uint8_t *x, int32_t step, int32_t n, int32_t sums[4]) {
  uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#ifdef PULSEC_XPULP
  if (n >= 2) {
    uint32_t u, v;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 40\n"
      "p.lw.postr %[u], %[x], %[step]\n"
      "p.lw.postr %[v], %[x], %[step]\n"
      "pv.sdotusp.b %[s0], %[u], %[m0]\n"
      "pv.sdotusp.b %[s1], %[u], %[m1]\n"
      "pv.sdotusp.b %[s2], %[u], %[m2]\n"
      "pv.sdotusp.b %[s3], %[u], %[m3]\n"
      "pv.sdotusp.b %[s0], %[v], %[m0]\n"
      "pv.sdotusp.b %[s1], %[v], %[m1]\n"
      "pv.sdotusp.b %[s2], %[v], %[m2]\n"
      "pv.sdotusp.b %[s3], %[v], %[m3]\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3)
      : [n] "r"(n >> 1), [step] "r"(step), [m0] "r"(1), [m1] "r"(1 << 8), [m2] "r"(1 << 16), [m3] "r"(1 << 24)
      : "memory");
    n &= 1;
  }
#endif
  for (; n > 0; n--, x += step) {
    s0 += (uint32_t)(uint8_t)x[0];
    s1 += (uint32_t)(uint8_t)x[1];
    s2 += (uint32_t)(uint8_t)x[2];
    s3 += (uint32_t)(uint8_t)x[3];
  }
  sums[0] = (int32_t)s0;
  sums[1] = (int32_t)s1;
  sums[2] = (int32_t)s2;
  sums[3] = (int32_t)s3;
}

/* The sum of n neighbours, of uint8_t. */
static inline int32_t pulsec_sum_row_u8(const uint8_t *x, int32_t n) {
  uint32_t sum = 0;
#ifdef PULSEC_XPULP
  if (n >= 8) {
    uint32_t u, v;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 16\n"
      "p.lw.post %[u], %[x], 4\n"
      "p.lw.post %[v], %[x], 4\n"
      "pv.sdotusp.b %[sum], %[u], %[ones]\n"
      "pv.sdotusp.b %[sum], %[v], %[ones]\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [u] "=&r"(u), [v] "=&r"(v), [sum] "+r"(sum) : [n] "r"(n >> 3), [ones] "r"(0x01010101) : "memory");
    n &= 7;
  }
#endif
  for (; n > 0; n--) sum += (uint32_t)(uint8_t)*x++;
  return (int32_t)sum;
}
#endif
