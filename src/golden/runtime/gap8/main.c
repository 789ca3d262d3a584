/*
 * pulsec: runs a kernel under test on the cluster of GAP8, on bare metal. At golden_ready the simulator's user writes
 * golden_job and the buffers that its pointers name, and reads both at the next one; the places of buffers are his.
 */
#define pulsec_barrier barrier_of_cluster
#define pulsec_fork fork_of_cluster
#include "pulsec_cluster.h"
#undef pulsec_barrier
#undef pulsec_fork

#include "pulsec_golden.h"
#include "pulsec_platform.h"

enum { MOST_VALUES = 64 };
#define IN_L1 __attribute__((section(".l1")))

struct {
  int32_t cores, runs;
  uint32_t cycles; /* of the last run, from the first core's start to the last one's end */
  int32_t unused;
  golden_value values[MOST_VALUES];
} golden_job;
/* For what does not fit L1. */
uint8_t golden_l2[192 * 1024] __attribute__((aligned(64)));

static struct {
  golden_case t;
  uint32_t begin[8], end[8];
} shared IN_L1;
int pulsec_cores IN_L1;

void pulsec_barrier(void);
void pulsec_fork(int cores, void (*entry)(void *), void *argument);

void pulsec_barrier(void) { barrier_of_cluster(); }

static void set_team(int cores) {
  const uint32_t team = (1u << cores) - 1;
  pulsec_cores = cores;
  PULSEC_REGISTER(PULSEC_BARRIER) = team;
  PULSEC_REGISTER(PULSEC_BARRIER + 0xc) = team;
  PULSEC_REGISTER(PULSEC_DISPATCH + 4) = team & ~1u;
  PULSEC_FENCE();
}

/* All nine cores run; those that are not of the team sleep. */
void pulsec_fork(int cores, void (*entry)(void *), void *argument) {
  const int before = pulsec_cores;
  set_team(cores);
  if (cores > 1) {
    PULSEC_REGISTER(PULSEC_DISPATCH) = (uint32_t)(uintptr_t)entry;
    PULSEC_REGISTER(PULSEC_DISPATCH) = (uint32_t)(uintptr_t)argument;
  }
  entry(argument);
  barrier_of_cluster();
  set_team(before);
}

static void enter(void *argument) {
  const int core = pulsec_core_id();
  barrier_of_cluster();
  const uint32_t begin = pulsec_cycles();
  golden_call(argument);
  shared.end[core] = pulsec_cycles();
  shared.begin[core] = begin;
}

static void work(void *argument) {
  golden_fill(&shared.t, golden_job.values);
  pulsec_cores = 1;
  for (int i = 0; i < golden_job.runs; i++) {
    pulsec_fork(golden_job.cores, enter, &shared.t);
    uint32_t begin = shared.begin[0], end = shared.end[0];
    for (int core = 1; core < golden_job.cores; core++) {
      if ((int32_t)(shared.begin[core] - begin) < 0) begin = shared.begin[core];
      if ((int32_t)(shared.end[core] - end) > 0) end = shared.end[core];
    }
    golden_job.cycles = end - begin;
  }
  (void)argument;
}

void golden_ready(void);
__attribute__((noinline)) void golden_ready(void) {
  /* The linker leaves out what nobody names. */
  __asm__ volatile("" : : "r"(pulsec_l1), "r"(golden_l2) : "memory");
}

int main(void) {
  if (pulsec_open() != 0) return 2;
  for (;;) {
    golden_ready();
    pulsec_call(work, NULL);
  }
}
