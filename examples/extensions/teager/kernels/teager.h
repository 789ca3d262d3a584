/* Teager-Kaiser energy operator, channels last. */
#ifndef TEAGER_H
#define TEAGER_H

#include "pulsec_base.h"

/* y[n, c] = d[n]^2 - d[n - 1] * d[n + 1], d = x - zero; y has two positions less than x. */
PULSEC_KERNEL void teager(const void *restrict x, int32_t *restrict y, pulsec_type type, int32_t zero,
                          int batch, int length, int channels) {
  for (int n = 0; n < batch; n++) {
    for (int i = 0; i < (length - 2) * channels; i++) {
      const int at = n * length * channels + i;
      const int32_t before = pulsec_get(x, type, at) - zero;
      const int32_t here = pulsec_get(x, type, at + channels) - zero;
      const int32_t after = pulsec_get(x, type, at + 2 * channels) - zero;
      *y++ = here * here - before * after;
    }
  }
}

#endif
