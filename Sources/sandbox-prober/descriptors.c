/* What is open, and taking what others have open. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char *kind_of(mode_t mode)
{
    return S_ISFIFO(mode) ? "pipe" : S_ISSOCK(mode) ? "socket" : S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory"
         : S_ISCHR(mode) ? "device" : "other";
}

/* Asked of each number without /proc. */
ACT(descriptors)
{
    WANT(0);
    size_t used = 0;
    for (int descriptor = 0; descriptor < 1 << 16 && used + 64 < size; descriptor++) {
        struct stat about;
        if (fstat(descriptor, &about) == 0)
            used += (size_t)snprintf(said + used, size - used, "%d:%s ", descriptor, kind_of(about.st_mode));
    }
    return 0;
}

/* To all that is open beside its three pipes. */
ACT(write_inherited)
{
    WANT(1);
    int error = EBADF;
    for (int descriptor = 3; descriptor < 1024; descriptor++)
        if (write(descriptor, words[0], strlen(words[0])) > 0)
            error = 0;
    return error;
}

static int taken(pid_t process, long pid_high, int number)
{
    long descriptor = syscall(SYS_pidfd_open, pid_high | process, 0);
    if (descriptor < 0)
        return -1;
    int found = (int)syscall(SYS_pidfd_getfd, descriptor, number, 0), error = errno;
    close((int)descriptor);
    errno = error;
    return found;
}

ACT(take_descriptor) { WANT(2); return had(taken(atoi(words[0]), 0, atoi(words[1]))); }

/* The first socket that the other has, and the nonce on it. */
ACT(take_and_send)
{
    WANT(2);
    for (int number = 0; number < 32; number++) {
        int found = taken(atoi(words[0]), 0, number);
        struct stat about;
        if (found >= 0 && fstat(found, &about) == 0 && S_ISSOCK(about.st_mode))
            return store(found, words[1]);
        if (found < 0 && errno != EBADF)
            return errno;
        close_with(found, 0);
    }
    return ENOENT;
}

ACT(open_descriptor)
{
    WANT(2);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", atoi(words[0]), atoi(words[1]));
    return had(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

ACT(compare_descriptors) { WANT(1); RESULT(syscall(SYS_kcmp, getpid(), atoi(words[0]), KCMP_FILES, 0, 0)); }

const struct act descriptor_acts[] = {
    {"descriptors", descriptors, "", "says which descriptors are open, and what they are"},
    {"write-inherited", write_inherited, "TEXT", "writes to every descriptor above 2"},
    {"take-descriptor", take_descriptor, "PID NUMBER", "takes a descriptor out of another process (pidfd_getfd)"},
    {"take-and-send", take_and_send, "PID NONCE", "takes a socket out of another process, and sends on it"},
    {"open-descriptor", open_descriptor, "PID NUMBER", "opens what another process has open, through /proc"},
    {"compare-descriptors", compare_descriptors, "PID", "compares its open files with those of another process (kcmp)"},
    {0},
};
