#include "pulsec_golden.h"

void pulp_conv(GOLDEN_PARAMETERS);

void golden_call(const golden_case *t) { pulp_conv(GOLDEN_ARGUMENTS(t)); }
