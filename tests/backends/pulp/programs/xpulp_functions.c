/* Every function of pulsec_xpulp.h on random operands: the same hashes as instructions and as plain C. */
#include <stdio.h>

#include "pulsec_xpulp.h"

static uint32_t state = 1;
static uint32_t draw(void) {
  state = state * 1664525u + 1013904223u;
  return state ^ state >> 15;
}

static uint32_t hash;
static void add(uint32_t v) { hash = (hash ^ v) * 16777619u; }
static void report(const char *name) {
  printf("%s %08x\n", name, (unsigned)hash);
  hash = 2166136261u;
}

#define EACH(name, expression)                                  \
  do {                                                          \
    for (int i = 0; i < 300; i++) {                             \
      const uint32_t a = draw(), b = draw(), c = draw();        \
      const int32_t n = (int32_t)(c & 31), v = (int32_t)a >> n; \
      (void)b;                                                  \
      (void)v;                                                  \
      add((uint32_t)(expression));                              \
    }                                                           \
    report(name);                                               \
  } while (0)
#define DOTS(kind)                                                      \
  EACH("dot" #kind ".b", pulsec_dot##kind##_b(a, b));                   \
  EACH("dot" #kind ".h", pulsec_dot##kind##_h(a, b));                   \
  EACH("sdot" #kind ".b", pulsec_sdot##kind##_b(c, a, b));              \
  EACH("sdot" #kind ".h", pulsec_sdot##kind##_h(c, a, b))
#define LANES(name)                                                     \
  EACH(#name ".b", pulsec_##name##_b(a, b));                            \
  EACH(#name ".h", pulsec_##name##_h(a, b))
#define SHIFTS(name)                                                    \
  EACH(#name ".b", pulsec_##name##_b(a, b & 0x07070707u));              \
  EACH(#name ".h", pulsec_##name##_h(a, b & 0x000f000fu))

static uint32_t memory(void) {
  static uint8_t bytes[64] __attribute__((aligned(4)));
  uint8_t *to = bytes;
  const uint8_t *from = bytes;
  uint32_t sum = 0;
  for (int i = 0; i < 4; i++) {
    PULSEC_SW(to, draw(), 8);
    PULSEC_SH(to, draw(), -2);
    PULSEC_SB(to, draw(), 5);
  }
  for (int i = 0; i < 4; i++) {
    sum = sum * 31 + PULSEC_LW(from, 1);
    sum = sum * 31 + (uint32_t)PULSEC_LB(from, 1) + PULSEC_LBU(from, 2);
    sum = sum * 31 + (uint32_t)PULSEC_LH(from, 4) + PULSEC_LHU(from, -4);
  }
  return sum * 31 + (uint32_t)(to - bytes) + (uint32_t)(from - bytes);
}

int main(void) {
  hash = 2166136261u;
  DOTS(up);
  DOTS(usp);
  DOTS(sp);
  LANES(add);
  LANES(sub);
  LANES(min);
  LANES(max);
  LANES(minu);
  LANES(maxu);
  SHIFTS(srl);
  SHIFTS(sra);
  SHIFTS(sll);
  EACH("shuffle2.b", pulsec_shuffle2_b(c, a, b & 0x07070707u));
  EACH("shuffle2.h", pulsec_shuffle2_h(c, a, b & 0x00030003u));
  EACH("shuffle.b", pulsec_shuffle_b(a, b & 0x03030303u));
  EACH("pack.h", pulsec_pack_h(a, b));
  EACH("packhi.b", pulsec_packhi_b(c, a, b));
  EACH("packlo.b", pulsec_packlo_b(c, a, b));
  EACH("pack4", pulsec_pack4((int32_t)a, (int32_t)b, (int32_t)c, v));
  EACH("min", pulsec_min((int32_t)a, (int32_t)b));
  EACH("max", pulsec_max((int32_t)a, (int32_t)b));
  EACH("mac", pulsec_mac((int32_t)c, (int32_t)a, (int32_t)b));
  EACH("clipr", pulsec_clipr(v, (int32_t)(b & 1023)));
  EACH("clipur", pulsec_clipur(v, (int32_t)(b & 1023)));
  EACH("add_sra", pulsec_add_sra((int32_t)a, (int32_t)b, n));
  EACH("add_sra 7", pulsec_add_sra((int32_t)a, (int32_t)b, 7));
  EACH("clip i8", pulsec_clip(v, -128, 127));
  EACH("clip u8", pulsec_clip(v, 0, 255));
  EACH("clip u2", pulsec_clip(v, 0, 3));
  EACH("clip i16", pulsec_clip(v, -32768, 32767));
  EACH("clip 0", pulsec_clip(v, 0, 0));
  EACH("clip any", pulsec_clip(v, -3, 100));
  EACH("clip i32", pulsec_clip(v, INT32_MIN, INT32_MAX));
  EACH("clip u31", pulsec_clip(v, 0, INT32_MAX));
  EACH("clip below", pulsec_clip(v, -9, INT32_MAX));
  EACH("clip above", pulsec_clip(v, INT32_MIN, 9));
  EACH("memory", memory());
  return 0;
}
