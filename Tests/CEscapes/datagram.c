#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CEscapes.h"
#include "cl_network.h"
#include "stage.h"

#ifndef IP_UNICAST_IF
#define IP_UNICAST_IF 50
#endif

enum { receivers_max = 8, patience_milliseconds = 1000 };

/* MARK: ways to send */

struct target {
    struct sockaddr_storage address;
    socklen_t length;
};

static struct target target_of(const struct ce_datagram *datagram, const uint8_t address[16]) {
    struct target target;
    target.length = stage_address(address, datagram->port, datagram->from_ipv6, &target.address);
    return target;
}

static int result_of(long result) { return result < 0 ? errno : 0; }

static int send_to(int caller, const struct target *target, int flags) {
    return result_of(sendto(caller, "x", 1, flags, (const struct sockaddr *)&target->address, target->length));
}

static int send_connected(int caller) { return result_of(send(caller, "x", 1, 0)); }

static int connect_to(int caller, const struct target *target) {
    return result_of(connect(caller, (const struct sockaddr *)&target->address, target->length));
}

/* sendmsg(2) with one piece of control data; to the connected peer where `target` is NULL. */
static int send_with(int caller, const struct target *target, int level, int type, const void *data, size_t length) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(64)];
    } control = {0};
    struct iovec text = {.iov_base = "x", .iov_len = 1};
    struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};
    if (target != NULL) {
        message.msg_name = (void *)&target->address;
        message.msg_namelen = target->length;
    }
    if (data != NULL) {
        control.header = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(length)};
        memcpy(CMSG_DATA(&control.header), data, length);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(length);
    }
    return result_of(sendmsg(caller, &message, 0));
}

static int send_many(int caller, const struct target *permitted, const struct target *target) {
    struct iovec text = {.iov_base = "x", .iov_len = 1};
    struct mmsghdr messages[2] = {
        {.msg_hdr = {.msg_name = (void *)&target->address, .msg_namelen = target->length, .msg_iov = &text, .msg_iovlen = 1}},
        {.msg_hdr = {.msg_name = (void *)&permitted->address, .msg_namelen = permitted->length, .msg_iov = &text, .msg_iovlen = 1}},
    };
    return result_of(sendmmsg(caller, messages, 1, 0));
}

static int send_with_source(int caller, const struct ce_datagram *datagram, const struct target *target) {
    struct in_pktinfo four = {0};
    struct in6_pktinfo six = {0};
    memcpy(&four.ipi_spec_dst, datagram->other + 12, 4);
    memcpy(&six.ipi6_addr, datagram->other, 16);
    if (target->address.ss_family == AF_INET) return send_with(caller, target, IPPROTO_IP, IP_PKTINFO, &four, sizeof four);
    return send_with(caller, target, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof six);
}

/* A loose source route by way of `other`, then the address: the packet leaves for `other`. */
static int send_source_routed(int caller, const struct ce_datagram *datagram, const struct target *target) {
    uint8_t options[8] = {131, 7, 4};
    memcpy(options + 3, datagram->other + 12, 4);
    return send_with(caller, target, IPPROTO_IP, IP_RETOPTS, options, sizeof options);
}

/* A routing header of type 2 (mobile IPv6) by way of `other`. */
static int send_routed(int caller, const struct ce_datagram *datagram, const struct target *target) {
    uint8_t header[24] = {[1] = 2, [2] = 2, [3] = 1};
    memcpy(header + 8, datagram->other, 16);
    return send_with(caller, target, IPPROTO_IPV6, IPV6_RTHDR, header, sizeof header);
}

static int set_unicast_device(int caller) {
    const uint32_t index = htonl(if_nametoindex("v0"));
    return result_of(setsockopt(caller, IPPROTO_IP, IP_UNICAST_IF, &index, sizeof index));
}

static int send_by_device(int caller, const struct target *target) {
    const struct in_pktinfo device = {.ipi_ifindex = (int)if_nametoindex("v0")};
    return send_with(caller, target, IPPROTO_IP, IP_PKTINFO, &device, sizeof device);
}

