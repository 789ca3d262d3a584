/* pulsec: rescaling to narrower types. y = clamp(((x * mul[c] + add[c]) >> shift[c]) + zero, lo, hi). */
#ifndef PULSEC_REQUANT_H
#define PULSEC_REQUANT_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type x_type, y_type;
  int outer, channels, inner; /* the channel axis with what lies before and after it */
  int mul_step, add_step;     /* 1: a constant per channel; 0: one for all */
  int shift;                  /* where there is no table of shifts */
  int zero;                   /* zero point of y */
  int64_t lo, hi;             /* the clamp, zero point taken off */
} pulsec_requant_shape;

/* For channels where x * mul and x * mul + add are proven to fit 32 bits. */
PULSEC_KERNEL void pulsec_requant32(const void *restrict x, const int32_t *restrict mul,
                                    const int32_t *restrict add, const uint8_t *restrict shifts,
                                    void *restrict y, const pulsec_requant_shape s) {
  int i = 0;
  for (int n = 0; n < s.outer; n++) {
    for (int c = 0; c < s.channels; c++) {
      const uint32_t m = (uint32_t)mul[c * s.mul_step];
      const uint32_t a = (uint32_t)add[c * s.add_step];
      const int shift = shifts ? shifts[c] : s.shift;
      for (int k = 0; k < s.inner; k++, i++) {
        const int32_t sum = pulsec_signed((uint32_t)pulsec_get(x, s.x_type, i) * m + a);
        const int32_t v = pulsec_clamp(pulsec_shr(sum, shift), (int32_t)s.lo, (int32_t)s.hi);
        pulsec_set(y, s.y_type, i, v + s.zero);
      }
    }
  }
}

PULSEC_KERNEL void pulsec_requant64(const void *restrict x, const int32_t *restrict mul,
                                    const int64_t *restrict add, const uint8_t *restrict shifts,
                                    void *restrict y, const pulsec_requant_shape s) {
  int i = 0;
  for (int n = 0; n < s.outer; n++) {
    for (int c = 0; c < s.channels; c++) {
      const int64_t m = mul[c * s.mul_step];
      const int64_t a = add[c * s.add_step];
      const int shift = shifts ? shifts[c] : s.shift;
      for (int k = 0; k < s.inner; k++, i++) {
        const int64_t v = pulsec_shr_wide(pulsec_get(x, s.x_type, i) * m + a, shift);
        pulsec_set(y, s.y_type, i, (int32_t)((v < s.lo ? s.lo : v > s.hi ? s.hi : v) + s.zero));
      }
    }
  }
}

#endif
