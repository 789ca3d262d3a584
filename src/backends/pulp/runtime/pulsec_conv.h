/*
 * pulsec: convolutions and fully connected layers over packed weights, four output channels at a time. What
 * is written in C here serves every machine; on GAP8 the block of four channels by four positions is
 * assembler that a project's code brings for each layer. Both read the same packed weights.
 */
#ifndef PULSEC_CONV_H
#define PULSEC_CONV_H

#include <stddef.h>

#include "pulsec_tile.h"
#include "pulsec_xpulp.h"

/*
 * What becomes of a sum: itself plus a bias; (sum * mul + add) >> shift modulo 2^32, clamped; the same of a
 * sum that is clamped first, so that the result needs no clamp; the same exactly, clamped.
 */
enum { PULSEC_SUM, PULSEC_NARROW, PULSEC_CLAMPED, PULSEC_WIDE };

/*
 * A window: `rows` by `pieces` stretches of x of `bytes` bytes each, `step` bytes from one piece to the next.
 *
 * Packed weights: for every word of every stretch the words of four channels; then four words each of what
 * finishing needs (PULSEC_SUM: bias; PULSEC_NARROW: mul, add; PULSEC_CLAMPED: least and most, mul, add;
 * PULSEC_WIDE: mul, low and high half of add; then shift, where channels differ in it). A word holds four
 * weights of 8 bits; two of 16, for x of 16 bits; eight of 4: byte j has weight j in its lower half and
 * weight j + 4 in its upper one; sixteen of 2: byte j has weights j, j + 4, j + 8, j + 12 from the low end.
 */
typedef struct pulsec_conv {
  int32_t rows, pieces, bytes, step;
  int32_t bits, x_signed;
  int32_t x_column, y_column;    /* bytes from one position to the next */
  int32_t y_bytes;               /* of an element */
  int32_t finish, shift, lo, hi; /* shift -1: one for every channel */
  int32_t drop;                  /* sums are shifted right by this before they are finished */
  int32_t sums;                  /* begin at zero; at those before, to be kept again; the same, to be finished */
} pulsec_conv;
enum { PULSEC_SUMS_FRESH, PULSEC_SUMS_KEPT, PULSEC_SUMS_FINISHED };

/*
 * `n` blocks of four channels at the positions x; `row` bytes from the end of a row's stretches to the next
 * row. `sums` is where they begin if the tile takes a part of the input channels.
 */
typedef void pulsec_conv_function(const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t n,
                                  int32_t row, int32_t plane, int32_t *sums);

PULSEC_INLINE uint32_t pulsec_conv_dot(const pulsec_conv *l, uint32_t sum, uint32_t x, uint32_t w) {
  if (l->bits == 16) return pulsec_sdotsp_h(sum, x, w);
  return l->x_signed ? pulsec_sdotsp_b(sum, x, w) : pulsec_sdotusp_b(sum, x, w);
}

/*
 * Word `part` of the weights in a packed word: those of 4 bits times 16, those of 2 bits times 64, as the
 * sums then are.
 */
PULSEC_INLINE uint32_t pulsec_conv_weights(const pulsec_conv *l, uint32_t w, int part) {
  if (l->bits >= 8) return w;
  if (l->bits == 4) return (part == 0 ? w << 4 : w) & 0xf0f0f0f0u;
  return (w << (6 - 2 * part)) & 0xc0c0c0c0u;
}

