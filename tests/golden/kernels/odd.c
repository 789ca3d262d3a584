/* A fully connected layer that misbehaves in the ways that ODD names, without giving wrong numbers where it can. */
#include <stdint.h>

#ifndef ODD
#define ODD NOTHING
#endif
#define IS(name) (ODD == name)
enum { NOTHING, INPUT_WRITTEN, ACCUMULATES, CRASHES, READS_ON, WRITES_ON, OVERFLOWS, GIVES_NOTHING, STAYS };

void odd(const uint8_t *x, const int8_t *w, int32_t *y, const uint8_t *shifts, int ci, int co) {
  volatile int sink = 0;
  if (IS(CRASHES) && ci > 3) *(volatile int *)(intptr_t)8 = 1;
  if (IS(READS_ON)) sink = x[ci] + x[ci + 2];
  if (IS(WRITES_ON)) y[co] = 1;
  if (IS(OVERFLOWS)) sink = (INT32_MAX - 1) + ci;
  if (IS(GIVES_NOTHING)) return;
  while (IS(STAYS) && ci > 3) sink = 1;
  for (int o = 0; o < co; o++) {
    int32_t sum = 0;
    for (int c = 0; c < ci; c++) sum += x[c] * w[o * ci + c];
    y[o] = (IS(ACCUMULATES) ? y[o] : 0) + (sum << shifts[0]);
  }
  if (IS(INPUT_WRITTEN)) ((uint8_t *)x)[0] ^= 1;
  (void)sink;
}
