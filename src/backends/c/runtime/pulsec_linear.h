/* pulsec: products of matrices. */
#ifndef PULSEC_LINEAR_H
#define PULSEC_LINEAR_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type x_type, w_type;
  int zero; /* zero point of x */
  int rows, in, out;
} pulsec_linear_shape;

/* y[r, o] = b[o] + sum of (x[r, c] - zero) * w[o, c]. */
PULSEC_KERNEL void pulsec_linear(const void *restrict x, const void *restrict w, const int32_t *restrict b,
                                 int32_t *restrict y, const pulsec_linear_shape s) {
  for (int r = 0; r < s.rows; r++) {
    for (int o = 0; o < s.out; o++) {
      int32_t sum = b ? b[o] : 0;
      for (int c = 0; c < s.in; c++)
        sum += (pulsec_get(x, s.x_type, r * s.in + c) - s.zero) * pulsec_get(w, s.w_type, o * s.in + c);
      y[r * s.out + o] = sum;
    }
  }
}

typedef struct {
  pulsec_type a_type, b_type;
  int a_zero, b_zero;
  int batch, rows, inner, columns;
} pulsec_matmul_shape;

/* y[n, i, j] = sum over k of (a[n, i, k] - a_zero) * (b[n, k, j] - b_zero). */
PULSEC_KERNEL void pulsec_matmul(const void *restrict a, const void *restrict b, int32_t *restrict y,
                                 const pulsec_matmul_shape s) {
  for (int r = 0; r < s.batch * s.rows; r++) {
    const int first = r / s.rows * s.inner * s.columns;
    for (int j = 0; j < s.columns; j++) {
      int32_t sum = 0;
      for (int k = 0; k < s.inner; k++) {
        const int32_t left = pulsec_get(a, s.a_type, r * s.inner + k) - s.a_zero;
        sum += left * (pulsec_get(b, s.b_type, first + k * s.columns + j) - s.b_zero);
      }
      y[r * s.columns + j] = sum;
    }
  }
}

#endif
