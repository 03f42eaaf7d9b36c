/*
 * The packets of one session, judged on its `server` cgroup: with a list of UDP both ways, with listening what comes in; and all of them once
 * its policy was tightened, since the connections of before were judged when they were made, by what was permitted then.
 *
 * Default is to deny, a map miss denies, and no verdict depends on the ring buffer.
 */
#include "endpoints.bpf.h"

#define ETHERTYPE_IPV4 bpf_htons(0x0800)
#define ETHERTYPE_IPV6 bpf_htons(0x86dd)

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

/* Counts what is not told of one by one, since others can send as much as they like, and TCP sends again what is lost. */
static __always_inline int drop(void) {
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->unheard, 1);
    return DENY;
}

/*
 * A packet of a connection: to or from an endpoint that may be connected to, where the session opened it; else at an endpoint where it may
 * listen. A session that never could listen has opened all of them.
 */
static __always_inline int flow_permits(struct __sk_buff *skb, const union address *peer, __u16 peer_port, const union address *own, __u16 own_port) {
    if (!rules.flows) return 1;
    if (rules.marks) {
        struct bpf_sock *socket = skb->sk;
        socket = socket ? bpf_sk_fullsock(socket) : 0;
        /* A socket may connect, disconnect and listen then. */
        if (!socket || socket->state == BPF_TCP_LISTEN || !bpf_sk_storage_get(&opened, socket, 0, 0)) return listen_permits(own, own_port);
    }
    return tcp_permits(peer, peer_port);
}

/*
 * What leaves. A datagram's destination is judged once more, since what was asked for can still be turned elsewhere: a routing header or IP
 * options among the message's control data, which no filter of system calls sees; a device named by IP_UNICAST_IF or IP_PKTINFO, when the
 * address is 0.0.0.0. The caller sees EPERM. TCP takes neither from control data; of a connection that a tightening cut nothing is told.
 */
SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff *skb) {
    struct packet packet = {};
    int is_read = read_packet(skb, &packet);
    if (is_read && packet.is_plain) {
        if (packet.protocol == IPPROTO_TCP)
            return flow_permits(skb, &packet.destination, packet.destination_port, &packet.source, packet.source_port) ? PERMIT : drop();
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
        if (packet.protocol == IPPROTO_TCP && opens && listen_permits(&packet.destination, packet.destination_port)) return PERMIT;
        if (packet.protocol == IPPROTO_TCP && !opens &&
            flow_permits(skb, &packet.source, packet.source_port, &packet.destination, packet.destination_port))
            return PERMIT;
        if (packet.protocol == IPPROTO_UDP && udp_permits(&packet.source, packet.source_port)) return PERMIT;
    }
    return drop();
}

/* No helper used here is reserved to the GPL. */
char egress_license[] SEC("license") = "Apache-2.0";
