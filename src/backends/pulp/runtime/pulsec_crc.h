/* pulsec: CRC-32 of ISO 3309, as zip and PNG have it, over the rows of a tensor, which may be apart. */
#ifndef PULSEC_CRC_H
#define PULSEC_CRC_H

#include <stdint.h>

/* Of `rows` rows of `row_bytes` bytes, continuing `crc`; begin with 0. Four bits at a time: a table of 64 bytes. */
static inline uint32_t pulsec_crc32(uint32_t crc, const void *data, uint32_t rows, uint32_t stride,
                                    uint32_t row_bytes) {
  static const uint32_t table[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *row = data;
  crc = ~crc;
  for (uint32_t r = 0; r < rows; r++, row += stride) {
    for (uint32_t i = 0; i < row_bytes; i++) {
      crc ^= row[i];
      crc = crc >> 4 ^ table[crc & 15];
      crc = crc >> 4 ^ table[crc & 15];
    }
  }
  return ~crc;
}

#endif
