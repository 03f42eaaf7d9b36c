/*
 * A server that measures system calls, and speaks no MCP: with each signal one round, told on stderr in one line `NAME NANOSECONDS`, per call.
 *
 *     endpoint_driver ADDRESSES PORT CLOSED_PORT ROUND [filtered]
 *
 * With `filtered` under a seccomp filter of one instruction, which permits everything: the least that any filter costs.
 * ADDRESSES is a file of IPv4 addresses, four bytes each, that somebody listens on at PORT. ROUND is how many calls a round has.
 *     SIGUSR1  connect, and close with a reset: to one address after the other
 *     SIGUSR2  connect to CLOSED_PORT: refused by the kernel, or by who holds this process
 *     SIGHUP   system calls whose arguments a filter looks at
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct in_addr *addresses;
static size_t address_count;
static int calls;

static void die(const char *what) {
    fprintf(stderr, "failed %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_addresses(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) < 0) die(path);
    address_count = (size_t)status.st_size / sizeof *addresses;
    /* A copy: what is measured must not meet pages of a file. */
    struct in_addr *copy = malloc((size_t)status.st_size);
    if (read(file, copy, (size_t)status.st_size) != status.st_size) die("read");
    close(file);
    addresses = copy;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void tell(const char *name, int64_t began, int count) {
    int64_t each = (now() - began) * 100 / count;
    fprintf(stderr, "%s %lld.%02lld\n", name, (long long)(each / 100), (long long)(each % 100));
}

/* A reset leaves no port waiting behind. */
static int dial(struct in_addr address, uint16_t port) {
    static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = port, .sin_addr = address};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0) die("socket");
    int result = connect(connection, (struct sockaddr *)&target, sizeof target) < 0 ? errno : 0;
    if (result == 0) setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(connection);
    return result;
}

static void connect_round(uint16_t port) {
    static size_t next;
    int64_t began = now();
    for (int i = 0; i < calls; i++, next = (next + 1) % address_count) {
        errno = dial(addresses[next], port);
        if (errno != 0) die("connect");
    }
    tell("connect", began, calls);
}

static void refused_round(uint16_t port) {
    int64_t began = now();
    int result = 0;
    for (int i = 0; i < calls; i++) result = dial(addresses[(size_t)i % address_count], port);
    tell(result == ECONNREFUSED ? "refused" : result == EPERM || result == EACCES ? "denied" : "neither", began, calls);
}

/* What a filter must look into, each cheap by itself, and one that it need not. */
static void system_call_round(void) {
    const int count = calls * 20;
    const int on = 1;
    struct rlimit limit;
    int64_t began = now();
    for (int i = 0; i < calls; i++) close(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    tell("socket", began, calls);
    int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    began = now();
    for (int i = 0; i < count; i++) setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    tell("setsockopt", began, count);
    began = now();
    for (int i = 0; i < count; i++) {
        int waiting;
        ioctl(0, FIONREAD, &waiting);
    }
    tell("ioctl", began, count);
    began = now();
    for (int i = 0; i < count; i++) prlimit(0, RLIMIT_NOFILE, NULL, &limit);
    tell("prlimit", began, count);
    char name[16];
    began = now();
    for (int i = 0; i < count; i++) prctl(PR_GET_NAME, name);
    tell("prctl", began, count);
    began = now();
    for (int i = 0; i < calls; i++) munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
    tell("mmap", began, calls);
    began = now();
    for (int i = 0; i < count; i++) getppid();
    tell("getppid", began, count);
    close(socket_);
}

static void enter_least_filter(void) {
    struct sock_filter permit = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog program = {.len = 1, .filter = &permit};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) die("seccomp");
}

int main(int count, char **arguments) {
    if (count != 5 && (count != 6 || strcmp(arguments[5], "filtered") != 0)) return 2;
    if (count == 6) enter_least_filter();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGUSR2);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    setvbuf(stderr, NULL, _IOLBF, 0);
    read_addresses(arguments[1]);
    uint16_t port = htons((uint16_t)atoi(arguments[2]));
    uint16_t closed = htons((uint16_t)atoi(arguments[3]));
    calls = atoi(arguments[4]);
    fprintf(stderr, "ready 0\n");
    for (;;) {
        int number = 0;
        if (sigwait(&signals, &number) != 0) return 1;
        if (number == SIGUSR1) connect_round(port);
        if (number == SIGUSR2) refused_round(closed);
        if (number == SIGHUP) system_call_round();
        fprintf(stderr, "done 0\n");
    }
}
