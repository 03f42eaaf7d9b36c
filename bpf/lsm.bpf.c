/*
 * The unix sockets of one session, judged at security hooks of its `server` cgroup (BPF_LSM_CGROUP, Linux 6.0): whom it connects and sends to,
 * by the very inode that the peer is bound to, whatever path, link or mount led there; and that it gives no socket a name.
 *
 * The kernel runs these for whoever acts, so that a socket that was made elsewhere and then received is judged as well, which the programs of
 * egress.bpf.c do not see. (bpf_lsm_find_cgroup_shim means to go by the socket where it can, and compares types that are never the same: seen on
 * Linux 6.1, 6.12 and 7.2. By the socket it would be exact, too, for the session receives none but from a peer that is granted.)
 *
 * Default is to deny: a peer without a name in the file system, or with a name that is not granted.
 *
 * SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 * The kernel takes programs at security hooks under the GPL only (bpf_lsm_verify_prog).
 */
#include "session.bpf.h"

/* Of the kernel's own structures what is read here; libbpf finds the offsets in the running kernel's BTF. */
#define OF_THE_KERNEL __attribute__((preserve_access_index))
struct inode;
struct dentry {
    struct inode *d_inode;
} OF_THE_KERNEL;
struct path {
    struct dentry *dentry;
} OF_THE_KERNEL;
struct sock_common {
    unsigned short skc_family;
} OF_THE_KERNEL;
struct sock {
    struct sock_common __sk_common;
} OF_THE_KERNEL;
struct unix_sock {
    struct path path;
} OF_THE_KERNEL;
struct socket {
    short type;
    struct sock *sk;
} OF_THE_KERNEL;

/*
 * The inodes of the sockets that are granted. Storage of the inode itself: not its number, which another file may have once this one is gone
 * and which some file systems show differently, so that an entry goes with its inode. Such a map cannot be frozen; nothing but its loader has
 * a descriptor of it.
 */
struct {
    __uint(type, BPF_MAP_TYPE_INODE_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, __u8);
} sockets SEC(".maps");

static __always_inline int refuse(__u8 hook, struct socket *socket) {
    const union address nowhere = {};
    return deny(hook, AF_UNIX, socket ? socket->type : 0, 0, &nowhere, 0);
}

/* Verifiers of different years ask for different of these tests. */
static __always_inline int is_granted(struct sock *peer) {
    if (!peer) return 0;
    struct unix_sock *named = bpf_skc_to_unix_sock(peer);
    if (!named) return 0;
    struct dentry *name = named->path.dentry;
    if (!name) return 0;
    struct inode *inode = name->d_inode;
    return inode && bpf_inode_storage_get(&sockets, inode, 0, 0) != 0;
}

/* security_unix_stream_connect(own, peer, new): streams and sequenced packets. */
SEC("lsm_cgroup/unix_stream_connect")
int unix_stream(__u64 *arguments) {
    return is_granted((struct sock *)arguments[1]) ? PERMIT : refuse(EGRESS_HOOK_UNIX_STREAM, 0);
}

/* security_unix_may_send(own, peer): datagrams, each of them, and connecting for these. */
SEC("lsm_cgroup/unix_may_send")
int unix_datagram(__u64 *arguments) {
    struct socket *peer = (struct socket *)arguments[1];
    return is_granted(peer->sk) ? PERMIT : refuse(EGRESS_HOOK_UNIX_DATAGRAM, peer);
}

static __always_inline int is_unix(struct socket *socket) {
    struct sock *own = socket->sk;
    return own && own->__sk_common.skc_family == AF_UNIX;
}

/* security_socket_bind(own, address, length) */
SEC("lsm_cgroup/socket_bind")
int unix_bind(__u64 *arguments) {
    struct socket *own = (struct socket *)arguments[0];
    return is_unix(own) ? refuse(EGRESS_HOOK_UNIX_BIND, own) : PERMIT;
}

/* security_socket_listen(own, backlog) */
SEC("lsm_cgroup/socket_listen")
int unix_listen(__u64 *arguments) {
    struct socket *own = (struct socket *)arguments[0];
    return is_unix(own) ? refuse(EGRESS_HOOK_UNIX_LISTEN, own) : PERMIT;
}

char lsm_license[] SEC("license") = "GPL";
