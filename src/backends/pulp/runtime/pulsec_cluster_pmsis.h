/* pulsec: the cluster through PMSIS, the API of the vendor's SDK. */
#ifndef PULSEC_CLUSTER_PMSIS_H
#define PULSEC_CLUSTER_PMSIS_H

#include "bsp/ram.h"
#include "pmsis.h"

#define PULSEC_MASTER(core) ((core) == 0)
#define PULSEC_EACH_CORE(core)
#define PULSEC_PART(core, call) \
  do { \
    call; \
    pulsec_barrier(); \
  } while (0)

/* Of L1, which the SDK's stacks and queues share; gapsdk.mk sets what its network needs. */
#ifndef PULSEC_L1_BYTES
#define PULSEC_L1_BYTES 45056
#endif

enum { PULSEC_TRANSFERS = 16, PULSEC_MOST_BYTES = 65532, PULSEC_MOST_LINE = 32767 };

/* In pmsis/platform.c. */
extern struct pi_device *pulsec_pmsis_ram;
extern pi_cl_ram_req_t pulsec_pmsis_requests[PULSEC_TRANSFERS];
extern uint32_t pulsec_pmsis_writes; /* which of them are */
int pulsec_pmsis_move(int transfer, pi_cl_dma_dir_e direction, uint32_t l1, uint32_t l2, uint32_t bytes,
                      uint32_t line, uint32_t stride);
void pulsec_dma_wait(int transfer);

static inline int pulsec_core_id(void) { return (int)pi_core_id(); }
static inline void pulsec_barrier(void) { pi_cl_team_barrier(0); }
static inline void pulsec_fork(void (*entry)(void *), void *argument) {
  pi_cl_team_fork(PULSEC_CORES, entry, argument);
}
static inline uint32_t pulsec_cycles(void) { return pi_perf_read(PI_PERF_CYCLES); }

static inline int pulsec_dma_more_in(int transfer, void *l1, const void *l2, uint32_t bytes,
                                     uint32_t line, uint32_t stride) {
  return pulsec_pmsis_move(transfer, PI_CL_DMA_DIR_EXT2LOC, (uint32_t)(uintptr_t)l1,
                           (uint32_t)(uintptr_t)l2, bytes, line, stride);
}
static inline int pulsec_dma_more_out(int transfer, const void *l1, void *l2, uint32_t bytes,
                                      uint32_t line, uint32_t stride) {
  return pulsec_pmsis_move(transfer, PI_CL_DMA_DIR_LOC2EXT, (uint32_t)(uintptr_t)l1,
                           (uint32_t)(uintptr_t)l2, bytes, line, stride);
}
static inline int pulsec_dma_in(void *l1, const void *l2, uint32_t bytes, uint32_t line,
                                uint32_t stride) {
  return pulsec_dma_more_in(PULSEC_NO_TRANSFER, l1, l2, bytes, line, stride);
}
static inline int pulsec_dma_out(const void *l1, void *l2, uint32_t bytes, uint32_t line,
                                 uint32_t stride) {
  return pulsec_dma_more_out(PULSEC_NO_TRANSFER, l1, l2, bytes, line, stride);
}

/* Tickets from 1 on; the driver queues transfers, a slot is used again when its last one has ended. */
int pulsec_pmsis_ticket(void);
void pulsec_l3_wait(int ticket);
static inline int pulsec_l3_read(void *l2, uint32_t l3, uint32_t bytes) {
  const int ticket = pulsec_pmsis_ticket();
  pi_cl_ram_read(pulsec_pmsis_ram, l3, l2, bytes, &pulsec_pmsis_requests[ticket % PULSEC_TRANSFERS]);
  pulsec_pmsis_writes &= ~(1u << ticket % PULSEC_TRANSFERS);
  return ticket;
}
static inline int pulsec_l3_write(uint32_t l3, const void *l2, uint32_t bytes) {
  const int ticket = pulsec_pmsis_ticket();
  pi_cl_ram_write(pulsec_pmsis_ram, l3, (void *)(uintptr_t)l2, bytes,
                  &pulsec_pmsis_requests[ticket % PULSEC_TRANSFERS]);
  pulsec_pmsis_writes |= 1u << ticket % PULSEC_TRANSFERS;
  return ticket;
}

#endif
