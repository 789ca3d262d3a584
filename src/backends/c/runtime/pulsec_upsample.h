/* pulsec: resampling along height and width. 1-D data has height 1. */
#ifndef PULSEC_UPSAMPLE_H
#define PULSEC_UPSAMPLE_H

#include "pulsec_base.h"

typedef struct {
  pulsec_type type;
  int batch, height, width, channels;
  int out_height, out_width;
  int align_corners; /* of pulsec_upsample_linear; else half-pixel centres */
} pulsec_upsample_shape;

/* y[i] = x[floor(i * in / out)]. */
PULSEC_KERNEL void pulsec_upsample_nearest(const void *restrict x, void *restrict y,
                                           const pulsec_upsample_shape s) {
  int at = 0;
  for (int n = 0; n < s.batch; n++) {
    for (int oy = 0; oy < s.out_height; oy++) {
      for (int ox = 0; ox < s.out_width; ox++) {
        const int row = n * s.height + oy * s.height / s.out_height;
        const int from = (row * s.width + ox * s.width / s.out_width) * s.channels;
        for (int c = 0; c < s.channels; c++) pulsec_set(y, s.type, at++, pulsec_get(x, s.type, from + c));
      }
    }
  }
}

/* Two neighbours and the weight of the second in units of 2^-15. */
typedef struct {
  int first, second;
  int32_t weight;
} pulsec_blend;

PULSEC_KERNEL pulsec_blend pulsec_blend_at(int i, int in, int out, int align_corners) {
  const int64_t span = !align_corners ? 2 * (int64_t)out : out > 1 ? out - 1 : 1;
  const int64_t p = align_corners ? (int64_t)i * (in - 1) : (2 * (int64_t)i + 1) * in - out;
  const int first = p < 0 ? 0 : (int)(p / span);
  if (p <= 0 || first >= in - 1) return (pulsec_blend){first, first, 0};
  return (pulsec_blend){first, first + 1, (int32_t)((65536 * (p % span) + span) / (2 * span))};
}

/* Products with 2^15 leave 32 bits for i32 elements only. */
PULSEC_KERNEL int32_t pulsec_mix(pulsec_type type, int32_t a, int32_t b, int32_t weight) {
  if (type == PULSEC_I32) {
    const int64_t sum = (int64_t)a * (32768 - weight) + (int64_t)b * weight;
    return (int32_t)pulsec_shr_wide(sum + 16384, 15);
  }
  return pulsec_shr(a * (32768 - weight) + b * weight + 16384, 15);
}

/* Along height, then along width, rounding half up after each. */
PULSEC_KERNEL void pulsec_upsample_linear(const void *restrict x, void *restrict y,
                                          const pulsec_upsample_shape s) {
  int at = 0;
  for (int n = 0; n < s.batch; n++) {
    for (int oy = 0; oy < s.out_height; oy++) {
      const pulsec_blend v = pulsec_blend_at(oy, s.height, s.out_height, s.align_corners);
      const int upper = (n * s.height + v.first) * s.width;
      const int lower = (n * s.height + v.second) * s.width;
      for (int ox = 0; ox < s.out_width; ox++) {
        const pulsec_blend h = pulsec_blend_at(ox, s.width, s.out_width, s.align_corners);
        for (int c = 0; c < s.channels; c++) {
          const int32_t a = pulsec_get(x, s.type, (upper + h.first) * s.channels + c);
          const int32_t b = pulsec_get(x, s.type, (lower + h.first) * s.channels + c);
          const int32_t d = pulsec_get(x, s.type, (upper + h.second) * s.channels + c);
          const int32_t e = pulsec_get(x, s.type, (lower + h.second) * s.channels + c);
          const int32_t left = pulsec_mix(s.type, a, b, v.weight);
          const int32_t right = pulsec_mix(s.type, d, e, v.weight);
          pulsec_set(y, s.type, at++, pulsec_mix(s.type, left, right, h.weight));
        }
      }
    }
  }
}

#endif
