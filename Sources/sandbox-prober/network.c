/* Acts on sockets. Words: address, port, nonce (or path, nonce); the nonce is what a receiver must not see. */
#define _GNU_SOURCE
#include "attempt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif
#define HIGH_BIT 0x100000000L

static socklen_t inet(struct sockaddr_storage *into, const char *address, const char *port)
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

static socklen_t local(struct sockaddr_un *into, const char *path)
{
    memset(into, 0, sizeof *into);
    into->sun_family = AF_UNIX;
    snprintf(into->sun_path, sizeof into->sun_path, "%s", path);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (path[0] == '@')
        into->sun_path[0] = 0;
    return path[0] == '@' ? length : length + 1;
}

static int close_with(int descriptor, int error)
{
    if (descriptor >= 0)
        close(descriptor);
    return error;
}

static int deliver(int descriptor, const char *nonce)
{
    return close_with(descriptor, send(descriptor, nonce, strlen(nonce), MSG_NOSIGNAL) < 0 ? errno : 0);
}

/* connect() and send on a socket of that kind. */
static int connected(int kind, int protocol, char **words)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, kind, protocol);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[2]);
}

#define ACT(name) static int name(char **words, int count, char *said, size_t size)
#define WANT(number) do { (void)said; (void)size; if (count < (number)) return EINVAL; } while (0)

ACT(tcp) { WANT(3); return connected(SOCK_STREAM, 0, words); }
ACT(mptcp) { WANT(3); return connected(SOCK_STREAM, IPPROTO_MPTCP, words); }
ACT(udp_connect) { WANT(3); return connected(SOCK_DGRAM, 0, words); }
ACT(udplite_connect) { WANT(3); return connected(SOCK_DGRAM, IPPROTO_UDPLITE, words); }

ACT(tcp_after_unspec)
{
    WANT(3);
    struct sockaddr_storage to;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    connect(descriptor, &none, sizeof none);
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[2]);
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

ACT(fast_open_sendto) { WANT(3); return fast_open_by(words, 0, 't', MSG_FASTOPEN | MSG_NOSIGNAL); }
ACT(fast_open_sendmsg) { WANT(3); return fast_open_by(words, 0, 'm', MSG_FASTOPEN | MSG_NOSIGNAL); }
ACT(fast_open_sendmmsg) { WANT(3); return fast_open_by(words, 0, 'M', MSG_FASTOPEN | MSG_NOSIGNAL); }
ACT(fast_open_high_bit) { WANT(3); return fast_open_by(words, 0, 't', HIGH_BIT | MSG_FASTOPEN | MSG_NOSIGNAL); }
ACT(fast_open_mptcp) { WANT(3); return fast_open_by(words, IPPROTO_MPTCP, 't', MSG_FASTOPEN | MSG_NOSIGNAL); }

ACT(fast_open_option)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0), on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on);
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[2]);
}

/* Datagrams without connect(). */
static int datagram_by(char **words, int family, int protocol, char how)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(family ? family : to.ss_family, SOCK_DGRAM, protocol);
    if (descriptor < 0)
        return errno;
    if (how == 'u')
        to.ss_family = AF_UNSPEC;
    struct iovec part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    struct mmsghdr message = {.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}};
    ssize_t sent = how == 'm' ? sendmsg(descriptor, &message.msg_hdr, 0)
                 : how == 'M' ? sendmmsg(descriptor, &message, 1, 0)
                              : sendto(descriptor, part.iov_base, part.iov_len, 0, (struct sockaddr *)&to, length);
    return close_with(descriptor, sent < 0 ? errno : 0);
}

ACT(udp_sendto) { WANT(3); return datagram_by(words, 0, 0, 't'); }
ACT(udp_sendmsg) { WANT(3); return datagram_by(words, 0, 0, 'm'); }
ACT(udp_sendmmsg) { WANT(3); return datagram_by(words, 0, 0, 'M'); }
ACT(udp_unspec) { WANT(3); return datagram_by(words, 0, 0, 'u'); }
ACT(udp_four_on_six) { WANT(3); return datagram_by(words, AF_INET6, 0, 't'); }
ACT(udplite_sendto) { WANT(3); return datagram_by(words, 0, IPPROTO_UDPLITE, 't'); }

