/*
 * pulsec: the program of the engine gap8sim. It stops at engine_ready, where the simulator's user writes inputs and reads
 * outputs, and at engine_trace, where he reads the result of a layer.
 */
#include "../pulsec_platform.h"

void engine_run(void);
void engine_ready(void);

__attribute__((noinline)) void engine_ready(void) { __asm__ volatile("" : : : "memory"); }

int main(void) {
  if (pulsec_open() != 0) return 2;
  for (;;) {
    engine_ready();
    engine_run();
  }
}
