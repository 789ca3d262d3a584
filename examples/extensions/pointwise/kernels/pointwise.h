/* Convolution with kernel 1, on weights of 16 bits. */
#ifndef POINTWISE_H
#define POINTWISE_H

#include "pulsec_base.h"

/*
 * y[p, o] = b[o] + sum of (x[p, c] - zero) * w[o, c] over `positions` positions; b may be NULL.
 * Operands of 16 bits and sums of 32 are what compilers have dot-product instructions for.
 */
PULSEC_KERNEL void pointwise(const void *restrict x, const int16_t *restrict w,
                             const int32_t *restrict b, int32_t *restrict y, pulsec_type type,
                             int32_t zero, int positions, int in, int out) {
  for (int p = 0; p < positions; p++, y += out) {
    int16_t row[in];
    for (int c = 0; c < in; c++) row[c] = (int16_t)(pulsec_get(x, type, p * in + c) - zero);
    for (int o = 0; o < out; o++) {
      int32_t sum = b != NULL ? b[o] : 0;
      for (int c = 0; c < in; c++) sum += row[c] * w[o * in + c];
      y[o] = sum;
    }
  }
}

#endif
