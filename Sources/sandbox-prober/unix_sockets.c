/* Unix sockets: reaching others, and what others pass on. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define PATH_NONCE "PATH NONCE"

static int local_by(char **words, long domain, long kind)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    return connect_and_deliver((int)syscall(SYS_socket, domain, kind, 0), &to, length, words[1]);
}

ACT(unix_stream) { WANT(2); return local_by(words, AF_UNIX, SOCK_STREAM); }
ACT(unix_packets) { WANT(2); return local_by(words, AF_UNIX, SOCK_SEQPACKET); }
ACT(unix_flags) { WANT(2); return local_by(words, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC); }
ACT(unix_high_bit) { WANT(2); return local_by(words, HIGH_BIT | AF_UNIX, SOCK_STREAM); }
ACT(unix_type_high_bit) { WANT(2); return local_by(words, AF_UNIX, HIGH_BIT | SOCK_STREAM); }
ACT(unix_datagram_connect) { WANT(2); return local_by(words, AF_UNIX, SOCK_DGRAM); }
ACT(unix_raw) { WANT(2); return local_by(words, AF_UNIX, SOCK_RAW); } /* which af_unix takes for SOCK_DGRAM */

/* Datagrams to an address, from a descriptor that is closed. */
static int send_local(int descriptor, const char *path, char *nonce, char how)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, path);
    if (descriptor < 0)
        return errno;
    struct iovec part = {.iov_base = nonce, .iov_len = strlen(nonce)};
    struct mmsghdr message = {.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}};
    ssize_t sent = how == 'm' ? sendmsg(descriptor, &message.msg_hdr, 0)
                 : how == 'M' ? sendmmsg(descriptor, &message, 1, 0)
                              : sendto(descriptor, nonce, part.iov_len, 0, (struct sockaddr *)&to, length);
    return close_with(descriptor, sent < 0 ? errno : 0);
}

ACT(unix_datagram) { WANT(2); return send_local(socket(AF_UNIX, SOCK_DGRAM, 0), words[0], words[1], 't'); }
ACT(unix_datagram_message) { WANT(2); return send_local(socket(AF_UNIX, SOCK_DGRAM, 0), words[0], words[1], 'm'); }
ACT(unix_datagram_messages) { WANT(2); return send_local(socket(AF_UNIX, SOCK_DGRAM, 0), words[0], words[1], 'M'); }

/* Goes to the directory first, and names the socket alone. Comes back to where it was. */
ACT(unix_relative)
{
    WANT(2);
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", words[0]);
    char *name = strrchr(directory, '/');
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (!name || before < 0)
        return EINVAL;
    *name = 0;
    if (chdir(directory) != 0)
        return close_with(before, errno);
    char *relative[] = {name + 1, words[1]};
    int error = local_by(relative, AF_UNIX, SOCK_STREAM);
    return close_with(before, fchdir(before) != 0 && error == 0 ? errno : error);
}

/* Through a descriptor of the socket's file. */
ACT(unix_descriptor)
{
    WANT(2);
    char through[64];
    int file = open(words[0], O_PATH | O_CLOEXEC);
    if (file < 0)
        return errno;
    snprintf(through, sizeof through, "/proc/self/fd/%d", file);
    char *path[] = {through, words[1]};
    return close_with(file, local_by(path, AF_UNIX, SOCK_STREAM));
}

/* A pair needs no address; one end of it may still be pointed elsewhere. */
static int end_of_pair(long kind)
{
    int pair[2];
    if (syscall(SYS_socketpair, (long)AF_UNIX, kind, 0, pair) != 0)
        return -1;
    close(pair[1]);
    return pair[0];
}

static int pair_connected(long kind, char **words)
{
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    return connect_and_deliver(end_of_pair(kind), &to, length, words[1]);
}

ACT(unix_pair) { WANT(2); return pair_connected(SOCK_DGRAM, words); }
ACT(unix_pair_high_bit) { WANT(2); return pair_connected(HIGH_BIT | SOCK_DGRAM, words); }
ACT(unix_pair_raw) { WANT(2); return pair_connected(SOCK_RAW, words); }
ACT(unix_pair_sendto) { WANT(2); return send_local(end_of_pair(SOCK_DGRAM), words[0], words[1], 't'); }
ACT(unix_pair_message) { WANT(2); return send_local(end_of_pair(SOCK_DGRAM), words[0], words[1], 'm'); }

ACT(pair)
{
    WANT(0);
    int both[2];
    char got = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0)
        return errno;
    int error = write(both[0], "x", 1) == 1 && read(both[1], &got, 1) == 1 && got == 'x' ? 0 : EIO;
    close(both[0]);
    return close_with(both[1], error);
}

/* The other side passes a connected TCP socket over the one it accepts. */
ACT(unix_receive_socket)
{
    WANT(2);
    int passed = receive_socket(words[0]);
    return passed < 0 ? errno : deliver(passed, words[1]);
}

