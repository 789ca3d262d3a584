/* Requantisation of accumulators: clamp((acc * mul + add) >> shift, lo, hi), the shift rounding down. */
#ifndef PULSEC_SCALE_H
#define PULSEC_SCALE_H
#include "pulsec_xpulp.h"

/* acc * mul + add is proven to fit 32 bits: it may be computed modulo 2^32. */
PULSEC_INLINE int32_t pulsec_scale32(int32_t acc, int32_t mul, int32_t add, int32_t shift) {
  return pulsec_add_sra((int32_t)((uint32_t)acc * (uint32_t)mul), add, shift);
}

/*
 * Exact in 64 bits; what leaves 32 bits behind the shift saturates. No 64-bit shift: those are calls on
 * 32-bit cores.
 */
PULSEC_INLINE int32_t pulsec_scale64(int32_t acc, int32_t mul, int64_t add, int32_t shift) {
  const int64_t sum = (int64_t)acc * mul + add;
  const uint32_t low = (uint32_t)sum;
  const int32_t high = (int32_t)((uint64_t)sum >> 32);
  const int32_t sign = pulsec_sra(high, 31);
  const int32_t top = shift < 32 ? pulsec_sra(high, shift) : sign;
  const int32_t v =
    shift < 32 ? (int32_t)(low >> shift | (uint32_t)high << 1 << (31 - shift)) : pulsec_sra(high, shift - 32);
  return top == pulsec_sra(v, 31) ? v : sign < 0 ? INT32_MIN : INT32_MAX;
}

PULSEC_INLINE int64_t pulsec_join(int32_t low, int32_t high) {
  return (int64_t)((uint64_t)(uint32_t)high << 32 | (uint32_t)low);
}

/* From packed constants: [mul, add, shift], or [mul, low word of add, high word of add, shift]. */
PULSEC_INLINE int32_t pulsec_scale32_of(int32_t acc, const int32_t *q) {
  return pulsec_scale32(acc, q[0], q[1], q[2]);
}
PULSEC_INLINE int32_t pulsec_scale64_of(int32_t acc, const int32_t *q) {
  return pulsec_scale64(acc, q[0], pulsec_join(q[1], q[2]), q[3]);
}

/* Sums clamped first: then 32 bits hold all that follows. Unsigned where no result lies below 0. */
PULSEC_INLINE int32_t pulsec_clamped_unsigned(int32_t acc, int32_t mul, int32_t add, int32_t shift) {
  return (int32_t)(((uint32_t)acc * (uint32_t)mul + (uint32_t)add) >> shift);
}
/* From packed constants: [mul, add, shift, least sum, most sum]. */
PULSEC_INLINE int32_t pulsec_clamped_of(int32_t acc, const int32_t *q) {
  return pulsec_scale32(pulsec_min(pulsec_max(acc, q[3]), q[4]), q[0], q[1], q[2]);
}
PULSEC_INLINE int32_t pulsec_clamped_unsigned_of(int32_t acc, const int32_t *q) {
  return pulsec_clamped_unsigned(pulsec_min(pulsec_max(acc, q[3]), q[4]), q[0], q[1], q[2]);
}
#endif
