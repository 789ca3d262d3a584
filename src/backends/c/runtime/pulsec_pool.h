/* pulsec: windows and sums over positions. 1-D data has height 1. */
#ifndef PULSEC_POOL_H
#define PULSEC_POOL_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type type; /* of x; maxpool's y has the same */
  int batch, height, width, channels;
  int out_height, out_width, kernel_height, kernel_width;
  int stride_y, stride_x, dilation_y, dilation_x;
  int top, left; /* padding before the first row and column; negative crops */
  int32_t start; /* maxpool: the lowest number of the format; sums: the zero point of x */
} pulsec_pool_shape;

/* The largest element under the window. */
PULSEC_KERNEL void pulsec_maxpool(const void *restrict x, void *restrict y, const pulsec_pool_shape s) {
  int at = 0;
  for (int p = 0; p < s.batch * s.out_height * s.out_width; p++) {
    const int n = p / (s.out_height * s.out_width);
    const int top = p / s.out_width % s.out_height * s.stride_y - s.top;
    const int left = p % s.out_width * s.stride_x - s.left;
    for (int c = 0; c < s.channels; c++) {
      int32_t most = s.start;
      for (int ky = 0; ky < s.kernel_height; ky++) {
        const int row = top + ky * s.dilation_y;
        if (row < 0 || row >= s.height) continue;
        for (int kx = 0; kx < s.kernel_width; kx++) {
          const int col = left + kx * s.dilation_x;
          if (col < 0 || col >= s.width) continue;
          const int32_t v = pulsec_get(x, s.type, ((n * s.height + row) * s.width + col) * s.channels + c);
          if (v > most) most = v;
        }
      }
      pulsec_set(y, s.type, at++, most);
    }
  }
}

/* The sum of x - zero under the window; `average` multiplies it by round(2^15 / positions inside x). */
PULSEC_KERNEL void pulsec_avgpool(const void *restrict x, int32_t *restrict y, int average,
                                  const pulsec_pool_shape s) {
  for (int p = 0; p < s.batch * s.out_height * s.out_width; p++, y += s.channels) {
    const int n = p / (s.out_height * s.out_width);
    const int top = p / s.out_width % s.out_height * s.stride_y - s.top;
    const int left = p % s.out_width * s.stride_x - s.left;
    int inside = 0;
    for (int c = 0; c < s.channels; c++) y[c] = 0;
    for (int ky = 0; ky < s.kernel_height; ky++) {
      const int row = top + ky;
      if (row < 0 || row >= s.height) continue;
      for (int kx = 0; kx < s.kernel_width; kx++) {
        const int col = left + kx;
        if (col < 0 || col >= s.width) continue;
        const int at = ((n * s.height + row) * s.width + col) * s.channels;
        for (int c = 0; c < s.channels; c++) y[c] += pulsec_get(x, s.type, at + c) - s.start;
        inside++;
      }
    }
    if (!average || inside == 0) continue;
    const int32_t weight = (65536 + inside) / (2 * inside);
    for (int c = 0; c < s.channels; c++) y[c] *= weight;
  }
}

typedef struct {
  pulsec_type x_type;
  int32_t zero; /* zero point of x */
  int count;    /* elements of y */
  int rank, rows, size[PULSEC_RANK];
  int y_step[PULSEC_RANK]; /* 0 along summed dimensions */
} pulsec_sum_shape;

/* Sums of x - zero along some dimensions. */
PULSEC_KERNEL void pulsec_sum(const void *restrict x, int32_t *restrict y, const pulsec_sum_shape s) {
  const int last = s.rank - 1;
  for (int i = 0; i < s.count; i++) y[i] = 0;
  for (int r = 0, at = 0; r < s.rows; r++) {
    const int row = pulsec_row(r, s.rank, s.size, s.y_step);
    for (int i = 0; i < s.size[last]; i++, at++) {
      const int to = row + i * s.y_step[last];
      y[to] = pulsec_signed((uint32_t)y[to] + (uint32_t)pulsec_get(x, s.x_type, at) - (uint32_t)s.zero);
    }
  }
}

#endif
