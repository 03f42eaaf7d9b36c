/*
 * Why: a BPF ring buffer is read through a shared mapping whose positions need acquire and release order, and Swift's atomics do not
 * work on memory that somebody else laid out.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

uint64_t clx_load_acquire_64(const void *address);
uint32_t clx_load_acquire_32(const void *address);
void clx_store_release_64(void *address, uint64_t value);
/* mmap(MAP_SHARED) of part of a descriptor, read-only or read-write; 0 and the address in `mapped`. */
int clx_map_shared(int descriptor, uint64_t offset, size_t length, int writable, void *_Nullable *_Nonnull mapped);
int clx_unmap(void *address, size_t length);
/* sysconf(_SC_PAGESIZE). */
size_t clx_page_size(void);
/* Overwrites memory with zeros in a way that the compiler does not remove (explicit_bzero). */
void clx_wipe(void *address, size_t length);

#pragma clang assume_nonnull end
