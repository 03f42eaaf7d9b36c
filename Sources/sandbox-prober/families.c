/* Other families, as far as a socket of them can be had. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static int socket_of(long domain, long kind, long protocol)
{
    return had(syscall(SYS_socket, domain, kind, protocol));
}

ACT(socket_netlink) { WANT(0); return socket_of(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
ACT(socket_netlink_high_bit) { WANT(0); return socket_of(HIGH_BIT | AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
ACT(socket_netlink_datagram) { WANT(0); return socket_of(AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC); }
ACT(socket_uevents) { WANT(0); return socket_of(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT); }
ACT(socket_audit) { WANT(0); return socket_of(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT); }
ACT(socket_diagnosis) { WANT(0); return socket_of(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG); }
ACT(socket_crypto) { WANT(0); return socket_of(AF_NETLINK, SOCK_RAW, NETLINK_CRYPTO); }
ACT(socket_vsock) { WANT(0); return socket_of(AF_VSOCK, SOCK_STREAM, 0); }
ACT(socket_vsock_datagram) { WANT(0); return socket_of(AF_VSOCK, SOCK_DGRAM, 0); }
ACT(socket_packet) { WANT(0); return socket_of(AF_PACKET, SOCK_DGRAM, htons(3)); }
ACT(socket_packet_old) { WANT(0); return socket_of(AF_INET, SOCK_PACKET, htons(3)); }
ACT(socket_xdp) { WANT(0); return socket_of(AF_XDP, SOCK_RAW, 0); }
ACT(socket_raw) { WANT(0); return socket_of(AF_INET, SOCK_RAW, IPPROTO_RAW); }
ACT(socket_raw_six) { WANT(0); return socket_of(AF_INET6, SOCK_RAW, IPPROTO_RAW); }
ACT(socket_raw_udp) { WANT(0); return socket_of(AF_INET, SOCK_RAW, IPPROTO_UDP); }
ACT(socket_key) { WANT(0); return socket_of(AF_KEY, SOCK_RAW, 2); }
ACT(socket_bluetooth) { WANT(0); return socket_of(AF_BLUETOOTH, SOCK_RAW, 1); }
ACT(socket_can) { WANT(0); return socket_of(AF_CAN, SOCK_RAW, 1); }
ACT(socket_tipc) { WANT(0); return socket_of(AF_TIPC, SOCK_SEQPACKET, 0); }
ACT(socket_rds) { WANT(0); return socket_of(AF_RDS, SOCK_SEQPACKET, 0); }
ACT(socket_qipcrtr) { WANT(0); return socket_of(AF_QIPCRTR, SOCK_DGRAM, 0); }
ACT(socket_mctp) { WANT(0); return socket_of(45 /* AF_MCTP */, SOCK_DGRAM, 0); }
ACT(socket_algorithm) { WANT(0); return socket_of(AF_ALG, SOCK_SEQPACKET, 0); }
ACT(socket_algorithm_high_bit) { WANT(0); return socket_of(HIGH_BIT | AF_ALG, SOCK_SEQPACKET, 0); }

/* Asks the kernel for all interfaces, as `ip link` does. */
ACT(netlink_links)
{
    WANT(0);
    struct { struct nlmsghdr header; struct rtgenmsg what; } request = {
        {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}, {.rtgen_family = AF_UNSPEC}};
    int descriptor = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    if (descriptor < 0)
        return errno;
    if (send(descriptor, &request, sizeof request, 0) < 0)
        return close_with(descriptor, errno);
    return contents(descriptor, said, size);
}

#define SOCKET(name, act, what) {"socket-" name, act, "", "makes a socket of " what}
const struct act family_acts[] = {
    SOCKET("netlink", socket_netlink, "netlink"),
    SOCKET("netlink-high-bit", socket_netlink_high_bit, "netlink, a high bit set in the family"),
    SOCKET("netlink-datagram", socket_netlink_datagram, "generic netlink"),
    SOCKET("uevents", socket_uevents, "device events"),
    SOCKET("audit", socket_audit, "the audit system"),
    SOCKET("diagnosis", socket_diagnosis, "the listing of all sockets"),
    SOCKET("crypto", socket_crypto, "the crypto configuration"),
    SOCKET("vsock", socket_vsock, "vsock, to the host of a virtual machine"),
    SOCKET("vsock-datagram", socket_vsock_datagram, "vsock datagrams"),
    SOCKET("packet", socket_packet, "packets"),
    SOCKET("packet-old", socket_packet_old, "packets by the old type of IPv4"),
    SOCKET("xdp", socket_xdp, "XDP"),
    SOCKET("raw", socket_raw, "raw IPv4"),
    SOCKET("raw-six", socket_raw_six, "raw IPv6"),
    SOCKET("raw-udp", socket_raw_udp, "raw IPv4 that sees all UDP"),
    SOCKET("key", socket_key, "IPsec keys"),
    SOCKET("bluetooth", socket_bluetooth, "Bluetooth"),
    SOCKET("can", socket_can, "CAN"),
    SOCKET("tipc", socket_tipc, "TIPC"),
    SOCKET("rds", socket_rds, "RDS"),
    SOCKET("qipcrtr", socket_qipcrtr, "the IPC router"),
    SOCKET("mctp", socket_mctp, "MCTP"),
    SOCKET("algorithm", socket_algorithm, "the kernel's algorithms (AF_ALG)"),
    SOCKET("algorithm-high-bit", socket_algorithm_high_bit, "AF_ALG, a high bit set in the family"),
    {"netlink-links", netlink_links, "", "lists the network interfaces over netlink"},
    {0},
};
