/*
 * A user's convolution of images: u8 activations with a zero point, i4 weights two to a byte (first in the low bits), sums
 * rescaled per channel in 64 bits, rounded down. FAULT seeds one mistake.
 */
#include <stdint.h>

#ifndef FAULT
#define FAULT NONE
#endif
#define IS(name) (FAULT == name)
enum {
  NONE,
  ROUNDING,
  CLAMP,
  CHANNEL_ORDER,
  NIBBLE_ORDER,
  PAD_VALUE,
  WRAP,
  BORDER,
  SIGN,
  OUT_OF_BOUNDS,
  LEFTOVER,
  UNWRITTEN,
  BIAS
};

static int weight(const uint8_t *w, int i) {
  const int lane = IS(NIBBLE_ORDER) ? 1 - (i & 1) : i & 1;
  const int field = w[i >> 1] >> (4 * lane) & 15;
  return field >= 8 ? field - 16 : field;
}

static int activation(const uint8_t *x, int i) { return IS(SIGN) ? (int8_t)x[i] : x[i]; }

static uint8_t rescale(int32_t sum, int32_t mul, int64_t add, int shift) {
  int64_t v = (int64_t)sum * mul + add;
  if (IS(WRAP)) v = (int32_t)(sum * mul + (int32_t)add);
  if (IS(ROUNDING) && shift > 0) v += 1LL << (shift - 1);
  v >>= shift;
  if (IS(CLAMP)) return (uint8_t)v;
  return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

void my_conv(const uint8_t *x, const uint8_t *w, const int32_t *b, const int32_t *mul, const int64_t *add, uint8_t *y,
             int height, int width, int kh, int kw, int ci, int co, int x_zero, int stride_h, int stride_w, int top,
             int left, int bottom, int right, int shift) {
  const int rows = (height + top + bottom - kh) / stride_h + 1;
  const int columns = (width + left + right - kw) / stride_w + 1;
  for (int oy = 0; oy < rows; oy++) {
    for (int ox = 0; ox < columns - (IS(UNWRITTEN) ? 1 : 0); ox++) {
      for (int o = 0; o < co; o++) {
        int32_t sum = IS(BIAS) ? 0 : b[o];
        for (int ky = 0; ky < kh; ky++) {
          for (int kx = 0; kx < kw; kx++) {
            const int row = oy * stride_h + ky - top, column = ox * stride_w + kx - left;
            const int outside = row < 0 || row >= height - (IS(BORDER) ? 1 : 0) || column < 0 || column >= width;
            if (outside && !IS(PAD_VALUE) && !(IS(OUT_OF_BOUNDS) && column >= 0)) continue;
            for (int c = 0; c < (IS(LEFTOVER) ? ci / 4 * 4 : ci); c++) {
              const int tap = weight(w, ((o * kh + ky) * kw + kx) * ci + c);
              const int v = outside && IS(PAD_VALUE) ? 0 : activation(x, (row * width + column) * ci + c);
              sum += (v - x_zero) * tap;
            }
          }
        }
        const int at = IS(CHANNEL_ORDER) ? (o * rows + oy) * columns + ox : (oy * columns + ox) * co + o;
        y[at] = rescale(sum, mul[o], add[o], shift);
      }
    }
  }
}
