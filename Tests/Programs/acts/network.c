/* Acts on sockets. Words: address, port, nonce; the nonce is what a receiver must see, or must not. */
#define _GNU_SOURCE
#include "acts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

enum { patience_ms = 2000, kept_max = 64 };

#define ACT(name) static int name(char **words, char *said)
#define SILENT (void)said

/* Left open until `look`. */
static struct { unsigned index; int descriptor; bool listens; } kept[kept_max];
static int kept_count;

static int keep(int descriptor, bool listens)
{
    if (kept_count == kept_max)
        return close_with(descriptor, ENOSPC);
    kept[kept_count].index = current_index;
    kept[kept_count].listens = listens;
    kept[kept_count++].descriptor = descriptor;
    return 0;
}

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
    if (inet_pton(AF_INET6, address, &six->sin6_addr) != 1)
        six->sin6_family = 0xffff;
    return sizeof *six;
}

static int deliver(int descriptor, const char *nonce)
{
    return close_with(descriptor, result_of(send(descriptor, nonce, strlen(nonce), MSG_NOSIGNAL)));
}

/* connect(2) with a deadline: what it waits for is whether the connection came to be. */
static int connect_soon(int descriptor, const void *to, socklen_t length)
{
    if (connect(descriptor, to, length) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    struct pollfd waited = {.fd = descriptor, .events = POLLOUT};
    if (poll(&waited, 1, patience_ms) != 1)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

/* A family of 0 is the address's own. */
static int connected(char **words, int family, int kind, int protocol)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(family != 0 ? family : to.ss_family, kind, protocol);
    if (descriptor < 0)
        return errno;
    int error = connect_soon(descriptor, &to, length);
    return error != 0 ? close_with(descriptor, error) : deliver(descriptor, words[2]);
}

ACT(tcp) { SILENT; return connected(words, 0, SOCK_STREAM, 0); }
ACT(tcp_later) { SILENT; return connected(words, 0, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP); }
ACT(mptcp) { SILENT; return connected(words, 0, SOCK_STREAM, IPPROTO_MPTCP); }
ACT(udp_connect) { SILENT; return connected(words, 0, SOCK_DGRAM, 0); }
ACT(udp_connect_four_on_six) { SILENT; return connected(words, AF_INET6, SOCK_DGRAM, 0); }
ACT(udplite) { SILENT; return connected(words, 0, SOCK_DGRAM, IPPROTO_UDPLITE); }

ACT(tcp_again)
{
    SILENT;
    struct sockaddr_storage to;
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    connect(descriptor, &none, sizeof none);
    int error = connect_soon(descriptor, &to, length);
    return error != 0 ? close_with(descriptor, error) : deliver(descriptor, words[2]);
}

/* TCP_FASTOPEN_CONNECT: connect(2) returns, and the first write connects. */
ACT(tcp_deferred)
{
    SILENT;
    struct sockaddr_storage to;
    int one = 1;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    setsockopt(descriptor, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof one);
    int error = connect_soon(descriptor, &to, length);
    return error != 0 ? close_with(descriptor, error) : deliver(descriptor, words[2]);
}

/* sendto(2), sendmsg(2) or sendmmsg(2) with a destination. */
static int sent_to(const char *how, char **words, int family, int kind, int protocol, int flags)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(family != 0 ? family : to.ss_family, kind, protocol);
    if (descriptor < 0)
        return errno;
    struct iovec part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    struct mmsghdr message = {.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}};
    flags |= MSG_NOSIGNAL;
    long sent = strcmp(how, "sendto") == 0    ? syscall(SYS_sendto, descriptor, part.iov_base, part.iov_len, flags, &to, length)
                : strcmp(how, "sendmsg") == 0 ? syscall(SYS_sendmsg, descriptor, &message.msg_hdr, flags)
                                              : syscall(SYS_sendmmsg, descriptor, &message, 1, flags);
    return close_with(descriptor, result_of(sent));
}

ACT(fast_open) { SILENT; return sent_to(words[3], words, 0, SOCK_STREAM, 0, MSG_FASTOPEN); }
ACT(mptcp_fast_open) { SILENT; return sent_to(words[3], words, 0, SOCK_STREAM, IPPROTO_MPTCP, MSG_FASTOPEN); }
ACT(udp) { SILENT; return sent_to(words[3], words, 0, SOCK_DGRAM, 0, 0); }
ACT(udp_four_on_six) { SILENT; return sent_to(words[3], words, AF_INET6, SOCK_DGRAM, 0, 0); }

/* A datagram socket connected to one place sends to another. Words: that place's address and port come last. */
ACT(udp_elsewhere)
{
    SILENT;
    struct sockaddr_storage first, to;
    socklen_t first_length = inet(&first, words[3], words[4]), length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&first, first_length) != 0)
        return close_with(descriptor, errno);
    return close_with(
        descriptor, result_of(sendto(descriptor, words[2], strlen(words[2]), 0, (struct sockaddr *)&to, length)));
}

/* MARK: sockets themselves. Numbers may have bits that no int has. */

static unsigned long long number(const char *word) { return strtoull(word, NULL, 0); }

ACT(make_socket)
{
    SILENT;
    long made = syscall(SYS_socket, number(words[0]), number(words[1]), number(words[2]));
    return close_with((int)made, result_of(made));
}

ACT(make_pair)
{
    int ends[2];
    char heard[said_size] = "";
    if (syscall(SYS_socketpair, (long)AF_UNIX, number(words[0]), 0L, ends) != 0)
        return errno;
    int error = result_of(send(ends[0], words[1], strlen(words[1]), MSG_NOSIGNAL));
    if (error == 0)
        error = result_of(recv(ends[1], heard, sizeof heard - 1, MSG_DONTWAIT));
    snprintf(said, said_size, "%s", heard);
    close(ends[0]);
    return close_with(ends[1], error);
}

