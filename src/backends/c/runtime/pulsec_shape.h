/* pulsec: moving elements without changing them. */
#ifndef PULSEC_SHAPE_H
#define PULSEC_SHAPE_H

#include "pulsec_base.h"

/* The same elements under another shape. */
PULSEC_KERNEL void pulsec_copy(const void *restrict x, void *restrict y, size_t bytes) {
  memcpy(y, x, bytes);
}

/* Blocks of `bytes`, back to back in x, `pitch` bytes apart in y: one operand of a concatenation. */
PULSEC_KERNEL void pulsec_place(const void *restrict x, void *restrict y, int blocks, size_t bytes,
                                size_t pitch) {
  for (int i = 0; i < blocks; i++)
    memcpy((unsigned char *)y + (size_t)i * pitch, (const unsigned char *)x + (size_t)i * bytes, bytes);
}

typedef struct {
  pulsec_type type;
  int begin; /* element of x that comes first */
  int rank, rows, size[PULSEC_RANK];
  int x_step[PULSEC_RANK];
} pulsec_gather_shape;

/* The elements of x with these steps between them: slices, crops and transpositions. */
PULSEC_KERNEL void pulsec_gather(const void *restrict x, void *restrict y, const pulsec_gather_shape s) {
  const int last = s.rank - 1;
  for (int r = 0, at = 0; r < s.rows; r++) {
    const int row = s.begin + pulsec_row(r, s.rank, s.size, s.x_step);
    for (int i = 0; i < s.size[last]; i++, at++)
      pulsec_set(y, s.type, at, pulsec_get(x, s.type, row + i * s.x_step[last]));
  }
}

typedef struct {
  pulsec_type type;
  int batch, height, width, channels;
  int out_height, out_width;
  int top, left; /* positions added before the first row and column; negative crops */
  int32_t value; /* of constant padding */
  pulsec_border border;
} pulsec_pad_shape;

PULSEC_KERNEL void pulsec_pad(const void *restrict x, void *restrict y, const pulsec_pad_shape s) {
  int at = 0;
  for (int n = 0; n < s.batch; n++) {
    for (int oy = 0; oy < s.out_height; oy++) {
      for (int ox = 0; ox < s.out_width; ox++) {
        const int row = pulsec_source(oy - s.top, s.height, s.border);
        const int col = pulsec_source(ox - s.left, s.width, s.border);
        const int from = ((n * s.height + row) * s.width + col) * s.channels;
        for (int c = 0; c < s.channels; c++, at++)
          pulsec_set(y, s.type, at, row < 0 || col < 0 ? s.value : pulsec_get(x, s.type, from + c));
      }
    }
  }
}

#endif
