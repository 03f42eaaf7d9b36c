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
