/*
 * Positions of linear upsampling, in steps that need no division: output i lies at input position p_i / d, whose weight
 * to the next one is rounded to 2^-15. at_i = floor((p_i * 2^16 + d) / (2 * d)) holds both: position * 2^15 + weight.
 */
#ifndef PULSEC_RESAMPLE_H
#define PULSEC_RESAMPLE_H
#include "pulsec_xpulp.h"

#ifdef PULSEC_XPULP
/* The product of the low halves, rounded and shifted. */
__asm__(".macro p.mulsRN d, a, b, i\n"
        " .4byte 0x5b | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20 | (0x40 | (\\i)) << 25\n.endm\n");
#endif

typedef struct pulsec_position {
  int32_t at;   /* position * 2^15 + weight, below 0 before the first */
  uint32_t rest; /* of the division by 2 * d */
} pulsec_position;

/* Where p / d lies; |p| + d is below 2^31, d below 2^15. */
PULSEC_INLINE pulsec_position pulsec_position_of(int32_t p, int32_t d) {
  const int32_t j = p >= 0 ? p / d : -((d - 1 - p) / d);
  const uint32_t n = (uint32_t)(p - j * d) * 65536u + (uint32_t)d, by = 2u * (uint32_t)d;
  const pulsec_position r = {j * 32768 + (int32_t)(n / by), n % by};
  return r;
}
/* The next position: p grows by step, of which step * 2^16 = whole * 2 * d + part. */
PULSEC_INLINE void pulsec_position_next(pulsec_position *r, int32_t whole, uint32_t part, uint32_t by) {
  r->at += whole;
  r->rest += part;
  if (r->rest >= by) {
    r->rest -= by;
    r->at++;
  }
}
/* a + (b - a) * weight / 2^15, rounded: the bits of a * (2^15 - weight) + b * weight + 2^14, shifted. */
PULSEC_INLINE int32_t pulsec_blend(int32_t a, int32_t b, int32_t weight) {
  return a + pulsec_sra((b - a) * weight + 16384, 15);
}

/* y[i] = a[i] and b[i] blended, i < n, of int8_t: 17 instructions for 4. */
static inline void pulsec_blend_i8(uint8_t *y, const uint8_t *a, const uint8_t *b, int32_t n, int32_t weight) {
#ifdef PULSEC_XPULP
  if (n >= 4) {
    uint32_t u, v, w, d0, d1, d2, d3;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 68\n"
      "p.lw.post %[u], %[a], 4\n"
      "p.lw.post %[v], %[b], 4\n"
      "addi %[w], %[u], 0\n"
      "pv.shuffle2.b %[w], %[v], %[first]\n"  /* a0 b0 a1 b1 */
      "pv.shuffle2.b %[v], %[u], %[second]\n" /* a2 b2 a3 b3 */
      "pv.dotsp.b %[d0], %[w], %[even]\n"
      "pv.dotsp.b %[d1], %[w], %[odd]\n"
      "pv.dotsp.b %[d2], %[v], %[even]\n"
      "pv.dotsp.b %[d3], %[v], %[odd]\n"
      "p.mulsRN %[d0], %[d0], %[weight], 15\n"
      "p.mulsRN %[d1], %[d1], %[weight], 15\n"
      "p.mulsRN %[d2], %[d2], %[weight], 15\n"
      "p.mulsRN %[d3], %[d3], %[weight], 15\n"
      "pv.packlo.b %[d0], %[d1], %[d0]\n"
      "pv.packhi.b %[d0], %[d3], %[d2]\n"
      "pv.add.b %[u], %[u], %[d0]\n"
      "p.sw.post %[u], %[y], 4\n"
      PULSEC_ASM_END
      : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w), [d0] "=&r"(d0), [d1] "=&r"(d1),
        [d2] "=&r"(d2), [d3] "=&r"(d3)
      : [n] "r"(n >> 2), [weight] "r"(weight), [first] "r"(0x05010400), [second] "r"(0x03070206), [even] "r"(0x000001ff),
        [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--) *y++ = (uint8_t)pulsec_blend((int8_t)*a++, (int8_t)*b++, weight);
}

