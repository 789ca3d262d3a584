/* pulsec: the cluster on a host. One thread does the work of all cores, so barriers are passed at once. */
#ifndef PULSEC_CLUSTER_HOST_H
#define PULSEC_CLUSTER_HOST_H

#define PULSEC_MASTER(core) ((void)(core), 1)
#define PULSEC_EACH_CORE(core) for (int core = 0; core < PULSEC_CORES; core++)
/* The first core does the part of all of them. */
#define PULSEC_PART(core, call) \
  if (core == 0) PULSEC_EACH_CORE(core) call

extern uint8_t pulsec_host_l3[];
#define PULSEC_L1_BYTES 65536

static inline int pulsec_core_id(void) { return 0; }
static inline void pulsec_barrier(void) {}
static inline void pulsec_fork(void (*entry)(void *), void *argument) { entry(argument); }
static inline uint32_t pulsec_cycles(void) { return 0; }

/* Both directions: a side that is not outside is packed. */
static inline int pulsec_host_lines(uint8_t *to, const uint8_t *from, uint32_t bytes, uint32_t line,
                                    uint32_t to_step, uint32_t from_step) {
  while (bytes > 0) {
    const uint32_t now = line < bytes ? line : bytes;
    memcpy(to, from, now);
    to += to_step;
    from += from_step;
    bytes -= now;
  }
  return PULSEC_NO_TRANSFER;
}
static inline int pulsec_dma_in(void *l1, const void *l2, uint32_t bytes, uint32_t line,
                                uint32_t stride) {
  return pulsec_host_lines(l1, l2, bytes, line, line, stride);
}
static inline int pulsec_dma_out(const void *l1, void *l2, uint32_t bytes, uint32_t line,
                                 uint32_t stride) {
  return pulsec_host_lines(l2, l1, bytes, line, stride, line);
}
static inline int pulsec_dma_more_in(int transfer, void *l1, const void *l2, uint32_t bytes,
                                     uint32_t line, uint32_t stride) {
  (void)transfer;
  return pulsec_dma_in(l1, l2, bytes, line, stride);
}
static inline int pulsec_dma_more_out(int transfer, const void *l1, void *l2, uint32_t bytes,
                                      uint32_t line, uint32_t stride) {
  (void)transfer;
  return pulsec_dma_out(l1, l2, bytes, line, stride);
}
static inline void pulsec_dma_wait(int transfer) { (void)transfer; }

/* What the uDMA of GAP8 cannot do ends the program here. */
void pulsec_host_check_l3(const void *l2, uint32_t l3, uint32_t bytes);

static inline int pulsec_l3_read(void *l2, uint32_t l3, uint32_t bytes) {
  pulsec_host_check_l3(l2, l3, bytes);
  memcpy(l2, pulsec_host_l3 + l3, bytes);
  return PULSEC_NO_TICKET;
}
static inline int pulsec_l3_write(uint32_t l3, const void *l2, uint32_t bytes) {
  pulsec_host_check_l3(l2, l3, bytes);
  memcpy(pulsec_host_l3 + l3, l2, bytes);
  return PULSEC_NO_TICKET;
}
static inline void pulsec_l3_wait(int ticket) { (void)ticket; }

#endif
