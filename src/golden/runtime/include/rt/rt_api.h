/* pulsec: stands in for the SDK's header of this name where the SDK is not there. */
#include "../pulsec_pulp_compat.h"
