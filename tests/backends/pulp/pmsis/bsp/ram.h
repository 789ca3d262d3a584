/* The part of PMSIS' RAM driver that firmware uses; see ../pmsis.h. */
#ifndef PMSIS_STUB_RAM_H
#define PMSIS_STUB_RAM_H

#include "pmsis.h"

struct pi_hyperram_conf {
  int id;
};
typedef struct {
  int done;
} pi_cl_ram_req_t;
void pi_hyperram_conf_init(struct pi_hyperram_conf *conf);
int pi_ram_open(struct pi_device *device);
void pi_ram_close(struct pi_device *device);
int pi_ram_alloc(struct pi_device *device, uint32_t *addr, uint32_t size);
void pi_ram_write(struct pi_device *device, uint32_t addr, void *data, uint32_t size);
void pi_cl_ram_read(struct pi_device *device, uint32_t ram, void *addr, uint32_t size, pi_cl_ram_req_t *req);
void pi_cl_ram_write(struct pi_device *device, uint32_t ram, void *addr, uint32_t size, pi_cl_ram_req_t *req);
void pi_cl_ram_read_wait(pi_cl_ram_req_t *req);
void pi_cl_ram_write_wait(pi_cl_ram_req_t *req);

#endif
