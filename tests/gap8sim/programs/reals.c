/* Floating point in software: single and double precision, conversions, comparisons, special values. */
#include "common.h"

static float as_float(uint32_t bits) {
  float f;
  memcpy(&f, &bits, 4);
  return f;
}
static double as_double(uint64_t bits) {
  double d;
  memcpy(&d, &bits, 8);
  return d;
}
/* Which NaN a library returns is its own affair. */
static uint32_t with_float(float f, uint32_t h) { return f != f ? hash("n", 1, h) : hash(&f, 4, h); }
static uint32_t with_double(double d, uint32_t h) { return d != d ? hash("n", 1, h) : hash(&d, 8, h); }

int main(void) {
  uint32_t h = HASH0, g = HASH0, c = HASH0;
  for (int i = 0; i < 250; i++) {
    uint32_t bits = draw();
    if (i % 17 == 0) bits |= 0x7f800000u;
    if (i % 13 == 0) bits &= 0x807fffffu;
    float a = as_float(bits), b = as_float(draw() & 0xbfffffffu);
    h = with_float(a + b, with_float(a - b, with_float(a * b, with_float(a / b, h))));
    uint64_t wide = (uint64_t)draw() << 32 | bits;
    double x = as_double(wide), y = (double)a;
    g = with_double(x + y, with_double(x - y, with_double(x * y, with_double(x / y, g))));
    g = with_float((float)x, g);
    int order = (a < b) | (a <= b) << 1 | (a == b) << 2 | (x > y) << 3 | (x >= y) << 4 | (x != y) << 5;
    int32_t whole = a > -2e9f && a < 2e9f ? (int32_t)a : 0;
    uint32_t positive = x > 0 && x < 4e9 ? (uint32_t)x : 0;
    double from = (double)(int32_t)bits + (double)bits + (double)((int64_t)wide >> 7);
    c = hash(&order, sizeof order, hash(&whole, 4, hash(&positive, 4, with_double(from, c))));
  }
  SHOW("single", h);
  SHOW("double", g);
  SHOW("conversions", c);
  return 0;
}
