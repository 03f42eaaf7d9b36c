#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const int content_seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

int clx_pipe(int ends[2], int nonblocking) {
    return pipe2(ends, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0)) < 0 ? -errno : 0;
}

int clx_duplicate(int descriptor, int lowest) {
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
    return copy < 0 ? -errno : copy;
}

int clx_duplicate_onto(int descriptor, int target) {
    return dup3(descriptor, target, 0) < 0 ? -errno : target;
}

int clx_set_close_on_exec(int descriptor, int on) {
    return fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0) < 0 ? -errno : 0;
}

int clx_get_flags(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -errno : flags;
}

int clx_set_nonblocking(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return fcntl(descriptor, F_SETFL, wanted) < 0 ? -errno : 0;
}

int clx_close_range(unsigned int first, unsigned int last) {
    return syscall(SYS_close_range, first, last, 0) < 0 ? -errno : 0;
}

int64_t clx_bytes_waiting(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -errno : count;
}

int clx_memfd_create(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return descriptor < 0 ? -errno : descriptor;
}

/* Writes all of it at offset 0, by as many calls as it takes. */
static int write_all(int descriptor, const char *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t written = pwrite(descriptor, bytes + done, count - done, (off_t)done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? -errno : -EIO;
        done += (size_t)written;
    }
    return 0;
}

int clx_memfd_sealed(const char *name, const void *bytes, size_t count) {
    int descriptor = clx_memfd_create(name);
    if (descriptor < 0) return descriptor;
    int result = write_all(descriptor, bytes, count);
    if (result == 0) result = clx_memfd_seal(descriptor);
    if (result < 0) close(descriptor);
    return result < 0 ? result : descriptor;
}

int clx_memfd_seal(int descriptor) {
    return fcntl(descriptor, F_ADD_SEALS, content_seals | F_SEAL_SEAL) < 0 ? -errno : 0;
}

int clx_memfd_is_sealed(int descriptor) {
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return errno == EINVAL ? 0 : -errno;
    return (seals & content_seals) == content_seals;
}
