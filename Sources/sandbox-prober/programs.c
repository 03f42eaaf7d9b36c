/* Executing: each way to the same program, which marks a file and so shows that it ran. Such an act succeeds by not
 * returning. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PROGRAM_MARK_NONCE "PROGRAM MARK NONCE"
#define MARKING(program) (char *[]){program, "--mark", words[1], words[2], NULL}

extern char **environ;

ACT(exec) { WANT(3); RESULT(execve(words[0], MARKING(words[0]), environ)); }

ACT(exec_descriptor)
{
    WANT(3);
    int program = open(words[0], O_PATH | O_CLOEXEC);
    if (program < 0)
        return errno;
    return close_with(program, syscall(SYS_execveat, program, "", MARKING(words[0]), environ, AT_EMPTY_PATH) < 0 ? errno : 0);
}

ACT(exec_high_bit) { WANT(3); RESULT(syscall(SYS_execveat, AT_FDCWD, words[0], MARKING(words[0]), environ, HIGH_BIT)); }

ACT(exec_itself) { WANT(3); RESULT(execve("/proc/self/exe", MARKING(words[0]), environ)); }

/* A copy that never was a file of the system. */
static int copy_in_memory(const char *path)
{
    char bytes[1 << 16];
    int program = open(path, O_RDONLY | O_CLOEXEC);
    if (program < 0)
        return -1;
    int copy = (int)syscall(SYS_memfd_create, "copy", 0);
    for (ssize_t got; copy >= 0 && (got = read(program, bytes, sizeof bytes)) > 0;)
        if (write(copy, bytes, (size_t)got) != got)
            break;
    int error = errno;
    close(program);
    errno = error;
    return copy;
}

ACT(exec_memory)
{
    WANT(3);
    int copy = copy_in_memory(words[0]);
    if (copy < 0)
        return errno;
    return close_with(copy, syscall(SYS_execveat, copy, "", MARKING(words[0]), environ, AT_EMPTY_PATH) < 0 ? errno : 0);
}

ACT(exec_memory_path)
{
    WANT(3);
    char path[64];
    int copy = copy_in_memory(words[0]);
    if (copy < 0)
        return errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
    return close_with(copy, execve(path, MARKING(words[0]), environ) < 0 ? errno : 0);
}

/* A copy in a directory that may be written; it stays there. */
ACT(exec_copy)
{
    WANT(4);
    char bytes[1 << 16];
    int program = open(words[0], O_RDONLY | O_CLOEXEC), copy = open(words[3], O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    if (program < 0 || copy < 0)
        return errno;
    for (ssize_t got; (got = read(program, bytes, sizeof bytes)) > 0;)
        if (write(copy, bytes, (size_t)got) != got)
            return errno;
    close(program);
    close(copy);
    RESULT(execve(words[3], MARKING(words[3]), environ));
}

/* Words: the loader, a dynamic program, the file that `program FILE` makes. */
ACT(exec_loader) { WANT(3); RESULT(execve(words[0], (char *[]){words[0], words[1], words[2], NULL}, environ)); }

/* A script, whose interpreter the kernel starts; it stays there. */
ACT(exec_script)
{
    WANT(3);
    int script = open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    int error = store(script, "#!/bin/sh\nprintf %s \"$2\" > \"$1\"\n");
    if (error)
        return error;
    RESULT(execve(words[2], (char *[]){words[2], words[0], words[1], NULL}, environ));
}

struct request { char **words; int error; };

static void *exec_in_thread(void *given)
{
    struct request *request = given;
    char **words = request->words;
    execve(words[0], MARKING(words[0]), environ);
    request->error = errno;
    return NULL;
}

ACT(exec_thread)
{
    WANT(3);
    pthread_t thread;
    struct request request = {.words = words};
    if (pthread_create(&thread, NULL, exec_in_thread, &request) != 0)
        return EAGAIN;
    pthread_join(thread, NULL);
    return request.error;
}

/* The child execs, as every library does it. */
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

/* As the C library does it: with its parent's memory. */
ACT(spawn_shared)
{
    WANT(3);
    pid_t child;
    int status, error = posix_spawn(&child, words[0], NULL, NULL, MARKING(words[0]), environ);
    if (error)
        return error;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* A filter of its own whose listener it keeps: with it, it could answer its own system calls. */
static int listener_with(long flags, struct sock_filter *filter, unsigned short length)
{
    struct sock_fprog program = {.len = length, .filter = filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int listener_had(long flags)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return had(listener_with(flags, &allow, 1));
}

ACT(filter_listener) { WANT(0); return listener_had(SECCOMP_FILTER_FLAG_NEW_LISTENER); }
ACT(filter_listener_high_bit) { WANT(0); return listener_had(HIGH_BIT | SECCOMP_FILTER_FLAG_NEW_LISTENER); }
ACT(filter_listener_flags) { WANT(0); return listener_had(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_LOG); }

struct answering { int listener; };

/* Lets the first notified call go on. */
static void *answer_one(void *given)
{
    int listener = ((struct answering *)given)->listener;
    struct seccomp_notif asked = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0) {
        struct seccomp_notif_resp answer = {.id = asked.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    return NULL;
}

/* What the listener is for: the newest filter's notification wins over what an older one answers. */
ACT(exec_answered)
{
    WANT(3);
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct answering answering = {listener_with(SECCOMP_FILTER_FLAG_NEW_LISTENER, filter, 4)};
    pthread_t thread;
    if (answering.listener < 0)
        return errno;
    if (pthread_create(&thread, NULL, answer_one, &answering) != 0)
        return EAGAIN;
    pthread_detach(thread);
    RESULT(execve(words[0], MARKING(words[0]), environ));
}

const struct act program_acts[] = {
    {"exec", exec, PROGRAM_MARK_NONCE, "executes the program, which writes the nonce to the mark"},
    {"exec-descriptor", exec_descriptor, PROGRAM_MARK_NONCE, "the same by a descriptor of the program"},
    {"exec-high-bit", exec_high_bit, PROGRAM_MARK_NONCE, "the same with execveat, a high bit set in its flags"},
    {"exec-itself", exec_itself, PROGRAM_MARK_NONCE, "the same with what /proc/self/exe is"},
    {"exec-memory", exec_memory, PROGRAM_MARK_NONCE, "the same with a copy in memory"},
    {"exec-memory-path", exec_memory_path, PROGRAM_MARK_NONCE, "the same with a copy in memory, by its path in /proc"},
    {"exec-copy", exec_copy, "PROGRAM MARK NONCE COPY", "the same with a copy, which stays"},
    {"exec-loader", exec_loader, "LOADER PROGRAM ARGUMENT", "executes a dynamic program by its loader"},
    {"exec-script", exec_script, "MARK NONCE SCRIPT", "writes a script, which stays, and executes it"},
    {"exec-thread", exec_thread, PROGRAM_MARK_NONCE, "executes the program from a new thread"},
    {"exec-answered", exec_answered, PROGRAM_MARK_NONCE, "answers its own execve by a filter with a listener"},
    {"spawn", spawn, PROGRAM_MARK_NONCE, "executes the program in a child"},
    {"spawn-shared", spawn_shared, PROGRAM_MARK_NONCE, "executes the program with posix_spawn"},
    {"filter-listener", filter_listener, "", "makes a filter whose listener it keeps"},
    {"filter-listener-high-bit", filter_listener_high_bit, "", "the same, a high bit set in the flags"},
    {"filter-listener-flags", filter_listener_flags, "", "the same, another flag set"},
    {0},
};
