/* Acts on processes, programs and the kernel's own interfaces. */
#define _GNU_SOURCE
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACT(name) static int name(char **words, int count, char *said, size_t size)
#define WANT(number) do { (void)said; (void)size; if (count < (number)) return EINVAL; } while (0)
#define RESULT(expression) return (expression) < 0 ? errno : 0

/* A descriptor that was had, or why not. */
static int had(long descriptor)
{
    if (descriptor < 0)
        return errno;
    close((int)descriptor);
    return 0;
}

static int mark(const char *path, const char *nonce)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return errno;
    int error = write(file, nonce, strlen(nonce)) < 0 ? errno : 0;
    close(file);
    return error;
}

/* Programs. Words: the program, the file to mark, the nonce. The act succeeds by not returning. */
#define MARKING(program) (char *[]){program, "--mark", words[1], words[2], NULL}

ACT(exec) { WANT(3); RESULT(execve(words[0], MARKING(words[0]), environ)); }

ACT(exec_descriptor)
{
    WANT(3);
    int program = open(words[0], O_PATH | O_CLOEXEC);
    if (program < 0)
        return errno;
    RESULT(syscall(SYS_execveat, program, "", MARKING(words[0]), environ, AT_EMPTY_PATH));
}

/* A copy that never was a file of the system. */
ACT(exec_memory)
{
    WANT(3);
    char bytes[1 << 16];
    int program = open(words[0], O_RDONLY | O_CLOEXEC), copy = (int)syscall(SYS_memfd_create, "copy", MFD_CLOEXEC);
    if (program < 0 || copy < 0)
        return errno;
    for (ssize_t got; (got = read(program, bytes, sizeof bytes)) > 0;)
        if (write(copy, bytes, (size_t)got) != got)
            return errno;
    close(program);
    RESULT(syscall(SYS_execveat, copy, "", MARKING(words[0]), environ, AT_EMPTY_PATH));
}

/* Words: the loader, a dynamic program, the file that `program FILE` makes. */
ACT(exec_loader) { WANT(3); RESULT(execve(words[0], (char *[]){words[0], words[1], words[2], NULL}, environ)); }

/* Processes. Words: the file to mark, the nonce. */
static int child_marks(pid_t child, char **words)
{
    if (child < 0)
        return errno;
    if (child == 0)
        _exit(mark(words[0], words[1]));
    int status;
    waitpid(child, &status, __WALL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

ACT(fork_child) { WANT(2); return child_marks((pid_t)syscall(SYS_fork), words); }
ACT(clone_child) { WANT(2); return child_marks((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), words); }

ACT(clone3_child)
{
    WANT(2);
    struct clone_args how = {.exit_signal = SIGCHLD};
    return child_marks((pid_t)syscall(SYS_clone3, &how, sizeof how), words);
}

/* The child execs, as every library does it. Words: the program, the file to mark, the nonce. */
ACT(spawn)
{
    WANT(3);
    pid_t child = fork();
    if (child < 0)
        return errno;
    if (child == 0) {
        execve(words[0], MARKING(words[0]), environ);
        _exit(errno);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* A child that leaves the process group and holds nothing: it should end with the session all the same. */
ACT(linger)
{
    WANT(0);
    (void)words;
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
    (void)words;
    int flag = 0;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, set_flag, &flag);
    if (error == 0)
        pthread_join(thread, NULL);
    return error ? error : flag ? 0 : EIO;
}

/* Other processes. Words: a pid, and what the act needs besides. */
ACT(send_signal) { WANT(1); RESULT(kill(atoi(words[0]), SIGUSR1)); }

ACT(send_signal_descriptor)
{
    WANT(1);
    long process = syscall(SYS_pidfd_open, atoi(words[0]), 0);
    if (process < 0)
        return errno;
    int error = syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0) < 0 ? errno : 0;
    close((int)process);
    return error;
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

/* Words: a pid, an address in it in hexadecimal. */
ACT(read_memory)
{
    WANT(2);
    struct iovec here = {.iov_base = said, .iov_len = 16}, there = {.iov_base = (void *)(uintptr_t)strtoull(words[1], NULL, 16), .iov_len = 16};
    ssize_t got = process_vm_readv(atoi(words[0]), &here, 1, &there, 1, 0);
    int error = got < 0 ? errno : 0;
    said[got > 0 ? 16 : 0] = 0;
    return error;
}

/* Words: a pid, a descriptor number in it. */
ACT(take_descriptor)
{
    WANT(2);
    long process = syscall(SYS_pidfd_open, atoi(words[0]), 0);
    if (process < 0)
        return errno;
    int error = had(syscall(SYS_pidfd_getfd, process, atoi(words[1]), 0));
    close((int)process);
    return error;
}

/* The kernel's own interfaces; a policy never opens one of these. */
ACT(uring)
{
    WANT(0);
    (void)words;
    struct io_uring_params parameters = {0};
    return had(syscall(SYS_io_uring_setup, 4, &parameters));
}

ACT(user_namespace) { WANT(0); (void)words; RESULT(unshare(CLONE_NEWUSER)); }
ACT(network_namespace) { WANT(0); (void)words; RESULT(unshare(CLONE_NEWUSER | CLONE_NEWNET)); }
ACT(clone_namespace) { WANT(2); return child_marks((pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWUSER, 0, 0, 0, 0), words); }

ACT(event_counter)
{
    WANT(0);
    (void)words;
    struct perf_event_attr what = {.type = PERF_TYPE_SOFTWARE, .size = sizeof what, .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1,
                                   .exclude_hv = 1};
    return had(syscall(SYS_perf_event_open, &what, 0, -1, -1, 0));
}

ACT(fault_handler) { WANT(0); (void)words; return had(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY)); }
ACT(keyring) { WANT(0); (void)words; RESULT(syscall(SYS_add_key, "user", "escape", "x", 1, -2)); }

/* A filter of its own whose listener it keeps: with it, it could answer its own system calls. */
ACT(filter_listener)
{
    WANT(0);
    (void)words;
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = 1, .filter = &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return had(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

/* Who it is: uids, capabilities that it has, and whether it could gain any. */
ACT(credentials)
{
    WANT(0);
    (void)words;
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    int held = 0;
    for (int capability = 0; capability < 64; capability++)
        held += prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
    snprintf(said, size, "uids %u %u %u bounding %d no-new-privileges %d groups %d", real, effective, saved, held,
             prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), getgroups(0, NULL));
    return 0;
}

const struct act process_acts[] = {
    {"exec", exec}, {"exec-descriptor", exec_descriptor}, {"exec-memory", exec_memory}, {"exec-loader", exec_loader},
    {"fork", fork_child}, {"clone", clone_child}, {"clone3", clone3_child}, {"spawn", spawn}, {"thread", thread}, {"linger", linger},
    {"signal", send_signal}, {"signal-descriptor", send_signal_descriptor}, {"trace", trace}, {"read-memory", read_memory},
    {"take-descriptor", take_descriptor},
    {"uring", uring}, {"user-namespace", user_namespace}, {"network-namespace", network_namespace}, {"clone-namespace", clone_namespace},
    {"event-counter", event_counter}, {"fault-handler", fault_handler}, {"keyring", keyring}, {"filter-listener", filter_listener},
    {"credentials", credentials},
    {0},
};
