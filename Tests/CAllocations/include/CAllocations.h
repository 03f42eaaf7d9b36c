/* Counts what a program allocates: a program that links this has its own malloc and friends, which count and then call glibc's. */
#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/* How many blocks the calling thread has asked for so far, those made larger included. */
uint64_t ca_count(void);

#endif
