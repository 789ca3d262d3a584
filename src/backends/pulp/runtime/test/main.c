/*
 * pulsec: runs the golden vectors one after the other and compares CRCs: of the outputs, and of every layer where the
 * network is built to trace. Exit code 0 where all are equal, 3 where one differs.
 */
#include "vectors.h"

#include "../pulsec_cluster.h"
#include "../pulsec_crc.h"
#include "../pulsec_platform.h"

static int vector, compared, different;

static void compare(const test_value *value, const void *data, uint32_t expected) {
  const uint8_t *plane = data;
  uint32_t got = 0;
  for (uint32_t p = 0; p < value->planes; p++, plane += value->plane_stride)
    got = pulsec_crc32(got, plane, value->rows, value->stride, value->row_bytes);
  compared++;
  if (got == expected || different++ > 0) return;
  pulsec_print("first divergence: vector ");
  pulsec_print_number(vector);
  pulsec_print(", value ");
  pulsec_print(value->name);
  pulsec_print(": expected CRC ");
  pulsec_print_hex(expected);
  pulsec_print(", got ");
  pulsec_print_hex(got);
  pulsec_print("\n");
}

void test_trace(int result, const void *data) {
  compare(&test_results[result], data, test_vectors[vector].results[result]);
}

static int check(void) {
  if (pulsec_open() != 0) {
    pulsec_print("the cluster or the HyperRAM does not start\n");
    return 2;
  }
  for (vector = 0; vector < test_vector_count; vector++) {
    test_run(vector);
    for (int i = 0; i < test_output_count; i++)
      compare(&test_outputs[i], test_output_data[i], test_vectors[vector].outputs[i]);
  }
  pulsec_close();
  if (different > 0) {
    pulsec_print_number(different);
    pulsec_print(" of ");
    pulsec_print_number(compared);
    pulsec_print(" CRCs differ\n");
    return 3;
  }
  pulsec_print("all ");
  pulsec_print_number(compared);
  pulsec_print(" CRCs equal, ");
  pulsec_print_number(test_vector_count);
  pulsec_print(" inferences\n");
  return 0;
}

#ifdef PULSEC_PMSIS
static void kickoff(void) { pmsis_exit(check()); }
int main(void) { return pmsis_kickoff((void *)kickoff); }
#else
int main(void) { return check(); }
#endif
