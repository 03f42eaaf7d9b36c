#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

_Static_assert(CLX_UNIX == AF_UNIX, "socket domains");
_Static_assert(CLX_STREAM == SOCK_STREAM && CLX_SEQPACKET == SOCK_SEQPACKET && CLX_DATAGRAM == SOCK_DGRAM, "socket types");

static int type_flags(int nonblocking) { return SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0); }

int clx_unix_socket(int type, int nonblocking) {
    int descriptor = socket(AF_UNIX, type | type_flags(nonblocking), 0);
    return descriptor < 0 ? -errno : descriptor;
}

int clx_unix_pair(int type, int nonblocking, int ends[2]) {
    return socketpair(AF_UNIX, type | type_flags(nonblocking), 0, ends) < 0 ? -errno : 0;
}

static int unix_address(const char *path, struct sockaddr_un *address) {
    size_t count = strlen(path);
    if (count == 0) return -EINVAL;
    if (count >= sizeof address->sun_path) return -ENAMETOOLONG;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, count + 1);
    return 0;
}

int clx_unix_bind(int socket, const char *path) {
    struct sockaddr_un address;
    int result = unix_address(path, &address);
    if (result < 0) return result;
    return bind(socket, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int clx_unix_connect(int socket, const char *path) {
    struct sockaddr_un address;
    int result = unix_address(path, &address);
    if (result < 0) return result;
    return connect(socket, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int clx_unix_connect_abstract(int socket, const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t count = strlen(name);
    if (count == 0) return -EINVAL;
    if (count >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path + 1, name, count);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + count);
    return connect(socket, (const struct sockaddr *)&address, length) < 0 ? -errno : 0;
}

int clx_unix_bound_path(int socket, char *path, size_t capacity) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    if (getsockname(socket, (struct sockaddr *)&address, &length) < 0) return -errno;
    size_t before = offsetof(struct sockaddr_un, sun_path);
    if (address.sun_family != AF_UNIX || length <= before || address.sun_path[0] == 0) return -ENOENT;
    size_t count = strnlen(address.sun_path, length - before);
    if (count >= capacity) return -ENAMETOOLONG;
    memcpy(path, address.sun_path, count);
    path[count] = 0;
    return 0;
}

int clx_listen(int socket, int backlog) { return listen(socket, backlog) < 0 ? -errno : 0; }

int clx_accept(int socket, int nonblocking) {
    int descriptor = accept4(socket, NULL, NULL, type_flags(nonblocking));
    return descriptor < 0 ? -errno : descriptor;
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int) * CLX_DESCRIPTORS_MAX)];
};

ssize_t clx_send(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count, int dontwait) {
    if (descriptor_count < 0 || descriptor_count > CLX_DESCRIPTORS_MAX) return -EINVAL;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union control control = {0};
    size_t length = sizeof(int) * (size_t)descriptor_count;
    if (descriptor_count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(header), descriptors, length);
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | (dontwait ? MSG_DONTWAIT : 0));
    return sent < 0 ? -errno : sent;
}

/* Copies out what fits and closes the rest; returns how many came. */
static int take_descriptors(struct msghdr *message, int *descriptors, int capacity) {
    int total = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            if (total < capacity) descriptors[total] = descriptor;
            else close(descriptor);
            total++;
        }
    }
    return total;
}

ssize_t clx_receive(int socket, void *buffer, size_t capacity, int *descriptors, int descriptor_capacity, int *descriptor_count,
                    int dontwait) {
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    union control control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptor_count = 0;
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (dontwait ? MSG_DONTWAIT : 0));
    if (count < 0) return -errno;
    int room = descriptors == NULL ? 0 : descriptor_capacity;
    int total = take_descriptors(&message, descriptors, room);
    int lost = (message.msg_flags & MSG_CTRUNC) != 0 || total > room;
    if (!lost && (message.msg_flags & MSG_TRUNC) == 0) {
        *descriptor_count = total;
        return count;
    }
    for (int i = 0; i < total && i < room; i++) close(descriptors[i]);
    return lost ? -ENOBUFS : -EMSGSIZE;
}

ssize_t clx_peek(int socket, uint8_t *byte) {
    ssize_t count = recv(socket, byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 ? -errno : count;
}

int clx_peer_credentials(int socket, struct clx_peer *peer) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -errno;
    *peer = (struct clx_peer){.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
    return 0;
}

/* One int-sized socket option. */
static int option(int socket, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(socket, SOL_SOCKET, name, &value, &length) < 0 ? -errno : value;
}

int clx_peer_pidfd(int socket) { return option(socket, SO_PEERPIDFD); }

int clx_peer_groups(int socket, uint32_t *groups, int capacity) {
    socklen_t length = (socklen_t)((size_t)capacity * sizeof *groups);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0) return -errno;
    return (int)(length / sizeof *groups);
}

int clx_socket_type(int descriptor) { return option(descriptor, SO_TYPE); }
int clx_socket_domain(int descriptor) { return option(descriptor, SO_DOMAIN); }
int clx_socket_listens(int descriptor) { return option(descriptor, SO_ACCEPTCONN); }

int clx_set_send_buffer(int socket, int bytes) {
    return setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) < 0 ? -errno : 0;
}

int clx_shutdown_write(int socket) { return shutdown(socket, SHUT_WR) < 0 ? -errno : 0; }
