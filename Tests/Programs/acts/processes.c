/* Acts on processes, and calls that no policy permits. */
#define _GNU_SOURCE
#include "acts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define ACT(name) static int name(char **words, char *said)
#define SILENT (void)said

/* MARK: making. Word: nonce. What was made answers. */

static int answered_by(long child, const char *nonce)
{
    if (child < 0)
        return errno;
    if (child == 0) {
        answer(current_index, 0, nonce);
        _exit(0);
    }
    int status;
    return waitpid((pid_t)child, &status, __WALL) < 0 ? errno : -1;
}

ACT(make_fork) { SILENT; return answered_by(syscall(SYS_fork), words[0]); }
ACT(make_clone) { SILENT; return answered_by(syscall(SYS_clone, (unsigned long)SIGCHLD, 0L, 0L, 0L, 0L), words[0]); }

/* The child runs on this very stack, so that it does nothing but end. */
ACT(make_vfork)
{
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    snprintf(said, said_size, "%s", child < 0 ? "" : words[0]);
    if (child < 0)
        return errno;
    return result_of(waitpid(child, NULL, 0));
}

ACT(make_clone3)
{
    SILENT;
    struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } how = {.exit_signal = SIGCHLD};
    return answered_by(syscall(SYS_clone3, &how, sizeof how), words[0]);
}

static void *speak(void *nonce)
{
    answer(current_index, 0, nonce);
    return NULL;
}

ACT(make_thread)
{
    SILENT;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, speak, words[0]);
    return error != 0 ? error : pthread_join(thread, NULL) != 0 ? EINVAL : -1;
}

/* Words: flag, nonce. A user namespace comes with it, since without one nobody unprivileged may. */
ACT(make_namespace) { SILENT; return answered_by(syscall(SYS_clone, strtoul(words[0], NULL, 0) | CLONE_NEWUSER | SIGCHLD, 0L, 0L, 0L, 0L), words[1]); }

ACT(unshare_namespace) { SILENT; return result_of(unshare((int)strtoul(words[0], NULL, 0) | CLONE_NEWUSER)); }

/* MARK: executing. Words: how, path, nonce. */

static int execute_in_memory(const char *path, char **words)
{
    char block[4096];
    int from = open(path, O_RDONLY | O_CLOEXEC), memory = (int)syscall(SYS_memfd_create, "acts", 0);
    if (from < 0 || memory < 0)
        return errno;
    for (ssize_t count; (count = read(from, block, sizeof block)) > 0;)
        if (write(memory, block, (size_t)count) != count)
            return errno;
    syscall(SYS_execveat, memory, "", words, environ, AT_EMPTY_PATH);
    return errno;
}

int execute_by(char **words, const char *how)
{
    char index[16];
    snprintf(index, sizeof index, "%u", current_index);
    char *arguments[] = {words[1], "say", index, words[2], NULL};
    if (strcmp(how, "memory") == 0)
        return execute_in_memory(words[1], arguments);
    if (strcmp(how, "open") == 0) {
        int file = open(words[1], O_PATH | O_CLOEXEC);
        syscall(SYS_execveat, file, "", arguments, environ, AT_EMPTY_PATH);
    } else {
        syscall(SYS_execve, words[1], arguments, environ);
    }
    return errno;
}

/* In this very process: there is none afterwards to do more. */
ACT(execute_here) { SILENT; return execute_by(words, words[0]); }

ACT(execute)
{
    SILENT;
    pid_t child = (pid_t)syscall(SYS_fork);
    if (child < 0)
        return errno;
    if (child == 0) {
        answer(current_index, execute_by(words, words[0]), "");
        _exit(0);
    }
    return waitpid(child, NULL, 0) < 0 ? errno : -1;
}

/* MARK: signals. Words: how, pid, signal. */

/* The kernel sends it, when the other end of a pair becomes readable. */
static int signal_by_descriptor(pid_t process, int number)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return errno;
    int error = result_of(fcntl(ends[0], F_SETOWN, process));
    if (error == 0)
        error = result_of(fcntl(ends[0], F_SETSIG, number));
    if (error == 0)
        error = result_of(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    if (error == 0)
        error = result_of(write(ends[1], "x", 1));
    close(ends[1]);
    return close_with(ends[0], error);
}

static int signal_queued(pid_t process, int number)
{
    siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    return result_of(syscall(SYS_rt_sigqueueinfo, process, number, &info));
}

static int signal_by_pidfd(pid_t process, int number)
{
    int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
    return pidfd < 0 ? errno : close_with(pidfd, result_of(syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0)));
}

ACT(signal_to)
{
    SILENT;
    pid_t process = atoi(words[1]);
    int number = atoi(words[2]);
    if (strcmp(words[0], "tgkill") == 0)
        return result_of(syscall(SYS_tgkill, process, process, number));
    if (strcmp(words[0], "queue") == 0)
        return signal_queued(process, number);
    if (strcmp(words[0], "pidfd") == 0)
        return signal_by_pidfd(process, number);
    if (strcmp(words[0], "descriptor") == 0)
        return signal_by_descriptor(process, number);
    return result_of(kill(process, number));
}

/* MARK: what is set of others. Words: how, pid. Nothing is made worse that was not so before. */

