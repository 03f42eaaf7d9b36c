/*
 * The network of one session, judged where addresses are final, on the session's `server` cgroup: by the programs that the
 * plan names: connect4 and connect6; with UDP sendmsg4 and sendmsg6, with a list of it packet_out and packet_in, too; with listening bind4,
 * bind6 and packet_in.
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
#define SOCK_DGRAM 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define ETHERTYPE_IPV4 bpf_htons(0x0800)
#define ETHERTYPE_IPV6 bpf_htons(0x86dd)
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
static __always_inline int deny_of(__u64 task, __u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->denied, 1);
    struct egress_denial *denial = bpf_ringbuf_reserve(&denials, sizeof *denial, 0);
    if (!denial) {
        if (counter) __sync_fetch_and_add(&counter->lost, 1);
        return DENY;
    }
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

static __always_inline int deny(__u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    return deny_of(bpf_get_current_pid_tgid(), hook, family, type, protocol, address, port);
}

/* MARK: the maps */

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

/* MARK: calls */

/*
 * What the kernel goes to when the address is 0.0.0.0: the socket's own address when it is bound to one, that of its device when it is bound
 * to a device (not known here, so zero, which no key has), else loopback (ip_route_output_key). A UDP socket has two more ways to name a
 * device, IP_UNICAST_IF and IP_PKTINFO, which are not seen here: packet_out judges what then leaves.
 */
static __always_inline __u32 reached4(__u32 address4, __u32 source4, struct bpf_sock *socket) {
    if (address4 != 0) return address4;
    if (!socket) return 0;
    if (source4 != 0) return source4;
    return socket->bound_dev_if != 0 ? 0 : LOOPBACK4;
}

static __always_inline int is_known(const union address *reached) { return !is_mapped(reached) || reached->words[3] != 0; }

/*
 * A TCP socket that asks for 0.0.0.0 is told the address that was judged: bound to a broadcast or group address, which no program can tell from
 * the host's others, its own address is not what the kernel goes to, but loopback (inet_bind).
 */
SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = mapped(context->user_ip4);
    struct bpf_sock *socket = context->sk;
    union address reached = mapped(reached4(context->user_ip4, socket ? socket->src_ip4 : 0, socket));
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port)) {
        if (context->type == SOCK_STREAM && asked.words[3] == 0) context->user_ip4 = reached.words[3];
        return PERMIT;
    }
    return deny(EGRESS_HOOK_CONNECT4, AF_INET, context->type, context->protocol, &asked, port);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = {.words = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}};
    union address reached = asked;
    struct bpf_sock *socket = context->sk;
    if (is_unspecified(&asked)) {
        /* tcp_v6_connect, __ip6_datagram_connect: loopback, the IPv4 one when the socket is bound to a v4-mapped address. */
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
        reached.words[3] = reached4(asked.words[3], socket ? socket->src_ip4 : 0, socket);
    }
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port)) {
        if (context->type == SOCK_STREAM && is_mapped(&asked) && asked.words[3] == 0) context->user_ip6[3] = reached.words[3];
        return PERMIT;
    }
    return deny(EGRESS_HOOK_CONNECT6, AF_INET6, context->type, context->protocol, &asked, port);
}

/*
 * A connected socket's message that names nobody comes here, too, when it has control data; port 0 tells, which no message can name. It goes to
 * the peer (udp_sendmsg, udpv6_sendmsg).
 */
static __always_inline int names_nobody(const union address *asked, __u16 port) { return port == 0 && (is_unspecified(asked) || !is_known(asked)); }

/* UDP to an address given with the message; 0.0.0.0 is then the message's own source, where it names one (udp_sendmsg). */
SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = mapped(context->user_ip4);
    union address reached = mapped(reached4(context->user_ip4, context->msg_src_ip4, context->sk));
    struct bpf_sock *socket = context->sk;
    if (names_nobody(&asked, port) && socket) {
        asked = reached = mapped(socket->dst_ip4);
        port = bpf_ntohs(socket->dst_port);
    }
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port)) return PERMIT;
    return deny(EGRESS_HOOK_SENDMSG4, AF_INET, context->type, context->protocol, &asked, port);
}

/* v4-mapped addresses, and :: from a socket that has a v4-mapped one, do not come here but to sendmsg4 (udpv6_sendmsg). */
SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = {.words = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}};
    union address reached = asked;
    struct bpf_sock *socket = context->sk;
    if (names_nobody(&asked, port) && socket) {
        asked.words[0] = reached.words[0] = socket->dst_ip6[0];
        asked.words[1] = reached.words[1] = socket->dst_ip6[1];
        asked.words[2] = reached.words[2] = socket->dst_ip6[2];
        asked.words[3] = reached.words[3] = socket->dst_ip6[3];
        port = bpf_ntohs(socket->dst_port);
    } else if (is_unspecified(&asked)) {
        reached.words[3] = bpf_htonl(1);
    }
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port)) return PERMIT;
    return deny(EGRESS_HOOK_SENDMSG6, AF_INET6, context->type, context->protocol, &asked, port);
}

