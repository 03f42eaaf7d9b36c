/*
 * Why: control messages are made by macros, accept4 is behind _GNU_SOURCE, sockaddr_un is a fixed array of char, and what the kernel knows
 * about a peer (credentials, pidfd, groups) comes as structures that the Glibc module lacks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/* The most descriptors that one message carries here (the kernel's own limit is 253). */
#define CLX_DESCRIPTORS_MAX 64

#define CLX_UNIX 1
#define CLX_STREAM 1
#define CLX_SEQPACKET 5
#define CLX_DATAGRAM 2

/* socket(AF_UNIX, type | SOCK_CLOEXEC). */
int clx_unix_socket(int type, int nonblocking);
/* socketpair(AF_UNIX, type | SOCK_CLOEXEC). */
int clx_unix_pair(int type, int nonblocking, int ends[_Nonnull 2]);
/* bind(2) to a path; -ENAMETOOLONG from 108 bytes on. */
int clx_unix_bind(int socket, const char *path);
/* connect(2) to a path. */
int clx_unix_connect(int socket, const char *path);
/* connect(2) to an abstract address (unix(7)), `name` without the zero byte before it; -ENAMETOOLONG above 107 bytes. */
int clx_unix_connect_abstract(int socket, const char *name);
/* getsockname(2) of a socket that is bound to a path: copies it with its end; -ENOENT where it is bound to none. */
int clx_unix_bound_path(int socket, char *path, size_t capacity);
int clx_listen(int socket, int backlog);
/* accept4(SOCK_CLOEXEC). */
int clx_accept(int socket, int nonblocking);

/*
 * sendmsg(2), one buffer, up to CLX_DESCRIPTORS_MAX descriptors, MSG_NOSIGNAL added. A message without bytes carries no descriptors on a
 * stream socket. Returns the bytes sent.
 */
ssize_t clx_send(int socket, const void *_Nullable bytes, size_t count, const int *_Nullable descriptors, int descriptor_count,
                 int dontwait);
/*
 * recvmsg(MSG_CMSG_CLOEXEC), one buffer. `descriptor_count` says how many came. A message longer than the buffer: -EMSGSIZE; descriptors
 * that the kernel dropped or that do not fit: -ENOBUFS. In both cases all that were received are closed. 0 bytes: the peer has closed.
 */
ssize_t clx_receive(int socket, void *buffer, size_t capacity, int *_Nullable descriptors, int descriptor_capacity, int *descriptor_count,
                    int dontwait);

/* recv(MSG_PEEK | MSG_DONTWAIT) of one byte, which stays where it is; 0 at the end. */
ssize_t clx_peek(int socket, uint8_t *byte);

struct clx_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};
/* SO_PEERCRED: who connected, as of that moment. */
int clx_peer_credentials(int socket, struct clx_peer *peer);
/* SO_PEERPIDFD (Linux 6.5); -ENOPROTOOPT before. */
int clx_peer_pidfd(int socket);
/* SO_PEERGROUPS: the supplementary groups; returns how many, -ERANGE when they do not fit. */
int clx_peer_groups(int socket, uint32_t *groups, int capacity);
/* SO_TYPE, or -ENOTSOCK. */
int clx_socket_type(int descriptor);
/* SO_DOMAIN, or -ENOTSOCK. */
int clx_socket_domain(int descriptor);
/* SO_ACCEPTCONN: 1 after listen(2), else 0; or -ENOTSOCK. */
int clx_socket_listens(int descriptor);
/* SO_SNDBUF. */
int clx_set_send_buffer(int socket, int bytes);
/* shutdown(SHUT_WR). */
int clx_shutdown_write(int socket);

#pragma clang assume_nonnull end
