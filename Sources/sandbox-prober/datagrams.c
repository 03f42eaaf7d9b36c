/* Datagrams, with and without connect(2), and what comes back. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif
#define ADDRESS_PORT_NONCE "ADDRESS PORT NONCE"

static int connected(long kind, long protocol, char **words)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    return connect_and_deliver((int)syscall(SYS_socket, (long)to.ss_family, kind, protocol), &to, length, words[2]);
}

ACT(udp_connect) { WANT(3); return connected(SOCK_DGRAM, 0, words); }
ACT(udp_named) { WANT(3); return connected(SOCK_DGRAM, IPPROTO_UDP, words); }
ACT(udp_flags) { WANT(3); return connected(SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, words); }
ACT(udp_high_bit) { WANT(3); return connected(HIGH_BIT | SOCK_DGRAM, HIGH_BIT, words); }
ACT(udplite_connect) { WANT(3); return connected(SOCK_DGRAM, IPPROTO_UDPLITE, words); }
ACT(udplite_high_bit) { WANT(3); return connected(SOCK_DGRAM, HIGH_BIT | IPPROTO_UDPLITE, words); }

static int datagram_by(char **words, int family, int protocol, char how, int flags)
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
    ssize_t sent = how == 'm' ? sendmsg(descriptor, &message.msg_hdr, flags)
                 : how == 'M' ? sendmmsg(descriptor, &message, 1, flags)
                              : sendto(descriptor, part.iov_base, part.iov_len, flags, (struct sockaddr *)&to, length);
    return close_with(descriptor, sent < 0 ? errno : 0);
}

ACT(udp_sendto) { WANT(3); return datagram_by(words, 0, 0, 't', 0); }
ACT(udp_sendmsg) { WANT(3); return datagram_by(words, 0, 0, 'm', 0); }
ACT(udp_sendmmsg) { WANT(3); return datagram_by(words, 0, 0, 'M', 0); }
ACT(udp_unspec) { WANT(3); return datagram_by(words, 0, 0, 'u', 0); }
ACT(udp_four_on_six) { WANT(3); return datagram_by(words, AF_INET6, 0, 't', 0); }
ACT(udplite_sendto) { WANT(3); return datagram_by(words, 0, IPPROTO_UDPLITE, 't', 0); }
ACT(udplite_sendmsg) { WANT(3); return datagram_by(words, 0, IPPROTO_UDPLITE, 'm', 0); }

/* Corked: the first part names an address, the second sends both. */
ACT(udp_corked)
{
    WANT(3);
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    sendto(descriptor, words[2], strlen(words[2]), MSG_MORE, (struct sockaddr *)&to, length);
    return close_with(descriptor, sendto(descriptor, ".", 1, 0, (struct sockaddr *)&to, length) < 0 ? errno : 0);
}

/* Connected to one address, sent to another. */
ACT(udp_elsewhere)
{
    WANT(5);
    struct sockaddr_storage first, to;
    socklen_t first_length = inet(&first, words[3], words[4]), length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    connect(descriptor, (struct sockaddr *)&first, first_length);
    return close_with(descriptor, sendto(descriptor, words[2], strlen(words[2]), 0, (struct sockaddr *)&to, length) < 0 ? errno : 0);
}

/* The first message of two goes to a permitted address, if there is one. */
ACT(udp_second_message)
{
    WANT(5);
    struct sockaddr_storage first, to;
    socklen_t first_length = inet(&first, words[3], words[4]), length = inet(&to, words[0], words[1]);
    struct iovec nothing = {.iov_base = "", .iov_len = 0}, part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    struct mmsghdr both[2] = {{.msg_hdr = {.msg_name = &first, .msg_namelen = first_length, .msg_iov = &nothing, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1}}};
    int descriptor = socket(to.ss_family, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    return close_with(descriptor, sendmmsg(descriptor, both, 2, 0) == 2 ? 0 : errno ? errno : EIO);
}

/* An echo request whose data is the nonce. */
static int echo(char **words, long kind, int is_raw)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], "0");
    int is_six = to.ss_family == AF_INET6;
    int descriptor = (int)syscall(SYS_socket, (long)to.ss_family, kind, (long)(is_six ? IPPROTO_ICMPV6 : IPPROTO_ICMP));
    if (descriptor < 0)
        return errno;
    char packet[256] = {is_six ? (char)128 : ICMP_ECHO};
    size_t size = 8 + (size_t)snprintf(packet + 8, sizeof packet - 8, "%s", words[1]);
    uint32_t sum = 0;
    for (size_t at = 0; is_raw && !is_six && at < size; at += 2)
        sum += (uint8_t)packet[at] | (uint32_t)(uint8_t)packet[at + 1] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
    uint16_t check = (uint16_t)~(sum + (sum >> 16));
    if (is_raw && !is_six)
        memcpy(packet + 2, &check, 2);
    return close_with(descriptor, sendto(descriptor, packet, size, 0, (struct sockaddr *)&to, length) < 0 ? errno : 0);
}

