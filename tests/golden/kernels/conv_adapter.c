#include "pulsec_golden.h"

void my_conv(GOLDEN_PARAMETERS);

void golden_call(const golden_case *t) { my_conv(GOLDEN_ARGUMENTS(t)); }
