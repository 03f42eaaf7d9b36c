#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clx_processes.h"
#include "clx_sockets.h"
#include "launch.h"

enum { start_milliseconds = 10000 };

/* Waits until execve has succeeded: 0; else -errno and the step. */
static int await_execution(int report, enum cl_step *failed) {
    bool executing = false;
    for (;;) {
        struct word word;
        int descriptor;
        *failed = CL_STEP_EXECVE;
        int ready = word_await(report, start_milliseconds);
        if (ready <= 0) return ready < 0 ? ready : -ETIMEDOUT;
        int result = word_receive(report, &word, &descriptor);
        if (result < 0) return result;
        if (result == 0) {
            if (executing) *failed = CL_STEP_NONE;
            return executing ? 0 : -ECHILD;
        }
        if (word.kind == WORD_FAILED) {
            *failed = word.step;
            return -word.error;
        }
        executing = word.kind == WORD_EXECUTING;
    }
}

struct newborn {
    const struct launch *launch;
    int report;
};

static void begin(void *argument) {
    const struct newborn *newborn = argument;
    launch_execute(newborn->launch, launch_become(newborn->launch, newborn->report));
}

/* What keeps our privilege is us, and nobody else's to signal. */
static int clone_newborn(struct newborn *newborn, int cgroup, int *pidfd) {
    if ((newborn->launch->fixed.flags & CL_KEEP_PRIVILEGE) != 0) return launch_clone_sharing(cgroup, pidfd, begin, newborn);
    int pid = launch_clone(cgroup, pidfd);
    if (pid == 0) begin(newborn);
    return pid;
}

static int start(const struct launch *launch, int cgroup, int *pid, enum cl_step *failed) {
    int ends[2];
    *failed = CL_STEP_MAKE_CHANNEL;
    int result = launch_fault(launch->role, *failed);
    if (result == 0) result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) return result;
    int pidfd = -1;
    *failed = CL_STEP_CLONE;
    *pid = launch_fault(launch->role, *failed);
    struct newborn newborn = {.launch = launch, .report = ends[1]};
    if (*pid == 0) *pid = clone_newborn(&newborn, cgroup, &pidfd);
    close(ends[1]);
    result = *pid < 0 ? *pid : await_execution(ends[0], failed);
    close(ends[0]);
    if (result == 0) return pidfd;
    if (pidfd < 0) return result;
    struct clx_exit ended;
    clx_pidfd_send_signal(pidfd, SIGKILL);
    clx_wait_pidfd(pidfd, 1, &ended);
    close(pidfd);
    return result;
}

int cl_start(enum cl_role role, int cgroup, const int *descriptors, int descriptor_count, int *pid, enum cl_step *failed) {
    struct launch launch;
    *pid = -1;
    int result = launch_read(&launch, role, descriptors, descriptor_count, false, failed);
    if (result < 0) return result;
    bool needs_keeper = (launch.fixed.flags & (CL_EXEC_ONCE | CL_WAIT_ARMED)) != 0;
    result = needs_keeper ? -EINVAL : start(&launch, cgroup, pid, failed);
    launch_release(&launch);
    return result;
}
