/* pulsec: the cluster as kernels written for PULP's SDK know it, where they are linked into a network. */
#define pulsec_barrier barrier_of_cluster
#define pulsec_fork fork_of_cluster
#include "../pulsec_cluster.h"
#undef pulsec_barrier
#undef pulsec_fork

/* On a host one thread does all the work. */
#ifdef PULSEC_HOST
int pulsec_cores = 1;
_Thread_local int pulsec_core;
#else
int pulsec_cores = PULSEC_CORES;
#endif

void pulsec_barrier(void);
void pulsec_fork(int cores, void (*entry)(void *), void *argument);

void pulsec_barrier(void) { barrier_of_cluster(); }

/* Every core of the team calls the kernel already. */
void pulsec_fork(int cores, void (*entry)(void *), void *argument) {
  (void)cores;
  entry(argument);
  barrier_of_cluster();
}