/* y[i] = a[i] and b[i] blended, i < n, of uint8_t: 17 instructions for 4. */
static inline void pulsec_blend_u8(uint8_t *y, const uint8_t *a, const uint8_t *b, int32_t n, int32_t weight) {
#ifdef PULSEC_XPULP
  if (n >= 4) {
    uint32_t u, v, w, d0, d1, d2, d3;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 68\n"
      "p.lw.post %[u], %[a], 4\n"
      "p.lw.post %[v], %[b], 4\n"
      "addi %[w], %[u], 0\n"
      "pv.shuffle2.b %[w], %[v], %[first]\n"  /* a0 b0 a1 b1 */
      "pv.shuffle2.b %[v], %[u], %[second]\n" /* a2 b2 a3 b3 */
      "pv.dotusp.b %[d0], %[w], %[even]\n"
      "pv.dotusp.b %[d1], %[w], %[odd]\n"
      "pv.dotusp.b %[d2], %[v], %[even]\n"
      "pv.dotusp.b %[d3], %[v], %[odd]\n"
      "p.mulsRN %[d0], %[d0], %[weight], 15\n"
      "p.mulsRN %[d1], %[d1], %[weight], 15\n"
      "p.mulsRN %[d2], %[d2], %[weight], 15\n"
      "p.mulsRN %[d3], %[d3], %[weight], 15\n"
      "pv.packlo.b %[d0], %[d1], %[d0]\n"
      "pv.packhi.b %[d0], %[d3], %[d2]\n"
      "pv.add.b %[u], %[u], %[d0]\n"
      "p.sw.post %[u], %[y], 4\n"
      PULSEC_ASM_END
      : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w), [d0] "=&r"(d0), [d1] "=&r"(d1),
        [d2] "=&r"(d2), [d3] "=&r"(d3)
      : [n] "r"(n >> 2), [weight] "r"(weight), [first] "r"(0x05010400), [second] "r"(0x03070206), [even] "r"(0x000001ff),
        [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--) *y++ = (uint8_t)pulsec_blend((uint8_t)*a++, (uint8_t)*b++, weight);
}

/* The same for one element of each of n rows: y[i * ystep] = a[i * xstep] and b[i * xstep] blended. */
static inline void pulsec_blend_rows_i8(uint8_t *y, int32_t ystep, const uint8_t *a, const uint8_t *b, int32_t xstep,
                                         int32_t n, int32_t weight) {
#ifdef PULSEC_XPULP
  uint32_t u, v;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 24\n"
    "p.lb.postr %[u], %[a], %[xstep]\n"
    "p.lb.postr %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[v], %[v], %[weight], 15\n"
    "add %[u], %[u], %[v]\n"
    "p.sb.postr %[u], %[y], %[ystep]\n"
    PULSEC_ASM_END
    : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v)
    : [n] "r"(n), [weight] "r"(weight), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep) *y = (uint8_t)pulsec_blend((int8_t)*a, (int8_t)*b, weight);
#endif
}

/* The same for one element of each of n rows: y[i * ystep] = a[i * xstep] and b[i * xstep] blended. */
static inline void pulsec_blend_rows_u8(uint8_t *y, int32_t ystep, const uint8_t *a, const uint8_t *b, int32_t xstep,
                                         int32_t n, int32_t weight) {
#ifdef PULSEC_XPULP
  uint32_t u, v;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 24\n"
    "p.lbu.postr %[u], %[a], %[xstep]\n"
    "p.lbu.postr %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[v], %[v], %[weight], 15\n"
    "add %[u], %[u], %[v]\n"
    "p.sb.postr %[u], %[y], %[ystep]\n"
    PULSEC_ASM_END
    : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v)
    : [n] "r"(n), [weight] "r"(weight), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep) *y = (uint8_t)pulsec_blend((uint8_t)*a, (uint8_t)*b, weight);
#endif
}

