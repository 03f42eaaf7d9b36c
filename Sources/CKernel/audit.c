#define _GNU_SOURCE
#include "ck_audit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { answer_milliseconds = 1000 };

static int open_netlink(void) {
    int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
    return number < 0 ? -errno : number;
}

int ck_audit_open_status(void) { return open_netlink(); }

int ck_audit_ask(int socket) {
    const struct nlmsghdr request = {.nlmsg_len = sizeof request, .nlmsg_type = AUDIT_GET, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1};
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    ssize_t sent = sendto(socket, &request, sizeof request, 0, (const struct sockaddr *)&kernel, sizeof kernel);
    return sent < 0 ? -errno : 0;
}

/* One message of the kernel's: the bytes of it that are there, at least a header; what others sent is -EBADMSG. */
static ssize_t receive(int socket, void *buffer, size_t capacity) {
    struct sockaddr_nl sender = {0};
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT);
    if (count < 0) return -errno;
    const struct nlmsghdr *header = buffer;
    if (message.msg_namelen != sizeof sender || sender.nl_pid != 0 || (message.msg_flags & MSG_TRUNC) != 0) return -EBADMSG;
    if ((size_t)count < sizeof *header || header->nlmsg_len < sizeof *header || header->nlmsg_len > (size_t)count) return -EBADMSG;
    return header->nlmsg_len;
}

int ck_audit_answer(int socket) {
    _Alignas(struct nlmsghdr) char buffer[1024];
    ssize_t count = receive(socket, buffer, sizeof buffer);
    if (count < 0) return (int)count;
    const struct nlmsghdr *header = (const void *)buffer;
    const char *body = buffer + sizeof *header;
    size_t room = (size_t)count - sizeof *header;
    struct audit_status status = {0};
    struct nlmsgerr failure = {0};
    if (header->nlmsg_type == NLMSG_ERROR && room >= sizeof failure.error) {
        memcpy(&failure.error, body, sizeof failure.error);
        return failure.error < 0 ? failure.error : -EAGAIN;
    }
    if (header->nlmsg_type != AUDIT_GET || room < offsetof(struct audit_status, failure)) return -EBADMSG;
    memcpy(&status, body, room < sizeof status ? room : sizeof status);
    return status.enabled > 2 ? 2 : (int)status.enabled;
}

static int await_answer(int socket) {
    int result = ck_audit_ask(socket);
    if (result < 0) return result;
    struct pollfd waited = {.fd = socket, .events = POLLIN};
    int ready = poll(&waited, 1, answer_milliseconds);
    if (ready < 0) return -errno;
    return ready == 0 ? -ETIMEDOUT : ck_audit_answer(socket);
}

int ck_audit_enabled(void) {
    int number = open_netlink();
    if (number < 0) return number;
    int result = await_answer(number);
    close(number);
    return result;
}

/* What else a busy host logs never reaches the socket. The type is in host byte order, and a filter loads in the network's. */
static int take_only_landlock(int socket) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(CK_AUDIT_LANDLOCK_ACCESS), 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(CK_AUDIT_LANDLOCK_DOMAIN), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, ~0u),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ? -errno : 0;
}

static int join(int socket, int room) {
    int result = take_only_landlock(socket);
    if (result < 0) return result;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) return -errno;
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1)};
    return bind(socket, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int ck_audit_open_records(int room) {
    int number = open_netlink();
    if (number < 0) return number;
    int result = join(number, room);
    if (result < 0) {
        close(number);
        return result;
    }
    return number;
}

ssize_t ck_audit_receive(int socket, uint16_t *type, char *text, size_t capacity) {
    _Alignas(struct nlmsghdr) char buffer[sizeof(struct nlmsghdr) + CK_AUDIT_RECORD_MAX];
    ssize_t count = receive(socket, buffer, sizeof buffer);
    if (count < 0) return count;
    const struct nlmsghdr *header = (const void *)buffer;
    size_t length = (size_t)count - sizeof *header;
    if (length > capacity) return -EBADMSG;
    memcpy(text, buffer + sizeof *header, length);
    *type = header->nlmsg_type;
    return (ssize_t)length;
}
