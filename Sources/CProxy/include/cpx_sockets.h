/*
 * Sockets of the name proxy. Why: splice is behind _GNU_SOURCE, and socket addresses are structures that are cast into one another.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/* A TCP socket of the address's family, non-blocking. Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d. */
int cpx_tcp_socket(const uint8_t address[_Nonnull 16]);
/* connect(2): 0, or -EINPROGRESS, or what it failed with. */
int cpx_tcp_connect(int socket, const uint8_t address[_Nonnull 16], uint16_t port);
/* TCP_NODELAY and SO_KEEPALIVE: what is passed on is not waited with, and who is gone is noticed. */
int cpx_tcp_tune(int socket);
/* SO_ERROR: 0, or what a connect(2) came to, negative. */
int cpx_socket_error(int socket);
/* F_SETPIPE_SZ: what the pipe holds then, or -EPERM where the user has as many as it may. */
int cpx_widen_pipe(int pipe, int bytes);
/* splice(2) without waiting: bytes moved, 0 at the end, -EAGAIN. One of the two is a pipe. */
ssize_t cpx_splice(int from, int to, size_t count);
/* The address in a sockaddr of either family, as above: 0, or -EAFNOSUPPORT. */
int cpx_address(const void *sockaddr, uint8_t address[_Nonnull 16]);

#pragma clang assume_nonnull end
