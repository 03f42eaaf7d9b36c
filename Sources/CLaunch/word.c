#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launch.h"

union one_descriptor {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* write(2) without a descriptor: of the two calls it is the one that no program forbids. */
int word_send(int socket, const struct word *word, int descriptor) {
    if (descriptor < 0) return write(socket, word, sizeof *word) == (ssize_t)sizeof *word ? 0 : -errno;
    union one_descriptor control = {0};
    struct iovec part = {.iov_base = (void *)word, .iov_len = sizeof *word};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *word ? 0 : -errno;
}

int word_receive(int socket, struct word *word, int *descriptor) {
    union one_descriptor control = {0};
    struct iovec part = {.iov_base = word, .iov_len = sizeof *word};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptor = -1;
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    /* Who ended with a word of ours unread: told once, and before the words that it left (unix_release_sock). */
    if (count < 0 && errno == ECONNRESET) count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return errno == ECONNRESET ? 0 : -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    if (count == 0) return 0;
    if (count == (ssize_t)sizeof *word && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) return 1;
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
    return -EPROTO;
}

int word_await(int socket, int milliseconds) {
    struct pollfd waited = {.fd = socket, .events = POLLIN};
    int result;
    do result = poll(&waited, 1, milliseconds);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}
