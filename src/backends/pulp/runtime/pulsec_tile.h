/* pulsec: one tile of a layer in L1, as its kernel gets it. */
#ifndef PULSEC_TILE_H
#define PULSEC_TILE_H

#include <stdint.h>

/* How many cores share a tile, 1 to 8. */
#ifndef PULSEC_CORES
#define PULSEC_CORES 8
#endif

/*
 * A kernel is a function `static void NAME(const pulsec_tile *t, int core)`. Every core of the team calls it
 * once per tile and does its part of the work; a barrier follows. Input boxes hold the padding, so kernels
 * know no borders. 16 bytes behind every box may be read; nothing may be written outside of y and scratch.
 */
typedef struct pulsec_tile {
  const void *x[4];    /* input boxes */
  const void *w;       /* packed weights of this tile's output channels */
  const void *q;       /* packed constants of this tile's output channels */
  const void *shared;  /* tables */
  void *y;             /* output box */
  void *scratch;
  int32_t ho, wo, co;  /* output box */
  int32_t hi, wi, ci;  /* box of x[0], padding included */
  int32_t oy, ox;      /* output coordinates of the box's first position */
  int32_t iy, ix;      /* coordinates in x[0] of its box's first position; negative inside of padding */
  int32_t first, last; /* of a sum over tiles of input channels; 1, 1 where there is one tile */
} pulsec_tile;

/* This core's part [*begin, *end) of n pieces of work, contiguous, sizes differ by one at most. */
static inline void pulsec_share(int32_t n, int core, int32_t *begin, int32_t *end) {
  *begin = n * core / PULSEC_CORES;
  *end = n * (core + 1) / PULSEC_CORES;
}

#endif
