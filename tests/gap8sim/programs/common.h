/* What the programs share: a generator, a hash, a line per result. */
#ifndef COMMON_H
#define COMMON_H
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t state = 1;
/* A 32-bit xorshift generator (Marsaglia 2003, shifts 13, 17, 5). */
static __attribute__((noinline, unused)) uint32_t draw(void) {
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

/* FNV-1a over bytes. */
static __attribute__((noinline, unused)) uint32_t hash(const void *data, size_t size, uint32_t h) {
  const uint8_t *bytes = data;
  for (size_t i = 0; i < size; i++) h = (h ^ bytes[i]) * 16777619u;
  return h;
}
#define HASH0 2166136261u
#define SHOW(name, h) printf("%s %08lx\n", name, (unsigned long)(h))
#endif
