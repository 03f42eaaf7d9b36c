#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "CEscapes.h"

int ce_children_in_new_pid_namespace(int on) {
    if (on) return unshare(CLONE_NEWPID) < 0 ? -errno : 0;
    int own = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);
    if (own < 0) return -errno;
    int result = setns(own, CLONE_NEWPID) < 0 ? -errno : 0;
    close(own);
    return result;
}