/* A question of varlink's form, ended by a zero; says what was answered within 2 s. */
ACT(unix_ask)
{
    WANT(2);
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    if (descriptor < 0)
        return errno;
    if (connect(descriptor, (struct sockaddr *)&to, length) != 0 || send(descriptor, words[1], strlen(words[1]) + 1, MSG_NOSIGNAL) < 0)
        return close_with(descriptor, errno);
    struct pollfd watched = {.fd = descriptor, .events = POLLIN};
    return poll(&watched, 1, 2000) == 1 ? contents(descriptor, said, size) : close_with(descriptor, ETIMEDOUT);
}

static int bound = -1;

/* Takes descriptors and data from whoever knows the name. */
ACT(unix_bind)
{
    WANT(1);
    struct sockaddr_un at;
    socklen_t length = local(&at, words[0]);
    bound = close_with(bound, socket(AF_UNIX, SOCK_DGRAM, 0));
    if (bound < 0)
        return errno;
    return bind(bound, (struct sockaddr *)&at, length) == 0 ? 0 : errno;
}

/* The kernel chooses an abstract name, which is said. */
ACT(unix_autobind)
{
    WANT(0);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t length = sizeof at;
    bound = close_with(bound, socket(AF_UNIX, SOCK_DGRAM, 0));
    if (bound < 0)
        return errno;
    if (bind(bound, (struct sockaddr *)&at, sizeof(sa_family_t)) != 0 || getsockname(bound, (struct sockaddr *)&at, &length) != 0)
        return errno;
    snprintf(said, size, "%.5s", at.sun_path + 1);
    return 0;
}

/* The same to one of a pair of datagrams, by having it pass credentials and send. */
ACT(unix_pair_autobind)
{
    WANT(0);
    int pair[2], on = 1;
    struct sockaddr_un at;
    socklen_t length = sizeof at;
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return errno;
    int error = setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ? errno : 0;
    if (error == 0)
        error = write(pair[0], "x", 1) == 1 && getsockname(pair[0], (struct sockaddr *)&at, &length) == 0 && length > 2 ? 0 : ENOENT;
    close(pair[1]);
    return close_with(pair[0], error);
}

const struct act unix_acts[] = {
    {"unix-stream", unix_stream, PATH_NONCE, "connects to a unix stream socket; @NAME is an abstract one"},
    {"unix-packets", unix_packets, PATH_NONCE, "connects to a unix socket of packets"},
    {"unix-flags", unix_flags, PATH_NONCE, "connects to a unix stream socket, flags set in the type"},
    {"unix-high-bit", unix_high_bit, PATH_NONCE, "the same, a high bit set in the family"},
    {"unix-type-high-bit", unix_type_high_bit, PATH_NONCE, "the same, a high bit set in the type"},
    {"unix-relative", unix_relative, PATH_NONCE, "goes to the socket's directory and connects by its name"},
    {"unix-descriptor", unix_descriptor, PATH_NONCE, "connects through a descriptor of the socket's file"},
    {"unix-datagram", unix_datagram, PATH_NONCE, "sends a unix datagram with sendto"},
    {"unix-datagram-connect", unix_datagram_connect, PATH_NONCE, "connects a unix datagram socket and sends"},
    {"unix-datagram-message", unix_datagram_message, PATH_NONCE, "sends a unix datagram with sendmsg"},
    {"unix-datagram-messages", unix_datagram_messages, PATH_NONCE, "sends a unix datagram with sendmmsg"},
    {"unix-raw", unix_raw, PATH_NONCE, "connects a unix datagram socket that was asked for as raw"},
    {"unix-pair", unix_pair, PATH_NONCE, "points one end of a datagram pair elsewhere and sends"},
    {"unix-pair-high-bit", unix_pair_high_bit, PATH_NONCE, "the same, a high bit set in the type"},
    {"unix-pair-raw", unix_pair_raw, PATH_NONCE, "the same with a pair that was asked for as raw"},
    {"unix-pair-sendto", unix_pair_sendto, PATH_NONCE, "sends from one end of a datagram pair with sendto"},
    {"unix-pair-message", unix_pair_message, PATH_NONCE, "sends from one end of a datagram pair with sendmsg"},
    {"unix-receive-socket", unix_receive_socket, PATH_NONCE, "takes a connected socket from who listens there, and sends on it"},
    {"unix-ask", unix_ask, "PATH TEXT", "connects to a unix socket, asks, and says what was answered"},
    {"unix-bind", unix_bind, "PATH", "binds a unix datagram socket, which stays open"},
    {"unix-autobind", unix_autobind, "", "binds a unix datagram socket to a name that the kernel chooses, and says it"},
    {"unix-pair-autobind", unix_pair_autobind, "", "has the kernel give a name to one end of a pair"},
    {"pair", pair, "", "talks to itself over a pair, which every policy permits"},
    {0},
};
