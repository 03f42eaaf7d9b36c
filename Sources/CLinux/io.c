#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t clx_read_now(int descriptor, void *buffer, size_t capacity) {
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    ssize_t count = preadv2(descriptor, &part, 1, -1, RWF_NOWAIT);
    return count < 0 ? -errno : count;
}

ssize_t clx_write_now(int descriptor, const void *bytes, size_t count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    ssize_t written = pwritev2(descriptor, &part, 1, -1, RWF_NOWAIT);
    return written < 0 ? -errno : written;
}

ssize_t clx_receive_now(int socket, void *buffer, size_t capacity) {
    ssize_t count = recv(socket, buffer, capacity, MSG_DONTWAIT);
    return count < 0 ? -errno : count;
}

ssize_t clx_send_now(int socket, const void *bytes, size_t count) {
    ssize_t sent = send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

ssize_t clx_write_two(int descriptor, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec parts[2] = {
        {.iov_base = (void *)first, .iov_len = first_count},
        {.iov_base = (void *)second, .iov_len = second_count},
    };
    ssize_t written = writev(descriptor, parts, second == NULL ? 1 : 2);
    return written < 0 ? -errno : written;
}

int clx_fdatasync(int descriptor) { return fdatasync(descriptor) < 0 ? -errno : 0; }

int clx_random(void *buffer, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = getrandom((char *)buffer + done, count - done, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        done += (size_t)got;
    }
    return 0;
}

uint64_t clx_load_acquire_64(const void *address) { return __atomic_load_n((const uint64_t *)address, __ATOMIC_ACQUIRE); }
uint32_t clx_load_acquire_32(const void *address) { return __atomic_load_n((const uint32_t *)address, __ATOMIC_ACQUIRE); }
void clx_store_release_64(void *address, uint64_t value) { __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELEASE); }

int clx_map_shared(int descriptor, uint64_t offset, size_t length, int writable, void **mapped) {
    void *address = mmap(NULL, length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor, (off_t)offset);
    if (address == MAP_FAILED) return -errno;
    *mapped = address;
    return 0;
}

int clx_unmap(void *address, size_t length) { return munmap(address, length) < 0 ? -errno : 0; }
size_t clx_page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }
void clx_wipe(void *address, size_t length) { explicit_bzero(address, length); }
