/* Plain kernels of many ops, with the arguments in the order in which `pulsec golden new` writes them. */
#include <stdint.h>
#include <string.h>

static uint8_t rescale(int32_t sum, int32_t mul, int64_t add, int shift) {
  const int64_t v = ((int64_t)sum * mul + add) >> shift;
  return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

void conv1d(const uint8_t *x, const int8_t *w, const int32_t *b, int32_t *y, int length, int taps, int ci, int co,
            int stride, int dilation, int begin, int end) {
  const int positions = (length + begin + end - (taps - 1) * dilation - 1) / stride + 1;
  for (int p = 0; p < positions; p++)
    for (int o = 0; o < co; o++) {
      int32_t sum = b[o];
      for (int k = 0; k < taps; k++) {
        const int at = p * stride + k * dilation - begin;
        if (at < 0 || at >= length) continue;
        for (int c = 0; c < ci; c++) sum += x[at * ci + c] * w[(o * taps + k) * ci + c];
      }
      y[p * co + o] = sum;
    }
}

void depthwise2d(const uint8_t *x, const int8_t *w, const int32_t *b, const int32_t *mul, const int64_t *add,
                 uint8_t *y, int height, int width, int kh, int kw, int channels, int sh, int sw, int top, int left,
                 int bottom, int right, int shift) {
  const int rows = (height + top + bottom - kh) / sh + 1, columns = (width + left + right - kw) / sw + 1;
  for (int r = 0; r < rows; r++)
    for (int q = 0; q < columns; q++)
      for (int c = 0; c < channels; c++) {
        int32_t sum = b[c];
        for (int i = 0; i < kh; i++)
          for (int j = 0; j < kw; j++) {
            const int row = r * sh + i - top, column = q * sw + j - left;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            sum += x[(row * width + column) * channels + c] * w[(c * kh + i) * kw + j];
          }
        y[(r * columns + q) * channels + c] = rescale(sum, mul[c], add[c], shift);
      }
}

/* Every input adds to the outputs that its taps reach. */
void conv_transpose1d(const uint8_t *x, const int8_t *w, const int32_t *b, int32_t *y, int length, int taps, int ci,
                      int co, int stride, int dilation, int begin, int end) {
  const int positions = (length - 1) * stride + (taps - 1) * dilation + 1 - begin - end;
  for (int p = 0; p < positions; p++) memcpy(y + p * co, b, (size_t)co * sizeof *b);
  for (int i = 0; i < length; i++)
    for (int k = 0; k < taps; k++) {
      const int p = i * stride + k * dilation - begin;
      if (p < 0 || p >= positions) continue;
      for (int o = 0; o < co; o++)
        for (int c = 0; c < ci; c++) y[p * co + o] += x[i * ci + c] * w[(o * taps + k) * ci + c];
    }
}

void linear(const uint8_t *x, const int8_t *w, const int32_t *b, int32_t *y, int ci, int co) {
  for (int o = 0; o < co; o++) {
    int32_t sum = b[o];
    for (int c = 0; c < ci; c++) sum += x[c] * w[o * ci + c];
    y[o] = sum;
  }
}

void matmul(const uint8_t *a, const int8_t *b, int32_t *y, int m, int k, int p) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < p; j++) {
      int32_t sum = 0;
      for (int t = 0; t < k; t++) sum += a[i * k + t] * b[t * p + j];
      y[i * p + j] = sum;
    }
}

void add(const uint8_t *a, const uint8_t *b, const int32_t *mul, const int64_t *addend, uint8_t *y, int height, int width,
         int channels, int mul_a, int mul_b, int shift) {
  for (int i = 0; i < height * width * channels; i++) {
    const int c = i % channels;
    y[i] = rescale(a[i] * mul_a + b[i] * mul_b, mul[c], addend[c], shift);
  }
}

void mul(const uint8_t *a, const uint8_t *b, int32_t *y, int height, int width, int channels) {
  for (int i = 0; i < height * width * channels; i++) y[i] = a[i] * b[i];
}

void requant(const int32_t *x, const int32_t *mul, const int64_t *add, uint8_t *y, int height, int width, int channels,
             int shift) {
  for (int i = 0; i < height * width * channels; i++)
    y[i] = rescale(x[i], mul[i % channels], add[i % channels], shift);
}

static int inside(int row, int column, int height, int width) {
  return row >= 0 && row < height && column >= 0 && column < width;
}

void maxpool2d(const uint8_t *x, uint8_t *y, int height, int width, int channels, int kh, int kw, int sh, int sw, int top,
               int left, int bottom, int right) {
  const int rows = (height + top + bottom - kh) / sh + 1, columns = (width + left + right - kw) / sw + 1;
  for (int at = 0; at < rows * columns * channels; at++) {
    const int c = at % channels, q = at / channels % columns, r = at / channels / columns;
    uint8_t most = 0;
    for (int i = 0; i < kh * kw; i++) {
      const int row = r * sh + i / kw - top, column = q * sw + i % kw - left;
      if (!inside(row, column, height, width)) continue;
      const uint8_t v = x[(row * width + column) * channels + c];
      if (v > most) most = v;
    }
    y[at] = most;
  }
}

void avgpool1d(const uint8_t *x, const int32_t *mul, const int64_t *add, uint8_t *y, int length, int channels, int kernel,
               int stride, int begin, int end, int shift) {
  const int positions = (length + begin + end - kernel) / stride + 1;
  for (int p = 0; p < positions; p++)
    for (int c = 0; c < channels; c++) {
      int32_t sum = 0;
      for (int k = 0; k < kernel; k++) {
        const int at = p * stride + k - begin;
        if (at >= 0 && at < length) sum += x[at * channels + c];
      }
      y[p * channels + c] = rescale(sum, mul[c], add[c], shift);
    }
}

void concat(const uint8_t *first, const uint8_t *second, uint8_t *y, int height, int width, int ca, int cb) {
  for (int i = 0; i < height * width; i++) {
    memcpy(y + i * (ca + cb), first + i * ca, (size_t)ca);
    memcpy(y + i * (ca + cb) + ca, second + i * cb, (size_t)cb);
  }
}

void upsample(const uint8_t *x, uint8_t *y, int height, int width, int channels, int rows, int columns) {
  for (int r = 0; r < rows; r++)
    for (int q = 0; q < columns; q++)
      memcpy(y + (r * columns + q) * channels, x + (r * height / rows * width + q * width / columns) * channels,
             (size_t)channels);
}

void lut(const int8_t *x, const int8_t *table, int8_t *y, int height, int width, int channels) {
  for (int i = 0; i < height * width * channels; i++) y[i] = table[x[i] + 128];
}

void prelu(const int8_t *x, const int8_t *alpha, int32_t *y, int height, int width, int channels) {
  for (int i = 0; i < height * width * channels; i++) y[i] = x[i] >= 0 ? x[i] * 64 : x[i] * alpha[i % channels];
}
