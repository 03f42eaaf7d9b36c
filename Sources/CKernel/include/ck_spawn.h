/*
 * Why: Swift must not run between fork and exec. Starts a program with exactly the given descriptors, by the launch code that the keeper
 * uses too.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cl_launch.h"

#pragma clang assume_nonnull begin

struct ck_spawned {
    int32_t pidfd;
    int32_t pid;
    enum cl_step failed; /* when the call failed: at which step */
};

/*
 * Starts `path` in the cgroup (a directory descriptor, or -1 for the caller's own) with `descriptors` as 0..N-1 (at least three), and
 * returns when execve has succeeded: 0, or -errno with the step. `fixed` says who it becomes: CL_CHANGE_IDENTITY with uid, gid and groups
 * (no capabilities, no_new_privs), or CL_KEEP_PRIVILEGE for keepers. descriptor_count and the flags that say which descriptors are
 * present are set here; a `directory` of -1 means: stay where the caller is. Strings as in cl_specification_write.
 */
int ck_spawn(const struct cl_specification *fixed, int cgroup, int directory, const char *path,
             const uint8_t *arguments, size_t arguments_length,
             const uint8_t *_Nullable environment, size_t environment_length,
             const uint32_t *_Nullable groups, uint32_t group_count,
             const int *descriptors, int descriptor_count, struct ck_spawned *spawned);

/* Writes "1" to cgroup.kill below a cgroup directory. */
int ck_cgroup_kill(int cgroup);
/* 1 when cgroup.events says populated, 0 when not. */
int ck_cgroup_is_populated(int cgroup);

#pragma clang assume_nonnull end