ACT(ping) { WANT(2); return echo(words, SOCK_DGRAM, 0); }
ACT(ping_high_bit) { WANT(2); return echo(words, HIGH_BIT | SOCK_DGRAM, 0); }
ACT(raw_icmp) { WANT(2); return echo(words, SOCK_RAW, 1); }

/* Joining a group sends reports that name it. */
static int join(long level, long name, const void *group, long size)
{
    int descriptor = socket(level == IPPROTO_IP ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    if (descriptor < 0)
        return errno;
    return close_with(descriptor, syscall(SYS_setsockopt, descriptor, level, name, group, size) < 0 ? errno : 0);
}

ACT(join_group)
{
    WANT(0);
    struct ip_mreqn group = {.imr_multiaddr = {htonl(0xe8010203)}, .imr_ifindex = 1};
    return join(IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
}

ACT(join_group_six)
{
    WANT(0);
    struct ipv6_mreq group = {.ipv6mr_multiaddr = {{{0xff, 5, [15] = 9}}}, .ipv6mr_interface = 1};
    return join(IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group);
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

ACT(receive_udp)
{
    WANT(0);
    struct pollfd watched = {.fd = open_datagram, .events = POLLIN};
    if (open_datagram < 0 || poll(&watched, 1, 2000) != 1)
        return ETIMEDOUT;
    ssize_t got = recv(open_datagram, said, size - 1, 0);
    keep_printable(said, got > 0 ? (size_t)got : 0);
    return got > 0 ? 0 : EIO;
}

const struct act datagram_acts[] = {
    {"udp-connect", udp_connect, ADDRESS_PORT_NONCE, "connects a UDP socket and sends the nonce"},
    {"udp-named", udp_named, ADDRESS_PORT_NONCE, "the same with the protocol named"},
    {"udp-flags", udp_flags, ADDRESS_PORT_NONCE, "the same with flags in the type"},
    {"udp-high-bit", udp_high_bit, ADDRESS_PORT_NONCE, "the same, high bits set in type and protocol"},
    {"udp-sendto", udp_sendto, ADDRESS_PORT_NONCE, "sends a datagram with sendto"},
    {"udp-sendmsg", udp_sendmsg, ADDRESS_PORT_NONCE, "sends a datagram with sendmsg"},
    {"udp-sendmmsg", udp_sendmmsg, ADDRESS_PORT_NONCE, "sends a datagram with sendmmsg"},
    {"udp-unspec", udp_unspec, ADDRESS_PORT_NONCE, "sends to an address without a family"},
    {"udp-four-on-six", udp_four_on_six, ADDRESS_PORT_NONCE, "sends to an IPv4 address from an IPv6 socket"},
    {"udp-corked", udp_corked, ADDRESS_PORT_NONCE, "sends in two parts"},
    {"udp-elsewhere", udp_elsewhere, "ADDRESS PORT NONCE OTHER PORT", "connects to the other endpoint, then sends to the first"},
    {"udp-second-message", udp_second_message, "ADDRESS PORT NONCE OTHER PORT", "sends to the other endpoint and to the first at once"},
    {"udplite-connect", udplite_connect, ADDRESS_PORT_NONCE, "connects a UDP-Lite socket"},
    {"udplite-high-bit", udplite_high_bit, ADDRESS_PORT_NONCE, "the same, a high bit set in the protocol"},
    {"udplite-sendto", udplite_sendto, ADDRESS_PORT_NONCE, "sends over UDP-Lite with sendto"},
    {"udplite-sendmsg", udplite_sendmsg, ADDRESS_PORT_NONCE, "sends over UDP-Lite with sendmsg"},
    {"ping", ping, "ADDRESS NONCE", "sends an echo request with a ping socket"},
    {"ping-high-bit", ping_high_bit, "ADDRESS NONCE", "the same, a high bit set in the type"},
    {"raw-icmp", raw_icmp, "ADDRESS NONCE", "sends an echo request with a raw socket"},
    {"join-group", join_group, "", "joins a multicast group, whose reports tell others of it"},
    {"join-group-six", join_group_six, "", "the same over IPv6"},
    {"bind-udp", bind_udp, "ADDRESS PORT", "binds a UDP socket, which stays open"},
    {"send-udp", send_udp, ADDRESS_PORT_NONCE, "sends from a UDP socket, which stays open; says its port"},
    {"receive-udp", receive_udp, "", "says what came to the socket of bind-udp or send-udp within 2 s"},
    {0},
};
