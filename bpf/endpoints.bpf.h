/*
 * Which endpoints a session is permitted: the constants and maps that are filled and frozen before a program is attached, and how they are
 * asked. Default is to deny; a map miss denies.
 *
 * Several objects declare these maps; sessions with the same content share them, as they can no longer be changed.
 */
#pragma once

#include "session.bpf.h"

#define LOOPBACK4 bpf_htonl(0x7f000001)
#define MAPPED_MARK bpf_htonl(0x0000ffff) /* third word of ::ffff:a.b.c.d */

const volatile struct egress_rules rules = {};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_RDONLY_PROG);
    __type(key, struct egress_endpoint);
    __type(value, __u8);
} endpoints SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
    __type(key, struct egress_region);
    __type(value, __u32);
} regions SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
    __type(key, struct egress_region);
    __type(value, __u32);
} udp_regions SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
    __type(key, struct egress_region);
    __type(value, __u32);
} listen_regions SEC(".maps");

/* A hash, although its keys count up: of a frozen array the verifier wants to know what it holds, and asks in vain when it has more than one entry. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_RDONLY_PROG);
    __type(key, __u32);
    __type(value, struct egress_port_set);
} port_sets SEC(".maps");

/*
 * Connections that the session opened, where it can also accept some: nothing in a packet tells the one from the other. The session's own, and
 * the same before and after its programs are replaced.
 */
struct {
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, __u8);
} opened SEC(".maps");

static __always_inline union address mapped(__u32 address4) {
    union address result = {.words = {0, 0, MAPPED_MARK, address4}};
    return result;
}

static __always_inline int is_mapped(const union address *address) {
    return address->words[0] == 0 && address->words[1] == 0 && address->words[2] == MAPPED_MARK;
}

static __always_inline int is_unspecified(const union address *address) {
    return (address->words[0] | address->words[1] | address->words[2] | address->words[3]) == 0;
}

static __always_inline int lists(__u8 protocol, const union address *address, __u16 port, __u8 wildcard) {
    struct egress_endpoint key = {.port = port, .protocol = protocol, .wildcard = wildcard};
    if (address) __builtin_memcpy(key.address, address->bytes, sizeof key.address);
    return bpf_map_lookup_elem(&endpoints, &key) != 0;
}

static __always_inline int lists_any_way(__u8 protocol, const union address *address, __u16 port, __u8 side) {
    return lists(protocol, address, port, side) || lists(protocol, 0, port, side | EGRESS_ANY_ADDRESS) ||
           lists(protocol, address, 0, side | EGRESS_ANY_PORT);
}

/* The one region that the address lies in, and whether the port is of its set. A miss of either map permits nothing. */
static __always_inline int region_permits(void *map, const union address *address, __u16 port) {
    struct egress_region key = {.prefix = 128};
    __builtin_memcpy(key.address, address->bytes, sizeof key.address);
    const __u32 *index = bpf_map_lookup_elem(map, &key);
    if (!index) return 0;
    const struct egress_port_set *set = bpf_map_lookup_elem(&port_sets, index);
    if (!set) return 0;
    for (__u32 i = 0; i < EGRESS_RANGES_MAX && i < set->count; i++)
        if (port >= set->ranges[i].first && port <= set->ranges[i].last) return 1;
    return 0;
}

static __always_inline int tcp_permits(const union address *address, __u16 port) {
    if (rules.tcp == EGRESS_ANY) return 1;
    if (rules.tcp != EGRESS_LIST) return 0;
    return lists_any_way(IPPROTO_TCP, address, port, 0) || (rules.has_regions && region_permits(&regions, address, port));
}

static __always_inline int udp_permits(const union address *address, __u16 port) {
    if (rules.udp == EGRESS_ANY) return 1;
    if (rules.udp != EGRESS_LIST) return 0;
    return lists_any_way(IPPROTO_UDP, address, port, 0) || (rules.has_udp_regions && region_permits(&udp_regions, address, port));
}

static __always_inline int listen_permits(const union address *address, __u16 port) {
    if (rules.listen == EGRESS_ANY) return 1;
    if (rules.listen != EGRESS_LIST) return 0;
    return lists_any_way(IPPROTO_TCP, address, port, EGRESS_OWN) || (rules.has_listen_regions && region_permits(&listen_regions, address, port));
}

/* Of a socket by its kind: what is neither TCP nor UDP is permitted nothing. */
static __always_inline int permits(__u32 type, __u32 protocol, const union address *address, __u16 port) {
    if (type == SOCK_STREAM && protocol == IPPROTO_TCP) return tcp_permits(address, port);
    if (type == SOCK_DGRAM && protocol == IPPROTO_UDP) return udp_permits(address, port);
    return 0;
}
