/*
 * Why: established flows of a session that is held to less are ended by sock_diag(7), whose messages Swift has no types for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* One IP socket of this network namespace. */
struct ck_flow {
    uint8_t local[16];  /* network order; IPv4 in the first four bytes where family is AF_INET */
    uint8_t remote[16];
    uint64_t cgroup;    /* id of the cgroup that it was made in; 0 where the kernel does not say */
    uint32_t cookie[2];
    uint32_t interface;
    uint16_t local_port; /* host order */
    uint16_t remote_port;
    uint8_t family;   /* AF_INET or AF_INET6 */
    uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
    uint8_t state;    /* TCP_ESTABLISHED is 1 */
};

/* NETLINK_SOCK_DIAG; answers are awaited for two seconds at most. */
int ck_flows_open(void);
/*
 * All sockets of a family and protocol (SOCK_DIAG_BY_FAMILY, dumped): at most `capacity` are written to `flows`, and how many there were is
 * returned.
 */
int64_t ck_flows_list(int diag, uint8_t family, uint8_t protocol, struct ck_flow *_Nullable flows, size_t capacity);
/* Ends one (SOCK_DESTROY); 0, or -EOPNOTSUPP where the kernel does not, -ENOENT where it is gone already. */
int ck_flows_end(int diag, const struct ck_flow *flow);

#pragma clang assume_nonnull end
