#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CEscapes.h"
#include "cl_network.h"

enum { listeners_max = 8 };

static socklen_t address_of(const uint8_t address[16], uint16_t port, int as_ipv6, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (cl_network_is_mapped(address) && !as_ipv6) {
        struct sockaddr_in *four = (struct sockaddr_in *)storage;
        *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&four->sin_addr, address + 12, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&six->sin6_addr, address, 16);
    return sizeof *six;
}

static int listen_on(const uint8_t address[16], uint16_t port) {
    struct sockaddr_storage storage;
    const int on = 1;
    int result = cl_network_add_address(address);
    if (result < 0) return result;
    socklen_t length = address_of(address, port, 0, &storage);
    int listener = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return -errno;
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&storage, length) < 0 || listen(listener, 4) < 0) return -errno;
    return listener;
}

/* In the child: ends with the errno. */
static int attempt_connection(const struct ce_attempt *attempt) {
    struct sockaddr_storage target, source;
    socklen_t length = address_of(attempt->address, attempt->port, attempt->from_ipv6, &target);
    int caller = socket(target.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return errno;
    if (attempt->on_device && setsockopt(caller, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0) return ENODEV;
    if (attempt->binds) {
        socklen_t source_length = address_of(attempt->bound, 0, attempt->from_ipv6, &source);
        if (bind(caller, (struct sockaddr *)&source, source_length) < 0) return EADDRNOTAVAIL;
    }
    return connect(caller, (struct sockaddr *)&target, length) < 0 ? errno : 0;
}

static int run_in_cgroup(int cgroup, const struct ce_attempt *attempt) {
    struct clone_args arguments = {
        .flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0, .exit_signal = SIGCHLD, .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(attempt_connection(attempt));
    int status = 0;
    if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static int attempt_and_look(int cgroup, const struct ce_attempt *attempt, const uint8_t *listeners, int count, struct ce_reached *reached) {
    int open_listeners[listeners_max];
    int result = cl_network_enter_own(getuid(), getgid());
    if (result == 0) result = cl_network_bring_up_loopback();
    for (int i = 0; result >= 0 && i < count; i++) result = open_listeners[i] = listen_on(listeners + 16 * i, attempt->port);
    if (result < 0) return result;
    reached->listener = -1;
    reached->error = run_in_cgroup(cgroup, attempt);
    for (int i = 0; i < count; i++) {
        if (accept(open_listeners[i], NULL, NULL) >= 0) reached->listener = i;
    }
    return reached->error < 0 ? reached->error : 0;
}

int ce_connect(int cgroup, const struct ce_attempt *attempt, const uint8_t *listeners, int count, struct ce_reached *reached) {
    struct answer {
        int result;
        struct ce_reached reached;
    } answer = {.result = -EIO};
    int ends[2];
    if (count > listeners_max || pipe(ends) < 0) return -EINVAL;
    pid_t pid = fork();
    if (pid == 0) {
        answer.result = attempt_and_look(cgroup, attempt, listeners, count, &answer.reached);
        _exit(write(ends[1], &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
    }
    close(ends[1]);
    ssize_t received = read(ends[0], &answer, sizeof answer);
    close(ends[0]);
    waitpid(pid, NULL, 0);
    *reached = answer.reached;
    return received == (ssize_t)sizeof answer ? answer.result : -EIO;
}
