/* Other processes: signals, memory, limits, scheduling. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

enum { PROCESS_MADVISE = 440, PROCESS_MRELEASE = 448 };

static long pidfd(const char *word)
{
    return syscall(SYS_pidfd_open, atoi(word), 0);
}

ACT(send_signal) { WANT(1); RESULT(kill(atoi(words[0]), SIGUSR1)); }
ACT(send_signal_thread) { WANT(1); RESULT(syscall(SYS_tgkill, atoi(words[0]), atoi(words[0]), SIGUSR1)); }
ACT(send_signal_old) { WANT(1); RESULT(syscall(SYS_tkill, atoi(words[0]), SIGUSR1)); }
ACT(send_signal_group) { WANT(1); RESULT(kill(-atoi(words[0]), SIGUSR1)); }
ACT(send_signal_high_bit) { WANT(1); RESULT(syscall(SYS_kill, HIGH_BIT | atoi(words[0]), (long)SIGUSR1)); }

ACT(send_signal_queued)
{
    WANT(1);
    siginfo_t what = {.si_signo = SIGUSR1, .si_code = SI_QUEUE, .si_pid = getpid(), .si_uid = getuid()};
    RESULT(syscall(SYS_rt_sigqueueinfo, atoi(words[0]), SIGUSR1, &what));
}

ACT(send_signal_descriptor)
{
    WANT(1);
    long process = pidfd(words[0]);
    if (process < 0)
        return errno;
    return close_with((int)process, syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0) < 0 ? errno : 0);
}

/* The kernel sends it, when data comes to a pipe that the other process is said to own. */
ACT(send_signal_owner)
{
    WANT(1);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    int error = fcntl(ends[0], F_SETOWN, atoi(words[0])) != 0 || fcntl(ends[0], F_SETSIG, SIGUSR1) != 0
             || fcntl(ends[0], F_SETFL, O_ASYNC) != 0 || write(ends[1], "x", 1) != 1 ? errno : 0;
    close(ends[0]);
    return close_with(ends[1], error);
}

ACT(trace)
{
    WANT(1);
    pid_t process = atoi(words[0]);
    if (ptrace(PTRACE_SEIZE, process, 0, 0) < 0)
        return errno;
    ptrace(PTRACE_INTERRUPT, process, 0, 0);
    waitpid(process, NULL, __WALL);
    ptrace(PTRACE_DETACH, process, 0, 0);
    return 0;
}

ACT(trace_old)
{
    WANT(1);
    pid_t process = atoi(words[0]);
    if (ptrace(PTRACE_ATTACH, process, 0, 0) < 0)
        return errno;
    waitpid(process, NULL, __WALL);
    ptrace(PTRACE_DETACH, process, 0, 0);
    return 0;
}

static void *address_of(const char *word)
{
    return (void *)(uintptr_t)strtoull(word, NULL, 16);
}

ACT(read_memory)
{
    WANT(2);
    struct iovec here = {.iov_base = said, .iov_len = 16}, there = {.iov_base = address_of(words[1]), .iov_len = 16};
    ssize_t got = process_vm_readv(atoi(words[0]), &here, 1, &there, 1, 0);
    int error = got < 0 ? errno : 0;
    keep_printable(said, got > 0 ? 16 : 0);
    return error;
}

ACT(write_memory)
{
    WANT(2);
    struct iovec here = {.iov_base = "x", .iov_len = 1}, there = {.iov_base = address_of(words[1]), .iov_len = 1};
    RESULT(process_vm_writev(atoi(words[0]), &here, 1, &there, 1, 0));
}

/* A file of another process in /proc. */
static int open_of(const char *process, const char *name, int flags)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/%s/%s", process, name);
    return open(path, flags | O_CLOEXEC);
}

ACT(read_memory_file)
{
    WANT(2);
    int memory = open_of(words[0], "mem", O_RDONLY);
    if (memory < 0)
        return errno;
    ssize_t got = pread(memory, said, 16, (off_t)(uintptr_t)address_of(words[1]));
    int error = got < 0 ? errno : 0;
    keep_printable(said, got > 0 ? 16 : 0);
    return close_with(memory, error);
}

