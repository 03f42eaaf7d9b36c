/* Children of its own, threads, and who it is. */
#define _GNU_SOURCE
#include "attempt.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MARK_NONCE "MARK NONCE"

int child_marks(pid_t child, char **words)
{
    if (child < 0)
        return errno;
    if (child == 0)
        _exit(mark_file(words[0], words[1]));
    int status;
    if (waitpid(child, &status, __WALL) < 0)
        return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static pid_t cloned(long flags)
{
    return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
}

ACT(fork_child)
{
    WANT(2);
#ifdef SYS_fork
    return child_marks((pid_t)syscall(SYS_fork), words);
#else
    return ENOSYS;
#endif
}

/* The child has its parent's memory until it ends: it only marks, and ends. */
ACT(vfork_child)
{
    WANT(2);
    pid_t child = vfork();
    if (child == 0)
        _exit(mark_file(words[0], words[1]));
    return child_marks(child, words);
}

ACT(clone_child) { WANT(2); return child_marks(cloned(SIGCHLD), words); }
ACT(clone_high_bit) { WANT(2); return child_marks(cloned(HIGH_BIT | SIGCHLD), words); }
ACT(clone_files) { WANT(2); return child_marks(cloned(CLONE_FILES | CLONE_FS | SIGCHLD), words); }
ACT(clone_parent) { WANT(2); return child_marks(cloned(CLONE_UNTRACED | SIGCHLD), words); }
/* CLONE_THREAD (0x10000) in the upper half alone is no thread. */
ACT(clone_thread_high_bit) { WANT(2); return child_marks(cloned(0x1000000000000L | SIGCHLD), words); }

ACT(clone3_child)
{
    WANT(2);
    struct clone_args how = {.exit_signal = SIGCHLD};
    return child_marks((pid_t)syscall(SYS_clone3, &how, sizeof how), words);
}

/* A child that leaves the process group and holds nothing: it should end with the session all the same. */
ACT(linger)
{
    WANT(0);
    pid_t child = fork();
    if (child < 0)
        return errno;
    if (child == 0) {
        setsid();
        for (int descriptor = 0; descriptor < 3; descriptor++)
            close(descriptor);
        for (;;)
            pause();
    }
    snprintf(said, size, "%d", child);
    return 0;
}

static void *set_flag(void *flag)
{
    *(int *)flag = 1;
    return NULL;
}

/* Threads are nobody's children; every policy leaves them alone. */
ACT(thread)
{
    WANT(0);
    int flag = 0;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, set_flag, &flag);
    if (error == 0)
        pthread_join(thread, NULL);
    return error ? error : flag ? 0 : EIO;
}

ACT(credentials)
{
    WANT(0);
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    int bounding = 0;
    for (int capability = 0; capability < 64; capability++)
        bounding += prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};
    syscall(SYS_capget, &head, sets);
    int held = __builtin_popcount(sets[0].permitted | sets[0].inheritable) + __builtin_popcount(sets[1].permitted | sets[1].inheritable);
    snprintf(said, size, "uids %u %u %u bounding %d no-new-privileges %d groups %d capabilities %d", real, effective, saved, bounding,
             prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), getgroups(0, NULL), held);
    return 0;
}

/* Words: a uid. Comes back only for root, who can. */
ACT(become)
{
    WANT(1);
    uid_t other = (uid_t)atoi(words[0]);
    if (syscall(SYS_setresuid, -1, other, -1) != 0)
        return errno;
    RESULT(syscall(SYS_setresuid, -1, getuid(), -1));
}

ACT(leave_group) { WANT(0); RESULT(syscall(SYS_setgroups, 0, NULL)); }

ACT(raise_capability)
{
    WANT(0);
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};
    syscall(SYS_capget, &head, sets);
    sets[0].effective = sets[0].permitted = 1u << CAP_NET_RAW;
    RESULT(syscall(SYS_capset, &head, sets));
}

const struct act process_acts[] = {
    {"fork", fork_child, MARK_NONCE, "makes a child, which writes the nonce to the mark"},
    {"vfork", vfork_child, MARK_NONCE, "the same with vfork"},
    {"clone", clone_child, MARK_NONCE, "the same with clone"},
    {"clone-high-bit", clone_high_bit, MARK_NONCE, "the same, a high bit set in the flags"},
    {"clone-thread-high-bit", clone_thread_high_bit, MARK_NONCE, "the same, the bit of a thread in the upper half of the flags"},
    {"clone-files", clone_files, MARK_NONCE, "the same, sharing open files"},
    {"clone-untraced", clone_parent, MARK_NONCE, "the same, so that nobody traces the child"},
    {"clone3", clone3_child, MARK_NONCE, "the same with clone3"},
    {"linger", linger, "", "makes a child that stays, and says its pid"},
    {"thread", thread, "", "starts a thread, which every policy permits"},
    {"credentials", credentials, "", "says its uids, groups and capabilities"},
    {"become", become, "UID", "takes another uid for a moment"},
    {"leave-group", leave_group, "", "drops its groups"},
    {"raise-capability", raise_capability, "", "takes the capability of raw sockets"},
    {0},
};
