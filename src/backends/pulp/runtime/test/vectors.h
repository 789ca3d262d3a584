/* pulsec: what the test program knows of the network. The tables are in vectors.c. */
#ifndef PULSEC_TEST_VECTORS_H
#define PULSEC_TEST_VECTORS_H

#include <stdint.h>

/* A tensor as it lies in memory: `planes` times `rows` rows of `row_bytes` bytes, strides in bytes. No planes: unknown. */
typedef struct {
  const char *name;
  uint32_t planes, plane_stride, rows, stride, row_bytes;
} test_value;

typedef struct {
  const uint32_t *results; /* CRC-32 of the result of each layer */
  const uint32_t *outputs;
} test_vector;

extern const test_value test_results[], test_outputs[];
extern const void *const test_output_data[];
extern const int test_output_count, test_vector_count;
extern const test_vector test_vectors[];

/* Runs the network on a golden input; outputs are at test_output_data. */
void test_run(int vector);
/* Called by the network for the result of every layer, on core 0 of the cluster, if it is built to trace. */
void test_trace(int result, const void *data);
void test_trace_l3(int result, uint32_t address);

#endif
