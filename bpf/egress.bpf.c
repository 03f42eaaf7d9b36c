/*
 * The network of one session, judged where addresses are final, on the session's `server` cgroup: by the programs that the
 * plan names: connect4 and connect6; with UDP sendmsg4 and sendmsg6; with listening bind4 and bind6. What packets do is judged beside them
 * (packets.bpf.c).
 *
 * Default is to deny, a map miss denies, and no verdict depends on the ring buffer. connect4 and connect6 also see Fast Open by sendto and
 * sendmsg, io_uring and int 0x80, since they run below these. They run only for sockets born in this cgroup: that none is inherited or
 * received is the launch code's and the seccomp program's part.
 *
 * sock_create, connect_unix and sendmsg_unix deny once more what the filter of system calls denies. They are attached where other programs are.
 */
#include "endpoints.bpf.h"

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

/* 0 where it should be marked and cannot be. */
static __always_inline int is_marked(struct bpf_sock_addr *context) {
    struct bpf_sock *socket = context->sk;
    if (!rules.marks || context->type != SOCK_STREAM) return 1;
    return socket && bpf_sk_storage_get(&opened, socket, 0, BPF_SK_STORAGE_GET_F_CREATE) != 0;
}

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
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port) && is_marked(context)) {
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
    if (is_known(&reached) && permits(context->type, context->protocol, &reached, port) && is_marked(context)) {
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

/* MARK: second layers: what the filter of system calls denies already */

static __always_inline int deny_again(__u8 hook, __u8 family, __u8 type, __u8 protocol) {
    const union address nowhere = {};
    return deny(hook, family, type, protocol, &nowhere, 0);
}

/* Kinds of IP sockets: TCP, and UDP where any of it is permitted. */
SEC("cgroup/sock_create")
int sock_create(struct bpf_sock *socket) {
    if (socket->type == SOCK_STREAM && socket->protocol == IPPROTO_TCP) return PERMIT;
    if (socket->type == SOCK_DGRAM && socket->protocol == IPPROTO_UDP && rules.udp != EGRESS_NONE) return PERMIT;
    return deny_again(EGRESS_HOOK_SOCK_CREATE, socket->family, socket->type, socket->protocol);
}

/* Attached where no unix socket is granted (Linux 6.7); a path says too little to tell one from another here. */
SEC("cgroup/connect_unix")
int connect_unix(struct bpf_sock_addr *context) { return deny_again(EGRESS_HOOK_CONNECT_UNIX, AF_UNIX, context->type, 0); }

SEC("cgroup/sendmsg_unix")
int sendmsg_unix(struct bpf_sock_addr *context) { return deny_again(EGRESS_HOOK_SENDMSG_UNIX, AF_UNIX, context->type, 0); }

/* No helper used here is reserved to the GPL. */
char egress_license[] SEC("license") = "Apache-2.0";
