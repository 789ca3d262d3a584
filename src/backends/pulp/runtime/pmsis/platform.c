/* pulsec: the platform through PMSIS, the API of the vendor's SDK. */
#include "../pulsec_platform.h"

#include "../pulsec_cluster.h"
#include "bsp/bsp.h"
#include "bsp/fs.h"

PI_L1 uint8_t pulsec_l1[PULSEC_L1_BYTES] __attribute__((aligned(64)));

struct pi_device *pulsec_pmsis_ram;
pi_cl_ram_req_t pulsec_pmsis_requests[PULSEC_TRANSFERS];
uint32_t pulsec_pmsis_writes;
static int issued, ended;

static struct pi_device cluster, ram;
static struct pi_cluster_task task;

int pulsec_open(void) {
  static struct pi_cluster_conf cluster_conf;
  static struct pi_hyperram_conf ram_conf;
  pi_cluster_conf_init(&cluster_conf);
  pi_open_from_conf(&cluster, &cluster_conf);
  if (pi_cluster_open(&cluster) != 0) return 1;
  pi_hyperram_conf_init(&ram_conf);
  pi_open_from_conf(&ram, &ram_conf);
  if (pi_ram_open(&ram) != 0) return 2;
  pulsec_pmsis_ram = &ram;
  return 0;
}

void pulsec_close(void) {
  pi_ram_close(&ram);
  pi_cluster_close(&cluster);
}

/* Cycles are counted from the begin of each call. */
struct call {
  void (*entry)(void *);
  void *argument;
};
static void counted(void *argument) {
  const struct call *call = argument;
  pi_perf_conf(1 << PI_PERF_CYCLES);
  pi_perf_reset();
  pi_perf_start();
  call->entry(call->argument);
}

void pulsec_call(void (*entry)(void *), void *argument) {
  static struct call call;
  call = (struct call){entry, argument};
  pi_cluster_send_task_to_cl(&cluster, pi_cluster_task(&task, counted, &call));
}

uint32_t pulsec_l3_reserve(uint32_t bytes) {
  uint32_t begin = 0;
  if (pi_ram_alloc(&ram, &begin, bytes) != 0) {
    pulsec_print("the HyperRAM is full\n");
    pmsis_exit(-1);
  }
  return begin;
}
void pulsec_l3_store(uint32_t l3, const void *l2, uint32_t bytes) {
  pi_ram_write(&ram, l3, (void *)(uintptr_t)l2, bytes);
}

void pulsec_l3_load(uint32_t l3, const char *file, uint32_t bytes, void *buffer, uint32_t buffer_bytes) {
  static struct pi_device host;
  static struct pi_fs_conf conf;
  pi_fs_conf_init(&conf);
  conf.type = PI_FS_HOST;
  pi_open_from_conf(&host, &conf);
  pi_fs_file_t *const from = pi_fs_mount(&host) == 0 ? pi_fs_open(&host, file, 0) : NULL;
  while (from && bytes > 0) {
    const uint32_t now = bytes < buffer_bytes ? bytes : buffer_bytes & ~15u;
    if (pi_fs_read(from, buffer, now) != (int)now) break;
    pulsec_l3_store(l3, buffer, now);
    l3 += now;
    bytes -= now;
  }
  if (bytes > 0) {
    printf("%s cannot be read\n", file);
    pmsis_exit(2);
  }
  pi_fs_close(from);
  pi_fs_unmount(&host);
}

/* The last command of each transfer; those before it have ended when the next is started. */
static pi_cl_dma_cmd_t commands[PULSEC_TRANSFERS];
static uint32_t taken;

static void line_move(pi_cl_dma_dir_e direction, uint32_t l1, uint32_t l2, uint32_t bytes,
                      pi_cl_dma_cmd_t *command) {
  for (;;) {
    const uint32_t now = bytes < PULSEC_MOST_BYTES ? bytes : PULSEC_MOST_BYTES;
    pi_cl_dma_cmd(l2, l1, now, direction, command);
    bytes -= now;
    if (bytes == 0) return;
    pi_cl_dma_cmd_wait(command);
    l1 += now;
    l2 += now;
  }
}

int pulsec_pmsis_move(int transfer, pi_cl_dma_dir_e direction, uint32_t l1, uint32_t l2,
                      uint32_t bytes, uint32_t line, uint32_t stride) {
  if (transfer >= 0) {
    pi_cl_dma_cmd_wait(&commands[transfer]);
  } else {
    for (transfer = 0; taken >> transfer & 1u;) transfer++;
    taken |= 1u << transfer;
  }
  pi_cl_dma_cmd_t *const command = &commands[transfer];
  if (line >= bytes || line == stride) {
    line_move(direction, l1, l2, bytes, command);
  } else if (line <= PULSEC_MOST_LINE && stride <= PULSEC_MOST_LINE) {
    const uint32_t most = bytes <= PULSEC_MOST_BYTES ? bytes : PULSEC_MOST_BYTES / line * line;
    for (;;) {
      const uint32_t now = bytes < most ? bytes : most;
      pi_cl_dma_cmd_2d(l2, l1, now, stride, line, direction, command);
      bytes -= now;
      if (bytes == 0) break;
      pi_cl_dma_cmd_wait(command);
      l1 += now;
      l2 += now / line * stride;
    }
  } else {
    for (;;) {
      const uint32_t now = bytes < line ? bytes : line;
      line_move(direction, l1, l2, now, command);
      bytes -= now;
      if (bytes == 0) break;
      pi_cl_dma_cmd_wait(command);
      l1 += now;
      l2 += stride;
    }
  }
#ifdef PULSEC_SAFE_DMA
  pulsec_dma_wait(transfer);
  return PULSEC_NO_TRANSFER;
#endif
  return transfer;
}

void pulsec_dma_wait(int transfer) {
  if (transfer < 0) return;
  pi_cl_dma_cmd_wait(&commands[transfer]);
  taken &= ~(1u << transfer);
}

/* Transfers end in their order. */
void pulsec_l3_wait(int ticket) {
  while (ended < ticket) {
    const int slot = ++ended % PULSEC_TRANSFERS;
    if (pulsec_pmsis_writes >> slot & 1u)
      pi_cl_ram_write_wait(&pulsec_pmsis_requests[slot]);
    else
      pi_cl_ram_read_wait(&pulsec_pmsis_requests[slot]);
  }
}
int pulsec_pmsis_ticket(void) {
  if (issued - ended == PULSEC_TRANSFERS) pulsec_l3_wait(ended + 1);
  return ++issued;
}

void pulsec_print(const char *text) { printf("%s", text); }
void pulsec_print_number(int32_t value) { printf("%d", (int)value); }
void pulsec_print_hex(uint32_t value) { printf("%08x", (unsigned)value); }
