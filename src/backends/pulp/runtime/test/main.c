/*
 * pulsec: runs the golden vectors one after the other and compares CRCs: of the outputs, and of every layer where the
 * network is built to trace. Exit code 0 where all are equal, 3 where one differs.
 */
#include "vectors.h"

#include "../pulsec_cluster.h"
#include "../pulsec_crc.h"
#include "../pulsec_platform.h"

static int vector, compared, different;

static void judge(const test_value *value, uint32_t got, uint32_t expected) {
  if (value->planes == 0) return; /* nobody knows what it should be */
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

static void compare(const test_value *value, const void *data, uint32_t expected) {
  const uint8_t *plane = data;
  uint32_t got = 0;
  for (uint32_t p = 0; p < value->planes; p++, plane += value->plane_stride)
    got = pulsec_crc32(got, plane, value->rows, value->stride, value->row_bytes);
  judge(value, got, expected);
}

/* Transfers begin at multiples of 4. */
static uint32_t crc_of_l3(uint32_t crc, uint32_t address, uint32_t bytes) {
  static uint8_t chunk[1024] __attribute__((aligned(16)));
  while (bytes > 0) {
    const uint32_t before = address & 3;
    const uint32_t most = sizeof chunk - before;
    const uint32_t now = bytes < most ? bytes : most;
    pulsec_l3_wait(pulsec_l3_read(chunk, address - before, (before + now + 3) & ~3u));
    crc = pulsec_crc32(crc, chunk + before, 1, 0, now);
    address += now;
    bytes -= now;
  }
  return crc;
}

void test_trace_l3(int result, uint32_t address) {
  const test_value *const value = &test_results[result];
  uint32_t got = 0;
  for (uint32_t p = 0; p < value->planes; p++)
    for (uint32_t r = 0; r < value->rows; r++)
      got = crc_of_l3(got, address + p * value->plane_stride + r * value->stride, value->row_bytes);
  judge(value, got, test_vectors[vector].results[result]);
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
