/* pulsec: what the steps of a schedule call besides kernels: transfers of boxes, waits, borders. */
#ifndef PULSEC_STEPS_H
#define PULSEC_STEPS_H

#include "pulsec_cluster.h"

/*
 * Layers stay functions: profilers and debuggers see them. Optimisation stops at them, because gcc 12.2 -O2 may delete
 * the call of one whose stores it has rewritten.
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

static inline int32_t pulsec_least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t pulsec_most(int32_t a, int32_t b) { return a > b ? a : b; }

/* A second wait for the same transfer is over at once. */
static inline void pulsec_wait(int *transfer) {
  pulsec_dma_wait(*transfer);
  *transfer = PULSEC_NO_TRANSFER;
}

/*
 * `planes` times `lines` lines of `line` bytes. In L2 lines begin `line_stride` bytes apart and planes `plane_stride`; in L1
 * lines follow each other, and planes begin `near_stride` apart.
 */
static inline int pulsec_box_in(void *l1, const void *l2, int32_t planes, int32_t lines, int32_t line,
                                int32_t line_stride, int32_t plane_stride, int32_t near_stride) {
  const int32_t bytes = lines * line;
  if (planes <= 0 || bytes <= 0) return PULSEC_NO_TRANSFER;
  if (lines == 1 && near_stride == line) /* planes are lines */
    return pulsec_dma_in(l1, l2, (uint32_t)(planes * line), (uint32_t)line, (uint32_t)plane_stride);
  int transfer = PULSEC_NO_TRANSFER;
  for (int32_t p = 0; p < planes; p++)
    transfer = pulsec_dma_more_in(transfer, (uint8_t *)l1 + p * near_stride,
                                  (const uint8_t *)l2 + p * plane_stride, (uint32_t)bytes,
                                  (uint32_t)line, (uint32_t)line_stride);
  return transfer;
}
static inline int pulsec_box_out(const void *l1, void *l2, int32_t planes, int32_t lines, int32_t line,
                                 int32_t line_stride, int32_t plane_stride, int32_t near_stride) {
  const int32_t bytes = lines * line;
  if (planes <= 0 || bytes <= 0) return PULSEC_NO_TRANSFER;
  if (lines == 1 && near_stride == line)
    return pulsec_dma_out(l1, l2, (uint32_t)(planes * line), (uint32_t)line, (uint32_t)plane_stride);
  int transfer = PULSEC_NO_TRANSFER;
  for (int32_t p = 0; p < planes; p++)
    transfer = pulsec_dma_more_out(transfer, (const uint8_t *)l1 + p * near_stride,
                                   (uint8_t *)l2 + p * plane_stride, (uint32_t)bytes, (uint32_t)line,
                                   (uint32_t)line_stride);
  return transfer;
}

/* The same between L3 and L2; `l3` is an address in the HyperRAM. Gives the last ticket. */
static inline int pulsec_l3_box_in(void *l2, uint32_t l3, int32_t planes, int32_t lines, int32_t line,
                                   int32_t line_stride, int32_t plane_stride, int32_t near_stride) {
  int ticket = PULSEC_NO_TICKET;
  const int dense = lines == 1 || line == line_stride;
  for (int32_t p = 0; p < planes; p++) {
    uint8_t *to = (uint8_t *)l2 + p * near_stride;
    const uint32_t from = l3 + (uint32_t)(p * plane_stride);
    if (dense && lines * line > 0) ticket = pulsec_l3_read(to, from, (uint32_t)(lines * line));
    for (int32_t i = 0; !dense && i < lines; i++)
      ticket = pulsec_l3_read(to + i * line, from + (uint32_t)(i * line_stride), (uint32_t)line);
  }
  return ticket;
}
static inline int pulsec_l3_box_out(const void *l2, uint32_t l3, int32_t planes, int32_t lines,
                                    int32_t line, int32_t line_stride, int32_t plane_stride,
                                    int32_t near_stride) {
  int ticket = PULSEC_NO_TICKET;
  const int dense = lines == 1 || line == line_stride;
  for (int32_t p = 0; p < planes; p++) {
    const uint8_t *from = (const uint8_t *)l2 + p * near_stride;
    const uint32_t to = l3 + (uint32_t)(p * plane_stride);
    if (dense && lines * line > 0) ticket = pulsec_l3_write(to, from, (uint32_t)(lines * line));
    for (int32_t i = 0; !dense && i < lines; i++)
      ticket = pulsec_l3_write(to + (uint32_t)(i * line_stride), from + i * line, (uint32_t)line);
  }
  return ticket;
}

/* Elements of 1, 2 or 4 bytes. */
static inline void pulsec_fill(uint8_t *to, int32_t bytes, uint32_t pattern) {
  uint8_t *const end = to + bytes;
  for (; to < end && ((uintptr_t)to & 3) != 0; to++) {
    *to = (uint8_t)pattern;
    pattern = pattern >> 8 | pattern << 24;
  }
  for (; end - to >= 4; to += 4) *(uint32_t *)(void *)to = pattern;
  for (; to < end; to++, pattern >>= 8) *to = (uint8_t)pattern;
}

/* A box of `planes` planes of `rows` rows of `columns` cells of `cell` bytes, rows `pitch` bytes apart. */
typedef struct {
  int32_t planes, rows, columns, cell, pitch;
  int32_t top, bottom, left, right; /* rows and columns that get the value */
  uint32_t pattern;                 /* the value, repeated to 32 bits */
} pulsec_border_box;

/* This core's part of it. */
static inline void pulsec_fill_border(uint8_t *box, const pulsec_border_box *b, int core) {
  PULSEC_PHASE(PULSEC_IN_BORDER);
  const int32_t all = b->planes * b->rows;
  const int32_t row_bytes = b->columns * b->cell;
  const int32_t left = b->left * b->cell;
  const int32_t right = row_bytes - b->right * b->cell;
  for (int32_t r = core, y = core; r < all; r += PULSEC_CORES, y += PULSEC_CORES) {
    while (y >= b->rows) y -= b->rows; /* a division takes longer */
    uint8_t *const row = box + r * b->pitch;
    const int inside = y >= b->top && y < b->rows - b->bottom;
    pulsec_fill(row, inside ? left : row_bytes, b->pattern);
    if (inside) pulsec_fill(row + right, row_bytes - right, b->pattern);
  }
}

#endif
