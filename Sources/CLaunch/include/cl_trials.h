/*
 * The trials of a self-test: acts that a throw-away process tries after it went through exactly the steps of the server.
 *
 * It lives in a network namespace of its own whose loopback carries the addresses named here; listeners are opened outside the server's
 * cgroup. For network acts the truth is what the listener saw, and every one is followed by a control that shows that the listener works.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

enum cl_act : uint32_t {
    CL_ACT_TCP_CONNECT = 1,        /* address, port; a v4-mapped address is dialled from an IPv6 socket, received by an IPv4 one */
    CL_ACT_TCP_FASTOPEN = 2,       /* sendto(MSG_FASTOPEN) without connect; address, port */
    CL_ACT_UDP_SENDTO = 3,         /* unconnected; address, port */
    CL_ACT_UDP_CONNECT = 4,        /* connect, then send; address, port */
    CL_ACT_MPTCP_CONNECT = 5,      /* socket(…, IPPROTO_MPTCP), connect; address, port */
    CL_ACT_TCP_LISTEN = 6,         /* listen without bind, then a stranger connects; address (family) */
    CL_ACT_TCP_BIND = 7,           /* bind to address, port */
    CL_ACT_UNIX_SOCKET = 8,        /* socket(AF_UNIX, SOCK_STREAM) */
    CL_ACT_UNIX_DATAGRAM_PAIR = 9, /* socketpair(AF_UNIX, SOCK_DGRAM): such a socket can still send to any path */
    CL_ACT_UNIX_STREAM_PAIR = 10,  /* socketpair(AF_UNIX, SOCK_STREAM) */
    CL_ACT_NETLINK_SOCKET = 11,
    CL_ACT_VSOCK_SOCKET = 12,
    CL_ACT_ROUTING_HEADER = 13,    /* setsockopt(IPV6_RTHDR): packets then go elsewhere than connect was told (no privilege needed) */
    CL_ACT_TCP_ACCEPT = 14,        /* bind to address, port; listen; then a stranger connects to it */
    CL_ACT_OPEN_READ = 20,         /* open(path, O_RDONLY) */
    CL_ACT_OPEN_WRITE = 21,        /* open(path, O_WRONLY): nothing is written or truncated */
    CL_ACT_CREATE = 22,            /* open(path, O_TMPFILE | O_RDWR): nothing is left */
    CL_ACT_LIST = 23,              /* open(path, O_DIRECTORY) */
    CL_ACT_TRUNCATE = 24,          /* truncate(path) to its present size */
    CL_ACT_METADATA = 25,          /* fchmod of a memfd of its own */
    CL_ACT_EXECVE = 30,            /* execve(path) */
    CL_ACT_FORK = 31,              /* clone(SIGCHLD) */
    CL_ACT_THREAD = 32,            /* clone(CLONE_THREAD …) */
    CL_ACT_CLONE3 = 33,
    CL_ACT_UNSHARE_USER = 34,
    CL_ACT_IO_URING = 40,          /* io_uring_setup */
    CL_ACT_PTRACE = 41,            /* PTRACE_SEIZE of an outsider with the same uid */
    CL_ACT_SIGNAL = 42,            /* kill(outsider with the same uid, 0) */
    CL_ACT_FOREIGN_ABI = 43,       /* int 0x80 (x86-64 only) */
    CL_ACT_BPF = 44,
    CL_ACT_SECCOMP_LISTENER = 45,  /* seccomp(SET_MODE_FILTER, NEW_LISTENER) */
    CL_ACT_HIGH_BITS = 46,         /* socket(AF_UNIX | 1 << 32, …): as UNIX_SOCKET, past a filter that compares 64 bits */
    CL_ACT_SEE_HOST = 47,          /* stat(path) finds what lies there outside */
    CL_ACT_READ_STRANGER = 48,     /* open(/proc/PID/status) of an outsider with the same uid */
    CL_ACT_REMOVE_DIRECTORY = 49,  /* rmdir(path) of a directory that is not empty: it comes as far as seeing that */
    CL_ACT_UNIX_CONNECT = 50,      /* connect(path) of a datagram socket: sends nothing, and reaches no listener of another type */
    CL_ACT_CHANGE = 52,            /* OPEN_WRITE of a file, CREATE in a directory */
    CL_ACT_UNIX_ABSTRACT = 51,     /* as UNIX_CONNECT, to an abstract socket of the tester's */
};

struct cl_trial {
    enum cl_act act;
    uint32_t port;       /* host byte order */
    uint8_t address[16]; /* IPv6, IPv4 as ::ffff:a.b.c.d */
    uint32_t from_ipv6;  /* 1: dial an IPv4 address from an IPv6 socket */
};

#define CL_TRIALS_MAX 128

/* A list of trials is written into a memfd: begin, add each (path is NULL where the act has none), end. Returns the memfd, or -errno. */
int cl_trials_begin(void);
int cl_trials_add(int trials, const struct cl_trial *trial, const char *_Nullable path);
/* Seals the list; afterwards it can be passed on. */
int cl_trials_end(int trials);

#pragma clang assume_nonnull end