PULSEC_INLINE int32_t pulsec_conv_finish(const pulsec_conv *l, uint32_t sum, const int32_t *q, int r) {
  const int32_t acc = pulsec_sra((int32_t)sum, l->drop);
  if (l->finish == PULSEC_SUM) return (int32_t)((uint32_t)acc + (uint32_t)q[r]);
  if (l->finish == PULSEC_NARROW) {
    const int32_t shift = l->shift < 0 ? q[8 + r] : l->shift;
    const int32_t product = (int32_t)((uint32_t)acc * (uint32_t)q[r]);
    return pulsec_clip(pulsec_add_sra(product, q[4 + r], shift), l->lo, l->hi);
  }
  if (l->finish == PULSEC_CLAMPED) {
    const int32_t shift = l->shift < 0 ? q[16 + r] : l->shift;
    const uint32_t inside = (uint32_t)pulsec_min(pulsec_max(acc, q[r]), q[4 + r]);
    const uint32_t scaled = inside * (uint32_t)q[8 + r] + (uint32_t)q[12 + r];
    return l->lo >= 0 ? (int32_t)(scaled >> shift) : pulsec_sra((int32_t)scaled, shift);
  }
  const int32_t shift = l->shift < 0 ? q[12 + r] : l->shift;
  const uint64_t add = (uint64_t)(uint32_t)q[8 + r] << 32 | (uint32_t)q[4 + r];
  const uint64_t scaled = (uint64_t)((int64_t)acc * q[r]) + add;
  return pulsec_clip(pulsec_sra((int32_t)(scaled >> 32), shift), l->lo, l->hi);
}

PULSEC_INLINE void pulsec_conv_store(const pulsec_conv *l, uint8_t *y, int32_t value) {
  if (l->y_bytes == 1)
    *y = (uint8_t)value;
  else if (l->y_bytes == 2)
    *(uint16_t *)(void *)y = (uint16_t)value;
  else
    *(int32_t *)(void *)y = value;
}

/* One block of `channels` (of four) at `columns` positions. */
PULSEC_INLINE void pulsec_conv_block(const pulsec_conv *l, int channels, int columns,
                                     const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t row,
                                     int32_t plane, int32_t *sums) {
  const int parts = l->bits >= 8 ? 1 : 8 / l->bits;
  uint32_t sum[4][4] = {{0}};
  if (l->sums != PULSEC_SUMS_FRESH)
    for (int r = 0; r < channels; r++)
      for (int c = 0; c < columns; c++) sum[r][c] = (uint32_t)sums[r * columns + c];
  for (int32_t ky = 0; ky < l->rows; ky++, x += row)
    for (int32_t kx = 0; kx < l->pieces; kx++, x += l->step)
      for (int32_t k = 0; k < l->bytes; k += 4 * parts, w += 16)
        for (int part = 0; part < parts; part++)
          for (int c = 0; c < columns; c++) {
            const uint32_t v = pulsec_lw(x + k + 4 * part + c * l->x_column);
            for (int r = 0; r < channels; r++)
              sum[r][c] = pulsec_conv_dot(l, sum[r][c], v,
                                          pulsec_conv_weights(l, pulsec_lw(w + 4 * r), part));
          }
  const int32_t *const q = (const int32_t *)(const void *)w;
  for (int r = 0; r < channels; r++)
    for (int c = 0; c < columns; c++)
      if (l->sums == PULSEC_SUMS_KEPT)
        sums[r * columns + c] = (int32_t)sum[r][c];
      else
        pulsec_conv_store(l, y + c * l->y_column + r * plane, pulsec_conv_finish(l, sum[r][c], q, r));
}

/* The same for `n` blocks, as the assembler does it: of channels, or `along` the columns. */
PULSEC_INLINE void pulsec_conv_blocks(const pulsec_conv *l, int channels, int columns, int along,
                                      const uint8_t *x, const uint8_t *w, uint8_t *y, int32_t n,
                                      int32_t w_block, int32_t row, int32_t plane, int32_t *sums) {
  for (; n > 0; n--) {
    pulsec_conv_block(l, channels, columns, x, w, y, row, plane, sums);
    if (l->sums != PULSEC_SUMS_FRESH) sums += channels * columns;
    x += along ? columns * l->x_column : 0;
    y += along ? columns * l->y_column : 4 * plane;
    w += along ? 0 : w_block;
  }
}

/*
 * How far position p is from the next of a phase, and how many positions of a phase there are in n, the first
 * included.
 */
PULSEC_INLINE int32_t pulsec_conv_first(int32_t p, int32_t phase, int32_t stride) {
  return (phase + stride - p % stride) % stride;
}
PULSEC_INLINE int32_t pulsec_conv_count(int32_t n, int32_t stride) {
  return n <= 0 ? 0 : (n + stride - 1) / stride;
}