/* bind(2), for TCP that may listen there. The unspecified address is every address: only what permits all of them permits it. */
SEC("cgroup/bind4")
int bind4(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = mapped(context->user_ip4);
    if (context->type == SOCK_STREAM && context->protocol == IPPROTO_TCP && listen_permits(&asked, port)) return PERMIT;
    return deny(EGRESS_HOOK_BIND4, AF_INET, context->type, context->protocol, &asked, port);
}

SEC("cgroup/bind6")
int bind6(struct bpf_sock_addr *context) {
    __u16 port = bpf_ntohs((__u16)context->user_port);
    union address asked = {.words = {context->user_ip6[0], context->user_ip6[1], context->user_ip6[2], context->user_ip6[3]}};
    if (context->type == SOCK_STREAM && context->protocol == IPPROTO_TCP && listen_permits(&asked, port)) return PERMIT;
    return deny(EGRESS_HOOK_BIND6, AF_INET6, context->type, context->protocol, &asked, port);
}

/* MARK: packets */

/* What of a packet's headers is judged. */
struct packet {
    union address source;
    union address destination;
    __u8 family;
    __u8 protocol;
    __u8 is_plain; /* no IP options, no extension headers: it goes where `destination` says, and nowhere else afterwards */
    __u8 flags;    /* of TCP */
    __u16 source_port;
    __u16 destination_port;
};

struct ipv4_header {
    __u8 version_length;
    __u8 service;
    __u16 length;
    __u16 identification;
    __u16 fragment;
    __u8 ttl;
    __u8 protocol;
    __u16 checksum;
    __u32 source;
    __u32 destination;
};

struct ipv6_header {
    __u32 version;
    __u16 length;
    __u8 next;
    __u8 hops;
    union address source;
    union address destination;
};

/* Ports, and with TCP the flags behind them. 0 where the packet is too short. */
static __always_inline int read_ports(struct __sk_buff *skb, __u32 offset, struct packet *packet) {
    __u16 ports[2];
    if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP) return 1;
    if (bpf_skb_load_bytes(skb, offset, ports, sizeof ports) < 0) return 0;
    packet->source_port = bpf_ntohs(ports[0]);
    packet->destination_port = bpf_ntohs(ports[1]);
    return packet->protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, offset + 13, &packet->flags, 1) == 0;
}

/* 0 for what cannot be read. At both hooks a datagram is whole: fragments are made later, and were put together before. */
static __always_inline int read_packet(struct __sk_buff *skb, struct packet *packet) {
    if (skb->protocol == ETHERTYPE_IPV4) {
        struct ipv4_header header;
        if (bpf_skb_load_bytes(skb, 0, &header, sizeof header) < 0) return 0;
        __u32 length = (header.version_length & 0xf) * 4;
        packet->family = AF_INET;
        packet->source = mapped(header.source);
        packet->destination = mapped(header.destination);
        packet->protocol = header.protocol;
        packet->is_plain = length == sizeof header;
        return read_ports(skb, length, packet);
    }
    if (skb->protocol == ETHERTYPE_IPV6) {
        struct ipv6_header header;
        if (bpf_skb_load_bytes(skb, 0, &header, sizeof header) < 0) return 0;
        packet->family = AF_INET6;
        packet->source = header.source;
        packet->destination = header.destination;
        packet->protocol = header.next;
        packet->is_plain = 1; /* an extension header would be `next`, which is then neither protocol */
        return read_ports(skb, sizeof header, packet);
    }
    return 0;
}

/*
 * What leaves. A datagram's destination is judged once more, since what was asked for can still be turned elsewhere: a routing header or IP
 * options among the message's control data, which no filter of system calls sees; a device named by IP_UNICAST_IF or IP_PKTINFO, when the
 * address is 0.0.0.0. The caller sees EPERM. TCP takes neither from control data.
 */
SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb) {
    struct packet packet = {};
    int is_read = read_packet(skb, &packet);
    if (is_read && packet.is_plain) {
        if (packet.protocol == IPPROTO_TCP) return PERMIT;
        if (packet.protocol == IPPROTO_UDP && udp_permits(&packet.destination, packet.destination_port)) return PERMIT;
    }
    return deny_of(0, EGRESS_HOOK_PACKET_OUT, packet.family, SOCK_DGRAM, packet.protocol, &packet.destination, packet.destination_port);
}

#define TCP_SYN 0x02
#define TCP_ACK 0x10

/*
 * What arrives at a socket of the session: datagrams of those that may be sent to, and of nobody else; connections only where listening is
 * permitted, since listen(2) without bind(2) takes a port that no hook sees.
 */
SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff *skb) {
    struct packet packet = {};
    if (read_packet(skb, &packet)) {
        int opens = (packet.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
        if (packet.protocol == IPPROTO_TCP && (!opens || listen_permits(&packet.destination, packet.destination_port))) return PERMIT;
        if (packet.protocol == IPPROTO_UDP && udp_permits(&packet.source, packet.source_port)) return PERMIT;
    }
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->unheard, 1);
    return DENY;
}

/* No helper used here is reserved to the GPL. */
char egress_license[] SEC("license") = "Apache-2.0";