ACT(adjust)
{
    SILENT;
    pid_t process = atoi(words[1]);
    struct rlimit none = {0, 0};
    struct sched_param plain = {0};
    if (strcmp(words[0], "limit") == 0)
        return result_of(syscall(SYS_prlimit64, process, RLIMIT_CORE, &none, NULL));
    if (strcmp(words[0], "scheduler") == 0)
        return result_of(syscall(SYS_sched_setscheduler, process, SCHED_OTHER, &plain));
    return result_of(syscall(SYS_setpriority, PRIO_PROCESS, process, 1));
}

/* seccomp(2) with a listener: what it lets through is everything, so that it changes nothing. Kept from the rest of the list by a child. */
ACT(new_listener)
{
    pid_t child = (pid_t)syscall(SYS_fork);
    if (child < 0)
        return errno;
    if (child == 0) {
        struct sock_filter let = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
        struct sock_fprog program = {1, &let};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        long made = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
        answer(current_index, result_of(made), made < 0 ? "" : words[0]);
        _exit(0);
    }
    (void)said;
    return waitpid(child, NULL, 0) < 0 ? errno : -1;
}

/* MARK: calls by name. Words: name, the pid of an outsider. */

static long io_uring(pid_t outsider)
{
    char parameters[120] = {0};
    (void)outsider;
    return syscall(SYS_io_uring_setup, 1, parameters);
}

static long trace(pid_t outsider) { return syscall(SYS_ptrace, PTRACE_SEIZE, outsider, 0, 0); }

static long peek(pid_t outsider)
{
    char byte = 1, copy = 0;
    struct iovec to = {&copy, 1}, from = {&byte, 1};
    (void)outsider;
    return syscall(SYS_process_vm_readv, getpid(), &to, 1UL, &from, 1UL, 0UL);
}

static long poke(pid_t outsider)
{
    char byte = 1, copy = 0;
    struct iovec from = {&byte, 1}, to = {&copy, 1};
    (void)outsider;
    return syscall(SYS_process_vm_writev, getpid(), &from, 1UL, &to, 1UL, 0UL);
}

static long compare(pid_t outsider) { (void)outsider; return syscall(SYS_kcmp, getpid(), getpid(), 0, 0UL, 1UL); }
static long key(pid_t outsider) { (void)outsider; return syscall(SYS_keyctl, 0, -2, 1); }
static long add_key(pid_t outsider) { (void)outsider; return syscall(SYS_add_key, "user", "act", "x", 1, -2); }

static long take_descriptor(pid_t outsider)
{
    (void)outsider;
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    long taken = syscall(SYS_pidfd_getfd, pidfd, 1, 0);
    int error = errno;
    close(pidfd);
    errno = error;
    return taken;
}

static long shared_memory(pid_t outsider)
{
    (void)outsider;
    long made = syscall(SYS_shmget, IPC_PRIVATE, 4096, 0600);
    if (made >= 0) syscall(SYS_shmctl, made, IPC_RMID, NULL);
    return made;
}

static long message_queue(pid_t outsider)
{
    (void)outsider;
    long made = syscall(SYS_msgget, IPC_PRIVATE, 0600);
    if (made >= 0) syscall(SYS_msgctl, made, IPC_RMID, NULL);
    return made;
}

static long semaphores(pid_t outsider)
{
    (void)outsider;
    long made = syscall(SYS_semget, IPC_PRIVATE, 1, 0600);
    if (made >= 0) syscall(SYS_semctl, made, 0, IPC_RMID, NULL);
    return made;
}

static long fault_handler(pid_t outsider) { (void)outsider; return syscall(SYS_userfaultfd, 1); }
static long filter_load(pid_t outsider) { (void)outsider; return syscall(SYS_bpf, 0, NULL, 0); }

static const struct { const char *name; long (*make)(pid_t outsider); bool is_descriptor; } calls[] = {
    {"io_uring_setup", io_uring, true},
    {"ptrace", trace, false},
    {"process_vm_readv", peek, false},
    {"process_vm_writev", poke, false},
    {"kcmp", compare, false},
    {"keyctl", key, false},
    {"add_key", add_key, false},
    {"pidfd_getfd", take_descriptor, true},
    {"shmget", shared_memory, false},
    {"msgget", message_queue, false},
    {"semget", semaphores, false},
    {"userfaultfd", fault_handler, true},
    {"bpf", filter_load, true},
};

ACT(call)
{
    SILENT;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(calls[i].name, words[0]) != 0)
            continue;
        long made = calls[i].make(atoi(words[1]));
        int error = result_of(made);
        return close_with(calls[i].is_descriptor ? (int)made : -1, error);
    }
    return EINVAL;
}

const struct act process_acts[] = {
    {"fork", 1, make_fork},
    {"vfork", 1, make_vfork},
    {"clone", 1, make_clone},
    {"clone3", 1, make_clone3},
    {"thread", 1, make_thread},
    {"namespace", 2, make_namespace},
    {"unshare", 1, unshare_namespace},
    {"execute", 3, execute},
    {"execute-here", 3, execute_here},
    {"signal", 3, signal_to},
    {"adjust", 2, adjust},
    {"listener", 1, new_listener},
    {"call", 2, call},
    {NULL, 0, NULL},
};
