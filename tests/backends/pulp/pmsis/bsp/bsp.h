/* PMSIS board support, as far as firmware includes it; see ../pmsis.h. */
#ifndef PMSIS_STUB_BSP_H
#define PMSIS_STUB_BSP_H

#include "pmsis.h"

#endif
