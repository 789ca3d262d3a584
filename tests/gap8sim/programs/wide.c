/* 64-bit arithmetic: products, quotients, shifts, square roots, powers modulo a number. */
#include "common.h"

static uint64_t draw64(int bits) {
  uint64_t v = (uint64_t)draw() << 32 | draw();
  return bits >= 64 ? v : v & (((uint64_t)1 << bits) - 1);
}

static uint64_t root(uint64_t v) {
  uint64_t r = 0;
  for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
    uint64_t t = r + bit;
    r >>= 1;
    if (v >= t) {
      v -= t;
      r += bit;
    }
  }
  return r;
}

static uint64_t power(uint64_t base, uint32_t exponent, uint32_t modulus) {
  uint64_t r = 1;
  for (base %= modulus; exponent; exponent >>= 1, base = base * base % modulus)
    if (exponent & 1) r = r * base % modulus;
  return r;
}

int main(void) {
  uint32_t h[7] = { HASH0, HASH0, HASH0, HASH0, HASH0, HASH0, HASH0 };
  for (int i = 0; i < 300; i++) {
    uint64_t a = draw64(1 + i % 64), b = draw64(1 + i * 7 % 64) | 1;
    int64_t sa = (int64_t)draw64(64) >> i % 64, sb = (int64_t)(draw64(64) | 1) >> i % 61;
    uint64_t results[7] = { a * b, a / b, a % b, (uint64_t)(sb ? sa / sb : 0), (uint64_t)(sb ? sa % sb : 1), root(a), power(a, (uint32_t)b, 2147483647u) };
    for (int k = 0; k < 7; k++) h[k] = hash(&results[k], 8, h[k]);
    uint64_t shifted[3] = { a << i % 64, a >> i % 64, (uint64_t)(sa >> i % 64) };
    h[0] = hash(shifted, sizeof shifted, h[0]);
  }
  static const char *const names[7] = { "product", "quotient", "remainder", "signed quotient", "signed remainder", "root", "power" };
  for (int k = 0; k < 7; k++) SHOW(names[k], h[k]);
  return 7;
}
