/* pulsec: the part of string.h that platform.c has; compilers without a C library bring none. */
#ifndef PULSEC_STRING_H
#define PULSEC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