/* The same for two results of the same a and b: 25 instructions for 8. */
static inline void pulsec_blend2_i8(uint8_t *y0, uint8_t *y1, const uint8_t *a, const uint8_t *b, int32_t n,
                                     int32_t weight0, int32_t weight1) {
#ifdef PULSEC_XPULP
  if (n >= 4) {
    uint32_t u, v, w, d0, d1, d2, d3, e0, e1, e2, e3;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 100\n"
      "p.lw.post %[u], %[a], 4\n"
      "p.lw.post %[v], %[b], 4\n"
      "addi %[w], %[u], 0\n"
      "pv.shuffle2.b %[w], %[v], %[first]\n"
      "pv.shuffle2.b %[v], %[u], %[second]\n"
      "pv.dotsp.b %[d0], %[w], %[even]\n"
      "pv.dotsp.b %[d1], %[w], %[odd]\n"
      "pv.dotsp.b %[d2], %[v], %[even]\n"
      "pv.dotsp.b %[d3], %[v], %[odd]\n"
      "p.mulsRN %[e0], %[d0], %[weight0], 15\n"
      "p.mulsRN %[e1], %[d1], %[weight0], 15\n"
      "p.mulsRN %[e2], %[d2], %[weight0], 15\n"
      "p.mulsRN %[e3], %[d3], %[weight0], 15\n"
      "p.mulsRN %[d0], %[d0], %[weight1], 15\n"
      "p.mulsRN %[d1], %[d1], %[weight1], 15\n"
      "p.mulsRN %[d2], %[d2], %[weight1], 15\n"
      "p.mulsRN %[d3], %[d3], %[weight1], 15\n"
      "pv.packlo.b %[e0], %[e1], %[e0]\n"
      "pv.packhi.b %[e0], %[e3], %[e2]\n"
      "pv.packlo.b %[d0], %[d1], %[d0]\n"
      "pv.packhi.b %[d0], %[d3], %[d2]\n"
      "pv.add.b %[e0], %[u], %[e0]\n"
      "pv.add.b %[d0], %[u], %[d0]\n"
      "p.sw.post %[e0], %[y0], 4\n"
      "p.sw.post %[d0], %[y1], 4\n"
      PULSEC_ASM_END
      : [y0] "+r"(y0), [y1] "+r"(y1), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w), [d0] "=&r"(d0),
        [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2), [e3] "=&r"(e3)
      : [n] "r"(n >> 2), [weight0] "r"(weight0), [weight1] "r"(weight1), [first] "r"(0x05010400), [second] "r"(0x03070206),
        [even] "r"(0x000001ff), [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--, a++, b++) {
    *y0++ = (uint8_t)pulsec_blend((int8_t)*a, (int8_t)*b, weight0);
    *y1++ = (uint8_t)pulsec_blend((int8_t)*a, (int8_t)*b, weight1);
  }
}

