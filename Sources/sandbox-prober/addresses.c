#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

socklen_t inet(struct sockaddr_storage *into, const char *address, const char *port)
{
    memset(into, 0, sizeof *into);
    struct sockaddr_in *four = (struct sockaddr_in *)into;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)into;
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)atoi(port));
        return sizeof *four;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)atoi(port));
    inet_pton(AF_INET6, address, &six->sin6_addr);
    return sizeof *six;
}

socklen_t local(struct sockaddr_un *into, const char *path)
{
    memset(into, 0, sizeof *into);
    into->sun_family = AF_UNIX;
    snprintf(into->sun_path, sizeof into->sun_path, "%s", path);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(into->sun_path));
    if (path[0] == '@')
        into->sun_path[0] = 0;
    return path[0] == '@' ? length : length + 1;
}

int deliver(int descriptor, const char *nonce)
{
    return close_with(descriptor, send(descriptor, nonce, strlen(nonce), MSG_NOSIGNAL) < 0 ? errno : 0);
}

int connect_and_deliver(int descriptor, const void *to, socklen_t length, const char *nonce)
{
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, nonce);
}

/* A descriptor that somebody passes; -1 with errno if none came. */
static int received(int descriptor)
{
    char byte, room[CMSG_SPACE(sizeof(int))];
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    if (recvmsg(descriptor, &message, 0) < 0)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    errno = ENOMSG;
    return header && header->cmsg_type == SCM_RIGHTS ? *(int *)CMSG_DATA(header) : -1;
}

int receive_socket(const char *path)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0)
        return -1;
    int passed = connect(descriptor, (struct sockaddr *)&to, length) == 0 ? received(descriptor) : -1;
    errno = close_with(descriptor, errno);
    return passed;
}
