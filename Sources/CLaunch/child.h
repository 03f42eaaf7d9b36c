/*
 * What the steps of a child share: where its descriptors lie by now, and those steps by which it becomes somebody without any privilege.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

/* What a step may change: where the descriptors that are not the program's lie now. */
struct child {
    const struct launch *launch;
    int report;
    int ruleset;
    int directory;
    int mapping;
    int listener;
    enum cl_step inner; /* which of several steps in one failed */
};

static inline int result_of(long returned) { return returned < 0 ? -errno : 0; }
static inline bool has(const struct child *child, uint32_t flag) { return (child->launch->fixed.flags & flag) != 0; }

/* Each 0 or -errno. */
int child_clear_ambient(struct child *child);
int child_drop_bounding(struct child *child);
int child_lock_securebits(struct child *child);
int child_set_groups(struct child *child);
int child_set_gid(struct child *child);
int child_set_uid(struct child *child);
int child_drop_capabilities(struct child *child);
int child_verify_identity(struct child *child);
int child_clear_dumpable(struct child *child);
int child_set_no_new_privs(struct child *child);
