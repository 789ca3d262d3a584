/*
 * pulsec: test program of a network.
 *   check            runs the golden vectors; exit 3 when a value differs
 *   run IN OUT       reads all inputs from IN, writes the traced results and the outputs to OUT;
 *                    elements as they lie in memory, one tensor after the other
 */
#include <stdio.h>
#include <string.h>

#include "vectors.h"

static const test_vector *golden; /* the vector being checked */
static FILE *dump;                /* where results go */
static int traced, compared, different;

static size_t bytes_of(const test_value *v) { return (size_t)v->elements * (size_t)v->element_bytes; }

static int32_t element(const test_value *v, const void *data, int i) {
  switch (v->element_bytes) {
    case 1: return v->is_signed ? ((const int8_t *)data)[i] : ((const uint8_t *)data)[i];
    case 2: return ((const int16_t *)data)[i];
    default: return ((const int32_t *)data)[i];
  }
}

/* CRC-32 of ISO 3309, as zip and PNG have it. */
static uint32_t crc32(const void *data, size_t bytes) {
  const unsigned char *p = data;
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < bytes; i++) {
    crc ^= p[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1u ? 0xedb88320u : 0u);
  }
  return ~crc;
}

static void report(const test_value *v, const test_golden *expected, const void *got) {
  if (expected->kind == TEST_CRC) {
    printf("first divergence: value %s: expected CRC %08lx, got %08lx\n", v->name,
           (unsigned long)expected->crc, (unsigned long)crc32(got, bytes_of(v)));
    return;
  }
  int i = 0;
  while (element(v, expected->data, i) == element(v, got, i)) i++;
  printf("first divergence: value %s, element %d: expected %ld, got %ld\n", v->name, i,
         (long)element(v, expected->data, i), (long)element(v, got, i));
}

/* The number of values compared: 0 or 1. */
static int compare(const test_value *v, const test_golden *expected, const void *got) {
  if (expected->kind == TEST_UNKNOWN) return 0;
  const int equal = expected->kind == TEST_DATA ? memcmp(expected->data, got, bytes_of(v)) == 0
                                                : expected->crc == crc32(got, bytes_of(v));
  if (!equal && different++ == 0) report(v, expected, got);
  return 1;
}

void test_trace(int result, const void *data) {
  const test_value *v = &test_results[result];
  traced = 1;
  if (dump) fwrite(data, 1, bytes_of(v), dump);
  if (golden) compared += compare(v, &golden->results[result], data);
}

static int check(void) {
  for (golden = test_vectors; golden->inputs; golden++) {
    for (int i = 0; test_inputs[i].name; i++)
      memcpy(test_inputs[i].buffer, golden->inputs[i].data, bytes_of(&test_inputs[i]));
    test_run();
    /* Outputs are results too: they count where results cannot be seen. */
    for (int i = 0; test_outputs[i].name; i++) {
      const int one = compare(&test_outputs[i], &golden->outputs[i], test_outputs[i].buffer);
      if (!traced) compared += one;
    }
  }
  const char *what = traced ? "values" : "outputs";
  if (different > 0) {
    printf("%d of %d %s differ\n", different, compared, what);
    return 3;
  }
  if (compared == 0) {
    printf("nothing to check: this project was made without golden vectors\n");
    return 2;
  }
  printf("all %d %s equal\n", compared, what);
  return 0;
}

static int run(const char *from, const char *to) {
  FILE *in = fopen(from, "rb");
  if (!in) return perror(from), 2;
  for (const test_value *v = test_inputs; v->name; v++) {
    if (fread(v->buffer, 1, bytes_of(v), in) == bytes_of(v)) continue;
    fprintf(stderr, "%s ends within input %s\n", from, v->name);
    return fclose(in), 2;
  }
  fclose(in);
  dump = fopen(to, "wb");
  if (!dump) return perror(to), 2;
  test_run();
  for (const test_value *v = test_outputs; v->name; v++) fwrite(v->buffer, 1, bytes_of(v), dump);
  if (fclose(dump) != 0) return perror(to), 2;
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "check") == 0) return check();
  if (argc == 4 && strcmp(argv[1], "run") == 0) return run(argv[2], argv[3]);
  fprintf(stderr, "usage: %s check | run IN OUT\n", argv[0]);
  return 2;
}
