/*
 * Acts that need a process of their own, inside a cgroup and a network namespace: what the egress tests attack with.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

/* A TCP connection attempt. Addresses are IPv6, IPv4 as ::ffff:a.b.c.d. */
struct ce_attempt {
    uint8_t address[16];
    uint8_t bound[16];  /* used where `binds` */
    uint16_t port;
    uint8_t binds;
    uint8_t from_ipv6;  /* an IPv6 socket also for an IPv4 address */
    uint8_t on_device;  /* SO_BINDTODEVICE lo */
};

struct ce_reached {
    int32_t error;   /* errno of the attempt, 0: connect returned success */
    int32_t listener; /* which of the listeners accepted, -1: none */
};

/* In place of a listener: a packet left for `other`, which no listener of ours is. */
#define CE_WENT_TO_OTHER 100

/*
 * In a throw-away process with a network namespace of its own: listens on each address, makes the attempt from a child that is cloned
 * into the cgroup (-1: none), and tells what each side saw. 0, or -errno where that could not be set up.
 */
int ce_connect(int cgroup, const struct ce_attempt *attempt, const uint8_t *listeners, int count, struct ce_reached *reached);

/* How a datagram is sent. */
enum ce_way : uint32_t {
    CE_SENDTO = 0,
    CE_SENDMSG,
    CE_SENDMMSG,
    CE_CONNECT,                 /* connect, then send */
    CE_CONNECT_WITH_CONTROL,    /* connect, then send with control data that names no address (IP_TOS, IPV6_TCLASS) */
    CE_CONNECTED_TO_OTHER,      /* connect to `other`, then sendto */
    CE_DISCONNECTED,            /* connect to `other`, connect AF_UNSPEC, then sendto */
    CE_UNSPECIFIED_FAMILY,      /* the name's family is AF_UNSPEC, which is taken for AF_INET */
    CE_IPV4_NAME_ON_IPV6,       /* sockaddr_in on an IPv6 socket */
    CE_CORKED,                  /* the first half to `other` with MSG_MORE, the second to `address` */
    CE_FROM_SOURCE,             /* the source `other` by IP_PKTINFO */
    CE_BY_DEVICE,               /* the device v0 by IP_PKTINFO */
    CE_UNICAST_DEVICE,          /* the device v0 by IP_UNICAST_IF */
    CE_UNICAST_DEVICE_CONNECT,
    CE_SOURCE_ROUTE,            /* IP_RETOPTS with a loose source route by way of `other` */
    CE_ROUTING_HEADER,          /* IPV6_RTHDR as control data, by way of `other` */
};

struct ce_datagram {
    enum ce_way way;
    uint32_t protocol; /* of socket(2): 0 and 17 are UDP, 136 is UDP-Lite */
    uint8_t address[16];
    uint8_t other[16];
    uint16_t port;
    uint8_t from_ipv6;
};

/*
 * As ce_connect, for one datagram: the receivers are bound, `reached` says which of them got it. A device v0 with the address
 * 198.51.100.1 is there beside loopback. As uid 0.
 */
int ce_send(int cgroup, const struct ce_datagram *datagram, const uint8_t *receivers, int count, struct ce_reached *reached);

/*
 * A process in the cgroup sends to `peer` and waits. A stranger answers to its port first, then the peer. `error`: 0: what it heard first
 * was the peer; EPERM: the stranger. 0, or -errno where that could not be set up.
 */
int ce_hears(int cgroup, const uint8_t peer[_Nonnull 16], const uint8_t stranger[_Nonnull 16], uint16_t port, int is_connected, int *error);

struct ce_listening {
    uint8_t address[16]; /* bound where `binds`; else listen(2) chooses a port */
    uint8_t reached[16]; /* the address that a stranger connects to */
    uint16_t port;
    uint8_t binds;
};

/* A process in the cgroup listens, and a stranger connects. `error`: of bind or listen; `listener`: 0 when the stranger got through, else -1. */
int ce_listen(int cgroup, const struct ce_listening *listening, struct ce_reached *reached);

/*
 * Mounts a filesystem (FUSE) whose server is the descriptor that is returned and answers nothing; whoever waits for it is set free when that
 * is closed. -errno: -ENOENT or -ENODEV where there is no FUSE.
 */
int ce_mount_silent(const char *path);

/* Whether children of the calling thread are born into a new PID namespace (unshare), or again into its own (setns). 0, or -errno. */
int ce_children_in_new_pid_namespace(int on);

/* What an outsider's datagram socket received from one end of a socketpair of this type that was told to send to it: bytes, or -errno. */
int ce_pair_reaches_outsider(int type);

/*
 * The destination of the packet that leaves when a connection to `address` is made from a socket with an IPv6 routing header by way of
 * `via`: in a namespace of its own with a pair of virtual devices, as `uid`. 0, or -errno; -ENOTSUP without iproute2.
 */
int ce_routed_destination(uint32_t uid, const uint8_t address[_Nonnull 16], const uint8_t via[_Nonnull 16], uint8_t seen[_Nonnull 16]);

#pragma clang assume_nonnull end
