/*
 * What a process that is observed asks of the kernel (seccomp_unotify(2)), read from its memory (process_vm_readv(2)).
 *
 * Why C: the ioctls and the numbers of system calls are macros that Swift does not see. Nothing is decided here: whoever holds the listener lets every
 * call go on.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum clx_told_kind : uint32_t {
    CLX_TOLD_OTHER = 0,
    CLX_TOLD_OPEN = 1,     /* path, flags */
    CLX_TOLD_EXECUTE = 2,  /* path, or an empty one and the descriptor `directory` */
    CLX_TOLD_CONNECT = 3,  /* descriptor, address */
    CLX_TOLD_BIND = 4,     /* descriptor, address */
    CLX_TOLD_SEND = 5,     /* descriptor, address (0: where it is connected to), data */
    CLX_TOLD_SEND_MANY = 6, /* descriptor, data: of struct mmsghdr, so many */
    CLX_TOLD_CREATE = 7,   /* path */
    CLX_TOLD_REMOVE = 8,   /* path */
    CLX_TOLD_MOVE = 9,     /* path, other path */
    CLX_TOLD_WRITE = 10,   /* path */
    CLX_TOLD_METADATA = 11, /* path, or 0 and the descriptor `directory` */
    CLX_TOLD_PROCESS = 12,
};

/* Addresses are those of the observed process; 0 where there is none. */
struct clx_told {
    uint64_t id;
    int32_t thread;
    enum clx_told_kind kind;
    int32_t directory;       /* AT_FDCWD, or a descriptor of its */
    int32_t other_directory;
    uint64_t path;
    uint64_t other_path;
    uint64_t flags;
    uint64_t address;
    uint64_t address_length;
    uint64_t data;
    uint64_t data_length;
    int32_t descriptor;
};

/* The next call: 0; or -errno, -ENOENT where whoever made it is gone. */
int clx_told_receive(int listener, struct clx_told *told);
/* Lets it go on: 0, or -errno. */
int clx_told_continue(int listener, uint64_t id);
/* Whether it still waits, so that what was read is of whoever made it: 0, or -errno. */
int clx_told_is_waiting(int listener, uint64_t id);
/* Bytes of a thread's memory: how many, fewer at the end of what is mapped, or -errno. */
int64_t clx_memory_read(int thread, uint64_t address, void *bytes, size_t count);
/* SO_TYPE and SO_DOMAIN of a descriptor of a process, which is not a thread's number: 0, or -errno. */
int clx_socket_of(int process, int descriptor, int32_t *type, int32_t *domain);

#pragma clang assume_nonnull end
