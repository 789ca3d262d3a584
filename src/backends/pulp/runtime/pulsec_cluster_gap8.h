/*
 * pulsec: the cluster of GAP8 on bare metal. Registers: event unit v3 and MCHAN v6 as each core sees them, uDMA v2; the
 * public headers of gap_sdk (archi/eu/eu_v3.h, archi/dma/mchan_v6.h, archi/udma/udma_v2.h) name them.
 */
#ifndef PULSEC_CLUSTER_GAP8_H
#define PULSEC_CLUSTER_GAP8_H

#define PULSEC_MASTER(core) ((core) == 0)
#ifdef PULSEC_PHASES
#define PULSEC_EACH_CORE(core) PULSEC_PHASE(PULSEC_IN_KERNEL);
#else
#define PULSEC_EACH_CORE(core)
#endif
#define PULSEC_PART(core, call) \
  do { \
    call; \
    pulsec_barrier(); \
    PULSEC_PHASE(PULSEC_IN_KERNEL); \
  } while (0)

/* L1 without the stacks and what platform.c keeps there. */
#define PULSEC_L1_BYTES 53248

#define PULSEC_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
/* Memory changes behind the compiler's back: it must have stored everything, and must load it again. */
#define PULSEC_FENCE() __asm__ volatile("" : : : "memory")

enum {
  PULSEC_DISPATCH = 0x00204080, /* queue of work; +4: which cores get it */
  PULSEC_BARRIER = 0x00204200,  /* who takes part; +0xc: whom it wakes; +0x1c: arrive and sleep */
  PULSEC_MCHAN = 0x00204400,    /* commands; +4: which transfers are under way */
  PULSEC_CLUSTER_TIMER = 0x10200400,
  PULSEC_HYPERBUS = 0x1a102180, /* +0x00: to L2, +0x10: from L2, +0x20: address in the HyperRAM */
};

static inline int pulsec_core_id(void) {
  uint32_t hart;
  __asm__ volatile("csrr %0, 0xf14" : "=r"(hart));
  return (int)(hart & 31);
}

/* p.elw: the core sleeps until the event unit answers. */
static inline uint32_t pulsec_event_load(uint32_t address) {
  uint32_t value;
  __asm__ volatile(".insn i 0x03, 6, %0, %1, 0" : "=r"(value) : "r"(address) : "memory");
  return value;
}

static inline void pulsec_barrier(void) {
  PULSEC_PHASE(PULSEC_IN_BARRIER);
#if PULSEC_CORES > 1
  (void)pulsec_event_load(PULSEC_BARRIER + 0x1c);
#else
  PULSEC_FENCE();
#endif
  PULSEC_PHASE(PULSEC_IN_CONTROL);
}

/* Core 0 calls it: `entry` runs on all cores of the team, and has ended on all of them when this returns. */
static inline void pulsec_fork(void (*entry)(void *), void *argument) {
#if PULSEC_CORES > 1
  const uint32_t team = (1u << PULSEC_CORES) - 1;
  PULSEC_REGISTER(PULSEC_BARRIER) = team;
  PULSEC_REGISTER(PULSEC_BARRIER + 0xc) = team;
  PULSEC_REGISTER(PULSEC_DISPATCH + 4) = team & ~1u;
  PULSEC_FENCE();
  PULSEC_REGISTER(PULSEC_DISPATCH) = (uint32_t)(uintptr_t)entry;
  PULSEC_REGISTER(PULSEC_DISPATCH) = (uint32_t)(uintptr_t)argument;
#endif
  entry(argument);
  pulsec_barrier();
}

/* Cycles of the cluster's clock, sleep included. */
static inline uint32_t pulsec_cycles(void) { return PULSEC_REGISTER(PULSEC_CLUSTER_TIMER + 8); }

/* Commands hold 16 bits of size, and 15 each of line and stride. */
enum { PULSEC_MOST_BYTES = 65532, PULSEC_MOST_LINE = 32767 };

static inline void pulsec_mchan(uint32_t flags, uint32_t l1, uint32_t l2, uint32_t bytes) {
  PULSEC_REGISTER(PULSEC_MCHAN) = bytes | flags | 1u << 17 | 1u << 19;
  PULSEC_REGISTER(PULSEC_MCHAN) = l1;
  PULSEC_REGISTER(PULSEC_MCHAN) = l2;
}

static inline void pulsec_mchan_line(uint32_t flags, uint32_t l1, uint32_t l2, uint32_t bytes) {
  while (bytes > 0) {
    const uint32_t now = bytes < PULSEC_MOST_BYTES ? bytes : PULSEC_MOST_BYTES;
    pulsec_mchan(flags, l1, l2, now);
    l1 += now;
    l2 += now;
    bytes -= now;
  }
}

/* All commands of a transfer have its number: PULSEC_NO_TRANSFER takes one. */
static inline int pulsec_mchan_move(int transfer, uint32_t flags, uint32_t l1, uint32_t l2,
                                    uint32_t bytes, uint32_t line, uint32_t stride) {
  PULSEC_FENCE();
  if (transfer < 0) transfer = (int)PULSEC_REGISTER(PULSEC_MCHAN);
  if (line >= bytes || line == stride) {
    pulsec_mchan_line(flags, l1, l2, bytes);
  } else if (line <= PULSEC_MOST_LINE && stride <= PULSEC_MOST_LINE) {
    const uint32_t most = bytes <= PULSEC_MOST_BYTES ? bytes : PULSEC_MOST_BYTES / line * line;
    for (;;) {
      const uint32_t now = bytes < most ? bytes : most;
      pulsec_mchan(flags | 1u << 18, l1, l2, now);
      PULSEC_REGISTER(PULSEC_MCHAN) = stride << 16 | line;
      bytes -= now;
      if (bytes == 0) break;
      l1 += now;
      l2 += now / line * stride;
    }
  } else {
    while (bytes > 0) {
      const uint32_t now = bytes < line ? bytes : line;
      pulsec_mchan_line(flags, l1, l2, now);
      l1 += now;
      l2 += stride;
      bytes -= now;
    }
  }
#ifdef PULSEC_SAFE_DMA
  while (PULSEC_REGISTER(PULSEC_MCHAN + 4) & 1u << transfer) {
  }
#endif
  return transfer;
}