/* Unix sockets. */
static int local_by(char **words, long domain, int kind, int connecting)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    int descriptor = (int)syscall(SYS_socket, domain, kind, 0);
    if (descriptor < 0)
        return errno;
    if (!connecting)
        return close_with(descriptor, sendto(descriptor, words[1], strlen(words[1]), 0, (struct sockaddr *)&to, length) < 0 ? errno : 0);
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[1]);
}

ACT(unix_stream) { WANT(2); return local_by(words, AF_UNIX, SOCK_STREAM, 1); }
ACT(unix_datagram) { WANT(2); return local_by(words, AF_UNIX, SOCK_DGRAM, 0); }
ACT(unix_high_bit) { WANT(2); return local_by(words, HIGH_BIT | AF_UNIX, SOCK_STREAM, 1); }

/* A pair needs no address; one end of it may still be pointed elsewhere. */
ACT(unix_pair)
{
    WANT(2);
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return errno;
    close(pair[1]);
    if (connect(pair[0], (struct sockaddr *)&to, length) != 0)
        return close_with(pair[0], errno);
    return deliver(pair[0], words[1]);
}

ACT(unix_pair_sendto)
{
    WANT(2);
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return errno;
    close(pair[1]);
    return close_with(pair[0], sendto(pair[0], words[1], strlen(words[1]), 0, (struct sockaddr *)&to, length) < 0 ? errno : 0);
}

/* A pair that only talks to itself, which every policy leaves alone. */
ACT(pair)
{
    WANT(0);
    (void)words;
    int both[2];
    char got = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0)
        return errno;
    int error = write(both[0], "x", 1) == 1 && read(both[1], &got, 1) == 1 && got == 'x' ? 0 : EIO;
    close(both[0]);
    return close_with(both[1], error);
}

/* Letting others in: the listener stays open until the program ends. */
static int listen_on(int descriptor, const struct sockaddr *address, socklen_t length, char *said, size_t size)
{
    if (descriptor < 0)
        return errno;
    if (address && bind(descriptor, address, length) != 0)
        return close_with(descriptor, errno);
    if (listen(descriptor, 4) != 0)
        return close_with(descriptor, errno);
    struct sockaddr_storage bound;
    socklen_t bound_length = sizeof bound;
    if (getsockname(descriptor, (struct sockaddr *)&bound, &bound_length) == 0 && bound.ss_family == AF_INET)
        snprintf(said, size, "%d", ntohs(((struct sockaddr_in *)&bound)->sin_port));
    return 0;
}

ACT(listen_tcp)
{
    WANT(2);
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[0], words[1]);
    return listen_on(socket(at.ss_family, SOCK_STREAM, 0), (struct sockaddr *)&at, length, said, size);
}

ACT(listen_mptcp)
{
    WANT(2);
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[0], words[1]);
    return listen_on(socket(at.ss_family, SOCK_STREAM, IPPROTO_MPTCP), (struct sockaddr *)&at, length, said, size);
}

ACT(listen_unbound) { WANT(0); (void)words; return listen_on(socket(AF_INET, SOCK_STREAM, 0), NULL, 0, said, size); }

ACT(listen_unix)
{
    WANT(1);
    struct sockaddr_un at;
    socklen_t length = local(&at, words[0]);
    return listen_on(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&at, length, said, size);
}

static int open_datagram = -1;

ACT(bind_udp)
{
    WANT(2);
    struct sockaddr_storage at;
    socklen_t length = inet(&at, words[0], words[1]);
    open_datagram = close_with(open_datagram, socket(at.ss_family, SOCK_DGRAM, 0));
    if (open_datagram < 0)
        return errno;
    return bind(open_datagram, (struct sockaddr *)&at, length) == 0 ? 0 : errno;
}

