/*
 * Loopback of a network namespace of our own. Why not a library: three netlink messages, and the keeper links nothing but libc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launch.h"

enum { address_milliseconds = 1000, waiting_connections = 128 };

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool cl_network_is_mapped(const uint8_t address[16]) { return memcmp(address, mapped_prefix, sizeof mapped_prefix) == 0; }

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t written = write(file, text, strlen(text));
    int result = written == (ssize_t)strlen(text) ? 0 : -errno;
    close(file);
    return result;
}

int cl_namespaces_enter(int flags, bool by_user, uint32_t uid, uint32_t gid) {
    if (unshare(flags) == 0) return 0;
    if (errno != EPERM || !by_user) return -errno;
    char map[64];
    if (unshare(CLONE_NEWUSER | flags) < 0) return -errno;
    /* Files of a process that is not dumpable belong to root; its own identity map is one of them. */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    int result = write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    return result < 0 ? result : write_file("/proc/self/gid_map", map);
}

int cl_network_enter_own(uint32_t uid, uint32_t gid) { return cl_namespaces_enter(CLONE_NEWNET, true, uid, gid); }

struct request {
    struct nlmsghdr header;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
    } body;
    uint8_t attributes[64];
};

struct acknowledgement {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
};

static int ask(const struct request *request) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0) return -errno;
    struct acknowledgement answer = {0};
    int result = send(netlink, request, request->header.nlmsg_len, 0) < 0 ? -errno : 0;
    if (result == 0 && recv(netlink, &answer, sizeof answer, 0) < 0) result = -errno;
    if (result == 0) result = answer.header.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
    close(netlink);
    return result;
}

/* A socket that hears of new IPv6 addresses. */
static int subscribe(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV6_IFADDR};
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0) return -errno;
    if (bind(netlink, (struct sockaddr *)&address, sizeof address) == 0) return netlink;
    int result = -errno;
    close(netlink);
    return result;
}

int cl_network_bring_up_loopback(void) {
    struct request request = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = RTM_NEWLINK,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .body.link = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP}};
    return ask(&request);
}

static void add_attribute(struct request *request, unsigned short type, const void *value, unsigned short length) {
    struct rtattr *attribute = (struct rtattr *)((uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(length);
    memcpy(RTA_DATA(attribute), value, length);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/*
 * An IPv6 address gets its route by the kernel's own work queue, which then tells of the address and keeps the routing lock until the route
 * is there: a further request that needs that lock is answered afterwards.
 */
static int add_and_await(const struct request *request) {
    int news = subscribe();
    if (news < 0) return news;
    struct acknowledgement told;
    struct pollfd waited = {.fd = news, .events = POLLIN};
    int result = ask(request);
    if (result == 0 && poll(&waited, 1, address_milliseconds) != 1) result = -ETIMEDOUT;
    if (result == 0 && recv(news, &told, sizeof told, 0) < 0) result = -errno;
    close(news);
    return result < 0 ? result : cl_network_bring_up_loopback();
}

int cl_network_add_address(const uint8_t address[16]) {
    bool is_ipv4 = cl_network_is_mapped(address);
    if (is_ipv4 && address[12] == 127) return 0; /* 127.0.0.0/8 is there as soon as loopback is up */
    struct request request = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)), .nlmsg_type = RTM_NEWADDR,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL},
        .body.address = {.ifa_family = is_ipv4 ? AF_INET : AF_INET6, .ifa_prefixlen = is_ipv4 ? 32 : 128, .ifa_index = 1}};
    const uint32_t flags = IFA_F_NODAD;
    const uint8_t *value = is_ipv4 ? address + 12 : address;
    unsigned short length = is_ipv4 ? 4 : 16;
    add_attribute(&request, IFA_LOCAL, value, length);
    add_attribute(&request, IFA_ADDRESS, value, length);
    add_attribute(&request, IFA_FLAGS, &flags, sizeof flags);
    int result = is_ipv4 ? ask(&request) : add_and_await(&request);
    return result == -EEXIST ? 0 : result;
}

int cl_network_listen_on_loopback(uint16_t port) {
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return -errno;
    bool listens = bind(listener, (const struct sockaddr *)&address, sizeof address) == 0 && listen(listener, waiting_connections) == 0;
    if (listens) return listener;
    int result = -errno;
    close(listener);
    return result;
}
