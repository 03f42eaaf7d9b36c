/*
 * Egress of one session, judged where the address is final: connect4, connect6, sendmsg4, sendmsg6, sock_create, on the session's `server`
 * cgroup.
 *
 * Default is to deny, a map miss denies, and no verdict depends on the ring buffer. connect4 and connect6 also see Fast Open by sendto and
 * sendmsg, io_uring and int 0x80, since they run below these. They run only for sockets born in this cgroup: that none is inherited or
 * received is the launch code's and the seccomp program's part.
 */
#include "egress.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DENY 0
#define PERMIT 1

#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
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
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_RDONLY_PROG);
    __type(key, __u32);
    __type(value, struct egress_port_set);
} port_sets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, EGRESS_RING_BYTES);
} denials SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct egress_counters);
} counters SEC(".maps");

union address {
    __u8 bytes[16];
    __u32 words[4];
};

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

/* Tells of a denial, if there is room; returns the verdict. */
static __always_inline int deny(__u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->denied, 1);
    struct egress_denial *denial = bpf_ringbuf_reserve(&denials, sizeof *denial, 0);
    if (!denial) {
        if (counter) __sync_fetch_and_add(&counter->lost, 1);
        return DENY;
    }
    __u64 task = bpf_get_current_pid_tgid();
    denial->time = bpf_ktime_get_ns();
    denial->process = task >> 32;
    denial->thread = (__u32)task;
    __builtin_memcpy(denial->address, address->bytes, sizeof denial->address);
    denial->port = port;
    denial->hook = hook;
    denial->family = family;
    denial->protocol = protocol;
    denial->type = type;
    denial->reserved[0] = 0;
    denial->reserved[1] = 0;
    bpf_ringbuf_submit(denial, 0);
    return DENY;
}

static __always_inline int lists(const union address *address, __u16 port, __u8 wildcard) {
    struct egress_endpoint key = {.port = port, .protocol = IPPROTO_TCP, .wildcard = wildcard};
    if (address) __builtin_memcpy(key.address, address->bytes, sizeof key.address);
    return bpf_map_lookup_elem(&endpoints, &key) != 0;
}

/* The one region that the address lies in, and whether the port is of its set. A miss of either map permits nothing. */
static __always_inline int region_permits(const union address *address, __u16 port) {
    struct egress_region key = {.prefix = 128};
    __builtin_memcpy(key.address, address->bytes, sizeof key.address);
    const __u32 *index = bpf_map_lookup_elem(&regions, &key);
    if (!index) return 0;
    const struct egress_port_set *set = bpf_map_lookup_elem(&port_sets, index);
    if (!set) return 0;
    for (__u32 i = 0; i < EGRESS_RANGES_MAX && i < set->count; i++)
        if (port >= set->ranges[i].first && port <= set->ranges[i].last) return 1;
    return 0;
}

static __always_inline int permits(const union address *address, __u16 port) {
    if (rules.tcp == EGRESS_ANY) return 1;
    if (rules.tcp != EGRESS_LIST) return 0;
    if (lists(address, port, 0) || lists(0, port, EGRESS_ANY_ADDRESS) || lists(address, 0, EGRESS_ANY_PORT)) return 1;
    return rules.has_regions && region_permits(address, port);
}

/*
 * What the kernel connects to when the address is 0.0.0.0: the socket's own address when it is bound to one, that of its device when it is
 * bound to a device (not known here, so zero, which no key has), else loopback (ip_route_output_key).
 */
static __always_inline __u32 reached4(__u32 address4, struct bpf_sock *socket) {
    if (address4 != 0) return address4;
    if (!socket) return 0;
    if (socket->src_ip4 != 0) return socket->src_ip4;
    return socket->bound_dev_if != 0 ? 0 : LOOPBACK4;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = mapped(context->user_ip4);
    union address reached = mapped(reached4(context->user_ip4, context->sk));
    int is_tcp = context->type == SOCK_STREAM && context->protocol == IPPROTO_TCP;
    if (is_tcp && reached.words[3] != 0 && permits(&reached, port)) return PERMIT;
    return deny(EGRESS_HOOK_CONNECT4, AF_INET, context->type, context->protocol, &asked, port);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = {.words = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}};
    union address reached = asked;
    struct bpf_sock *socket = context->sk;
    if (is_unspecified(&asked)) {
        /* tcp_v6_connect: loopback, the IPv4 one when the socket is bound to a v4-mapped address. */
        union address source = {};
        if (socket) {
            source.words[0] = socket->src_ip6[0];
            source.words[1] = socket->src_ip6[1];
            source.words[2] = socket->src_ip6[2];
            source.words[3] = socket->src_ip6[3];
        }
        if (is_mapped(&source)) reached = mapped(LOOPBACK4);
        else reached.words[3] = bpf_htonl(1);
    } else if (is_mapped(&asked)) {
        reached.words[3] = reached4(asked.words[3], socket);
    }
    int is_tcp = context->type == SOCK_STREAM && context->protocol == IPPROTO_TCP;
    int is_known = !is_mapped(&reached) || reached.words[3] != 0;
    if (is_tcp && is_known && permits(&reached, port)) return PERMIT;
    return deny(EGRESS_HOOK_CONNECT6, AF_INET6, context->type, context->protocol, &asked, port);
}

/* UDP to an address given with the message: none is permitted. */
SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *context) {
    union address asked = mapped(context->user_ip4);
    return deny(EGRESS_HOOK_SENDMSG4, AF_INET, context->type, context->protocol, &asked, bpf_ntohs((__u16)context->user_port));
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *context) {
    union address asked = {.words = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}};
    return deny(EGRESS_HOOK_SENDMSG6, AF_INET6, context->type, context->protocol, &asked, bpf_ntohs((__u16)context->user_port));
}

/* Only TCP: no UDP, UDP-Lite, MPTCP, ping, raw, SCTP. Families other than the two do not come here. */
SEC("cgroup/sock_create")
int sock_create(struct bpf_sock *socket) {
    if (socket->type == SOCK_STREAM && socket->protocol == IPPROTO_TCP) return PERMIT;
    union address none = {};
    return deny(EGRESS_HOOK_SOCK_CREATE, socket->family, socket->type, socket->protocol, &none, 0);
}

/* No helper used here is reserved to the GPL. */
char egress_license[] SEC("license") = "Apache-2.0";