ACT(write_memory_file)
{
    WANT(2);
    int memory = open_of(words[0], "mem", O_WRONLY);
    if (memory < 0)
        return errno;
    return close_with(memory, pwrite(memory, "x", 1, (off_t)(uintptr_t)address_of(words[1])) < 0 ? errno : 0);
}

ACT(read_environment)
{
    WANT(1);
    int error = contents(open_of(words[0], "environ", O_RDONLY), said, size);
    return error == 0 && said[0] == 0 ? EACCES : error;
}

ACT(read_command) { WANT(1); return contents(open_of(words[0], "cmdline", O_RDONLY), said, size); }
ACT(read_map) { WANT(1); return contents(open_of(words[0], "maps", O_RDONLY), said, size); }

ACT(read_through_root)
{
    WANT(2);
    char name[4096];
    snprintf(name, sizeof name, "root%s", words[1]);
    return contents(open_of(words[0], name, O_RDONLY), said, size);
}

ACT(blame_for_memory) { WANT(1); return store(open_of(words[0], "oom_score_adj", O_WRONLY), "1000"); }

/* 64 open files, which the test may look for. */
static int limit(long process)
{
    struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
    RESULT(syscall(SYS_prlimit64, process, (long)RLIMIT_NOFILE, &limit, NULL));
}

ACT(limit_other) { WANT(1); return limit(atoi(words[0])); }
ACT(limit_other_high_bit) { WANT(1); return limit(HIGH_BIT | atoi(words[0])); }
ACT(read_limit)
{
    WANT(1);
    struct rlimit now;
    RESULT(syscall(SYS_prlimit64, atol(words[0]), (long)RLIMIT_NOFILE, NULL, &now));
}

static int schedule(long process)
{
    struct sched_param none = {0};
    RESULT(syscall(SYS_sched_setscheduler, process, (long)SCHED_BATCH, &none));
}

ACT(schedule_other) { WANT(1); return schedule(atoi(words[0])); }
ACT(schedule_other_high_bit) { WANT(1); return schedule(HIGH_BIT | atoi(words[0])); }

ACT(schedule_other_newer)
{
    WANT(1);
    struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t runtime, deadline, period; } how = {
        .size = 48, .policy = SCHED_BATCH};
    RESULT(syscall(SYS_sched_setattr, (long)atoi(words[0]), &how, 0L));
}

ACT(schedule_other_parameters)
{
    WANT(1);
    struct sched_param none = {0};
    RESULT(syscall(SYS_sched_setparam, (long)atoi(words[0]), &none));
}

ACT(place_other)
{
    WANT(1);
    unsigned long first = 1;
    RESULT(syscall(SYS_sched_setaffinity, (long)atoi(words[0]), sizeof first, &first));
}

ACT(slow_other) { WANT(1); RESULT(syscall(SYS_setpriority, (long)PRIO_PROCESS, (long)atoi(words[0]), 19L)); }
ACT(slow_group) { WANT(1); RESULT(syscall(SYS_setpriority, (long)PRIO_PGRP, (long)atoi(words[0]), 19L)); }
ACT(slow_user) { WANT(0); RESULT(syscall(SYS_setpriority, (long)PRIO_USER, 0L, 19L)); }
ACT(slow_user_high_bit) { WANT(0); RESULT(syscall(SYS_setpriority, HIGH_BIT | PRIO_USER, 0L, 19L)); }
/* IOPRIO_WHO_PROCESS 1, IOPRIO_WHO_USER 3; class 3 is idle. */
ACT(slow_input_other) { WANT(1); RESULT(syscall(SYS_ioprio_set, 1L, (long)atoi(words[0]), 3L << 13)); }
/* By number: to IOPRIO_WHO_USER zero is root, whatever ioprio_set(2) says. */
ACT(slow_input_user) { WANT(0); RESULT(syscall(SYS_ioprio_set, 3L, (long)getuid(), 3L << 13)); }

