#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

_Static_assert(CLX_O_PATH == O_PATH, "O_PATH");
_Static_assert(CLX_RESOLVE_NO_XDEV == RESOLVE_NO_XDEV && CLX_RESOLVE_NO_MAGICLINKS == RESOLVE_NO_MAGICLINKS, "openat2 bits");
_Static_assert(CLX_RESOLVE_NO_SYMLINKS == RESOLVE_NO_SYMLINKS && CLX_RESOLVE_BENEATH == RESOLVE_BENEATH, "openat2 bits");
_Static_assert(CLX_RESOLVE_IN_ROOT == RESOLVE_IN_ROOT, "openat2 bits");

int clx_o_tmpfile(void) { return O_TMPFILE; }

int clx_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    long descriptor = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return descriptor < 0 ? -errno : (int)descriptor;
}

int64_t clx_filesystem_magic(int descriptor) {
    struct statfs facts;
    return fstatfs(descriptor, &facts) < 0 ? -errno : (int64_t)(uint32_t)facts.f_type;
}

static int64_t nanoseconds_of(struct statx_timestamp time) { return time.tv_sec * 1000000000 + time.tv_nsec; }

int clx_file_facts(int descriptor, struct clx_file_facts *facts) {
    const unsigned int mount_id = 0x1000; /* STATX_MNT_ID, 5.8 */
    struct statx found;
    if (statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS | mount_id, &found) < 0) return -errno;
    *facts = (struct clx_file_facts){
        .inode = found.stx_ino,
        .device = makedev(found.stx_dev_major, found.stx_dev_minor),
        .mount = (found.stx_mask & mount_id) != 0 ? found.stx_mnt_id : 0,
        .size = found.stx_size,
        .modified_nanoseconds = nanoseconds_of(found.stx_mtime),
        .changed_nanoseconds = nanoseconds_of(found.stx_ctime),
        .mode = found.stx_mode,
        .links = found.stx_nlink,
        .uid = found.stx_uid,
        .gid = found.stx_gid,
    };
    return 0;
}

int clx_rename_no_replace(int directory, const char *from, const char *to) {
    return renameat2(directory, from, directory, to, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

int clx_rename_exchange(int directory, const char *one, const char *other) {
    return renameat2(directory, one, directory, other, RENAME_EXCHANGE) < 0 ? -errno : 0;
}

int clx_link_descriptor(int descriptor, int directory, const char *name) {
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int clx_sync_filesystem(int descriptor) { return syncfs(descriptor) < 0 ? -errno : 0; }

int clx_mount_bpffs(const char *path) {
    return mount("bpf", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0 ? -errno : 0;
}

int clx_unmount(const char *path) { return umount2(path, MNT_DETACH) < 0 ? -errno : 0; }

int clx_has_attribute(const char *path, const char *name)
{
    return getxattr(path, name, NULL, 0) >= 0;
}

static int copy_attribute(int from, int to, const char *name) {
    static char value[65536]; /* XATTR_SIZE_MAX */
    ssize_t size = fgetxattr(from, name, value, sizeof value);
    if (size < 0) return -errno;
    return fsetxattr(to, name, value, (size_t)size, 0) < 0 ? -errno : 0;
}

int clx_copy_attributes(int from, int to) {
    static char names[65536]; /* XATTR_LIST_MAX */
    ssize_t size = flistxattr(from, names, sizeof names);
    if (size < 0) return errno == ENOTSUP ? 0 : -errno;
    for (char *name = names; name < names + size; name += strlen(name) + 1) {
        if (strncmp(name, "user.", 5) != 0 && strcmp(name, "system.posix_acl_access") != 0) continue;
        int result = copy_attribute(from, to, name);
        if (result < 0) return result;
    }
    return 0;
}
