/* Connections over IP that are not, or not yet, plain connect(2). */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define ADDRESS_PORT_NONCE "ADDRESS PORT NONCE"

/* connect() and send on a socket of that kind, made with these very arguments. */
static int connected(long kind, long protocol, char **words)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    return connect_and_deliver((int)syscall(SYS_socket, (long)to.ss_family, kind, protocol), &to, length, words[2]);
}

ACT(tcp) { WANT(3); return connected(SOCK_STREAM, 0, words); }
ACT(tcp_named) { WANT(3); return connected(SOCK_STREAM, IPPROTO_TCP, words); }
ACT(tcp_high_bit) { WANT(3); return connected(HIGH_BIT | SOCK_STREAM, HIGH_BIT, words); }
ACT(mptcp) { WANT(3); return connected(SOCK_STREAM, IPPROTO_MPTCP, words); }
ACT(mptcp_high_bit) { WANT(3); return connected(SOCK_STREAM, HIGH_BIT | IPPROTO_MPTCP, words); }
ACT(mptcp_flags) { WANT(3); return connected(SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP, words); }
ACT(sctp) { WANT(3); return connected(SOCK_STREAM, IPPROTO_SCTP, words); }
ACT(dccp) { WANT(3); return connected(6 /* SOCK_DCCP */, 33, words); }
ACT(smc) { WANT(3); return connected(SOCK_STREAM, 256 /* IPPROTO_SMC, 6.11 */, words); }

/* The family that its own protocol had before. */
ACT(smc_family)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    return connect_and_deliver(socket(43 /* AF_SMC */, SOCK_STREAM, to.ss_family == AF_INET6), &to, length, words[2]);
}

ACT(tcp_after_unspec)
{
    WANT(3);
    struct sockaddr_storage to;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    connect(descriptor, &none, sizeof none);
    return connect_and_deliver(descriptor, &to, length, words[2]);
}

/* connect() that is refused nothing yet, and waited for. */
ACT(tcp_nonblocking)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0 && errno != EINPROGRESS)
        return close_with(descriptor, errno);
    struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
    return poll(&ready, 1, 2000) == 1 ? deliver(descriptor, words[2]) : close_with(descriptor, ETIMEDOUT);
}

static void *connect_in_thread(void *words)
{
    return (void *)(intptr_t)connected(SOCK_STREAM, 0, words);
}

/* Restrictions are a thread's: this one was born after them. */
ACT(tcp_thread)
{
    WANT(3);
    pthread_t thread;
    void *error = NULL;
    if (pthread_create(&thread, NULL, connect_in_thread, words) != 0)
        return EAGAIN;
    pthread_join(thread, &error);
    return (int)(intptr_t)error;
}

/* From an address and port of its own choice. */
ACT(tcp_bound)
{
    WANT(3);
    struct sockaddr_storage to, from;
    socklen_t length = inet(&to, words[0], words[1]);
    inet(&from, to.ss_family == AF_INET ? "127.0.0.1" : "::1", "0");
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor >= 0 && bind(descriptor, (struct sockaddr *)&from, length) != 0)
        return close_with(descriptor, errno);
    return connect_and_deliver(descriptor, &to, length, words[2]);
}

/* Written by writev(2), the sibling of send(2) that no filter of messages sees. */
ACT(tcp_vectors)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    struct iovec part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    return close_with(descriptor, pwritev2(descriptor, &part, 1, -1, 0) < 0 ? errno : 0);
}

/* Fast Open: the connection is made by the first send. */
static int fast_open_by(char **words, int protocol, char how, long flags)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, protocol);
    if (descriptor < 0)
        return errno;
    struct iovec part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    struct mmsghdr message = {.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}};
    long sent = how == 't' ? syscall(SYS_sendto, descriptor, part.iov_base, part.iov_len, flags, &to, length)
              : how == 'm' ? syscall(SYS_sendmsg, descriptor, &message.msg_hdr, flags)
                           : syscall(SYS_sendmmsg, descriptor, &message, 1, flags);
    return close_with(descriptor, sent < 0 ? errno : 0);
}

#define FAST (MSG_FASTOPEN | MSG_NOSIGNAL)
ACT(fast_open_sendto) { WANT(3); return fast_open_by(words, 0, 't', FAST); }
ACT(fast_open_sendmsg) { WANT(3); return fast_open_by(words, 0, 'm', FAST); }
ACT(fast_open_sendmmsg) { WANT(3); return fast_open_by(words, 0, 'M', FAST); }
ACT(fast_open_high_bit) { WANT(3); return fast_open_by(words, 0, 't', HIGH_BIT | FAST); }
ACT(fast_open_sendmsg_high_bit) { WANT(3); return fast_open_by(words, 0, 'm', HIGH_BIT | FAST); }
ACT(fast_open_sendmmsg_high_bit) { WANT(3); return fast_open_by(words, 0, 'M', HIGH_BIT | FAST); }
ACT(fast_open_more) { WANT(3); return fast_open_by(words, 0, 't', FAST | MSG_CONFIRM | MSG_DONTROUTE); }
ACT(fast_open_mptcp) { WANT(3); return fast_open_by(words, IPPROTO_MPTCP, 't', FAST); }

ACT(fast_open_option)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0), on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    return connect_and_deliver(descriptor, &to, length, words[2]);
}