/* The same for two results of the same a and b: 25 instructions for 8. */
static inline void pulsec_blend2_u8(uint8_t *y0, uint8_t *y1, const uint8_t *a, const uint8_t *b, int32_t n,
                                     int32_t weight0, int32_t weight1) {
#ifdef PULSEC_XPULP
  if (n >= 4) {
    uint32_t u, v, w, d0, d1, d2, d3, e0, e1, e2, e3;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 100\n"
      "p.lw.post %[u], %[a], 4\n"
      "p.lw.post %[v], %[b], 4\n"
      "addi %[w], %[u], 0\n"
      "pv.shuffle2.b %[w], %[v], %[first]\n"
      "pv.shuffle2.b %[v], %[u], %[second]\n"
      "pv.dotusp.b %[d0], %[w], %[even]\n"
      "pv.dotusp.b %[d1], %[w], %[odd]\n"
      "pv.dotusp.b %[d2], %[v], %[even]\n"
      "pv.dotusp.b %[d3], %[v], %[odd]\n"
      "p.mulsRN %[e0], %[d0], %[weight0], 15\n"
      "p.mulsRN %[e1], %[d1], %[weight0], 15\n"
      "p.mulsRN %[e2], %[d2], %[weight0], 15\n"
      "p.mulsRN %[e3], %[d3], %[weight0], 15\n"
      "p.mulsRN %[d0], %[d0], %[weight1], 15\n"
      "p.mulsRN %[d1], %[d1], %[weight1], 15\n"
      "p.mulsRN %[d2], %[d2], %[weight1], 15\n"
      "p.mulsRN %[d3], %[d3], %[weight1], 15\n"
      "pv.packlo.b %[e0], %[e1], %[e0]\n"
      "pv.packhi.b %[e0], %[e3], %[e2]\n"
      "pv.packlo.b %[d0], %[d1], %[d0]\n"
      "pv.packhi.b %[d0], %[d3], %[d2]\n"
      "pv.add.b %[e0], %[u], %[e0]\n"
      "pv.add.b %[d0], %[u], %[d0]\n"
      "p.sw.post %[e0], %[y0], 4\n"
      "p.sw.post %[d0], %[y1], 4\n"
      PULSEC_ASM_END
      : [y0] "+r"(y0), [y1] "+r"(y1), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w), [d0] "=&r"(d0),
        [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2), [e3] "=&r"(e3)
      : [n] "r"(n >> 2), [weight0] "r"(weight0), [weight1] "r"(weight1), [first] "r"(0x05010400), [second] "r"(0x03070206),
        [even] "r"(0x000001ff), [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--, a++, b++) {
    *y0++ = (uint8_t)pulsec_blend((uint8_t)*a, (uint8_t)*b, weight0);
    *y1++ = (uint8_t)pulsec_blend((uint8_t)*a, (uint8_t)*b, weight1);
  }
}

/* The same for two neighbours y[0] and y[1] of each row. */
static inline void pulsec_blend2_rows_i8(uint8_t *y, int32_t ystep, const uint8_t *a, const uint8_t *b, int32_t xstep,
                                          int32_t n, int32_t weight0, int32_t weight1) {
#ifdef PULSEC_XPULP
  uint32_t u, v, w;
  y++;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 36\n"
    "p.lb.postr %[u], %[a], %[xstep]\n"
    "p.lb.postr %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[w], %[v], %[weight0], 15\n"
    "p.mulsRN %[v], %[v], %[weight1], 15\n"
    "add %[w], %[u], %[w]\n"
    "add %[v], %[u], %[v]\n"
    "sb %[w], -1(%[y1])\n"
    "p.sb.postr %[v], %[y1], %[ystep]\n"
    PULSEC_ASM_END
    : [y1] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w)
    : [n] "r"(n), [weight0] "r"(weight0), [weight1] "r"(weight1), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep) {
    y[0] = (uint8_t)pulsec_blend((int8_t)*a, (int8_t)*b, weight0);
    y[1] = (uint8_t)pulsec_blend((int8_t)*a, (int8_t)*b, weight1);
  }
#endif
}

/* The same for two neighbours y[0] and y[1] of each row. */
static inline void pulsec_blend2_rows_u8(uint8_t *y, int32_t ystep, const uint8_t *a, const uint8_t *b, int32_t xstep,
                                          int32_t n, int32_t weight0, int32_t weight1) {
#ifdef PULSEC_XPULP
  uint32_t u, v, w;
  y++;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 36\n"
    "p.lbu.postr %[u], %[a], %[xstep]\n"
    "p.lbu.postr %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[w], %[v], %[weight0], 15\n"
    "p.mulsRN %[v], %[v], %[weight1], 15\n"
    "add %[w], %[u], %[w]\n"
    "add %[v], %[u], %[v]\n"
    "sb %[w], -1(%[y1])\n"
    "p.sb.postr %[v], %[y1], %[ystep]\n"
    PULSEC_ASM_END
    : [y1] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w)
    : [n] "r"(n), [weight0] "r"(weight0), [weight1] "r"(weight1), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep) {
    y[0] = (uint8_t)pulsec_blend((uint8_t)*a, (uint8_t)*b, weight0);
    y[1] = (uint8_t)pulsec_blend((uint8_t)*a, (uint8_t)*b, weight1);
  }
#endif
}
#endif
