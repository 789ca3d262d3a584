#include "pulsec_golden.h"

void pulp_linear_u4_u4_i4(GOLDEN_PARAMETERS);

void golden_call(const golden_case *t) { pulp_linear_u4_u4_i4(GOLDEN_ARGUMENTS(t)); }
