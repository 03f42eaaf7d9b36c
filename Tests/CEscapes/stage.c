#define _GNU_SOURCE
#include "stage.h"

#include <errno.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cl_network.h"

enum { answer_length_max = 256, seconds_max = 10 };

socklen_t stage_address(const uint8_t address[16], uint16_t port, int as_ipv6, struct sockaddr_storage *storage) {
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

int stage_receiver(const uint8_t address[16], uint16_t port, int type) {
    struct sockaddr_storage storage;
    const int on = 1;
    int result = cl_network_add_address(address);
    if (result < 0) return result;
    socklen_t length = stage_address(address, port, 0, &storage);
    int receiver = socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (receiver < 0) return -errno;
    setsockopt(receiver, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(receiver, (struct sockaddr *)&storage, length) < 0) return -errno;
    if (type == SOCK_STREAM && listen(receiver, 4) < 0) return -errno;
    return receiver;
}

int stage_run_in(int cgroup, int (*body)(const void *argument), const void *argument) {
    struct clone_args arguments = {
        .flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0, .exit_signal = SIGCHLD, .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(body(argument));
    int status = 0;
    if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0) return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int stage_perform(int (*body)(const void *argument, void *answer), const void *argument, void *answer, size_t length) {
    struct {
        int result;
        uint8_t bytes[answer_length_max];
    } told = {.result = -EIO};
    int ends[2];
    if (length > sizeof told.bytes || pipe(ends) < 0) return -EINVAL;
    pid_t pid = fork();
    if (pid == 0) {
        alarm(seconds_max);
        told.result = cl_network_enter_own(getuid(), getgid());
        if (told.result == 0) told.result = cl_network_bring_up_loopback();
        if (told.result == 0) told.result = body(argument, told.bytes);
        _exit(write(ends[1], &told, sizeof told) == (ssize_t)sizeof told ? 0 : 1);
    }
    close(ends[1]);
    ssize_t received = read(ends[0], &told, sizeof told);
    close(ends[0]);
    waitpid(pid, NULL, 0);
    if (received != (ssize_t)sizeof told) return -EIO;
    memcpy(answer, told.bytes, length);
    return told.result;
}
