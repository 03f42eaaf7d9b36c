/*
 * Why: the client's descriptors are shared with others, so O_NONBLOCK must never be set on them. RWF_NOWAIT (pipes; preadv2 and pwritev2
 * are behind _GNU_SOURCE) and MSG_DONTWAIT (sockets) make one call non-blocking instead.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/* preadv2(offset -1, RWF_NOWAIT) of one buffer. -EAGAIN when it would wait, -EOPNOTSUPP when the file cannot do so. */
ssize_t clx_read_now(int descriptor, void *buffer, size_t capacity);
/* pwritev2(offset -1, RWF_NOWAIT) of one buffer. */
ssize_t clx_write_now(int descriptor, const void *bytes, size_t count);
/* recv(MSG_DONTWAIT). */
ssize_t clx_receive_now(int socket, void *buffer, size_t capacity);
/* send(MSG_DONTWAIT | MSG_NOSIGNAL). */
ssize_t clx_send_now(int socket, const void *bytes, size_t count);
/* writev(2) of two buffers. */
ssize_t clx_write_two(int descriptor, const void *first, size_t first_count, const void *_Nullable second, size_t second_count);
/* fdatasync(2). */
int clx_fdatasync(int descriptor);
/* getrandom(2): fills the whole buffer. */
int clx_random(void *buffer, size_t count);

#pragma clang assume_nonnull end
