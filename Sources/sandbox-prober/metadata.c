/* Mode, owner, times and attributes, by path and by descriptor; and what filesystems do by ioctl(2). */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

enum { FCHMODAT2 = 452, SETXATTRAT = 463, FILE_SETATTR = 469 };

#define OPENED(flags, expression) int file = open(words[0], (flags) | O_CLOEXEC); \
    if (file < 0) return errno; \
    return close_with(file, (expression) < 0 ? errno : 0)

ACT(change_mode) { WANT(1); RESULT(chmod(words[0], 0600)); }
ACT(change_mode_at) { WANT(1); RESULT(syscall(SYS_fchmodat, AT_FDCWD, words[0], 0600)); }
ACT(change_mode_newer) { WANT(1); RESULT(syscall(FCHMODAT2, AT_FDCWD, words[0], 0600, 0)); }
ACT(change_mode_open) { WANT(1); OPENED(O_RDONLY, fchmod(file, 0600)); }
ACT(change_owner) { WANT(1); RESULT(chown(words[0], getuid(), getgid())); }
ACT(change_owner_link) { WANT(1); RESULT(lchown(words[0], getuid(), getgid())); }
ACT(change_owner_open) { WANT(1); OPENED(O_RDONLY, fchown(file, getuid(), getgid())); }
ACT(set_attribute) { WANT(1); RESULT(setxattr(words[0], "user.escape", "1", 1, 0)); }
ACT(set_attribute_link) { WANT(1); RESULT(lsetxattr(words[0], "user.escape", "1", 1, 0)); }
ACT(set_attribute_open) { WANT(1); OPENED(O_RDONLY, fsetxattr(file, "user.escape", "1", 1, 0)); }

ACT(set_attribute_newer)
{
    WANT(1);
    struct { unsigned long long value; unsigned size, flags; } how = {.value = (unsigned long long)(unsigned long)"1", .size = 1};
    RESULT(syscall(SETXATTRAT, AT_FDCWD, words[0], 0, "user.escape", &how, sizeof how));
}

static const struct timespec second[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

ACT(change_times) { WANT(1); RESULT(utimensat(AT_FDCWD, words[0], second, 0)); }
ACT(change_times_open) { WANT(1); OPENED(O_RDONLY, futimens(file, second)); }

ACT(change_times_old)
{
    WANT(1);
#ifdef SYS_utime
    struct utimbuf when = {.actime = 1, .modtime = 1};
    RESULT(syscall(SYS_utime, words[0], &when));
#else
    return ENOSYS;
#endif
}

ACT(change_times_older)
{
    WANT(1);
#ifdef SYS_utimes
    struct timeval when[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    RESULT(syscall(SYS_utimes, words[0], when));
#else
    return ENOSYS;
#endif
}

/* FS_NODUMP_FL, which does no harm and needs no privilege. */
static int set_flags(const char *path, unsigned long request)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    long flags = 0;
    if (file < 0)
        return errno;
    if (ioctl(file, FS_IOC_GETFLAGS, &flags) != 0)
        return close_with(file, errno);
    flags |= FS_NODUMP_FL;
    return close_with(file, syscall(SYS_ioctl, file, request, &flags) < 0 ? errno : 0);
}

ACT(file_flags) { WANT(1); return set_flags(words[0], FS_IOC_SETFLAGS); }
ACT(file_flags_high_bit) { WANT(1); return set_flags(words[0], HIGH_BIT | FS_IOC_SETFLAGS); }

ACT(file_flags_extended)
{
    WANT(1);
    struct fsxattr flags = {0};
    int file = open(words[0], O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    if (ioctl(file, FS_IOC_FSGETXATTR, &flags) == 0)
        flags.fsx_xflags |= FS_XFLAG_NODUMP;
    return close_with(file, ioctl(file, FS_IOC_FSSETXATTR, &flags) < 0 ? errno : 0);
}

ACT(file_flags_newer)
{
    WANT(1);
    struct { unsigned long long flags; unsigned extent, count, project, copied; } how = {.flags = FS_XFLAG_NODUMP};
    RESULT(syscall(FILE_SETATTR, AT_FDCWD, words[0], &how, sizeof how, 0));
}

const struct act metadata_acts[] = {
    {"chmod", change_mode, "PATH", "changes a mode"},
    {"chmod-at", change_mode_at, "PATH", "changes a mode with fchmodat"},
    {"chmod-newer", change_mode_newer, "PATH", "changes a mode with fchmodat2"},
    {"chmod-open", change_mode_open, "PATH", "changes the mode of an open file"},
    {"chown", change_owner, "PATH", "changes an owner, to the one it has"},
    {"chown-link", change_owner_link, "PATH", "the same with lchown"},
    {"chown-open", change_owner_open, "PATH", "the same of an open file"},
    {"xattr", set_attribute, "PATH", "sets an extended attribute"},
    {"xattr-link", set_attribute_link, "PATH", "the same with lsetxattr"},
    {"xattr-open", set_attribute_open, "PATH", "the same of an open file"},
    {"xattr-newer", set_attribute_newer, "PATH", "the same with setxattrat"},
    {"utime", change_times, "PATH", "changes times"},
    {"utime-open", change_times_open, "PATH", "changes the times of an open file"},
    {"utime-old", change_times_old, "PATH", "changes times with utime"},
    {"utime-older", change_times_older, "PATH", "changes times with utimes"},
    {"file-flags", file_flags, "PATH", "changes a flag that filesystems keep, by ioctl"},
    {"file-flags-high-bit", file_flags_high_bit, "PATH", "the same, a high bit set in the request"},
    {"file-flags-extended", file_flags_extended, "PATH", "the same by the request of xfs"},
    {"file-flags-newer", file_flags_newer, "PATH", "the same with file_setattr"},
    {0},
};
