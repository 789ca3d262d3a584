/* pulsec: convolution and its transpose, channels last. 1-D data has height 1. */
#ifndef PULSEC_CONV_H
#define PULSEC_CONV_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type x_type, w_type;
  int zero; /* zero point of x */
  int batch, height, width, channels;
  int out_height, out_width, out_channels;
  int groups, kernel_height, kernel_width;
  int stride_y, stride_x, dilation_y, dilation_x;
  int top, left; /* padding before the first row and column; negative crops */
  pulsec_border border;
} pulsec_conv_shape;

/* Adds the channels at x[at...] times the weights at kernel position `tap` to y[out_channels]. */
PULSEC_KERNEL void pulsec_conv_tap(const void *restrict x, int at, const void *restrict w, int tap,
                                   int32_t *restrict y, const pulsec_conv_shape s) {
  const int in = s.channels / s.groups;
  const int out = s.out_channels / s.groups;
  const int taps = s.kernel_height * s.kernel_width;
  for (int g = 0; g < s.groups; g++) {
    for (int o = g * out; o < (g + 1) * out; o++) {
      const int from = at + g * in;
      const int weights = (o * taps + tap) * in;
      int32_t sum = y[o];
      for (int c = 0; c < in; c++)
        sum += (pulsec_get(x, s.x_type, from + c) - s.zero) * pulsec_get(w, s.w_type, weights + c);
      y[o] = sum;
    }
  }
}

PULSEC_KERNEL void pulsec_conv_bias(const int32_t *restrict b, int32_t *restrict y, int channels) {
  for (int o = 0; o < channels; o++) y[o] = b ? b[o] : 0;
}

/*
 * y[p, o] = b[o] + sum of (x[p * stride + t * dilation - pad, c] - zero) * w[o, t, c];
 * constant padding adds 0.
 */
PULSEC_KERNEL void pulsec_conv(const void *restrict x, const void *restrict w,
                               const int32_t *restrict b, int32_t *restrict y,
                               const pulsec_conv_shape s) {
  for (int n = 0; n < s.batch; n++) {
    for (int oy = 0; oy < s.out_height; oy++) {
      for (int ox = 0; ox < s.out_width; ox++, y += s.out_channels) {
        pulsec_conv_bias(b, y, s.out_channels);
        for (int ky = 0; ky < s.kernel_height; ky++) {
          const int y_at = oy * s.stride_y + ky * s.dilation_y - s.top;
          const int row = pulsec_source(y_at, s.height, s.border);
          if (row < 0) continue;
          for (int kx = 0; kx < s.kernel_width; kx++) {
            const int x_at = ox * s.stride_x + kx * s.dilation_x - s.left;
            const int col = pulsec_source(x_at, s.width, s.border);
            if (col < 0) continue;
            const int from = ((n * s.height + row) * s.width + col) * s.channels;
            pulsec_conv_tap(x, from, w, ky * s.kernel_width + kx, y, s);
          }
        }
      }
    }
  }
}

/* Which input position feeds position `p` of a transposed convolution's full result, or -1. */
PULSEC_KERNEL int pulsec_transposed_source(int p, int stride, int size) {
  return p < 0 || p % stride != 0 || p / stride >= size ? -1 : p / stride;
}

/* y[p, o] = b[o] + sum of (x[i, c] - zero) * w[o, t, c] where i * stride + t * dilation - pad = p. */
PULSEC_KERNEL void pulsec_conv_transpose(const void *restrict x, const void *restrict w,
                                         const int32_t *restrict b, int32_t *restrict y,
                                         const pulsec_conv_shape s) {
  for (int n = 0; n < s.batch; n++) {
    for (int oy = 0; oy < s.out_height; oy++) {
      for (int ox = 0; ox < s.out_width; ox++, y += s.out_channels) {
        pulsec_conv_bias(b, y, s.out_channels);
        for (int ky = 0; ky < s.kernel_height; ky++) {
          const int y_at = oy + s.top - ky * s.dilation_y;
          const int row = pulsec_transposed_source(y_at, s.stride_y, s.height);
          if (row < 0) continue;
          for (int kx = 0; kx < s.kernel_width; kx++) {
            const int x_at = ox + s.left - kx * s.dilation_x;
            const int col = pulsec_transposed_source(x_at, s.stride_x, s.width);
            if (col < 0) continue;
            const int from = ((n * s.height + row) * s.width + col) * s.channels;
            pulsec_conv_tap(x, from, w, ky * s.kernel_width + kx, y, s);
          }
        }
      }
    }
  }
}

#endif
