/* io_uring: the kernel does what a ring says, without a system call that a filter would see. */
#define _GNU_SOURCE
#include "addresses.h"
#include "attempt.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define ADDRESS_PORT_NONCE "ADDRESS PORT NONCE"
enum { OP_SOCKET = 45 }; /* IORING_OP_SOCKET, 5.19 */

/* A ring of four entries. */
struct ring {
    int descriptor;
    int is_polled;
    struct io_uring_params parameters;
    char *submissions, *completions;
    struct io_uring_sqe *entries;
    size_t submission_size, completion_size, entry_size;
};

static char *ring_map(int descriptor, size_t size, off_t what)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, what);
}

static int ring_open(struct ring *ring, unsigned flags)
{
    memset(ring, 0, sizeof *ring);
    ring->is_polled = flags != 0;
    ring->parameters.flags = flags;
    ring->parameters.sq_thread_idle = 100;
    ring->descriptor = (int)syscall(SYS_io_uring_setup, 4, &ring->parameters);
    if (ring->descriptor < 0)
        return errno;
    struct io_uring_params *about = &ring->parameters;
    ring->submission_size = about->sq_off.array + about->sq_entries * sizeof(unsigned);
    ring->completion_size = about->cq_off.cqes + about->cq_entries * sizeof(struct io_uring_cqe);
    ring->entry_size = about->sq_entries * sizeof(struct io_uring_sqe);
    ring->submissions = ring_map(ring->descriptor, ring->submission_size, IORING_OFF_SQ_RING);
    ring->completions = ring_map(ring->descriptor, ring->completion_size, IORING_OFF_CQ_RING);
    ring->entries = (struct io_uring_sqe *)ring_map(ring->descriptor, ring->entry_size, IORING_OFF_SQES);
    int is_mapped = ring->submissions != MAP_FAILED && ring->completions != MAP_FAILED && (void *)ring->entries != MAP_FAILED;
    return is_mapped ? 0 : close_with(ring->descriptor, ENOMEM);
}

static void ring_close(struct ring *ring)
{
    munmap(ring->submissions, ring->submission_size);
    munmap(ring->completions, ring->completion_size);
    munmap(ring->entries, ring->entry_size);
    close(ring->descriptor);
}

/* Has the kernel do one thing; what came of it, or -errno. */
static int ring_do(struct ring *ring, const struct io_uring_sqe *entry)
{
    struct io_uring_params *about = &ring->parameters;
    uint32_t *tail = (uint32_t *)(ring->submissions + about->sq_off.tail), at = *tail;
    uint32_t mask = *(uint32_t *)(ring->submissions + about->sq_off.ring_mask);
    ring->entries[at & mask] = *entry;
    ((uint32_t *)(ring->submissions + about->sq_off.array))[at & mask] = at & mask;
    __atomic_store_n(tail, at + 1, __ATOMIC_RELEASE);
    unsigned flags = IORING_ENTER_GETEVENTS | (ring->is_polled ? IORING_ENTER_SQ_WAKEUP : 0);
    if (syscall(SYS_io_uring_enter, ring->descriptor, 1, 1, flags, NULL, 0) < 0)
        return -errno;
    uint32_t *head = (uint32_t *)(ring->completions + about->cq_off.head);
    uint32_t completion_mask = *(uint32_t *)(ring->completions + about->cq_off.ring_mask);
    struct io_uring_cqe *done = (struct io_uring_cqe *)(ring->completions + about->cq_off.cqes) + (*head & completion_mask);
    int result = done->res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

/* One thing in a ring of its own: 0 and its result, or an errno. */
static int ring_once(unsigned flags, const struct io_uring_sqe *entry, int *result)
{
    struct ring ring;
    int error = ring_open(&ring, flags);
    if (error)
        return error;
    *result = ring_do(&ring, entry);
    ring_close(&ring);
    return *result < 0 ? -*result : 0;
}

ACT(uring)
{
    WANT(0);
    struct io_uring_params parameters = {0};
    return had(syscall(SYS_io_uring_setup, 4, &parameters));
}

static int ring_connect(char **words, unsigned flags)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, SOCK_STREAM, 0), result;
    struct io_uring_sqe entry = {.opcode = IORING_OP_CONNECT, .fd = descriptor, .addr = (uintptr_t)&to, .off = length};
    int error = ring_once(flags, &entry, &result);
    return error ? close_with(descriptor, error) : deliver(descriptor, words[2]);
}

ACT(uring_connect) { WANT(3); return ring_connect(words, 0); }
ACT(uring_polled) { WANT(3); return ring_connect(words, IORING_SETUP_SQPOLL); }

static int ring_message(char **words, int kind, int flags)
{
    struct sockaddr_storage to;
    socklen_t length = inet(&to, words[0], words[1]);
    int descriptor = socket(to.ss_family, kind, 0), result;
    struct iovec part = {.iov_base = words[2], .iov_len = strlen(words[2])};
    struct msghdr message = {.msg_name = &to, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1};
    struct io_uring_sqe entry = {.opcode = IORING_OP_SENDMSG, .fd = descriptor, .addr = (uintptr_t)&message, .len = 1, .msg_flags = (unsigned)flags};
    return close_with(descriptor, ring_once(0, &entry, &result));
}

ACT(uring_datagram) { WANT(3); return ring_message(words, SOCK_DGRAM, 0); }
ACT(uring_fast_open) { WANT(3); return ring_message(words, SOCK_STREAM, MSG_FASTOPEN | MSG_NOSIGNAL); }

/* Even the socket is made by the ring. */
ACT(uring_socket)
{
    WANT(2);
    struct sockaddr_un to;
    socklen_t length = local(&to, words[0]);
    struct io_uring_sqe entry = {.opcode = OP_SOCKET, .fd = AF_UNIX, .off = SOCK_STREAM};
    int descriptor, error = ring_once(0, &entry, &descriptor);
    return error ? error : connect_and_deliver(descriptor, &to, length, words[1]);
}

ACT(uring_read)
{
    WANT(1);
    struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)words[0], .open_flags = O_RDONLY};
    int file, error = ring_once(0, &entry, &file);
    return error ? error : contents(file, said, size);
}

ACT(uring_remove)
{
    WANT(1);
    struct io_uring_sqe entry = {.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)words[0]};
    int result;
    return ring_once(0, &entry, &result);
}

const struct act ring_acts[] = {
    {"uring", uring, "", "makes an io_uring"},
    {"uring-connect", uring_connect, ADDRESS_PORT_NONCE, "connects by a ring and sends the nonce"},
    {"uring-polled", uring_polled, ADDRESS_PORT_NONCE, "the same by a ring that a thread of the kernel polls"},
    {"uring-datagram", uring_datagram, ADDRESS_PORT_NONCE, "sends a datagram by a ring"},
    {"uring-fast-open", uring_fast_open, ADDRESS_PORT_NONCE, "connects by the first message that a ring sends"},
    {"uring-socket", uring_socket, "PATH NONCE", "has a ring make the unix socket that it connects"},
    {"uring-read", uring_read, "PATH", "reads a file that a ring opened"},
    {"uring-remove", uring_remove, "PATH", "removes a file by a ring"},
    {0},
};
