/*
 * Positions of linear upsampling, in steps that need no division: output i lies at input position p_i / d,
 * whose weight to the next one is rounded to 2^-15. at_i = floor((p_i * 2^16 + d) / (2 * d)) holds both:
 * position * 2^15 + weight.
 */
#ifndef PULSEC_RESAMPLE_H
#define PULSEC_RESAMPLE_H
#include "pulsec_xpulp.h"

#ifdef PULSEC_XPULP
/* The product of the low halves, rounded and shifted. */
__asm__(".macro p.mulsRN d, a, b, i\n"
        " .4byte 0x5b | .Lpx_\\d << 7 | 4 << 12 | .Lpx_\\a << 15 | .Lpx_\\b << 20"
        " | (0x40 | (\\i)) << 25\n.endm\n");
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

/* Rows of int8_t, and of uint8_t. */
#define PULSEC_BLENDS(name) name##_i8
#define PULSEC_BLENDS_BYTE int8_t
#define PULSEC_BLENDS_DOT "pv.dotsp.b"
#define PULSEC_BLENDS_LOAD "p.lb.postr"
#include "pulsec_blend.h"
#define PULSEC_BLENDS(name) name##_u8
#define PULSEC_BLENDS_BYTE uint8_t
#define PULSEC_BLENDS_DOT "pv.dotusp.b"
#define PULSEC_BLENDS_LOAD "p.lbu.postr"
#include "pulsec_blend.h"
#endif