/* Output positions and channels, and where their operands lie. Steps are in bytes. */
typedef struct pulsec_conv_grid {
  const uint8_t *x, *w;
  uint8_t *y;
  const int32_t *groups; /* where in x the channels of each block begin; NULL: at 0 */
  int32_t rows, columns, channels;
  int32_t x_row, x_column, y_row, y_column, w_block;
  int32_t along; /* do calls compute neighbouring columns, or neighbouring channels? */
  int32_t row, plane;
  int32_t *sums; /* of all pieces, one behind the other, between tiles of input channels; NULL: there is one such tile */
  int32_t first; /* of those tiles */
} pulsec_conv_grid;

/*
 * The functions of a grid: blocks of four channels, or of the fewer that are left, by four columns or one.
 * `single`: one channel at one position, for results too small to give every core a block; NULL where they
 * never are.
 */
typedef struct pulsec_conv_functions {
  pulsec_conv_function *four, *one, *four_rest, *one_rest, *single;
} pulsec_conv_functions;

/* Words between the sums of one piece and those of the next. */
PULSEC_INLINE int32_t pulsec_conv_words(const pulsec_conv_grid *g) { return g->columns >= 4 ? 16 : 4; }

/* The first tile of input channels begins with sums of zero. */
PULSEC_INLINE void pulsec_conv_begin(const pulsec_conv_grid *g, int32_t words, int32_t at, int32_t end) {
  if (!g->sums || !g->first) return;
  for (int32_t *s = g->sums + at * words; s < g->sums + end * words; s++) *s = 0;
}

/* Words of the sums of a grid, for the next one. */
PULSEC_INLINE int32_t pulsec_conv_taken(const pulsec_conv_grid *g) {
  const int32_t across = g->columns >= 4 ? (g->columns + 3) / 4 : g->columns;
  return pulsec_conv_words(g) * g->rows * across * ((g->channels + 3) / 4);
}

/* `n` blocks from (block, y, x) on, x in columns; the first is number `piece` of the grid. */
PULSEC_INLINE void pulsec_conv_call(const pulsec_conv_grid *g, const pulsec_conv_functions *f,
                                    int32_t block, int32_t y, int32_t x, int32_t n, int32_t piece) {
  const int32_t is_full = block < g->channels / 4;
  pulsec_conv_function *const function =
      g->columns >= 4 ? is_full ? f->four : f->four_rest : is_full ? f->one : f->one_rest;
  function(g->x + y * g->x_row + x * g->x_column + (g->groups ? g->groups[block] : 0),
           g->w + block * g->w_block, g->y + y * g->y_row + x * g->y_column + block * 4 * g->plane, n,
           g->row, g->plane, g->sums ? g->sums + piece * pulsec_conv_words(g) : NULL);
}

/* The blocks [block, end) that read the same channels of x and are of the same size. */
PULSEC_INLINE int32_t pulsec_conv_together(const pulsec_conv_grid *g, int32_t block, int32_t end) {
  const int32_t full = g->channels / 4;
  int32_t n = 1;
  if (block < full && end > full) end = full;
  if (!g->groups) return end - block;
  while (block + n < end && g->groups[block + n] == g->groups[block]) n++;
  return n;
}

/* Column where piece `i` of a row begins: the last piece of four overlaps the one before it. */
PULSEC_INLINE int32_t pulsec_conv_column(const pulsec_conv_grid *g, int32_t i) {
  return g->columns < 4 ? i : 4 * i + 4 > g->columns ? g->columns - 4 : 4 * i;
}

/* Pieces [at, end) of the grid, channels innermost. */
PULSEC_INLINE void pulsec_conv_channels(const pulsec_conv_grid *g, const pulsec_conv_functions *f,
                                        int32_t at, int32_t end, int32_t blocks, int32_t across) {
  int32_t block = at % blocks, column = at / blocks % across, y = at / blocks / across;
  while (at < end) {
    const int32_t most = block + end - at < blocks ? block + end - at : blocks;
    const int32_t n = pulsec_conv_together(g, block, most);
    pulsec_conv_call(g, f, block, y, pulsec_conv_column(g, column), n, at);
    at += n;
    block += n;
    if (block < blocks) continue;
    block = 0;
    if (++column < across) continue;
    column = 0;
    y++;
  }
}

