/*
 * pulsec: the side of the fabric controller: switches the cluster on, has work done there, prints, ends. gap8/, host/
 * and pmsis/ each hold a platform.c with these functions; an application of yours may bring its own.
 */
#ifndef PULSEC_PLATFORM_H
#define PULSEC_PLATFORM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Supply, clock and cores of the cluster, and the HyperRAM. 0 where all is well. */
int pulsec_open(void);
void pulsec_close(void);

/* Runs `entry` on core 0 of the cluster and returns when it has ended. */
void pulsec_call(void (*entry)(void *), void *argument);

/* Bytes of the HyperRAM that nobody else gets, for as long as the program runs. */
uint32_t pulsec_l3_reserve(uint32_t bytes);
/* Copies to the HyperRAM, from the fabric controller. */
void pulsec_l3_store(uint32_t l3, const void *l2, uint32_t bytes);
/* The same from a file on the host, through `buffer`: what is larger than L2 cannot be part of the program. */
void pulsec_l3_load(uint32_t l3, const char *file, uint32_t bytes, void *buffer, uint32_t buffer_bytes);

/* Console: from the fabric controller, or from core 0 of the cluster while the fabric controller waits for it. */
void pulsec_print(const char *text);
void pulsec_print_number(int32_t value);
void pulsec_print_hex(uint32_t value);

#ifdef __cplusplus
}
#endif

#endif
