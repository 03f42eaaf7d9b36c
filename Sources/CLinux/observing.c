#define _GNU_SOURCE
#include "clx_observing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static void at(struct clx_told *told, enum clx_told_kind kind, uint64_t directory, uint64_t path) {
    told->kind = kind;
    told->directory = (int32_t)directory;
    told->path = path;
}

static void between(struct clx_told *told, enum clx_told_kind kind, const uint64_t *places) {
    at(told, kind, places[0], places[1]);
    told->other_directory = (int32_t)places[2];
    told->other_path = places[3];
}

static void to(struct clx_told *told, enum clx_told_kind kind, uint64_t descriptor, uint64_t address, uint64_t length) {
    told->kind = kind;
    told->descriptor = (int32_t)descriptor;
    told->address = address;
    told->address_length = length;
}

static void describe(struct clx_told *told, int number, const uint64_t *a) {
    const uint64_t here = (uint64_t)AT_FDCWD;
    struct open_how how = {0};
    switch (number) {
    case SYS_openat: at(told, CLX_TOLD_OPEN, a[0], a[1]); told->flags = a[2]; break;
    case SYS_openat2:
        clx_memory_read(told->thread, a[2], &how, sizeof how);
        at(told, CLX_TOLD_OPEN, a[0], a[1]);
        told->flags = how.flags;
        break;
    case SYS_execve: at(told, CLX_TOLD_EXECUTE, here, a[0]); break;
    case SYS_execveat: at(told, CLX_TOLD_EXECUTE, a[0], a[1]); break;
    case SYS_connect: to(told, CLX_TOLD_CONNECT, a[0], a[1], a[2]); break;
    case SYS_bind: to(told, CLX_TOLD_BIND, a[0], a[1], a[2]); break;
    case SYS_sendto:
        to(told, CLX_TOLD_SEND, a[0], a[4], a[5]);
        told->data = a[1];
        told->data_length = a[2];
        break;
    case SYS_sendmmsg:
        to(told, CLX_TOLD_SEND_MANY, a[0], 0, 0);
        told->data = a[1];
        told->data_length = a[2];
        break;
    case SYS_mkdirat:
    case SYS_mknodat: at(told, CLX_TOLD_CREATE, a[0], a[1]); break;
    case SYS_unlinkat: at(told, CLX_TOLD_REMOVE, a[0], a[1]); break;
    case SYS_renameat:
    case SYS_renameat2: between(told, CLX_TOLD_MOVE, a); break;
    case SYS_linkat: at(told, CLX_TOLD_CREATE, a[2], a[3]); break;
    case SYS_symlinkat: at(told, CLX_TOLD_CREATE, a[1], a[2]); break;
    case SYS_truncate: at(told, CLX_TOLD_WRITE, here, a[0]); break;
    case SYS_fchmod:
    case SYS_fchown: at(told, CLX_TOLD_METADATA, a[0], 0); break;
    case SYS_fchmodat:
    case SYS_fchmodat2:
    case SYS_fchownat:
    case SYS_utimensat: at(told, CLX_TOLD_METADATA, a[0], a[1]); break;
    case SYS_setxattr:
    case SYS_lsetxattr: at(told, CLX_TOLD_METADATA, here, a[0]); break;
    case SYS_clone: told->kind = CLX_TOLD_PROCESS; break;
#if defined(__x86_64__)
    case SYS_open: at(told, CLX_TOLD_OPEN, here, a[0]); told->flags = a[1]; break;
    case SYS_creat: at(told, CLX_TOLD_OPEN, here, a[0]); told->flags = O_CREAT | O_WRONLY | O_TRUNC; break;
    case SYS_mkdir:
    case SYS_mknod: at(told, CLX_TOLD_CREATE, here, a[0]); break;
    case SYS_rmdir:
    case SYS_unlink: at(told, CLX_TOLD_REMOVE, here, a[0]); break;
    case SYS_rename: between(told, CLX_TOLD_MOVE, (const uint64_t[]){here, a[0], here, a[1]}); break;
    case SYS_link:
    case SYS_symlink: at(told, CLX_TOLD_CREATE, here, a[1]); break;
    case SYS_chmod:
    case SYS_chown:
    case SYS_lchown:
    case SYS_utime:
    case SYS_utimes: at(told, CLX_TOLD_METADATA, here, a[0]); break;
    case SYS_fork:
    case SYS_vfork: told->kind = CLX_TOLD_PROCESS; break;
#endif
    default: break;
    }
}

int clx_told_receive(int listener, struct clx_told *told) {
    struct seccomp_notif notification = {0};
    *told = (struct clx_told){.directory = AT_FDCWD, .other_directory = AT_FDCWD, .descriptor = -1};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0) return -errno;
    told->id = notification.id;
    told->thread = (int32_t)notification.pid;
    uint64_t arguments[6];
    for (int i = 0; i < 6; i++) arguments[i] = notification.data.args[i];
    describe(told, notification.data.nr, arguments);
    return 0;
}

int clx_told_continue(int listener, uint64_t id) {
    struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? -errno : 0;
}

int clx_told_is_waiting(int listener, uint64_t id) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0 ? -errno : 0; }

int64_t clx_memory_read(int thread, uint64_t address, void *bytes, size_t count) {
    enum { page = 4096 };
    size_t first = page - address % page;
    if (first > count) first = count;
    const struct iovec local = {.iov_base = bytes, .iov_len = count};
    const struct iovec remote[2] = {
        {.iov_base = (void *)(uintptr_t)address, .iov_len = first},
        {.iov_base = (void *)(uintptr_t)(address + first), .iov_len = count - first}};
    ssize_t read = process_vm_readv(thread, &local, 1, remote, count > first ? 2 : 1, 0);
    return read < 0 ? -errno : read;
}

int clx_socket_of(int process, int descriptor, int32_t *type, int32_t *domain) {
    int pidfd = (int)syscall(SYS_pidfd_open, process, 0);
    if (pidfd < 0) return -errno;
    int copy = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
    int error = errno;
    close(pidfd);
    if (copy < 0) return -error;
    socklen_t size = sizeof *type;
    int result = getsockopt(copy, SOL_SOCKET, SO_TYPE, type, &size) < 0 ? -errno : 0;
    size = sizeof *domain;
    if (result == 0 && getsockopt(copy, SOL_SOCKET, SO_DOMAIN, domain, &size) < 0) result = -errno;
    close(copy);
    return result;
}