/* setsockopt(2) with these very arguments, on a socket of the family that `address` has. */
static int option(const char *address, long level, long name, const void *value, long size)
{
    struct sockaddr_storage to;
    inet(&to, address, "0");
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    return close_with(descriptor, syscall(SYS_setsockopt, descriptor, level, name, value, size) < 0 ? errno : 0);
}

/* Another protocol takes over a connection: its name is behind a pointer. ENOTCONN and ENOENT come from the far side of the filter. */
static int reached_ulp(int error)
{
    return error == ENOTCONN || error == ENOENT ? 0 : error;
}

ACT(tcp_ulp) { WANT(0); return reached_ulp(option("127.0.0.1", IPPROTO_TCP, TCP_ULP, "tls", 3)); }
ACT(tcp_ulp_high_bit) { WANT(0); return reached_ulp(option("127.0.0.1", HIGH_BIT | IPPROTO_TCP, HIGH_BIT | TCP_ULP, "tls", 3)); }

/* Loose source route by way of 127.0.0.2; the kernel of a host may forbid it to root as well, but takes the option. */
ACT(source_route)
{
    WANT(0);
    unsigned char route[] = {131, 7, 4, 127, 0, 0, 2, 1};
    return option("127.0.0.1", IPPROTO_IP, IP_OPTIONS, route, sizeof route);
}

ACT(source_route_high_bit)
{
    WANT(0);
    unsigned char route[] = {131, 7, 4, 127, 0, 0, 2, 1};
    return option("127.0.0.1", HIGH_BIT | IPPROTO_IP, HIGH_BIT | IP_OPTIONS, route, sizeof route);
}

/* A routing header of segments (type 4) with one address. */
ACT(routing_header)
{
    WANT(0);
    unsigned char header[24] = {0, 2, 4, 0, [23] = 1};
    return option("::1", IPPROTO_IPV6, IPV6_RTHDR, header, sizeof header);
}

const struct act stream_acts[] = {
    {"tcp", tcp, ADDRESS_PORT_NONCE, "connects over TCP and sends the nonce"},
    {"tcp-named", tcp_named, ADDRESS_PORT_NONCE, "the same with the protocol named"},
    {"tcp-high-bit", tcp_high_bit, ADDRESS_PORT_NONCE, "the same, high bits set in type and protocol"},
    {"tcp-after-unspec", tcp_after_unspec, ADDRESS_PORT_NONCE, "disconnects a socket first, then connects it"},
    {"tcp-nonblocking", tcp_nonblocking, ADDRESS_PORT_NONCE, "connects without waiting"},
    {"tcp-thread", tcp_thread, ADDRESS_PORT_NONCE, "connects in a new thread"},
    {"tcp-bound", tcp_bound, ADDRESS_PORT_NONCE, "binds to a loopback address, then connects"},
    {"tcp-vectors", tcp_vectors, ADDRESS_PORT_NONCE, "connects and writes with pwritev2"},
    {"mptcp", mptcp, ADDRESS_PORT_NONCE, "connects over MPTCP"},
    {"mptcp-high-bit", mptcp_high_bit, ADDRESS_PORT_NONCE, "connects over MPTCP, a high bit set in the protocol"},
    {"mptcp-flags", mptcp_flags, ADDRESS_PORT_NONCE, "connects over MPTCP, a flag set in the type"},
    {"sctp", sctp, ADDRESS_PORT_NONCE, "connects over SCTP"},
    {"dccp", dccp, ADDRESS_PORT_NONCE, "connects over DCCP"},
    {"smc", smc, ADDRESS_PORT_NONCE, "connects over SMC by its protocol"},
    {"smc-family", smc_family, ADDRESS_PORT_NONCE, "connects over SMC by its family"},
    {"fast-open-sendto", fast_open_sendto, ADDRESS_PORT_NONCE, "connects by the first sendto"},
    {"fast-open-sendmsg", fast_open_sendmsg, ADDRESS_PORT_NONCE, "connects by the first sendmsg"},
    {"fast-open-sendmmsg", fast_open_sendmmsg, ADDRESS_PORT_NONCE, "connects by the first sendmmsg"},
    {"fast-open-high-bit", fast_open_high_bit, ADDRESS_PORT_NONCE, "connects by sendto, a high bit set in its flags"},
    {"fast-open-sendmsg-high-bit", fast_open_sendmsg_high_bit, ADDRESS_PORT_NONCE, "connects by sendmsg, a high bit set in its flags"},
    {"fast-open-sendmmsg-high-bit", fast_open_sendmmsg_high_bit, ADDRESS_PORT_NONCE, "connects by sendmmsg, a high bit set in its flags"},
    {"fast-open-more", fast_open_more, ADDRESS_PORT_NONCE, "connects by sendto with other flags beside"},
    {"fast-open-mptcp", fast_open_mptcp, ADDRESS_PORT_NONCE, "connects by the first sendto over MPTCP"},
    {"fast-open-option", fast_open_option, ADDRESS_PORT_NONCE, "connects with TCP_FASTOPEN_CONNECT"},
    {"tcp-ulp", tcp_ulp, "", "names another protocol for a connection (TCP_ULP)"},
    {"tcp-ulp-high-bit", tcp_ulp_high_bit, "", "the same, high bits set in level and name"},
    {"source-route", source_route, "", "has packets leave by way of another address (IP_OPTIONS)"},
    {"source-route-high-bit", source_route_high_bit, "", "the same, high bits set in level and name"},
    {"routing-header", routing_header, "", "has packets leave by way of another address (IPV6_RTHDR)"},
    {0},
};
