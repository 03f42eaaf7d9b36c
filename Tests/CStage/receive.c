#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "CStage.h"

enum { backlog = 1024, patience_ms = 2000 };

static int close_with(int descriptor, int result) {
    if (descriptor >= 0) close(descriptor);
    return result;
}

static int bound(int kind, int protocol, const struct sockaddr *own, socklen_t length) {
    const int off = 0, on = 1;
    int descriptor = socket(own->sa_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) return -errno;
    /* So that we can also send from an endpoint at which we receive. */
    if (kind == SOCK_DGRAM) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (own->sa_family == AF_INET6) {
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    }
    return bind(descriptor, own, length) < 0 ? close_with(descriptor, -errno) : descriptor;
}

static int listening(int descriptor) {
    if (descriptor >= 0 && listen(descriptor, backlog) < 0) return close_with(descriptor, -errno);
    return descriptor;
}

static int on_port(int kind, int protocol, uint16_t port) {
    const struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    return bound(kind, protocol, (const struct sockaddr *)&own, sizeof own);
}

int cs_listen(uint16_t port) { return listening(on_port(SOCK_STREAM, 0, port)); }
int cs_receive_datagrams(uint16_t port, int is_lite) { return on_port(SOCK_DGRAM, is_lite ? IPPROTO_UDPLITE : 0, port); }

static int on_name(int kind, const char *name) {
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    snprintf(own.sun_path, sizeof own.sun_path, "%s", name);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)) + (name[0] != '@');
    if (name[0] == '@') own.sun_path[0] = 0;
    int descriptor = bound(kind, 0, (const struct sockaddr *)&own, length);
    if (descriptor >= 0 && name[0] != '@') chmod(name, 0777);
    return descriptor;
}

int cs_listen_local(const char *name) { return listening(on_name(SOCK_STREAM, name)); }
int cs_receive_local_datagrams(const char *name) { return on_name(SOCK_DGRAM, name); }

/* Where a connection arrived: an address of ours, since all are. */
static void tell_address(int connection, struct cs_arrival *arrival) {
    struct sockaddr_in6 own = {0};
    socklen_t length = sizeof own;
    if (getsockname(connection, (struct sockaddr *)&own, &length) == 0 && own.sin6_family == AF_INET6)
        memcpy(arrival->address, &own.sin6_addr, 16);
}

static int take_connection(int listener, struct cs_arrival *arrival) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) return errno == EAGAIN ? 0 : -errno;
    tell_address(connection, arrival);
    size_t filled = 0;
    /* Whoever connected has closed, or died: the end comes. */
    while (filled < sizeof arrival->text - 1 && cs_wait_readable(connection, patience_ms) == 1) {
        ssize_t count = recv(connection, arrival->text + filled, sizeof arrival->text - 1 - filled, 0);
        if (count <= 0) break;
        filled += (size_t)count;
    }
    return close_with(connection, 1);
}

static int take_datagram(int receiver, struct cs_arrival *arrival) {
    union {
        char bytes[128];
        struct cmsghdr alignment;
    } control;
    struct iovec part = {arrival->text, sizeof arrival->text - 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(receiver, &message, 0) < 0) return errno == EAGAIN ? 0 : -errno;
    for (struct cmsghdr *part_ = CMSG_FIRSTHDR(&message); part_ != NULL; part_ = CMSG_NXTHDR(&message, part_))
        if (part_->cmsg_level == IPPROTO_IPV6 && part_->cmsg_type == IPV6_PKTINFO)
            memcpy(arrival->address, &((struct in6_pktinfo *)CMSG_DATA(part_))->ipi6_addr, 16);
    return 1;
}

int cs_take(int socket_, int is_listener, struct cs_arrival *arrival) {
    memset(arrival, 0, sizeof *arrival);
    return is_listener ? take_connection(socket_, arrival) : take_datagram(socket_, arrival);
}

/* MARK: as an outsider */

static struct sockaddr_in6 endpoint(const uint8_t address[16], uint16_t port) {
    struct sockaddr_in6 result = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&result.sin6_addr, address, 16);
    return result;
}

/* What a filter drops is never answered: nobody waits for that. */
static int send_to(int kind, const uint8_t address[16], uint16_t port, const char *text) {
    const struct sockaddr_in6 to = endpoint(address, port);
    const struct timeval patience = {.tv_usec = 200000};
    int descriptor = socket(AF_INET6, kind | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(descriptor, (const struct sockaddr *)&to, sizeof to) < 0) return close_with(descriptor, -errno);
    return close_with(descriptor, send(descriptor, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0);
}

int cs_send_stream(const uint8_t address[16], uint16_t port, const char *text) { return send_to(SOCK_STREAM, address, port, text); }
int cs_send_datagram(const uint8_t address[16], uint16_t port, const char *text) { return send_to(SOCK_DGRAM, address, port, text); }

int cs_send_datagram_from(const uint8_t source[16], uint16_t source_port, const uint8_t address[16], uint16_t port, const char *text) {
    const struct sockaddr_in6 own = endpoint(source, source_port), to = endpoint(address, port);
    const int off = 0, on = 1;
    int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
    if (bind(descriptor, (const struct sockaddr *)&own, sizeof own) < 0) return close_with(descriptor, -errno);
    ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof to);
    return close_with(descriptor, sent < 0 ? -errno : 0);
}

uint64_t cs_pending_signals(int process) {
    char path[64], line[256];
    uint64_t pending = 0;
    snprintf(path, sizeof path, "/proc/%d/status", process);
    FILE *status = fopen(path, "re");
    if (status == NULL) return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "SigPnd:", 7) == 0 || strncmp(line, "ShdPnd:", 7) == 0) pending |= strtoull(line + 7, NULL, 16);
    fclose(status);
    return pending;
}

int cs_wait_readable(int descriptor, int milliseconds) {
    struct pollfd waited = {.fd = descriptor, .events = POLLIN};
    int result = poll(&waited, 1, milliseconds);
    return result < 0 ? -errno : result;
}

int cs_attribute(const char *path, char *value, int size) {
    ssize_t length = getxattr(path, "user.act", value, (size_t)size);
    return length < 0 ? -errno : (int)length;
}