/*
 * Core 0 only. Lines of `line` bytes, `stride` bytes apart in L2 and behind each other in L1, `bytes` in all, at least one;
 * 16 transfers may be under way. With PULSEC_SAFE_DMA each has ended before the call returns.
 */
static inline int pulsec_dma_more_in(int transfer, void *l1, const void *l2, uint32_t bytes,
                                     uint32_t line, uint32_t stride) {
  return pulsec_mchan_move(transfer, 1u << 16, (uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2,
                           bytes, line, stride);
}
static inline int pulsec_dma_more_out(int transfer, const void *l1, void *l2, uint32_t bytes,
                                      uint32_t line, uint32_t stride) {
  return pulsec_mchan_move(transfer, 0, (uint32_t)(uintptr_t)l1, (uint32_t)(uintptr_t)l2, bytes,
                           line, stride);
}
static inline int pulsec_dma_in(void *l1, const void *l2, uint32_t bytes, uint32_t line,
                                uint32_t stride) {
  return pulsec_dma_more_in(PULSEC_NO_TRANSFER, l1, l2, bytes, line, stride);
}
static inline int pulsec_dma_out(const void *l1, void *l2, uint32_t bytes, uint32_t line,
                                 uint32_t stride) {
  return pulsec_dma_more_out(PULSEC_NO_TRANSFER, l1, l2, bytes, line, stride);
}

static inline void pulsec_dma_wait(int transfer) {
  if (transfer < 0) return;
  PULSEC_PHASE(PULSEC_IN_DMA_WAIT);
  while (PULSEC_REGISTER(PULSEC_MCHAN + 4) & 1u << transfer) {
  }
  PULSEC_REGISTER(PULSEC_MCHAN + 4) = 1u << transfer;
  PULSEC_FENCE();
  PULSEC_PHASE(PULSEC_IN_CONTROL);
}

/*
 * The HyperBus has one address register, which belongs to the transfer at work: there is one at a time, and those behind it
 * wait here until core 0 looks. Transfers have tickets from 1 on and end in their order.
 */
enum { PULSEC_L3_QUEUE = 8 };
static struct {
  uint32_t channel, l2, l3, bytes;
} pulsec_l3_queue[PULSEC_L3_QUEUE];
static uint32_t pulsec_l3_issued, pulsec_l3_ended;
static int pulsec_l3_busy;

static inline void pulsec_l3_look(void) {
  if ((PULSEC_REGISTER(PULSEC_HYPERBUS + 0x08) | PULSEC_REGISTER(PULSEC_HYPERBUS + 0x18)) & 0x30) return;
  if (pulsec_l3_busy) pulsec_l3_ended++;
  pulsec_l3_busy = pulsec_l3_ended != pulsec_l3_issued;
  if (!pulsec_l3_busy) return;
  const uint32_t i = pulsec_l3_ended % PULSEC_L3_QUEUE;
  const uint32_t channel = PULSEC_HYPERBUS + pulsec_l3_queue[i].channel;
  PULSEC_REGISTER(PULSEC_HYPERBUS + 0x20) = pulsec_l3_queue[i].l3;
  PULSEC_REGISTER(channel) = pulsec_l3_queue[i].l2;
  PULSEC_REGISTER(channel + 4) = pulsec_l3_queue[i].bytes;
  PULSEC_REGISTER(channel + 8) = 0x14;
}

static inline int pulsec_l3_start(uint32_t channel, uint32_t l2, uint32_t l3, uint32_t bytes) {
  PULSEC_FENCE();
  while (pulsec_l3_issued - pulsec_l3_ended == PULSEC_L3_QUEUE) pulsec_l3_look();
  const uint32_t i = pulsec_l3_issued % PULSEC_L3_QUEUE;
  pulsec_l3_queue[i].channel = channel;
  pulsec_l3_queue[i].l2 = l2;
  pulsec_l3_queue[i].l3 = l3;
  pulsec_l3_queue[i].bytes = bytes;
  pulsec_l3_issued++;
  pulsec_l3_look();
  return (int)pulsec_l3_issued;
}

/* Core 0 only; gives the ticket. `l2` at a multiple of 4, `l3` (an address in the HyperRAM) even, below 1 MiB at a time. */
static inline int pulsec_l3_read(void *l2, uint32_t l3, uint32_t bytes) {
  return pulsec_l3_start(0x00, (uint32_t)(uintptr_t)l2, l3, bytes);
}
static inline int pulsec_l3_write(uint32_t l3, const void *l2, uint32_t bytes) {
  return pulsec_l3_start(0x10, (uint32_t)(uintptr_t)l2, l3, bytes);
}
static inline void pulsec_l3_wait(int ticket) {
  PULSEC_PHASE(PULSEC_IN_L3_WAIT);
  while ((int32_t)((uint32_t)ticket - pulsec_l3_ended) > 0) pulsec_l3_look();
  PULSEC_FENCE();
  PULSEC_PHASE(PULSEC_IN_CONTROL);
}

#endif
