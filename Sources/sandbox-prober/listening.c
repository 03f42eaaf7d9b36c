/* Letting others in: a listener stays open until the program ends, or the next is made. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static int listener = -1;

static int listen_on(int descriptor, const void *address, socklen_t length, char *said, size_t size)
{
    listener = close_with(listener, descriptor);
    if (descriptor < 0)
        return errno;
    if (address && bind(descriptor, address, length) != 0)
        return errno;
    if (listen(descriptor, 4) != 0)
        return errno;
    struct sockaddr_storage bound;
    socklen_t bound_length = sizeof bound;
    if (getsockname(descriptor, (struct sockaddr *)&bound, &bound_length) == 0 && bound.ss_family != AF_UNIX)
        snprintf(said, size, "%d", ntohs(((struct sockaddr_in *)&bound)->sin_port)); /* at the same place in both families */
    return 0;
}

static int listen_ip(char **words, int protocol, char *said, size_t size)
{
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[0], words[1]);
    return listen_on(socket(at.ss_family, SOCK_STREAM, protocol), &at, length, said, size);
}

ACT(listen_tcp) { WANT(2); return listen_ip(words, 0, said, size); }
ACT(listen_mptcp) { WANT(2); return listen_ip(words, IPPROTO_MPTCP, said, size); }
ACT(listen_sctp) { WANT(2); return listen_ip(words, IPPROTO_SCTP, said, size); }
ACT(listen_unbound) { WANT(0); return listen_on(socket(AF_INET, SOCK_STREAM, 0), NULL, 0, said, size); }
ACT(listen_unbound_six) { WANT(0); return listen_on(socket(AF_INET6, SOCK_STREAM, 0), NULL, 0, said, size); }

/* A connected socket becomes a listener: disconnected, it keeps its port. */
ACT(listen_after_connect)
{
    WANT(2);
    struct sockaddr_storage to;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0 || connect(descriptor, &none, sizeof none) != 0)
        return close_with(descriptor, errno);
    return listen_on(descriptor, NULL, 0, said, size);
}

/* The other side made the socket, and passes it. */
ACT(unix_receive_listen)
{
    WANT(3);
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[1], words[2]);
    return listen_on(receive_socket(words[0]), &at, length, said, size);
}

ACT(unix_receive_listen_as_is) { WANT(1); return listen_on(receive_socket(words[0]), NULL, 0, said, size); }

ACT(unix_receive_bind)
{
    WANT(3);
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[1], words[2]);
    listener = close_with(listener, receive_socket(words[0]));
    return listener >= 0 && bind(listener, (struct sockaddr *)&at, length) == 0 ? 0 : errno;
}

static int listen_local(char **words, int kind, char *said, size_t size)
{
    struct sockaddr_un at;
    socklen_t length = local(&at, words[0]);
    return listen_on(socket(AF_UNIX, kind, 0), &at, length, said, size);
}

ACT(listen_unix) { WANT(1); return listen_local(words, SOCK_STREAM, said, size); }
ACT(listen_unix_packets) { WANT(1); return listen_local(words, SOCK_SEQPACKET, said, size); }

/* What somebody sent who connected to the listener. */
ACT(accept_one)
{
    WANT(0);
    struct pollfd watched = {.fd = listener, .events = POLLIN};
    if (listener < 0 || poll(&watched, 1, 2000) != 1)
        return ETIMEDOUT;
    int guest = accept(listener, NULL, NULL);
    return contents(guest, said, size);
}

const struct act listening_acts[] = {
    {"listen-tcp", listen_tcp, "ADDRESS PORT", "listens on TCP; says the port"},
    {"listen-mptcp", listen_mptcp, "ADDRESS PORT", "listens on MPTCP"},
    {"listen-sctp", listen_sctp, "ADDRESS PORT", "listens on SCTP"},
    {"listen-unbound", listen_unbound, "", "listens on TCP without binding; says the port that the kernel chose"},
    {"listen-unbound-six", listen_unbound_six, "", "the same over IPv6"},
    {"listen-after-connect", listen_after_connect, "ADDRESS PORT", "listens on a socket that was connected there before"},
    {"unix-receive-listen", unix_receive_listen, "PATH ADDRESS PORT", "takes a TCP socket from who listens there, binds it, and listens on it"},
    {"unix-receive-listen-as-is", unix_receive_listen_as_is, "PATH", "the same without binding it; says the port"},
    {"unix-receive-bind", unix_receive_bind, "PATH ADDRESS PORT", "takes a socket from who listens there, and binds it; it stays open"},
    {"listen-unix", listen_unix, "PATH", "listens on a unix stream socket; @NAME is an abstract one"},
    {"listen-unix-packets", listen_unix_packets, "PATH", "listens on a unix socket of packets"},
    {"accept", accept_one, "", "accepts who connected to the listener within 2 s, and says what was sent"},
    {0},
};
