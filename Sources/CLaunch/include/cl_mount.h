/*
 * Mounts of a session's own, by descriptors (fsopen, open_tree, mount_setattr, move_mount; Linux 5.12). Why in C: they are made between clone
 * and exec, in the namespaces of the process that will live with them, so that nothing of them is ever seen or left outside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cl_launch.h"

#pragma clang assume_nonnull begin

enum cl_mount_kind : uint32_t {
    CL_MOUNT_TEMPORARY = 1, /* an empty directory in memory */
    CL_MOUNT_PROC = 2,      /* proc with subset=pid and hidepid=ptraceable */
    CL_MOUNT_SAME = 3,      /* what lies there, bound over itself: it can no longer be renamed or removed */
    CL_MOUNT_READ_ONLY = 4, /* what lies there, bound over itself, read-only */
    CL_MOUNT_MAPPED = 5,    /* what lies there, bound over itself, its owners mapped by the user namespace that is passed; nosuid, nodev */
    CL_MOUNT_SHOWN = 6,     /* what lies there, bound into the tree of the session's own; the others then are mounted in that tree, too */
    CL_MOUNT_LINK = 7,      /* not a mount: a symbolic link in the tree of the session's own, as it is outside */
};

struct cl_mount {
    enum cl_mount_kind kind;
    uint32_t reserved;
    uint64_t rights; /* of a Landlock rule on its root, added to the ruleset that the process will enter; 0: none */
    uint64_t device; /* what must lie at the path, as stat(2) tells it; inode 0: whatever lies there */
    uint64_t inode;
};

#define CL_MOUNTS_MAX 512

/* A list of mounts is written into a memfd: begin, add each (outer ones first; absolute paths without links), end. As for trials. */
int cl_mounts_begin(void);
int cl_mounts_add(int mounts, const struct cl_mount *mount, const char *path);
int cl_mounts_add_link(int mounts, const char *path, const char *target);
int cl_mounts_end(int mounts);

/*
 * unshare(2) of a mount namespace with private propagation, of a network namespace, or both (flags CL_HAS_MOUNTS, CL_EMPTY_NETWORK). With
 * `by_user` and without the privilege by way of a user namespace in which the caller is who it was. 0 or -errno.
 */
int cl_mount_enter_own(uint32_t flags, bool by_user, uint32_t uid, uint32_t gid);
/* Makes one mount in the calling process's own namespace. `user_namespace` is for MAPPED, `ruleset` for its rights; each may be -1. */
int cl_mount_place(const struct cl_mount *mount, const char *path, int user_namespace, int ruleset, enum cl_step *failed);

/*
 * A user namespace for MAPPED: files of `uid` and `gid` are shown as those of `shown_uid` and `shown_gid`, and those of nobody else are
 * anybody's. It needs the privilege to map foreign ids. Returns a descriptor of it, or -errno.
 */
int cl_mapping_make(uint32_t uid, uint32_t gid, uint32_t shown_uid, uint32_t shown_gid);

#pragma clang assume_nonnull end
