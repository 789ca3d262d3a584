/* pulsec: the platform on a host. */
#include "../pulsec_platform.h"

#include "../pulsec_cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kernels read up to 16 bytes behind a box. */
_Alignas(64) uint8_t pulsec_l1[PULSEC_L1_BYTES + 64];

enum { L3_BYTES = 8 << 20 };
uint8_t pulsec_host_l3[L3_BYTES];
static uint32_t reserved;

int pulsec_open(void) { return 0; }
void pulsec_close(void) { fflush(stdout); }
void pulsec_call(void (*entry)(void *), void *argument) { entry(argument); }

uint32_t pulsec_l3_reserve(uint32_t bytes) {
  const uint32_t begin = reserved;
  reserved += (bytes + 15u) & ~15u;
  return begin;
}
void pulsec_host_check_l3(const void *l2, uint32_t l3, uint32_t bytes) {
  const char *wrong = (uintptr_t)l2 & 3 ? "its place in L2 is no multiple of 4"
                      : l3 & 1          ? "its place in L3 is odd"
                      : bytes >> 20     ? "it is 1 MiB or more"
                                        : NULL;
  if (!wrong) return;
  fprintf(stderr, "a transfer between L3 and L2 that GAP8 cannot do: %s\n", wrong);
  exit(2);
}

void pulsec_l3_store(uint32_t l3, const void *l2, uint32_t bytes) {
  memcpy(pulsec_host_l3 + l3, l2, bytes);
}

void pulsec_l3_load(uint32_t l3, const char *file, uint32_t bytes, void *buffer, uint32_t buffer_bytes) {
  (void)buffer;
  (void)buffer_bytes;
  FILE *const from = fopen(file, "rb");
  const size_t got = from ? fread(pulsec_host_l3 + l3, 1, bytes, from) : 0;
  if (from) fclose(from);
  if (got == bytes) return;
  fprintf(stderr, "%s cannot be read: run the program in the folder that holds it\n", file);
  exit(2);
}

void pulsec_print(const char *text) { fputs(text, stdout); }
void pulsec_print_number(int32_t value) { printf("%ld", (long)value); }
void pulsec_print_hex(uint32_t value) { printf("%08lx", (unsigned long)value); }
