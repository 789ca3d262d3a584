/*
 * Rows of bytes blended. pulsec_resample.h includes this once for each sign, with the sign's
 * PULSEC_BLENDS(name), PULSEC_BLENDS_BYTE, and instructions PULSEC_BLENDS_DOT and PULSEC_BLENDS_LOAD.
 * Elsewhere it says nothing.
 */
#ifdef PULSEC_BLENDS

/* y[i] = a[i] and b[i] blended, i < n: 17 instructions for 4. */
static inline void PULSEC_BLENDS(pulsec_blend)(uint8_t *y, const uint8_t *a, const uint8_t *b, int32_t n,
                                               int32_t weight) {
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
      PULSEC_BLENDS_DOT " %[d0], %[w], %[even]\n"
      PULSEC_BLENDS_DOT " %[d1], %[w], %[odd]\n"
      PULSEC_BLENDS_DOT " %[d2], %[v], %[even]\n"
      PULSEC_BLENDS_DOT " %[d3], %[v], %[odd]\n"
      "p.mulsRN %[d0], %[d0], %[weight], 15\n"
      "p.mulsRN %[d1], %[d1], %[weight], 15\n"
      "p.mulsRN %[d2], %[d2], %[weight], 15\n"
      "p.mulsRN %[d3], %[d3], %[weight], 15\n"
      "pv.packlo.b %[d0], %[d1], %[d0]\n"
      "pv.packhi.b %[d0], %[d3], %[d2]\n"
      "pv.add.b %[u], %[u], %[d0]\n"
      "p.sw.post %[u], %[y], 4\n"
      PULSEC_ASM_END
      : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w),
        [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3)
      : [n] "r"(n >> 2), [weight] "r"(weight), [first] "r"(0x05010400), [second] "r"(0x03070206),
        [even] "r"(0x000001ff), [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--)
    *y++ = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a++, (PULSEC_BLENDS_BYTE)*b++, weight);
}

/* The same for one element of each of n rows: y[i * ystep] = a[i * xstep] and b[i * xstep] blended. */
static inline void PULSEC_BLENDS(pulsec_blend_rows)(uint8_t *y, int32_t ystep, const uint8_t *a,
                                                    const uint8_t *b, int32_t xstep, int32_t n, int32_t weight) {
#ifdef PULSEC_XPULP
  uint32_t u, v;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 24\n"
    PULSEC_BLENDS_LOAD " %[u], %[a], %[xstep]\n"
    PULSEC_BLENDS_LOAD " %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[v], %[v], %[weight], 15\n"
    "add %[u], %[u], %[v]\n"
    "p.sb.postr %[u], %[y], %[ystep]\n"
    PULSEC_ASM_END
    : [y] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v)
    : [n] "r"(n), [weight] "r"(weight), [xstep] "r"(xstep), [ystep] "r"(ystep) : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep)
    *y = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a, (PULSEC_BLENDS_BYTE)*b, weight);
#endif
}

/* The same for two results of the same a and b: 25 instructions for 8. */
static inline void PULSEC_BLENDS(pulsec_blend2)(uint8_t *y0, uint8_t *y1, const uint8_t *a, const uint8_t *b,
                                                int32_t n, int32_t weight0, int32_t weight1) {
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
      PULSEC_BLENDS_DOT " %[d0], %[w], %[even]\n"
      PULSEC_BLENDS_DOT " %[d1], %[w], %[odd]\n"
      PULSEC_BLENDS_DOT " %[d2], %[v], %[even]\n"
      PULSEC_BLENDS_DOT " %[d3], %[v], %[odd]\n"
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
      : [y0] "+r"(y0), [y1] "+r"(y1), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w),
        [d0] "=&r"(d0), [d1] "=&r"(d1), [d2] "=&r"(d2), [d3] "=&r"(d3),
        [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2), [e3] "=&r"(e3)
      : [n] "r"(n >> 2), [weight0] "r"(weight0), [weight1] "r"(weight1), [first] "r"(0x05010400),
        [second] "r"(0x03070206), [even] "r"(0x000001ff), [odd] "r"(0x01ff0000)
      : "memory");
    n &= 3;
  }
#endif
  for (; n > 0; n--, a++, b++) {
    *y0++ = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a, (PULSEC_BLENDS_BYTE)*b, weight0);
    *y1++ = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a, (PULSEC_BLENDS_BYTE)*b, weight1);
  }
}

/* The same for two neighbours y[0] and y[1] of each row. */
static inline void PULSEC_BLENDS(pulsec_blend2_rows)(uint8_t *y, int32_t ystep, const uint8_t *a,
                                                     const uint8_t *b, int32_t xstep, int32_t n,
                                                     int32_t weight0, int32_t weight1) {
#ifdef PULSEC_XPULP
  uint32_t u, v, w;
  y++;
  __asm__ volatile(PULSEC_ASM_BEGIN
    "lp.setup 0, %[n], . + 36\n"
    PULSEC_BLENDS_LOAD " %[u], %[a], %[xstep]\n"
    PULSEC_BLENDS_LOAD " %[v], %[b], %[xstep]\n"
    "sub %[v], %[v], %[u]\n"
    "p.mulsRN %[w], %[v], %[weight0], 15\n"
    "p.mulsRN %[v], %[v], %[weight1], 15\n"
    "add %[w], %[u], %[w]\n"
    "add %[v], %[u], %[v]\n"
    "sb %[w], -1(%[y1])\n"
    "p.sb.postr %[v], %[y1], %[ystep]\n"
    PULSEC_ASM_END
    : [y1] "+r"(y), [a] "+r"(a), [b] "+r"(b), [u] "=&r"(u), [v] "=&r"(v), [w] "=&r"(w)
    : [n] "r"(n), [weight0] "r"(weight0), [weight1] "r"(weight1), [xstep] "r"(xstep), [ystep] "r"(ystep)
    : "memory");
#else
  for (; n > 0; n--, y += ystep, a += xstep, b += xstep) {
    y[0] = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a, (PULSEC_BLENDS_BYTE)*b, weight0);
    y[1] = (uint8_t)pulsec_blend((PULSEC_BLENDS_BYTE)*a, (PULSEC_BLENDS_BYTE)*b, weight1);
  }
#endif
}

#undef PULSEC_BLENDS
#undef PULSEC_BLENDS_BYTE
#undef PULSEC_BLENDS_DOT
#undef PULSEC_BLENDS_LOAD
#endif
