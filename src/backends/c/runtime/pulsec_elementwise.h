/* pulsec: element by element, with broadcasting where two tensors meet. */
#ifndef PULSEC_ELEMENTWISE_H
#define PULSEC_ELEMENTWISE_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type a_type, b_type;
  int32_t a_zero, b_zero;
  int32_t a_mul, b_mul; /* of pulsec_add */
  int rank, rows, size[PULSEC_RANK];
  int a_step[PULSEC_RANK], b_step[PULSEC_RANK]; /* 0 along broadcast dimensions */
} pulsec_binary_shape;

/* y = (a - a_zero) * a_mul + (b - b_zero) * b_mul. */
PULSEC_KERNEL void pulsec_add(const void *restrict a, const void *restrict b, int32_t *restrict y,
                              const pulsec_binary_shape s) {
  const int last = s.rank - 1;
  for (int r = 0; r < s.rows; r++) {
    const int left = pulsec_row(r, s.rank, s.size, s.a_step);
    const int right = pulsec_row(r, s.rank, s.size, s.b_step);
    for (int i = 0; i < s.size[last]; i++) {
      const uint32_t p = (uint32_t)pulsec_get(a, s.a_type, left + i * s.a_step[last]) - (uint32_t)s.a_zero;
      const uint32_t q = (uint32_t)pulsec_get(b, s.b_type, right + i * s.b_step[last]) - (uint32_t)s.b_zero;
      *y++ = pulsec_signed(p * (uint32_t)s.a_mul + q * (uint32_t)s.b_mul);
    }
  }
}

/* y = (a - a_zero) * (b - b_zero). */
PULSEC_KERNEL void pulsec_mul(const void *restrict a, const void *restrict b, int32_t *restrict y,
                              const pulsec_binary_shape s) {
  const int last = s.rank - 1;
  for (int r = 0; r < s.rows; r++) {
    const int left = pulsec_row(r, s.rank, s.size, s.a_step);
    const int right = pulsec_row(r, s.rank, s.size, s.b_step);
    for (int i = 0; i < s.size[last]; i++) {
      const uint32_t p = (uint32_t)pulsec_get(a, s.a_type, left + i * s.a_step[last]) - (uint32_t)s.a_zero;
      const uint32_t q = (uint32_t)pulsec_get(b, s.b_type, right + i * s.b_step[last]) - (uint32_t)s.b_zero;
      *y++ = pulsec_signed(p * q);
    }
  }
}

typedef struct {
  pulsec_type type; /* of x and y */
  int count;
  int32_t lo, hi;
} pulsec_clip_shape;

/* y = clamp(x, lo, hi). */
PULSEC_KERNEL void pulsec_clip(const void *restrict x, void *restrict y, const pulsec_clip_shape s) {
  for (int i = 0; i < s.count; i++)
    pulsec_set(y, s.type, i, pulsec_clamp(pulsec_get(x, s.type, i), s.lo, s.hi));
}

typedef struct {
  pulsec_type x_type, alpha_type;
  int rows, channels;
  int alpha_step; /* 1: a slope per channel; 0: one for all */
  int32_t positive, zero;
} pulsec_prelu_shape;

/* y = d * positive where d = x - zero is not negative, else d * alpha[c]. */
PULSEC_KERNEL void pulsec_prelu(const void *restrict x, const void *restrict alpha, int32_t *restrict y,
                                const pulsec_prelu_shape s) {
  for (int r = 0; r < s.rows; r++) {
    for (int c = 0; c < s.channels; c++) {
      const int32_t v = pulsec_get(x, s.x_type, r * s.channels + c);
      const int32_t slope = v >= s.zero ? s.positive : pulsec_get(alpha, s.alpha_type, c * s.alpha_step);
      *y++ = pulsec_signed(((uint32_t)v - (uint32_t)s.zero) * (uint32_t)slope);
    }
  }
}

typedef struct {
  pulsec_type x_type, y_type;
  int count;
  int32_t lowest; /* value of x that shows the first entry */
} pulsec_lut_shape;

/* y = table[x - lowest]. */
PULSEC_KERNEL void pulsec_lut(const void *restrict x, const void *restrict table, void *restrict y,
                              const pulsec_lut_shape s) {
  for (int i = 0; i < s.count; i++)
    pulsec_set(y, s.y_type, i, pulsec_get(table, s.y_type, pulsec_get(x, s.x_type, i) - s.lowest));
}

#endif
