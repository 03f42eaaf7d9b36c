/*
 * IP sockets in the hands of one session, judged at security hooks of its `server` cgroup (BPF_LSM_CGROUP, Linux 6.0): a second layer for those
 * that were made elsewhere and that a granted unix peer passed on, since the programs of egress.bpf.c run for sockets that were born in the
 * cgroup. To these it says the same as there; where it cannot know what the kernel goes to, it leaves the answer to them. What such a socket
 * was connected to, or bound and listening at, before it came is the peer's doing, whom the policy trusts with what it passes.
 *
 * SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 * The kernel takes programs at security hooks under the GPL only (bpf_lsm_verify_prog).
 */
#include "endpoints.bpf.h"

#include <bpf/bpf_core_read.h>

#define AF_UNSPEC 0
/* Bits of sk_userlocks: what bind(2) was given, which the socket keeps for good. */
#define SOCK_BINDADDR_LOCK 4
#define SOCK_BINDPORT_LOCK 8

/* Of the kernel's own structures what is read here; libbpf finds the offsets in the running kernel's BTF. */
#define OF_THE_KERNEL __attribute__((preserve_access_index))
struct in6_addr {
    union {
        __u32 u6_addr32[4];
    } in6_u;
} OF_THE_KERNEL;
struct kernfs_node {
    __u64 id;
} OF_THE_KERNEL;
struct cgroup {
    struct kernfs_node *kn;
} OF_THE_KERNEL;
struct sock_cgroup_data {
    struct cgroup *cgroup;
} OF_THE_KERNEL;
struct sock_common {
    __u32 skc_rcv_saddr;
    __u16 skc_num; /* host byte order */
    unsigned short skc_family;
    int skc_bound_dev_if;
    struct in6_addr skc_v6_rcv_saddr;
} OF_THE_KERNEL;
struct sock {
    struct sock_common __sk_common;
    __u8 sk_userlocks : 4;
    __u16 sk_protocol;
    struct sock_cgroup_data sk_cgrp_data;
} OF_THE_KERNEL;
struct socket {
    short type;
    struct sock *sk;
} OF_THE_KERNEL;
struct msghdr {
    void *msg_name;
    int msg_namelen;
} OF_THE_KERNEL;

/* The beginnings of sockaddr_in and sockaddr_in6. */
struct named {
    __u16 family;
    __u16 port; /* network byte order */
    __u32 address4;
    __u32 address6[4];
};

/* What a call names, and where that leads. */
struct destination {
    union address asked;
    union address reached; /* the unspecified address where the kernel decides by what is not known here */
    __u16 port;
    __u16 family;
};

/* 0.0.0.0 as egress.bpf.c has it: the socket's own address, else loopback. */
static __always_inline __u32 reached4(struct sock *socket, __u32 address4) {
    if (address4 != 0) return address4;
    if (socket->__sk_common.skc_rcv_saddr != 0) return socket->__sk_common.skc_rcv_saddr;
    return socket->__sk_common.skc_bound_dev_if != 0 ? 0 : LOOPBACK4;
}

static __always_inline int is_bound_to_mapped(struct sock *socket) {
    return socket->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[0] == 0 && socket->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[1] == 0 &&
           socket->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[2] == MAPPED_MARK;
}

/* 0 where the name is no IP address; the call then fails, or disconnects. */
static __always_inline int read_destination(struct sock *socket, const void *name, struct destination *to) {
    struct named named = {};
    if (bpf_probe_read_kernel(&named, sizeof named, name) < 0) return 0;
    to->port = bpf_ntohs(named.port);
    to->family = named.family;
    /* Datagrams to AF_UNSPEC go to AF_INET (udp_sendmsg). */
    if (named.family == AF_INET || named.family == AF_UNSPEC) {
        to->asked = mapped(named.address4);
        to->reached = mapped(reached4(socket, named.address4));
        return 1;
    }
    if (named.family != AF_INET6) return 0;
    __builtin_memcpy(to->asked.words, named.address6, sizeof to->asked.words);
    to->reached = to->asked;
    if (is_unspecified(&to->asked)) {
        if (is_bound_to_mapped(socket)) to->reached = mapped(LOOPBACK4);
        else to->reached.words[3] = bpf_htonl(1);
    } else if (is_mapped(&to->asked)) {
        to->reached.words[3] = reached4(socket, to->asked.words[3]);
    }
    return 1;
}

/* The unspecified address of either family. */
static __always_inline int is_zero(const union address *address) {
    return is_unspecified(address) || (is_mapped(address) && address->words[3] == 0);
}

static __always_inline int judge(struct socket *socket, struct sock *own, const void *name, __u8 hook, int connects) {
    struct destination to = {};
    if (!read_destination(own, name, &to)) return PERMIT;
    if (connects && to.family == AF_UNSPEC) return PERMIT;
    /* A message may name its own source, and to nobody is to the peer: neither is seen here. */
    if (is_zero(&to.reached) || (!connects && is_zero(&to.asked))) return PERMIT;
    if (permits(socket->type, own->sk_protocol, &to.reached, to.port)) return PERMIT;
    return deny(hook, own->__sk_common.skc_family, socket->type, own->sk_protocol, &to.asked, to.port);
}