/* What QUIC does: the traffic class with each datagram. */
static int send_with_class(int caller, int family) {
    const int class = 2;
    if (family == AF_INET) return send_with(caller, NULL, IPPROTO_IP, IP_TOS, &class, sizeof class);
    return send_with(caller, NULL, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
}

static int disconnect(int caller) {
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    return result_of(connect(caller, &nowhere, sizeof nowhere));
}

/* In the child: ends with the errno of the sending call, or of what had to go before. */
static int attempt(const void *argument) {
    const struct ce_datagram *datagram = argument;
    struct target target = target_of(datagram, datagram->address);
    const struct target other = target_of(datagram, datagram->other);
    int family = datagram->from_ipv6 || datagram->way == CE_IPV4_NAME_ON_IPV6 ? AF_INET6 : target.address.ss_family;
    int caller = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, datagram->protocol);
    if (caller < 0) return errno;
    int result = 0;
    switch ((enum ce_way)datagram->way) {
    case CE_SENDTO:
    case CE_IPV4_NAME_ON_IPV6: return send_to(caller, &target, 0);
    case CE_SENDMSG: return send_with(caller, &target, 0, 0, NULL, 0);
    case CE_SENDMMSG: return send_many(caller, &other, &target);
    case CE_CONNECT:
        result = connect_to(caller, &target);
        return result != 0 ? result : send_connected(caller);
    case CE_CONNECT_WITH_CONTROL:
        result = connect_to(caller, &target);
        return result != 0 ? result : send_with_class(caller, family);
    case CE_CONNECTED_TO_OTHER:
        result = connect_to(caller, &other);
        return result != 0 ? result : send_to(caller, &target, 0);
    case CE_DISCONNECTED:
        result = connect_to(caller, &other);
        if (result == 0) result = disconnect(caller);
        return result != 0 ? result : send_to(caller, &target, 0);
    case CE_UNSPECIFIED_FAMILY:
        target.address.ss_family = AF_UNSPEC;
        return send_to(caller, &target, 0);
    case CE_CORKED:
        result = send_to(caller, &other, MSG_MORE);
        return result != 0 ? result : send_to(caller, &target, 0);
    case CE_FROM_SOURCE: return send_with_source(caller, datagram, &target);
    case CE_BY_DEVICE: return send_by_device(caller, &target);
    case CE_UNICAST_DEVICE:
        result = set_unicast_device(caller);
        return result != 0 ? result : send_to(caller, &target, 0);
    case CE_UNICAST_DEVICE_CONNECT:
        result = set_unicast_device(caller);
        if (result == 0) result = connect_to(caller, &target);
        return result != 0 ? result : send_connected(caller);
    case CE_SOURCE_ROUTE: return send_source_routed(caller, datagram, &target);
    case CE_ROUTING_HEADER: return send_routed(caller, datagram, &target);
    }
    return ENOTSUP;
}

/* MARK: what arrives */

struct stage {
    int cgroup;
    const struct ce_datagram *datagram;
    const uint8_t *receivers;
    int count;
};

/* A second device, with an address of its own; and where a packet is to leave by another route, one to everywhere in IPv6. */
static int add_device(bool is_way_out) {
    int status = system("ip link add v0 type veth peer name v1 && ip link set v1 up && ip link set v0 up && ip addr add 198.51.100.1/24 dev v0");
    if (status == 0 && is_way_out)
        status = system("ip -6 addr add 2001:db8:9::1/64 dev v0 nodad && ip -6 neigh add 2001:db8:9::9 lladdr 02:00:00:00:00:01 dev v0 && "
                        "ip -6 route add default via 2001:db8:9::9 dev v0");
    return status == 0 ? 0 : -ENOTSUP;
}

