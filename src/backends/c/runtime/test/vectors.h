/* pulsec: what the test program knows of the network. The tables are in vectors.c. */
#ifndef PULSEC_TEST_VECTORS_H
#define PULSEC_TEST_VECTORS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name; /* NULL ends a table */
  int element_bytes;
  int is_signed;
  int elements;
  void *buffer; /* of inputs and outputs; results of layers are seen when they are traced */
} test_value;

/* What a value must be: all of it, or only its CRC-32 where the whole would be too long. */
typedef struct {
  enum { TEST_UNKNOWN, TEST_DATA, TEST_CRC } kind;
  const void *data;
  uint32_t crc;
} test_golden;

typedef struct {
  const test_golden *inputs; /* NULL ends the table of vectors */
  const test_golden *results;
  const test_golden *outputs;
} test_vector;

extern const test_value test_inputs[], test_results[], test_outputs[];
extern const test_vector test_vectors[];

/* Runs the network from the buffers of test_inputs to those of test_outputs. */
void test_run(void);
/* Called by the network for the result of every layer, if it is built to trace. */
void test_trace(int result, const void *data);

#endif
