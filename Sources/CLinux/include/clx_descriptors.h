/*
 * Why: pipe2, accept4, memfd_create, close_range and the seals are behind _GNU_SOURCE; fcntl and ioctl are variadic.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* pipe2(O_CLOEXEC | flags): ends[0] reads, ends[1] writes. */
int clx_pipe(int ends[_Nonnull 2], int nonblocking);
/* fcntl(F_DUPFD_CLOEXEC): a copy that is not below `lowest`. */
int clx_duplicate(int descriptor, int lowest);
/* dup3(2) without CLOEXEC. */
int clx_duplicate_onto(int descriptor, int target);
/* fcntl(F_SETFD). */
int clx_set_close_on_exec(int descriptor, int on);
/* fcntl(F_GETFL). */
int clx_get_flags(int descriptor);
/* fcntl(F_SETFL) of O_NONBLOCK. Never on a descriptor that others share. */
int clx_set_nonblocking(int descriptor, int on);
/* close_range(first, last, 0). */
int clx_close_range(unsigned int first, unsigned int last);
/* ioctl(FIONREAD). */
int64_t clx_bytes_waiting(int descriptor);

/* memfd_create(MFD_CLOEXEC | MFD_ALLOW_SEALING). */
int clx_memfd_create(const char *name);
/* A memfd that holds these bytes, offset 0, sealed against write, grow, shrink and further seals. */
int clx_memfd_sealed(const char *name, const void *_Nullable bytes, size_t count);
/* F_ADD_SEALS of write, grow, shrink and seal. */
int clx_memfd_seal(int descriptor);
/* 1 when the descriptor is sealed against write, grow and shrink (so that its content cannot change while it is read), else 0. */
int clx_memfd_is_sealed(int descriptor);

#pragma clang assume_nonnull end
