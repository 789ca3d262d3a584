/* The part of PMSIS' file systems that firmware uses; see ../pmsis.h. */
#ifndef PMSIS_STUB_FS_H
#define PMSIS_STUB_FS_H

#include "pmsis.h"

typedef enum { PI_FS_READ_ONLY = 0, PI_FS_HOST = 1 } pi_fs_type_e;
struct pi_fs_conf {
  pi_fs_type_e type;
};
typedef struct {
  int position;
} pi_fs_file_t;
void pi_fs_conf_init(struct pi_fs_conf *conf);
int pi_fs_mount(struct pi_device *device);
void pi_fs_unmount(struct pi_device *device);
pi_fs_file_t *pi_fs_open(struct pi_device *device, const char *file, int flags);
void pi_fs_close(pi_fs_file_t *file);
int pi_fs_read(pi_fs_file_t *file, void *buffer, uint32_t size);

#endif
