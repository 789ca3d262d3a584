/* CRC-32 by bits and by table, CRC-16, Adler-32 over bytes at odd addresses. */
#include "common.h"

static uint8_t data[1500];
static uint32_t table[256];

static uint32_t crc_bits(const uint8_t *p, size_t n, uint32_t c) {
  for (c = ~c; n--; p++) {
    c ^= *p;
    for (int k = 0; k < 8; k++) c = (c >> 1) ^ (c & 1 ? 0xedb88320u : 0);
  }
  return ~c;
}

static void fill_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = (c >> 1) ^ (0xedb88320u & (0u - (c & 1)));
    table[i] = c;
  }
}

static uint32_t crc_table(const uint8_t *p, size_t n, uint32_t c) {
  for (c = ~c; n--; p++) c = table[(c ^ *p) & 255] ^ (c >> 8);
  return ~c;
}

static uint16_t crc16(const uint8_t *p, size_t n) {
  uint16_t c = 0xffff;
  while (n--) {
    c ^= (uint16_t)(*p++ << 8);
    for (int k = 0; k < 8; k++) c = (uint16_t)(c & 0x8000 ? (c << 1) ^ 0x1021 : c << 1);
  }
  return c;
}

static uint32_t adler(const uint8_t *p, size_t n) {
  uint32_t a = 1, b = 0;
  while (n--) {
    a = (a + *p++) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

int main(void) {
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(draw() >> 11);
  fill_table();
  for (size_t from = 0; from < 4; from++) {
    const uint8_t *p = data + from;
    size_t n = sizeof data - 7 * from;
    n = from == 3 ? 0 : n - from;
    SHOW("crc32", crc_bits(p, n, 0));
    SHOW("crc32", crc_table(p, n, 0));
    SHOW("crc16", crc16(p, n));
    SHOW("adler", adler(p, n));
  }
  return 0;
}