/* Pieces [at, end) of the grid from `block` on, columns innermost. */
PULSEC_INLINE void pulsec_conv_columns(const pulsec_conv_grid *g, const pulsec_conv_functions *f,
                                       int32_t block, int32_t at, int32_t end, int32_t across) {
  const int32_t even = g->columns < 4 ? g->columns : g->columns / 4;
  int32_t column = at % across, y = at / across;
  const int32_t before = block * g->rows * across;
  pulsec_conv_begin(g, pulsec_conv_words(g), before + at, before + end);
  if (y >= g->rows) {
    block += y / g->rows;
    y %= g->rows;
  }
  while (at < end) {
    const int32_t last = column + end - at < even ? column + end - at : even;
    const int32_t n = column < even ? last - column : 1;
    pulsec_conv_call(g, f, block, y, pulsec_conv_column(g, column), n, before + at);
    at += n;
    column += n;
    if (column < across) continue;
    column = 0;
    if (++y < g->rows) continue;
    y = 0;
    block++;
  }
}

/* Channel by channel: the four words of a packed word lie side by side. */
PULSEC_INLINE void pulsec_conv_singles(const pulsec_conv_grid *g, const pulsec_conv_functions *f,
                                       int core) {
  int32_t at, end;
  pulsec_share(g->rows * g->columns * g->channels, core, &at, &end);
  int32_t c = at % g->channels, x = at / g->channels, y = 0;
  for (; x >= g->columns; x -= g->columns) y++;
  pulsec_conv_begin(g, 1, at, end);
  for (; at < end; at++) {
    const int32_t block = c / 4;
    f->single(g->x + y * g->x_row + x * g->x_column + (g->groups ? g->groups[block] : 0),
              g->w + block * g->w_block + 4 * (c % 4),
              g->y + y * g->y_row + x * g->y_column + c * g->plane, 1, g->row, g->plane,
              g->sums ? g->sums + at : NULL);
    if (++c < g->channels) continue;
    c = 0;
    if (++x < g->columns) continue;
    x = 0;
    y++;
  }
}

/* Do single channels keep more cores at work? They take 3 cycles for a word of each of theirs, blocks 9. */
PULSEC_INLINE int32_t pulsec_conv_is_small(const pulsec_conv_grid *g) {
  const int32_t positions = g->rows * g->columns, round = PULSEC_CORES - 1;
  const int32_t blocks = (positions * ((g->channels + 3) / 4) + round) / PULSEC_CORES;
  const int32_t singles = (positions * g->channels + round) / PULSEC_CORES;
  return 9 * blocks > 3 * singles;
}

/* This core's part of a grid, in blocks of four channels by four columns, or by one where there are fewer. */
PULSEC_INLINE void pulsec_conv_run(const pulsec_conv_grid *g, int core,
                                   const pulsec_conv_functions *f) {
  const int32_t full = g->channels / 4, blocks = (g->channels + 3) / 4;
  const int32_t across = g->columns >= 4 ? (g->columns + 3) / 4 : g->columns;
  int32_t at, end;
  if (g->rows <= 0 || g->columns <= 0) return;
  if (f->single && pulsec_conv_is_small(g)) {
    pulsec_conv_singles(g, f, core);
  } else if (g->along) {
    pulsec_share(g->rows * across * full, core, &at, &end);
    pulsec_conv_columns(g, f, 0, at, end, across);
    if (blocks == full) return;
    /* What is left is less work: shared by itself, from the other end. */
    pulsec_share(g->rows * across, PULSEC_CORES - 1 - core, &at, &end);
    pulsec_conv_columns(g, f, full, at, end, across);
  } else {
    pulsec_share(g->rows * across * blocks, core, &at, &end);
    pulsec_conv_begin(g, pulsec_conv_words(g), at, end);
    if (at < end) pulsec_conv_channels(g, f, at, end, blocks, across);
  }
}

#endif