/* Whether a packet with this destination went out, whatever becomes of it at the other end. */
static int went_to(int packets, const uint8_t address[16]) {
    uint8_t bytes[256];
    ssize_t count;
    bool is_ipv4 = cl_network_is_mapped(address), went = false;
    while ((count = recv(packets, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0) {
        if (is_ipv4 && count >= 20 && bytes[0] >> 4 == 4) went = went || memcmp(bytes + 16, address + 12, 4) == 0;
        if (!is_ipv4 && count >= 40 && bytes[0] >> 4 == 6) went = went || memcmp(bytes + 24, address, 16) == 0;
    }
    return went;
}

static int send_and_look(const void *argument, void *answer) {
    const struct stage *stage = argument;
    struct ce_reached *reached = answer;
    int receivers[receivers_max], result = add_device(stage->datagram->way == CE_ROUTING_HEADER);
    int packets = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (packets < 0) return -errno;
    for (int i = 0; result >= 0 && i < stage->count; i++)
        result = receivers[i] = stage_receiver(stage->receivers + 16 * i, stage->datagram->port, SOCK_DGRAM);
    if (result < 0) return result;
    reached->listener = -1;
    reached->error = stage_run_in(stage->cgroup, attempt, stage->datagram);
    /* Over loopback a datagram has arrived when the call that sent it returns. */
    for (int i = 0; i < stage->count; i++) {
        char byte;
        if (recv(receivers[i], &byte, 1, MSG_DONTWAIT) >= 0) reached->listener = i;
    }
    const bool is_routed = stage->datagram->way == CE_SOURCE_ROUTE || stage->datagram->way == CE_ROUTING_HEADER;
    if (is_routed && went_to(packets, stage->datagram->other)) reached->listener = CE_WENT_TO_OTHER;
    return reached->error < 0 ? reached->error : 0;
}

int ce_send(int cgroup, const struct ce_datagram *datagram, const uint8_t *receivers, int count, struct ce_reached *reached) {
    const struct stage stage = {.cgroup = cgroup, .datagram = datagram, .receivers = receivers, .count = count};
    if (count > receivers_max) return -EINVAL;
    return stage_perform(send_and_look, &stage, reached, sizeof *reached);
}

/* MARK: what others send */

struct hearing {
    int cgroup;
    const uint8_t *peer;
    const uint8_t *stranger;
    uint16_t port;
    int is_connected;
};

/* In the child: sends to the peer, which answers after the stranger has; 0: it heard only the peer, else EPERM for the stranger's. */
static int hear(const void *argument) {
    const struct hearing *hearing = argument;
    struct target peer;
    char text[8] = {0};
    peer.length = stage_address(hearing->peer, hearing->port, 0, &peer.address);
    int caller = socket(peer.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return errno;
    int result = hearing->is_connected ? connect_to(caller, &peer) : 0;
    if (result == 0) result = hearing->is_connected ? send_connected(caller) : send_to(caller, &peer, 0);
    if (result != 0) return result;
    struct pollfd waited = {.fd = caller, .events = POLLIN};
    if (poll(&waited, 1, patience_milliseconds) != 1) return ETIMEDOUT;
    if (recv(caller, text, sizeof text, 0) < 0) return errno;
    return text[0] == 'p' ? 0 : EPERM;
}

/* In a process of its own, beside the one that hears: the stranger speaks first, then the peer answers. */
static void answer_from(int peer, int stranger) {
    struct sockaddr_storage caller;
    socklen_t length = sizeof caller;
    char byte;
    struct pollfd waited = {.fd = peer, .events = POLLIN};
    if (poll(&waited, 1, patience_milliseconds) != 1) _exit(1);
    if (recvfrom(peer, &byte, 1, 0, (struct sockaddr *)&caller, &length) < 0) _exit(1);
    if (sendto(stranger, "s", 1, 0, (struct sockaddr *)&caller, length) < 0) _exit(2);
    _exit(sendto(peer, "p", 1, 0, (struct sockaddr *)&caller, length) < 0 ? 3 : 0);
}

static int hear_both(const void *argument, void *answer) {
    const struct hearing *hearing = argument;
    int *error = answer;
    int peer = stage_receiver(hearing->peer, hearing->port, SOCK_DGRAM);
    int stranger = peer < 0 ? peer : stage_receiver(hearing->stranger, hearing->port, SOCK_DGRAM);
    if (stranger < 0) return stranger;
    pid_t speaker = fork();
    if (speaker == 0) answer_from(peer, stranger);
    int status = 0;
    *error = stage_run_in(hearing->cgroup, hear, hearing);
    if (speaker < 0 || waitpid(speaker, &status, 0) < 0) return -errno;
    return status == 0 ? 0 : -EIO;
}

int ce_hears(int cgroup, const uint8_t peer[16], const uint8_t stranger[16], uint16_t port, int is_connected, int *error) {
    const struct hearing hearing = {.cgroup = cgroup, .peer = peer, .stranger = stranger, .port = port, .is_connected = is_connected};
    return stage_perform(hear_both, &hearing, error, sizeof *error);
}
