/*
 * Why: openat2 has no glibc wrapper; fstatfs magic, O_PATH, O_TMPFILE, statx, renameat2, syncfs and mount are behind _GNU_SOURCE.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

#define CLX_O_PATH 010000000
/* O_TMPFILE | O_DIRECTORY as the kernel wants it; ored with O_WRONLY or O_RDWR. */
int clx_o_tmpfile(void);

#define CLX_RESOLVE_NO_XDEV 0x01u
#define CLX_RESOLVE_NO_MAGICLINKS 0x02u
#define CLX_RESOLVE_NO_SYMLINKS 0x04u
#define CLX_RESOLVE_BENEATH 0x08u
#define CLX_RESOLVE_IN_ROOT 0x10u

/* openat2(2), O_CLOEXEC added; `directory` may be -100 (AT_FDCWD). */
int clx_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
/* syncfs(2): all of the file system that the descriptor lies in. */
int clx_sync_filesystem(int descriptor);
/* The file system's magic (statfs.f_type), or -errno. */
int64_t clx_filesystem_magic(int descriptor);
#define CLX_MAGIC_CGROUP2 0x63677270
#define CLX_MAGIC_BPF 0xcafe4a11LL
#define CLX_MAGIC_PROC 0x9fa0
#define CLX_MAGIC_SYSFS 0x62656572
#define CLX_MAGIC_TMPFS 0x01021994

/*
 * What statx(2) says of an open file (AT_EMPTY_PATH: an O_PATH descriptor will do), as this kernel knows it: whoever serves the filesystem is
 * not asked (AT_STATX_DONT_SYNC), and so cannot keep the caller waiting.
 */
struct clx_file_facts {
    uint64_t inode;
    uint64_t device;
    uint64_t mount; /* 0 where the kernel does not say (before 5.8) */
    uint64_t size;
    int64_t modified_nanoseconds;
    int64_t changed_nanoseconds;
    uint32_t mode; /* type and permissions */
    uint32_t links;
    uint32_t uid;
    uint32_t gid;
};
int clx_file_facts(int descriptor, struct clx_file_facts *facts);

/* renameat2(RENAME_NOREPLACE) within one directory descriptor. */
int clx_rename_no_replace(int directory, const char *from, const char *to);
/* renameat2(RENAME_EXCHANGE) within one directory descriptor; EINVAL where the file system cannot. */
int clx_rename_exchange(int directory, const char *one, const char *other);
/* linkat(AT_EMPTY_PATH) by way of /proc/self/fd: gives an O_TMPFILE file its name; EEXIST when taken. */
int clx_link_descriptor(int descriptor, int directory, const char *name);

/* getxattr(2) of a path, links followed: 1 when it has the attribute, 0 when not or when it cannot be known. */
int clx_has_attribute(const char *path, const char *name);

/*
 * Gives one open file the attributes of another that are its owner's to give: `user.` ones, and the access control list. 0, or -errno; a file system
 * without attributes has none to give.
 */
int clx_copy_attributes(int from, int to);

/* mount("bpf", path, "bpf", nosuid|nodev|noexec, "mode=0700"). */
int clx_mount_bpffs(const char *path);
/* umount2(path, MNT_DETACH). */
int clx_unmount(const char *path);

#pragma clang assume_nonnull end
