/* Four channels of channels-last bytes become four planes. */
#ifndef PULSEC_TRANSPOSE_H
#define PULSEC_TRANSPOSE_H
#include "pulsec_xpulp.h"

/*
 * y[k * plane + i] = x[i * pitch + k] for i < count, k < 4. y and plane are multiples of 4. Blocks of four
 * positions: 4 loads, 10 moves, 4 stores for 16 bytes.
 */
static inline void pulsec_transpose4(const uint8_t *x, int32_t pitch, uint8_t *y, int32_t plane,
                                     int32_t count) {
  int32_t i = 0;
#ifdef PULSEC_XPULP
  if (count >= 4) {
    uint8_t *y1 = y + plane, *y2 = y1 + plane, *y3 = y2 + plane;
    uint32_t a, b, c, d, e, f;
    __asm__ volatile(PULSEC_ASM_BEGIN
      "lp.setup 0, %[n], . + 72\n"
      "p.lw.postr %[a], %[x], %[pitch]\n"
      "p.lw.postr %[b], %[x], %[pitch]\n"
      "p.lw.postr %[c], %[x], %[pitch]\n"
      "p.lw.postr %[d], %[x], %[pitch]\n"
      "addi %[e], %[a], 0\n"
      "addi %[f], %[c], 0\n"
      "pv.shuffle2.b %[a], %[b], %[first]\n"  /* a0 b0 a1 b1 */
      "pv.shuffle2.b %[b], %[e], %[second]\n" /* a2 b2 a3 b3 */
      "pv.shuffle2.b %[c], %[d], %[first]\n"
      "pv.shuffle2.b %[d], %[f], %[second]\n"
      "pv.pack.h %[e], %[c], %[a]\n"
      "pv.pack.h %[f], %[d], %[b]\n"
      "pv.shuffle2.h %[a], %[c], %[upper]\n"
      "pv.shuffle2.h %[b], %[d], %[upper]\n"
      "p.sw.post %[e], %[y], 4\n"
      "p.sw.post %[a], %[y1], 4\n"
      "p.sw.post %[f], %[y2], 4\n"
      "p.sw.post %[b], %[y3], 4\n"
      PULSEC_ASM_END
      : [x] "+r"(x), [y] "+r"(y), [y1] "+r"(y1), [y2] "+r"(y2), [y3] "+r"(y3), [a] "=&r"(a), [b] "=&r"(b),
        [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)
      : [n] "r"(count >> 2), [pitch] "r"(pitch), [first] "r"(0x05010400), [second] "r"(0x03070206),
        [upper] "r"(0x00030001)
      : "memory");
    i = count & ~3;
  }
#endif
  for (; i < count; i++, x += pitch, y++)
    for (int k = 0; k < 4; k++) y[k * plane] = x[k];
}
#endif