ACT(move_pages_other)
{
    WANT(1);
    unsigned long first = 1;
    RESULT(syscall(SYS_migrate_pages, (long)atoi(words[0]), 2L, &first, &first));
}

ACT(advise_other)
{
    WANT(2);
    long process = pidfd(words[0]);
    if (process < 0)
        return errno;
    struct iovec there = {.iov_base = (void *)((uintptr_t)address_of(words[1]) & ~4095ul), .iov_len = 4096};
    return close_with((int)process, syscall(PROCESS_MADVISE, process, &there, 1L, (long)MADV_COLD, 0L) < 0 ? errno : 0);
}

ACT(read_robust_list)
{
    WANT(1);
    void *head;
    size_t length;
    RESULT(syscall(SYS_get_robust_list, (long)atoi(words[0]), &head, &length));
}

#define PID "PID"
const struct act other_process_acts[] = {
    {"signal", send_signal, PID, "sends SIGUSR1, which ends most"},
    {"signal-thread", send_signal_thread, PID, "the same with tgkill"},
    {"signal-old", send_signal_old, PID, "the same with tkill"},
    {"signal-group", send_signal_group, PID, "the same to a process group"},
    {"signal-high-bit", send_signal_high_bit, PID, "the same, a high bit set in the pid"},
    {"signal-queued", send_signal_queued, PID, "the same with a message"},
    {"signal-descriptor", send_signal_descriptor, PID, "the same by a pidfd"},
    {"signal-owner", send_signal_owner, PID, "has the kernel send it, as to the owner of a pipe"},
    {"trace", trace, PID, "traces a process (PTRACE_SEIZE)"},
    {"trace-old", trace_old, PID, "traces a process (PTRACE_ATTACH)"},
    {"read-memory", read_memory, "PID ADDRESS", "reads 16 bytes of its memory"},
    {"write-memory", write_memory, "PID ADDRESS", "writes a byte of its memory"},
    {"read-memory-file", read_memory_file, "PID ADDRESS", "reads its memory through /proc"},
    {"write-memory-file", write_memory_file, "PID ADDRESS", "writes its memory through /proc"},
    {"read-environment", read_environment, PID, "reads its environment through /proc"},
    {"read-command", read_command, PID, "reads its command line through /proc"},
    {"read-map", read_map, PID, "reads where its memory lies"},
    {"read-through-root", read_through_root, "PID PATH", "reads a file through the root directory of a process"},
    {"blame", blame_for_memory, PID, "has the kernel end that process first when memory is short"},
    {"limit-other", limit_other, PID, "sets its limit of open files"},
    {"limit-other-high-bit", limit_other_high_bit, PID, "the same, a high bit set in the pid"},
    {"read-limit", read_limit, PID, "reads its limit of open files"},
    {"schedule-other", schedule_other, PID, "changes how it is scheduled"},
    {"schedule-other-high-bit", schedule_other_high_bit, PID, "the same, a high bit set in the pid"},
    {"schedule-other-newer", schedule_other_newer, PID, "the same with sched_setattr"},
    {"schedule-other-parameters", schedule_other_parameters, PID, "the same with sched_setparam"},
    {"place-other", place_other, PID, "ties it to the first processor"},
    {"slow-other", slow_other, PID, "makes it slow (setpriority)"},
    {"slow-group", slow_group, PID, "makes its process group slow"},
    {"slow-user", slow_user, "", "makes all processes of its user slow"},
    {"slow-user-high-bit", slow_user_high_bit, "", "the same, a high bit set in the kind"},
    {"slow-input-other", slow_input_other, PID, "makes its input and output slow (ioprio_set)"},
    {"slow-input-user", slow_input_user, "", "the same to all processes of its user"},
    {"move-pages-other", move_pages_other, PID, "moves its memory (migrate_pages)"},
    {"advise-other", advise_other, "PID ADDRESS", "has its memory put away (process_madvise)"},
    {"read-robust-list", read_robust_list, PID, "reads where its locks lie"},
    {0},
};
