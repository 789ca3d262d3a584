/* Strings and numbers in and out of text. */
#include <stdlib.h>
#include "common.h"

int main(void) {
  char text[160];
  uint32_t h = HASH0;
  for (int i = 0; i < 60; i++) {
    int32_t v = (int32_t)draw() >> i % 32;
    int n = snprintf(text, sizeof text, "%d %08x %+7d|%-9u|%c %s %5.3s %o", (int)v, (unsigned)v, (int)(v % 1000), (unsigned)(v & 0xffff),
                     (char)('a' + i % 26), i % 3 ? "odd" : "", "abcdef", (unsigned)i);
    h = hash(text, (size_t)n, h);
    char *end = 0;
    long back = strtol(text, &end, 10);
    if (back != v || *end != ' ') printf("lost %ld\n", back);
    if (i % 20 == 0) printf("%s\n", text);
  }
  SHOW("text", h);
  static char pool[900];
  for (int i = 0; i < 60; i++) {
    snprintf(text, sizeof text, "k%lu;", (unsigned long)(draw() % 997));
    if (!strstr(pool, text)) strcat(pool, text);
  }
  memmove(pool + 5, pool + 2, strlen(pool) - 1);
  SHOW("pool", hash(pool, sizeof pool, HASH0));
  return memchr(pool, ';', sizeof pool) ? 0 : 1;
}
