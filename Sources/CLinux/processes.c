#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(CLX_EXITED == CLD_EXITED && CLX_KILLED == CLD_KILLED && CLX_DUMPED == CLD_DUMPED, "wait codes");
_Static_assert(CLX_RLIMIT_CORE == RLIMIT_CORE && CLX_RLIMIT_NOFILE == RLIMIT_NOFILE, "limits");

int clx_pidfd_open(int pid) {
    long descriptor = syscall(SYS_pidfd_open, pid, 0);
    return descriptor < 0 ? -errno : (int)descriptor;
}

int clx_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

static int wait_for(idtype_t type, id_t id, int options, struct clx_exit *ended) {
    siginfo_t info = {0};
    if (waitid(type, id, &info, options) < 0) return -errno;
    *ended = (struct clx_exit){.pid = info.si_pid, .code = info.si_code, .status = info.si_status};
    return 0;
}

int clx_wait_pidfd(int pidfd, int wait, struct clx_exit *ended) {
    const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD */
    return wait_for(by_pidfd, (id_t)pidfd, WEXITED | (wait ? 0 : WNOHANG), ended);
}

int clx_wait_any(struct clx_exit *ended) { return wait_for(P_ALL, 0, WEXITED | WNOHANG, ended); }

int clx_set_dumpable(int on) { return prctl(PR_SET_DUMPABLE, on ? 1 : 0, 0, 0, 0) < 0 ? -errno : 0; }
int clx_set_no_new_privs(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0; }

int clx_get_no_new_privs(void) {
    int value = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    return value < 0 ? -errno : value;
}

int clx_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0) < 0 ? -errno : 0; }
int clx_set_child_subreaper(int on) { return prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0) < 0 ? -errno : 0; }

int clx_set_limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)resource, &limit) < 0 ? -errno : 0;
}

int clx_get_limit(int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int clx_groups(uint32_t *groups, int capacity) {
    int count = getgroups(capacity, groups);
    return count < 0 ? -errno : count;
}
