#include "pulsec_golden.h"

void odd(GOLDEN_PARAMETERS);

void golden_call(const golden_case *t) { odd(GOLDEN_ARGUMENTS(t)); }
