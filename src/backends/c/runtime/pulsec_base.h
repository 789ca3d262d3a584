/* pulsec: what all kernels share. Integer arithmetic here is exact and free of undefined behaviour. */
#ifndef PULSEC_BASE_H
#define PULSEC_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Kernels are always inlined into one small function per layer that calls them with literal
 * constants, so the compiler folds every size, type and branch on either of them.
 */
#if defined(__GNUC__)
#define PULSEC_KERNEL static inline __attribute__((always_inline))
#else
#define PULSEC_KERNEL static inline
#endif

/*
 * Layers stay functions: profilers and debuggers see them, and compilers do not choke on one large
 * function. Optimisation stops at them: gcc 12.2 -O2 clones a layer for the fixed addresses of its
 * buffers, rewrites its stores to addresses without a base, takes it for a function without effect
 * and deletes the call.
 */
#if defined(__clang__)
#define PULSEC_LAYER static __attribute__((noinline)) void
#elif defined(__GNUC__) && __GNUC__ >= 8
#define PULSEC_LAYER static __attribute__((noipa)) void
#elif defined(__GNUC__)
#define PULSEC_LAYER static __attribute__((noinline, noclone)) void
#else
#define PULSEC_LAYER static void
#endif

/* How elements are stored. Formats narrower than a byte take a byte each. */
typedef enum { PULSEC_I8, PULSEC_U8, PULSEC_I16, PULSEC_I32 } pulsec_type;

/* What lies beyond the border of a padded tensor. */
typedef enum { PULSEC_CONSTANT, PULSEC_EDGE, PULSEC_REFLECT } pulsec_border;

PULSEC_KERNEL int32_t pulsec_get(const void *x, pulsec_type type, int i) {
  switch (type) {
    case PULSEC_I8: return ((const int8_t *)x)[i];
    case PULSEC_U8: return ((const uint8_t *)x)[i];
    case PULSEC_I16: return ((const int16_t *)x)[i];
    default: return ((const int32_t *)x)[i];
  }
}

PULSEC_KERNEL void pulsec_set(void *y, pulsec_type type, int i, int32_t value) {
  switch (type) {
    case PULSEC_I8: ((int8_t *)y)[i] = (int8_t)value; break;
    case PULSEC_U8: ((uint8_t *)y)[i] = (uint8_t)value; break;
    case PULSEC_I16: ((int16_t *)y)[i] = (int16_t)value; break;
    default: ((int32_t *)y)[i] = value; break;
  }
}

/* floor(v / 2^s). C leaves >> of negatives to the compiler; this compiles to one arithmetic shift. */
PULSEC_KERNEL int32_t pulsec_shr(int32_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }
PULSEC_KERNEL int64_t pulsec_shr_wide(int64_t v, int s) { return v >= 0 ? v >> s : ~(~v >> s); }

/* The int32_t with these 32 bits: sums that are proven to fit may wrap on the way there. */
PULSEC_KERNEL int32_t pulsec_signed(uint32_t v) {
  return v <= INT32_MAX ? (int32_t)v : -1 - (int32_t)~v;
}

PULSEC_KERNEL int32_t pulsec_clamp(int32_t v, int32_t lo, int32_t hi) {
  return v < lo ? lo : v > hi ? hi : v;
}

/* Which index of an axis of `size` shows at position `p` of the padded axis; -1 is the constant. */
PULSEC_KERNEL int pulsec_source(int p, int size, pulsec_border border) {
  if (p >= 0 && p < size) return p;
  if (border == PULSEC_CONSTANT) return -1;
  if (border == PULSEC_EDGE) return p < 0 ? 0 : size - 1;
  return p < 0 ? -p : 2 * (size - 1) - p;
}

/* A walk over a tensor of up to six dimensions, row by row; a row is the last dimension. */
#define PULSEC_RANK 6

/* Where row number `row` of a tensor of this size begins in a tensor with these steps. */
PULSEC_KERNEL int pulsec_row(int row, int rank, const int size[], const int step[]) {
  int offset = 0;
  for (int d = rank - 2; d >= 0; d--) {
    offset += row % size[d] * step[d];
    row /= size[d];
  }
  return offset;
}

#endif
