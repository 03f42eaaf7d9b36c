#define _GNU_SOURCE
#include "cpx_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_ipv4(const uint8_t address[16]) { return memcmp(address, mapped, sizeof mapped) == 0; }

int cpx_tcp_socket(const uint8_t address[16]) {
    int made = socket(is_ipv4(address) ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return made < 0 ? -errno : made;
}

int cpx_tcp_connect(int socket, const uint8_t address[16], uint16_t port) {
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&in.sin_addr, address + sizeof mapped, 4);
    memcpy(&in6.sin6_addr, address, 16);
    bool is_old = is_ipv4(address);
    const struct sockaddr *to = is_old ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6;
    return connect(socket, to, is_old ? sizeof in : sizeof in6) < 0 ? -errno : 0;
}

int cpx_tcp_tune(int socket) {
    const int on = 1;
    if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) return -errno;
    return setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) < 0 ? -errno : 0;
}

int cpx_socket_error(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? -errno : -error;
}

int cpx_widen_pipe(int pipe, int bytes) {
    int size = fcntl(pipe, F_SETPIPE_SZ, bytes);
    return size < 0 ? -errno : size;
}

ssize_t cpx_splice(int from, int to, size_t count) {
    ssize_t moved;
    do moved = splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (moved < 0 && errno == EINTR);
    return moved < 0 ? -errno : moved;
}

int cpx_address(const void *sockaddr, uint8_t address[16]) {
    sa_family_t family;
    memcpy(&family, sockaddr, sizeof family);
    if (family == AF_INET) {
        memcpy(address, mapped, sizeof mapped);
        memcpy(address + sizeof mapped, (const uint8_t *)sockaddr + offsetof(struct sockaddr_in, sin_addr), 4);
        return 0;
    }
    if (family != AF_INET6) return -EAFNOSUPPORT;
    memcpy(address, (const uint8_t *)sockaddr + offsetof(struct sockaddr_in6, sin6_addr), 16);
    return 0;
}
