/*
 * pulsec: what a network needs of a cluster of cores: teams, barriers, DMA between L2 and L1, transfers between L3 and
 * L2, a cycle counter. One set of functions, three bodies:
 *   bare metal    any gcc for RISC-V, nothing but the registers of GAP8
 *   PMSIS         the vendor's SDK (its compiler, or -DPULSEC_PMSIS)
 *   host          any C11 compiler: one core that does the work of all of them in turn
 *
 * A network's functions run on every core of the team and get the core's number:
 *   PULSEC_MASTER(core)       true on the core that programs transfers
 *   PULSEC_EACH_CORE(core)    in front of a statement that every core executes with its own number
 *   PULSEC_PART(core, call)   inside of such a statement: a call whose work is done on all cores before any goes on
 */
#ifndef PULSEC_CLUSTER_H
#define PULSEC_CLUSTER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef PULSEC_CORES
#define PULSEC_CORES 8
#endif

/* A transfer is its number until it was waited for; PULSEC_NO_TRANSFER may be waited for as well. */
#define PULSEC_NO_TRANSFER (-1)
/* Transfers between L3 and L2 have tickets. */
#define PULSEC_NO_TICKET 0

#if defined(__pulp__) && !defined(PULSEC_PMSIS)
#define PULSEC_PMSIS
#endif
#if !defined(PULSEC_PMSIS) && !defined(__riscv)
#define PULSEC_HOST
#endif

/* Built with PULSEC_PHASES, regions from 2040 on tell the simulator what a core is at inside of a layer. */
enum {
  PULSEC_IN_CONTROL = 2040,
  PULSEC_IN_KERNEL,
  PULSEC_IN_DMA_WAIT,
  PULSEC_IN_L3_WAIT,
  PULSEC_IN_BORDER,
  PULSEC_IN_BARRIER,
};
#if defined(PULSEC_PHASES) && defined(__riscv)
#define PULSEC_PHASE(id) __asm__ volatile("slti x0, x0, %0" : : "i"(id) : "memory")
#else
#define PULSEC_PHASE(id) ((void)0)
#endif

#if defined(PULSEC_PMSIS)
#include "pulsec_cluster_pmsis.h"
#elif defined(PULSEC_HOST)
#include "pulsec_cluster_host.h"
#else
#include "pulsec_cluster_gap8.h"
#endif

/* The networks' part of L1, which they use in turn; in platform.c. */
extern uint8_t pulsec_l1[];

#if defined(__riscv)
/* The simulator counts cycles by regions; the instruction does nothing on any RISC-V core. Numbers 1 to 2047; 0 ends. */
#define PULSEC_REGION(id) __asm__ volatile("slti x0, x0, %0" : : "i"(id) : "memory")
#else
#define PULSEC_REGION(id) ((void)0)
#endif

#endif