/* An empty value: what the option would otherwise hold is taken away, which every socket lets one do. */
ACT(set_option)
{
    SILENT;
    int value[2] = {0}, level = (int)number(words[0]);
    int descriptor = socket(level == 41 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    long set = syscall(SYS_setsockopt, descriptor, number(words[0]), number(words[1]), value, (socklen_t)number(words[2]));
    return close_with(descriptor, result_of(set));
}

/* MARK: ports of its own. Words: address, port. */

static int bound(char **words, int kind, int protocol, int *error)
{
    struct sockaddr_storage own;
    socklen_t length = inet(&own, words[0], words[1]);
    int descriptor = socket(own.ss_family, kind | SOCK_NONBLOCK, protocol);
    /* A port of an earlier run may still be remembered. */
    const int on = 1;
    if (descriptor >= 0)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    *error = descriptor < 0 ? errno : result_of(bind(descriptor, (struct sockaddr *)&own, length));
    return *error == 0 ? descriptor : close_with(descriptor, -1);
}

static void say_port(int descriptor, char *said)
{
    struct sockaddr_in6 own = {0};
    socklen_t length = sizeof own;
    if (getsockname(descriptor, (struct sockaddr *)&own, &length) == 0)
        snprintf(said, said_size, "%u", ntohs(own.sin6_port));
}

static int kept_bound(char **words, char *said, int kind, int protocol, bool listens)
{
    int error, descriptor = bound(words, kind, protocol, &error);
    if (descriptor < 0)
        return error;
    if (listens && listen(descriptor, 8) != 0)
        return close_with(descriptor, errno);
    say_port(descriptor, said);
    return keep(descriptor, listens);
}

ACT(bind_tcp) { return kept_bound(words, said, SOCK_STREAM, 0, false); }
ACT(bind_udp) { return kept_bound(words, said, SOCK_DGRAM, 0, false); }
ACT(listen_bound) { return kept_bound(words, said, SOCK_STREAM, 0, true); }
ACT(listen_mptcp) { return kept_bound(words, said, SOCK_STREAM, IPPROTO_MPTCP, true); }

/* The kernel chooses a port, and no hook of bind(2) is asked. */
ACT(listen_unbound)
{
    (void)words;
    int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return errno;
    if (listen(descriptor, 8) != 0)
        return close_with(descriptor, errno);
    say_port(descriptor, said);
    return keep(descriptor, true);
}

static void hear(int descriptor, char *heard)
{
    ssize_t count = recv(descriptor, heard, said_size - 1, MSG_DONTWAIT);
    heard[count > 0 ? count : 0] = 0;
}

void tell_heard(void)
{
    for (int i = 0; i < kept_count; i++) {
        char heard[said_size] = "", line[said_size + 64];
        int from = kept[i].listens ? accept4(kept[i].descriptor, NULL, NULL, SOCK_NONBLOCK) : kept[i].descriptor;
        if (from >= 0)
            hear(from, heard);
        int length = snprintf(line, sizeof line, "h %u %s\n", kept[i].index, heard);
        if (write(1, line, (size_t)length) != length)
            _exit(1);
    }
}

/* MARK: unix sockets. Words: path (@NAME is abstract), nonce. */

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

ACT(unix_stream)
{
    SILENT;
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0)
        return close_with(descriptor, errno);
    return deliver(descriptor, words[1]);
}

static int unix_sent(int descriptor, char **words)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    return close_with(
        descriptor, result_of(sendto(descriptor, words[1], strlen(words[1]), MSG_NOSIGNAL, (struct sockaddr *)&to, length)));
}

ACT(unix_datagram)
{
    SILENT;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
    return descriptor < 0 ? errno : unix_sent(descriptor, words);
}

/* One of a pair, told to send elsewhere. */
ACT(unix_pair)
{
    SILENT;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0)
        return errno;
    close(ends[1]);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    connect(ends[0], &none, sizeof none);
    return unix_sent(ends[0], words);
}

/* Sends, so that it has a port, and waits for who answers. Words: address, port, nonce. */
ACT(udp_hear)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return errno;
    if (sendto(descriptor, words[2], strlen(words[2]), 0, (struct sockaddr *)&to, length) < 0)
        return close_with(descriptor, errno);
    say_port(descriptor, said);
    return keep(descriptor, false);
}

const struct act network_acts[] = {
    {"tcp", 3, tcp},
    {"tcp-later", 3, tcp_later},
    {"tcp-again", 3, tcp_again},
    {"tcp-deferred", 3, tcp_deferred},
    {"mptcp", 3, mptcp},
    {"fast-open", 4, fast_open},
    {"mptcp-fast-open", 4, mptcp_fast_open},
    {"udp-connect", 3, udp_connect},
    {"udp-connect-four-on-six", 3, udp_connect_four_on_six},
    {"udp", 4, udp},
    {"udp-four-on-six", 4, udp_four_on_six},
    {"udp-elsewhere", 5, udp_elsewhere},
    {"udplite", 3, udplite},
    {"udp-hear", 3, udp_hear},
    {"socket", 3, make_socket},
    {"pair", 2, make_pair},
    {"option", 3, set_option},
    {"bind-tcp", 2, bind_tcp},
    {"bind-udp", 2, bind_udp},
    {"listen", 2, listen_bound},
    {"listen-mptcp", 2, listen_mptcp},
    {"listen-unbound", 0, listen_unbound},
    {"unix-stream", 2, unix_stream},
    {"unix-datagram", 2, unix_datagram},
    {"unix-pair", 2, unix_pair},
    {NULL, 0, NULL},
};
