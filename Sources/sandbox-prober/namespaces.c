/* Namespaces: to be root, or to be elsewhere. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum { NEW_TIME = 0x80 };

static int unshared(long flags)
{
    RESULT(syscall(SYS_unshare, flags));
}

ACT(user_namespace) { WANT(0); return unshared(CLONE_NEWUSER); }
ACT(network_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWNET); }
ACT(mount_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWNS); }
ACT(process_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWPID); }
ACT(name_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWUTS); }
ACT(message_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWIPC); }
ACT(cgroup_namespace) { WANT(0); return unshared(CLONE_NEWUSER | CLONE_NEWCGROUP); }
ACT(time_namespace) { WANT(0); return unshared(CLONE_NEWUSER | NEW_TIME); }
/* Open files of its own need no privilege, and are nobody's escape: what is tried is that unshare is closed whole. */
ACT(unshare_files) { WANT(0); return unshared(CLONE_FILES | CLONE_FS); }

static int cloned(long flags, char **words)
{
    return child_marks((pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0), words);
}

ACT(clone_namespace) { WANT(2); return cloned(CLONE_NEWUSER, words); }
ACT(clone_namespace_high_bit) { WANT(2); return cloned(HIGH_BIT | CLONE_NEWUSER, words); }
ACT(clone_network) { WANT(2); return cloned(CLONE_NEWUSER | CLONE_NEWNET, words); }
ACT(clone_mounts) { WANT(2); return cloned(CLONE_NEWUSER | CLONE_NEWNS, words); }

ACT(clone3_namespace)
{
    WANT(2);
    struct clone_args how = {.exit_signal = SIGCHLD, .flags = CLONE_NEWUSER};
    return child_marks((pid_t)syscall(SYS_clone3, &how, sizeof how), words);
}

/* The namespaces of another process; its own are entered again, which root may. */
static int entered(const char *process, const char *name, int kind)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", atoi(process), name);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    if (other < 0)
        return errno;
    return close_with(other, syscall(SYS_setns, other, kind) < 0 ? errno : 0);
}

ACT(enter_network) { WANT(1); return entered(words[0], "net", CLONE_NEWNET); }
ACT(enter_names) { WANT(1); return entered(words[0], "uts", CLONE_NEWUTS); }

ACT(enter_process)
{
    WANT(1);
    int process = (int)syscall(SYS_pidfd_open, atoi(words[0]), 0);
    if (process < 0)
        return errno;
    return close_with(process, syscall(SYS_setns, process, CLONE_NEWNET | CLONE_NEWUTS) < 0 ? errno : 0);
}

#define NEW(name, act, what) {name, act, "", "makes " what}
const struct act namespace_acts[] = {
    NEW("user-namespace", user_namespace, "a user namespace of its own"),
    NEW("network-namespace", network_namespace, "a user and a network namespace"),
    NEW("mount-namespace", mount_namespace, "a user and a mount namespace"),
    NEW("process-namespace", process_namespace, "a user and a PID namespace"),
    NEW("name-namespace", name_namespace, "a user and a UTS namespace"),
    NEW("message-namespace", message_namespace, "a user and an IPC namespace"),
    NEW("cgroup-namespace", cgroup_namespace, "a user and a cgroup namespace"),
    NEW("time-namespace", time_namespace, "a user and a time namespace"),
    {"unshare-files", unshare_files, "", "parts from the open files that it shares with nobody"},
    {"clone-namespace", clone_namespace, "MARK NONCE", "makes a child in a user namespace, which writes the nonce to the mark"},
    {"clone-namespace-high-bit", clone_namespace_high_bit, "MARK NONCE", "the same, a high bit set in the flags"},
    {"clone-network", clone_network, "MARK NONCE", "the same in a network namespace"},
    {"clone-mounts", clone_mounts, "MARK NONCE", "the same in a mount namespace"},
    {"clone3-namespace", clone3_namespace, "MARK NONCE", "the same with clone3"},
    {"enter-network", enter_network, "PID", "enters the network namespace of a process"},
    {"enter-names", enter_names, "PID", "enters the UTS namespace of a process"},
    {"enter-process", enter_process, "PID", "enters namespaces of a process by a pidfd"},
    {0},
};