static __always_inline int is_ip(struct sock *socket) {
    return socket->__sk_common.skc_family == AF_INET || socket->__sk_common.skc_family == AF_INET6;
}

/* security_socket_connect(own, address, length) */
SEC("lsm_cgroup/socket_connect")
int received_connect(__u64 *arguments) {
    struct socket *socket = (struct socket *)arguments[0];
    struct sock *own = socket->sk;
    if (!own || !is_ip(own)) return PERMIT;
    return judge(socket, own, (const void *)arguments[1], EGRESS_HOOK_RECEIVED_CONNECT, 1);
}

/* security_socket_sendmsg(own, message, size); streams take no name, but for Fast Open, which the filter of system calls forbids. */
SEC("lsm_cgroup/socket_sendmsg")
int received_send(__u64 *arguments) {
    struct socket *socket = (struct socket *)arguments[0];
    struct sock *own = socket->sk;
    if (!own || !is_ip(own) || socket->type == SOCK_STREAM) return PERMIT;
    struct msghdr *message = (struct msghdr *)arguments[1];
    const void *name = message->msg_name;
    if (!name) return PERMIT;
    return judge(socket, own, name, EGRESS_HOOK_RECEIVED_SEND, 0);
}

/* MARK: endpoints of its own */

/*
 * Born in this cgroup, whose own programs then judge it: bind4 and bind6, and packet_in who gets through to it. So it may listen where nobody
 * does, which what was made elsewhere may not, as no packet to that is seen here. An accepted socket is of its listener's cgroup.
 */
static __always_inline int is_own(struct sock *socket) { return socket->sk_cgrp_data.cgroup->kn->id == bpf_get_current_cgroup_id(); }

/*
 * Of the unspecified address, which is every one, only what is permitted at every one: `*:PORT`. The tries say nothing of all addresses
 * together. Port 0 is whichever the kernel chooses: `ADDR:*`.
 */
static __always_inline int permits_at(struct socket *socket, struct sock *own, const union address *at, __u16 port) {
    if (socket->type != SOCK_STREAM || own->sk_protocol != IPPROTO_TCP) return 0;
    if (rules.listen == EGRESS_ANY) return 1;
    if (is_zero(at))
        return rules.listen == EGRESS_LIST && port != 0 && lists(IPPROTO_TCP, 0, port, EGRESS_OWN | EGRESS_ANY_ADDRESS);
    return listen_permits(at, port);
}

static __always_inline int judge_own(struct socket *socket, struct sock *own, const union address *at, __u16 port, __u8 hook) {
    if (permits_at(socket, own, at, port)) return PERMIT;
    return deny(hook, own->__sk_common.skc_family, socket->type, own->sk_protocol, at, port);
}

/* security_socket_bind(own, address, length). A name of another family than the socket's is refused by the kernel, whatever is said here. */
SEC("lsm_cgroup/socket_bind")
int received_bind(__u64 *arguments) {
    struct socket *socket = (struct socket *)arguments[0];
    struct sock *own = socket->sk;
    if (!own || !is_ip(own) || is_own(own)) return PERMIT;
    struct named named = {};
    union address at = {};
    if (bpf_probe_read_kernel(&named, sizeof named, (const void *)arguments[1]) < 0)
        return deny(EGRESS_HOOK_RECEIVED_BIND, own->__sk_common.skc_family, socket->type, own->sk_protocol, &at, 0);
    if (named.family == AF_INET6) __builtin_memcpy(at.words, named.address6, sizeof at.words);
    else at = mapped(named.address4);
    return judge_own(socket, own, &at, bpf_ntohs(named.port), EGRESS_HOOK_RECEIVED_BIND);
}

/*
 * security_socket_listen(own, backlog). What bind(2) did not choose the kernel chooses anew, also when it has chosen before: a socket may be
 * connected and disconnected meanwhile by another thread.
 */
SEC("lsm_cgroup/socket_listen")
int received_listen(__u64 *arguments) {
    struct socket *socket = (struct socket *)arguments[0];
    struct sock *own = socket->sk;
    if (!own || !is_ip(own) || is_own(own)) return PERMIT;
    __u32 chosen = BPF_CORE_READ_BITFIELD(own, sk_userlocks);
    union address at = {};
    if (own->__sk_common.skc_family == AF_INET) {
        at = mapped(chosen & SOCK_BINDADDR_LOCK ? own->__sk_common.skc_rcv_saddr : 0);
    } else if (chosen & SOCK_BINDADDR_LOCK) {
        at.words[0] = own->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[0];
        at.words[1] = own->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[1];
        at.words[2] = own->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[2];
        at.words[3] = own->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[3];
    }
    __u16 port = chosen & SOCK_BINDPORT_LOCK ? own->__sk_common.skc_num : 0;
    return judge_own(socket, own, &at, port, EGRESS_HOOK_RECEIVED_LISTEN);
}

char received_license[] SEC("license") = "GPL";
