/* Mounts. Most of it only root may do unconfined; what took effect is undone at once. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

enum { OPEN_TREE = 428, MOVE_MOUNT = 429, FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, FSPICK = 433, MOUNT_SETATTR = 442 };
#define BIND 4096L
#define REMOUNT 32L
#define READ_ONLY 1L
#define DETACH 2L

/* mount(2), and umount2(2) after it. */
static int mounted(const char *from, const char *at, const char *type, long flags)
{
    if (syscall(SYS_mount, from, at, type, flags, NULL) != 0)
        return errno;
    RESULT(syscall(SYS_umount2, at, DETACH));
}

ACT(mount_memory) { WANT(1); return mounted("none", words[0], "tmpfs", 0); }
ACT(mount_processes) { WANT(1); return mounted("none", words[0], "proc", 0); }
ACT(mount_bind) { WANT(2); return mounted(words[0], words[1], NULL, BIND); }

/* What lies outside, bound to where it may read, is read there. */
ACT(mount_and_read)
{
    WANT(2);
    if (syscall(SYS_mount, words[0], words[1], NULL, BIND, NULL) != 0)
        return errno;
    int error = contents(open(words[1], O_RDONLY | O_CLOEXEC), said, size);
    syscall(SYS_umount2, words[1], DETACH);
    return error;
}

/* A mount of its own that is made read-only, and goes. */
ACT(mount_again)
{
    WANT(1);
    if (syscall(SYS_mount, words[0], words[0], NULL, BIND, NULL) != 0)
        return errno;
    int error = syscall(SYS_mount, NULL, words[0], NULL, BIND | REMOUNT | READ_ONLY, NULL) < 0 ? errno : 0;
    syscall(SYS_umount2, words[0], DETACH);
    return error;
}

ACT(unmount) { WANT(1); RESULT(syscall(SYS_umount2, words[0], DETACH)); }

/* To where it is already: root may, and nothing changes. */
ACT(change_root) { WANT(0); RESULT(syscall(SYS_chroot, "/")); }

/* EINVAL and EBUSY come from behind the question whether it may at all. */
ACT(pivot_root)
{
    WANT(1);
    if (syscall(SYS_pivot_root, words[0], words[0]) == 0)
        return 0;
    return errno == EINVAL || errno == EBUSY ? 0 : errno;
}

ACT(open_filesystem) { WANT(0); return had(syscall(FSOPEN, "tmpfs", 0)); }
ACT(pick_filesystem) { WANT(1); return had(syscall(FSPICK, AT_FDCWD, words[0], 0)); }
ACT(copy_tree) { WANT(1); return had(syscall(OPEN_TREE, AT_FDCWD, words[0], 1 /* OPEN_TREE_CLONE */)); }

/* A new filesystem that nobody sees but by its descriptor. */
ACT(detached_filesystem)
{
    WANT(0);
    int context = (int)syscall(FSOPEN, "tmpfs", 0);
    if (context < 0)
        return errno;
    int error = syscall(FSCONFIG, context, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) < 0 ? errno : had(syscall(FSMOUNT, context, 0, 0));
    return close_with(context, error);
}

ACT(move_tree)
{
    WANT(2);
    int tree = (int)syscall(OPEN_TREE, AT_FDCWD, words[0], 1);
    if (tree < 0)
        return errno;
    int error = syscall(MOVE_MOUNT, tree, "", AT_FDCWD, words[1], 4 /* MOVE_MOUNT_F_EMPTY_PATH */) < 0 ? errno : 0;
    if (error == 0)
        syscall(SYS_umount2, words[1], DETACH);
    return close_with(tree, error);
}

ACT(set_mount_attributes)
{
    WANT(1);
    struct { uint64_t set, clear, propagation, space; } none = {0};
    RESULT(syscall(MOUNT_SETATTR, AT_FDCWD, words[0], 0, &none, sizeof none));
}

const struct act mount_acts[] = {
    {"mount-memory", mount_memory, "DIRECTORY", "mounts a tmpfs"},
    {"mount-processes", mount_processes, "DIRECTORY", "mounts a proc"},
    {"mount-bind", mount_bind, "FROM TO", "binds a directory to another"},
    {"mount-and-read", mount_and_read, "FILE OVER", "binds a file over another and reads it there"},
    {"mount-again", mount_again, "DIRECTORY", "binds a directory to itself and makes that read-only"},
    {"unmount", unmount, "DIRECTORY", "unmounts what is there"},
    {"change-root", change_root, "", "changes its root to where it is"},
    {"pivot-root", pivot_root, "DIRECTORY", "exchanges the root mount"},
    {"open-filesystem", open_filesystem, "", "begins a new filesystem (fsopen)"},
    {"pick-filesystem", pick_filesystem, "DIRECTORY", "begins to change a filesystem (fspick)"},
    {"detached-filesystem", detached_filesystem, "", "makes a filesystem that is mounted nowhere (fsmount)"},
    {"copy-tree", copy_tree, "DIRECTORY", "copies a tree of mounts (open_tree)"},
    {"move-tree", move_tree, "FROM TO", "mounts a copied tree (move_mount)"},
    {"set-mount-attributes", set_mount_attributes, "DIRECTORY", "changes nothing of a mount (mount_setattr)"},
    {0},
};
