/*
 * Runs tile kernels on images of L1. A job says which kernel, and where in the image its operands lie. On bare metal the
 * simulator's user writes `job` and `image` at harness_ready, and reads both at the next one; on a host they come in
 * and go out by the standard streams.
 */
#include "pulsec_cluster.h"
#include "pulsec_platform.h"
#include "pulsec_tile.h"

typedef void kernel_function(const pulsec_tile *, int);
extern kernel_function *const harness_kernels[];

enum { IMAGE = 52 * 1024 };
struct job {
  int32_t kernel, runs, bytes;
  int32_t at[9]; /* x[0..3], w, q, shared, y, scratch */
  int32_t sizes[12];
  uint32_t cycles[2]; /* of the first run and of the last */
} job;
#ifdef PULSEC_HOST
static _Alignas(64) uint8_t image[IMAGE];
#define IN_L1
#else
#define image pulsec_l1
#define IN_L1 __attribute__((section(".l1")))
#endif
static struct {
  pulsec_tile tile;
  kernel_function *kernel;
  uint32_t begin[8], end[8];
} shared IN_L1;

static void fill_tile(pulsec_tile *t) {
  for (int i = 0; i < 4; i++) t->x[i] = image + job.at[i];
  t->w = image + job.at[4];
  t->q = image + job.at[5];
  t->shared = image + job.at[6];
  t->y = image + job.at[7];
  t->scratch = image + job.at[8];
  memcpy(&t->ho, job.sizes, sizeof job.sizes);
}

static void run(void *argument) {
  (void)argument;
  PULSEC_EACH_CORE(core) {
    const int self = pulsec_core_id();
    (void)self;
#ifndef PULSEC_HOST
    const int core = self;
#endif
    kernel_function *const kernel = shared.kernel;
    pulsec_barrier();
    const uint32_t begin = pulsec_cycles();
    kernel(&shared.tile, core);
    shared.end[core] = pulsec_cycles();
    shared.begin[core] = begin;
  }
}

static void work(void *argument) {
  fill_tile(&shared.tile);
  shared.kernel = harness_kernels[job.kernel];
  for (int i = 0; i < job.runs; i++) {
    pulsec_fork(run, argument);
    uint32_t begin = shared.begin[0], end = shared.end[0];
    for (int core = 1; core < PULSEC_CORES; core++) {
      if ((int32_t)(shared.begin[core] - begin) < 0) begin = shared.begin[core];
      if ((int32_t)(shared.end[core] - end) > 0) end = shared.end[core];
    }
    job.cycles[i > 0] = end - begin;
  }
}

#ifdef PULSEC_HOST
#include <stdio.h>
int main(void) {
  while (fread(&job, sizeof job, 1, stdin) == 1) {
    if (fread(image, 1, (size_t)job.bytes, stdin) != (size_t)job.bytes) return 1;
    work(NULL);
    fwrite(image, 1, (size_t)job.bytes, stdout);
  }
  return 0;
}
#else
__attribute__((noinline)) void harness_ready(void) { __asm__ volatile("" : : : "memory"); }
int main(void) {
  if (pulsec_open() != 0) return 2;
  for (;;) {
    harness_ready();
    if (job.kernel < 0) return 0;
    pulsec_call(work, NULL);
  }
}
#endif
