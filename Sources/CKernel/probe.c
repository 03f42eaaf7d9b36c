#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cl_network.h"
#include "clx_descriptors.h"

struct ck_probed probe_works(int error, int signal) { return (struct ck_probed){.finding = CK_WORKS, .error = error, .signal = signal}; }

static struct ck_probed answer(enum ck_finding finding, int step, int result) {
    return (struct ck_probed){.finding = finding, .error = result < 0 ? -result : result, .step = (uint32_t)step};
}

struct ck_probed probe_unavailable(int step, int result) { return answer(CK_UNAVAILABLE, step, result); }
struct ck_probed probe_ineffective(int step, int result) { return answer(CK_INEFFECTIVE, step, result); }
struct ck_probed probe_no_control(int step, int result) { return answer(CK_NO_CONTROL, step, result); }

/* In the child: a process group of its own, so that all of it can be killed. */
_Noreturn static void run_body(const struct ck_probe_context *context, probe_body body, void *argument, int report) {
    setpgid(0, 0);
    signal(SIGPIPE, SIG_IGN);
    struct ck_probed found = body(context, argument);
    _exit(write(report, &found, sizeof found) == (ssize_t)sizeof found ? 0 : 1);
}

struct ck_probed probe_run(const struct ck_probe_context *context, probe_body body, void *argument) {
    int ends[2];
    int result = clx_pipe(ends, 0);
    if (result < 0) return probe_unavailable(0, result);
    pid_t pid = fork();
    if (pid == 0) run_body(context, body, argument, ends[1]);
    close(ends[1]);
    struct ck_probed found = probe_unavailable(0, pid < 0 ? -errno : -ECHILD);
    struct pollfd waited = {.fd = ends[0], .events = POLLIN};
    int ready = poll(&waited, 1, (int)context->deadline_milliseconds);
    if (ready == 0) found = (struct ck_probed){.finding = CK_TIMED_OUT};
    if (ready > 0 && read(ends[0], &found, sizeof found) < 0) found = probe_unavailable(0, -errno);
    close(ends[0]);
    if (pid < 0) return found;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    return found;
}

int probe_act(int cgroup, int (*act)(void *argument), void *argument) {
    struct clone_args arguments = {
        .flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0, .exit_signal = SIGCHLD, .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(-act(argument));
    if (pid < 0) return -errno;
    int status = 0;
    while (waitpid((pid_t)pid, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return status;
}

bool probe_exited(int status, int with) { return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == with; }

void probe_enter_network(const struct ck_probe_context *context) {
    (void)context;
    if (cl_network_enter_own(getuid(), getgid()) == 0) cl_network_bring_up_loopback();
}

socklen_t probe_address(const struct probe_target *target, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (target->family == AF_INET) {
        struct sockaddr_in *address = (struct sockaddr_in *)storage;
        address->sin_family = AF_INET;
        address->sin_port = htons(target->port);
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof *address;
    }
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)storage;
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(target->port);
    address->sin6_addr = in6addr_loopback;
    return sizeof *address;
}

int probe_listen(int family, int type, struct probe_target *target) {
    struct sockaddr_storage address;
    *target = (struct probe_target){.family = family, .type = type};
    socklen_t length = probe_address(target, &address);
    target->listener = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (target->listener < 0) return -errno;
    if (bind(target->listener, (struct sockaddr *)&address, length) < 0) return -errno;
    if (type == SOCK_STREAM && listen(target->listener, 8) < 0) return -errno;
    if (getsockname(target->listener, (struct sockaddr *)&address, &length) < 0) return -errno;
    target->port = ntohs(((struct sockaddr_in *)&address)->sin_port); /* at the same place in both families */
    return 0;
}

int probe_dial(const struct probe_target *target) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int caller = socket(target->family, target->type | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    long result = target->type == SOCK_STREAM ? connect(caller, (struct sockaddr *)&address, length)
                                              : sendto(caller, "x", 1, 0, (struct sockaddr *)&address, length);
    int failure = result < 0 ? -errno : 0;
    close(caller);
    return failure;
}

int probe_fastopen(const struct probe_target *target) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int caller = socket(target->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    long result = sendto(caller, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    int failure = result < 0 ? -errno : 0;
    close(caller);
    return failure;
}

bool probe_arrived(const struct probe_target *target) {
    char byte;
    if (target->type != SOCK_STREAM) return recv(target->listener, &byte, 1, MSG_DONTWAIT) >= 0;
    int connection = accept4(target->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection >= 0) close(connection);
    return connection >= 0;
}
