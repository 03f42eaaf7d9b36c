/* What gate, server and tester report until they are what they were started for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "clx_processes.h"
#include "keeper.h"

/* The listener of one that is observed goes to the daemon, and nobody else keeps it. */
static void tell_running(struct keeper *keeper, struct member *member) {
    struct cl_report report = keeper_report(keeper, CL_REPORT_RUNNING, member->role);
    report.pid = member->pid;
    keeper_tell(keeper, &report, &member->listener, member->listener < 0 ? 0 : 1);
    keeper_close(&member->listener);
}

static void reached_execution(struct keeper *keeper, struct member *member) {
    keeper_close(&member->report);
    bool complete = member->executing && (!member->once || member->continued);
    if (!complete) {
        keeper_close(&member->listener);
        keeper_tell_failed(keeper, member->role, member->once && member->executing ? CL_STEP_NOTIFICATION : CL_STEP_EXECVE, -ECHILD);
        return;
    }
    member->stage = STAGE_RUNS;
    tell_running(keeper, member);
}

void keeper_hear_member(struct keeper *keeper, struct member *member) {
    struct word word;
    int descriptor;
    int result = word_receive(member->report, &word, &descriptor);
    if (result == -EAGAIN || result == -EINTR) return;
    if (result == 0) {
        reached_execution(keeper, member);
        return;
    }
    if (result == 1 && word.kind == WORD_FAILED) {
        keeper_tell_failed(keeper, member->role, word.step, -word.error);
    } else if (result == 1 && word.kind == WORD_ARMED && member->stage == STAGE_STARTING) {
        member->stage = STAGE_ARMED;
        keeper_tell_member(keeper, CL_REPORT_ARMED, member);
        /* Whoever serves it has it from the daemon; nobody else keeps it open. */
        keeper_close(&member->door);
    } else if (result == 1 && word.kind == WORD_DOOR && member->stage == STAGE_STARTING && member->door < 0 && descriptor >= 0) {
        member->door = descriptor;
        descriptor = -1;
    } else if (result == 1 && word.kind == WORD_LISTENER && member->once && member->listener < 0 && descriptor >= 0) {
        member->listener = descriptor;
        descriptor = -1;
    } else if (result == 1 && word.kind == WORD_EXECUTING) {
        member->executing = true;
    } else {
        keeper_tell_failed(keeper, member->role, CL_STEP_NOTIFICATION, result < 0 ? result : -EPROTO);
    }
    keeper_close(&descriptor);
}

static bool is_execution(const struct seccomp_notif *notification) {
    return notification->data.nr == SYS_execve || notification->data.nr == SYS_execveat;
}

/*
 * Lets this child's one execve pass and closes the listener, so that every later one is ENOSYS. No foreign code has run in the child, so
 * nobody can change what the arguments point to.
 */
static int continue_once(struct member *member) {
    struct seccomp_notif notification = {0};
    if (ioctl(member->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0) return -errno;
    if ((int)notification.pid != member->pid || !is_execution(&notification)) return -EPROTO;
    struct seccomp_notif_resp response = {.id = notification.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (ioctl(member->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0) return -errno;
    member->continued = true;
    if (!member->observed) keeper_close(&member->listener);
    return 0;
}

void keeper_hear_listener(struct keeper *keeper, struct member *member) {
    int result = launch_fault(member->role, CL_STEP_NOTIFICATION);
    if (result == 0) result = continue_once(member);
    if (result == -EINTR || result == -EAGAIN) return;
    if (result < 0) keeper_tell_failed(keeper, member->role, CL_STEP_NOTIFICATION, result);
}

/* MARK: the self-test */

void keeper_finish_tester(struct keeper *keeper) {
    struct clx_exit ended;
    clx_pidfd_send_signal(keeper->tester.pidfd, SIGKILL);
    clx_wait_pidfd(keeper->tester.pidfd, 1, &ended);
    keeper_close(&keeper->tester.pidfd);
    keeper_close(&keeper->tester.report);
}

static int is_populated(int events) {
    char text[128] = {0};
    ssize_t count = pread(events, text, sizeof text - 1, 0);
    return count < 0 ? -errno : strstr(text, "populated 0") == NULL;
}

/*
 * The tester has ended its subjects; what one of them left behind in the server's cgroup must not meet the server. It is not killed there
 * and then: Linux 6.18 kills whatever is cloned into a cgroup to which cgroup.kill was ever written, when the parent
 * lives in another (kernel_clone_args.kill_seq is the parent's). From Linux 6.19 on a process leaves its cgroup some time
 * after it was waited for, and the cgroup tells of it by POLLPRI.
 */
static int verify_empty(int cgroup) {
    enum { tries = 5, patience_milliseconds = 100 };
    if (cgroup < 0) return 0; /* without cgroups nobody outlives us */
    int file = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    struct pollfd change = {.fd = file, .events = POLLPRI};
    int result = is_populated(file);
    for (int at = 0; result == 1 && at < tries; at++) {
        poll(&change, 1, patience_milliseconds);
        result = is_populated(file);
    }
    close(file);
    return result == 1 ? -EBUSY : result;
}

void keeper_hear_tester(struct keeper *keeper) {
    struct word word;
    int descriptor;
    int result = word_receive(keeper->tester.report, &word, &descriptor);
    keeper_close(&descriptor);
    if (result == -EAGAIN || result == -EINTR) return;
    struct cl_report report = keeper_report(keeper, CL_REPORT_TRIAL, CL_ROLE_SELF_TEST);
    report.trial = word.result;
    if (result == 1 && word.kind == WORD_TRIAL) {
        keeper_tell(keeper, &report, NULL, 0);
        return;
    }
    keeper_finish_tester(keeper);
    bool is_done = result == 1 && word.kind == WORD_DONE;
    if (is_done) result = launch_fault(CL_ROLE_SELF_TEST, CL_STEP_TRIALS);
    if (is_done && result == 0) result = verify_empty(keeper->server.cgroup);
    if (is_done && result == 0) {
        report.kind = CL_REPORT_TRIALS_DONE;
        keeper_tell(keeper, &report, NULL, 0);
    } else if (result == 1 && word.kind == WORD_FAILED) {
        keeper_tell_failed(keeper, CL_ROLE_SELF_TEST, word.step, -word.error);
    } else {
        keeper_tell_failed(keeper, CL_ROLE_SELF_TEST, CL_STEP_TRIALS, result < 0 ? result : -ECHILD);
    }
}
