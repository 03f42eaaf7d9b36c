/*
 * Why: the ring buffer of a session is mapped by who did not make it, and must be told how large it is.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

/* max_entries of a map, positive; or -errno. Of a ring buffer: the bytes of its data. */
int64_t ck_bpf_map_capacity(int map);
/* Writes one entry (bpf_map_update_elem). */
int ck_bpf_update(int map, const void *key, const void *value);

#pragma clang assume_nonnull end
