#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_seccomp.h"
#include "clx_sockets.h"
#include "probe.h"

enum { marker = EXDEV };

static struct sock_filter instructions[4096];

/* Reads an exported program back: what is installed is what would be. */
static int load(const struct ck_filter *filter, unsigned int flags) {
    int memory = ck_seccomp_export(filter);
    if (memory < 0) return memory;
    ssize_t count = pread(memory, instructions, sizeof instructions, 0);
    close(memory);
    if (count <= 0) return count < 0 ? -errno : -EINVAL;
    struct sock_fprog program = {.len = (unsigned short)((size_t)count / sizeof instructions[0]), .filter = instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return result < 0 ? -errno : (int)result;
}

/* MARK: a filter */

static int ask_parent(void) { return syscall(SYS_getppid) < 0 ? -errno : 0; }

static struct ck_probed filtering(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    int failure = 0;
    if (ask_parent() != 0) return probe_no_control(1, 0);
    struct ck_filter *filter = ck_seccomp_create(CK_ALLOW, 0, &failure);
    if (filter == NULL) return probe_unavailable(2, failure);
    int result = ck_seccomp_add(filter, "getppid", CK_ERRNO, marker, NULL, 0);
    if (result == 0) result = load(filter, 0);
    if (result < 0) return probe_unavailable(3, result);
    result = ask_parent();
    if (result != -marker) return probe_ineffective(4, result);
    return syscall(SYS_getpid) > 0 ? probe_works(marker, 0) : probe_ineffective(5, -errno);
}

struct ck_probed ck_probe_seccomp_filter(const struct ck_probe_context *context) { return probe_run(context, filtering, NULL); }

/* MARK: a foreign ABI */

static int foreign_call(void *argument) {
    (void)argument;
#if defined(__x86_64__)
    long result = 20; /* getpid of i386 */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? (int)result : 0;
#else
    return -ENOSYS;
#endif
}

static int foreign_call_filtered(void *argument) {
    int failure = 0;
    struct ck_filter *filter = ck_seccomp_create(CK_ALLOW, 0, &failure);
    int result = filter == NULL ? failure : ck_seccomp_add(filter, "getppid", CK_ERRNO, marker, NULL, 0);
    if (result == 0) result = load(filter, 0);
    return result < 0 ? -ENOTSUP : foreign_call(argument);
}

static struct ck_probed foreign_abi(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    int status = probe_act(-1, foreign_call, NULL);
    if (!probe_exited(status, 0)) return probe_unavailable(1, -ENOSYS);
    status = probe_act(-1, foreign_call_filtered, NULL);
    if (status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return probe_works(0, SIGSYS);
    return probe_ineffective(2, status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

struct ck_probed ck_probe_seccomp_foreign_abi(const struct ck_probe_context *context) { return probe_run(context, foreign_abi, NULL); }

/* MARK: launch once */

enum { second_ran = 3, listener_made = 9, not_set_up = 10 };

/* A shell that executes another; the second says that it ran. */
static int run_shell(void *argument) {
    (void)argument;
    char *arguments[] = {"sh", "-c", "exec 2>/dev/null; exec /bin/sh -c 'exit 3'", NULL};
    char *environment[] = {NULL};
    execve("/bin/sh", arguments, environment);
    return -ENOEXEC;
}

static struct ck_filter *launch_once_filter(int *failure) {
    const struct ck_comparison wants_listener = {
        .argument = 1, .operation = CK_MASKED_EQUAL, .mask = SECCOMP_FILTER_FLAG_NEW_LISTENER, .value = SECCOMP_FILTER_FLAG_NEW_LISTENER};
    struct ck_filter *filter = ck_seccomp_create(CK_ALLOW, 0, failure);
    if (filter == NULL) return NULL;
    *failure = ck_seccomp_add(filter, "execve", CK_NOTIFY, 0, NULL, 0);
    if (*failure == 0) *failure = ck_seccomp_add(filter, "execveat", CK_NOTIFY, 0, NULL, 0);
    if (*failure == 0) *failure = ck_seccomp_add(filter, "seccomp", CK_ERRNO, EPERM, &wants_listener, 1);
    if (*failure == 0) return filter;
    ck_seccomp_free(filter);
    return NULL;
}

/* The launched side: its listener goes out over the socket, then it executes. */
static int launch_confined(void *argument) {
    const int *ends = argument;
    int failure = 0;
    close(ends[0]);
    struct ck_filter *filter = launch_once_filter(&failure);
    if (filter == NULL) return -not_set_up;
    int listener = load(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (listener < 0) return -not_set_up;
    if (clx_send(ends[1], "l", 1, &listener, 1, 0) != 1) return -not_set_up;
    close(listener);
    struct sock_filter permit = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = 1, .filter = &permit};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) >= 0) return -listener_made;
    return run_shell(NULL);
}

static int continue_one(int listener) {
    struct seccomp_notif notification = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0) return -errno;
    struct seccomp_notif_resp response = {.id = notification.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    int result = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? -errno : 0;
    close(listener);
    return result;
}

static struct ck_probed launch_once(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    int ends[2], listener = -1, count = 0, status = 0;
    char byte;
    if (!probe_exited(probe_act(-1, run_shell, NULL), second_ran)) return probe_no_control(1, -ENOEXEC);
    int result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) return probe_unavailable(2, result);
    pid_t pid = fork();
    if (pid == 0) _exit(-launch_confined(ends));
    close(ends[1]);
    result = (int)clx_receive(ends[0], &byte, 1, &listener, 1, &count, 0);
    if (result != 1 || count != 1) return probe_unavailable(3, result < 0 ? result : -ENOSYS);
    result = continue_one(listener);
    if (result < 0) return probe_ineffective(4, result);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    bool refused = WIFEXITED(status) && WEXITSTATUS(status) >= 126;
    return refused ? probe_works(ENOSYS, 0) : probe_ineffective(5, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

struct ck_probed ck_probe_seccomp_launch_once(const struct ck_probe_context *context) { return probe_run(context, launch_once, NULL); }
