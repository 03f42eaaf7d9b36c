#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "CEscapes.h"

int ce_pair_reaches_outsider(int type) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t length = sizeof name;
    int ends[2], outsider = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char bytes[8];
    /* Autobind gives it an abstract name. */
    if (outsider < 0 || bind(outsider, (struct sockaddr *)&name, sizeof name.sun_family) < 0) return -errno;
    if (getsockname(outsider, (struct sockaddr *)&name, &length) < 0) return -errno;
    int result = socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
    if (result == 0) {
        ssize_t sent = sendto(ends[0], "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&name, length);
        result = sent < 0 ? -errno : 0;
        close(ends[0]);
        close(ends[1]);
    }
    ssize_t received = recv(outsider, bytes, sizeof bytes, MSG_DONTWAIT);
    int failure = received < 0 ? -errno : 0;
    close(outsider);
    return received >= 0 ? (int)received : result < 0 ? result : failure;
}
