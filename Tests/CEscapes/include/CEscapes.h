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

/*
 * In a throw-away process with a network namespace of its own: listens on each address, makes the attempt from a child that is cloned
 * into the cgroup (-1: none), and tells what each side saw. 0, or -errno where that could not be set up.
 */
int ce_connect(int cgroup, const struct ce_attempt *attempt, const uint8_t *listeners, int count, struct ce_reached *reached);

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