/* Sends from the socket that bind_udp would bind, and leaves it open: says its port. */
ACT(send_udp)
{
    WANT(3);
    struct sockaddr_storage to, from;
    socklen_t length = inet(&to, words[0], words[1]), own = sizeof from;
    open_datagram = close_with(open_datagram, socket(to.ss_family, SOCK_DGRAM, 0));
    if (sendto(open_datagram, words[2], strlen(words[2]), 0, (struct sockaddr *)&to, length) < 0)
        return errno;
    if (getsockname(open_datagram, (struct sockaddr *)&from, &own) != 0)
        return errno;
    snprintf(said, size, "%d", ntohs(((struct sockaddr_in *)&from)->sin_port)); /* at the same place in both families */
    return 0;
}

/* What came to the socket of bind_udp or send_udp. */
ACT(receive_udp)
{
    WANT(0);
    (void)words;
    struct pollfd watched = {.fd = open_datagram, .events = POLLIN};
    if (open_datagram < 0 || poll(&watched, 1, 2000) != 1)
        return ETIMEDOUT;
    ssize_t got = recv(open_datagram, said, size - 1, 0);
    said[got > 0 ? got : 0] = 0;
    return got > 0 ? 0 : EIO;
}

/* Other families, as far as a socket of them can be had. */
static int socket_of(long domain, long kind, long protocol)
{
    int descriptor = (int)syscall(SYS_socket, domain, kind, protocol);
    return descriptor < 0 ? errno : close_with(descriptor, 0);
}

ACT(socket_netlink) { WANT(0); (void)words; return socket_of(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
ACT(socket_netlink_high_bit) { WANT(0); (void)words; return socket_of(HIGH_BIT | AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
ACT(socket_vsock) { WANT(0); (void)words; return socket_of(AF_VSOCK, SOCK_STREAM, 0); }

ACT(mptcp_high_bit)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = (int)syscall(SYS_socket, (long)to.ss_family, (long)SOCK_STREAM, HIGH_BIT | IPPROTO_MPTCP);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[2]);
}

/* The 32-bit entry: its numbers, its registers, and memory below 4 GiB. */
#ifdef __x86_64__
static long call32(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

ACT(tcp_int80)
{
    WANT(3);
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED)
        return errno;
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    memcpy(low, &to, length);
    strcpy(low + 2048, words[2]);
    long descriptor = call32(359, AF_INET, SOCK_STREAM, 0);  /* socket */
    if (descriptor < 0)
        return (int)-descriptor;
    long result = call32(362, descriptor, (long)low, length);  /* connect */
    if (result == 0)
        result = call32(4, descriptor, (long)(low + 2048), (long)strlen(words[2]));  /* write */
    return close_with((int)descriptor, result < 0 ? (int)-result : 0);
}
#endif

const struct act network_acts[] = {
    {"tcp", tcp}, {"tcp-after-unspec", tcp_after_unspec}, {"mptcp", mptcp}, {"mptcp-high-bit", mptcp_high_bit},
    {"fast-open-sendto", fast_open_sendto}, {"fast-open-sendmsg", fast_open_sendmsg}, {"fast-open-sendmmsg", fast_open_sendmmsg},
    {"fast-open-high-bit", fast_open_high_bit}, {"fast-open-mptcp", fast_open_mptcp}, {"fast-open-option", fast_open_option},
    {"udp-connect", udp_connect}, {"udp-sendto", udp_sendto}, {"udp-sendmsg", udp_sendmsg}, {"udp-sendmmsg", udp_sendmmsg},
    {"udp-unspec", udp_unspec}, {"udp-four-on-six", udp_four_on_six},
    {"udplite-connect", udplite_connect}, {"udplite-sendto", udplite_sendto},
    {"unix-stream", unix_stream}, {"unix-datagram", unix_datagram}, {"unix-high-bit", unix_high_bit},
    {"unix-pair", unix_pair}, {"unix-pair-sendto", unix_pair_sendto}, {"pair", pair},
    {"listen-tcp", listen_tcp}, {"listen-mptcp", listen_mptcp}, {"listen-unbound", listen_unbound}, {"listen-unix", listen_unix},
    {"bind-udp", bind_udp}, {"send-udp", send_udp}, {"receive-udp", receive_udp},
    {"socket-netlink", socket_netlink}, {"socket-netlink-high-bit", socket_netlink_high_bit}, {"socket-vsock", socket_vsock},
#ifdef __x86_64__
    {"tcp-int80", tcp_int80},
#endif
    {0},
};
