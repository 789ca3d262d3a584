/* Pools. */
#ifndef PULSEC_POOL_H
#define PULSEC_POOL_H
#include "pulsec_xpulp.h"

/* Taps of a window of `kernel` positions that begins at `first` which lie in [0, size). */
PULSEC_INLINE int32_t pulsec_taps_inside(int32_t first, int32_t kernel, int32_t size) {
  return pulsec_min(kernel, size - first) - pulsec_max(0, -first);
}
#endif
