/*
 * The part of PMSIS that firmware uses, declared from its public documentation, so that the build for the vendor's SDK is
 * compiled in tests. Types are opaque where their content does not matter.
 */
#ifndef PMSIS_STUB_H
#define PMSIS_STUB_H

#include <stdint.h>


#define PI_L1 __attribute__((section(".l1cluster")))
#define PI_L2 __attribute__((section(".l2")))

int printf(const char *format, ...);

struct pi_device {
  void *config;
};
void pi_open_from_conf(struct pi_device *device, void *conf);
int pmsis_kickoff(void *entry);
void pmsis_exit(int code);

struct pi_cluster_conf {
  int id;
};
struct pi_cluster_task {
  void (*entry)(void *);
  void *arg;
};
void pi_cluster_conf_init(struct pi_cluster_conf *conf);
int pi_cluster_open(struct pi_device *device);
int pi_cluster_close(struct pi_device *device);
struct pi_cluster_task *pi_cluster_task(struct pi_cluster_task *task, void (*entry)(void *), void *arg);
int pi_cluster_send_task_to_cl(struct pi_device *device, struct pi_cluster_task *task);

uint32_t pi_core_id(void);
void pi_cl_team_fork(int cores, void (*entry)(void *), void *arg);
void pi_cl_team_barrier(int id);

typedef enum { PI_CL_DMA_DIR_LOC2EXT = 0, PI_CL_DMA_DIR_EXT2LOC = 1 } pi_cl_dma_dir_e;
typedef struct {
  int id;
} pi_cl_dma_cmd_t;
void pi_cl_dma_cmd(uint32_t ext, uint32_t loc, uint32_t size, pi_cl_dma_dir_e dir, pi_cl_dma_cmd_t *cmd);
void pi_cl_dma_cmd_2d(uint32_t ext, uint32_t loc, uint32_t size, uint32_t stride, uint32_t length,
                      pi_cl_dma_dir_e dir, pi_cl_dma_cmd_t *cmd);
void pi_cl_dma_cmd_wait(pi_cl_dma_cmd_t *cmd);

typedef enum { PI_PERF_CYCLES = 0 } pi_perf_event_e;
void pi_perf_conf(unsigned events);
void pi_perf_reset(void);
void pi_perf_start(void);
unsigned int pi_perf_read(int event);

#endif
