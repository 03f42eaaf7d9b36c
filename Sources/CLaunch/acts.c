/*
 * The acts of the self-test. They run in the subject, under everything that the server will run under, so each is a few system calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"
#include "outcome.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif

static const char nonce[8] = TRIAL_NONCE;

static int result_of(long returned) { return returned < 0 ? -errno : 0; }

/* What a descriptor-making call gave: closed again when it did. */
static int closed(int descriptor) {
    if (descriptor < 0) return -errno;
    close(descriptor);
    return 0;
}

socklen_t trial_address(const struct cl_trial *trial, bool as_ipv6, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (cl_network_is_mapped(trial->address) && !as_ipv6) {
        struct sockaddr_in *address = (struct sockaddr_in *)storage;
        address->sin_family = AF_INET;
        address->sin_port = htons((uint16_t)trial->port);
        memcpy(&address->sin_addr, trial->address + 12, 4);
        return sizeof *address;
    }
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)storage;
    address->sin6_family = AF_INET6;
    address->sin6_port = htons((uint16_t)trial->port);
    memcpy(&address->sin6_addr, trial->address, 16);
    return sizeof *address;
}

static int family_of(const struct cl_trial *trial) {
    return cl_network_is_mapped(trial->address) && trial->from_ipv6 == 0 ? AF_INET : AF_INET6;
}

/* A socket that does not wait longer than the tester does. */
static int new_socket(const struct cl_trial *trial, int type, int protocol) {
    int descriptor = socket(family_of(trial), type | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) return -errno;
    const struct timeval patience = {.tv_sec = 1};
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return descriptor;
}

static int connect_and_send(const struct cl_trial *trial, int type, int protocol) {
    struct sockaddr_storage address;
    int descriptor = new_socket(trial, type, protocol);
    if (descriptor < 0) return descriptor;
    socklen_t length = trial_address(trial, trial->from_ipv6 != 0, &address);
    int result = result_of(connect(descriptor, (struct sockaddr *)&address, length));
    if (result == 0) result = result_of(send(descriptor, nonce, sizeof nonce, MSG_NOSIGNAL));
    close(descriptor);
    return result;
}

static int send_to(const struct cl_trial *trial, int type, int flags) {
    struct sockaddr_storage address;
    int descriptor = new_socket(trial, type, 0);
    if (descriptor < 0) return descriptor;
    socklen_t length = trial_address(trial, trial->from_ipv6 != 0, &address);
    int result = result_of(sendto(descriptor, nonce, sizeof nonce, flags | MSG_NOSIGNAL, (struct sockaddr *)&address, length));
    close(descriptor);
    return result;
}

/* Stays open: a stranger tries to connect to it. */
static int listen_to(const struct cl_trial *trial, bool binds, int *port) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    int descriptor = new_socket(trial, SOCK_STREAM, 0);
    if (descriptor < 0) return descriptor;
    socklen_t bound = trial_address(trial, trial->from_ipv6 != 0, &address);
    int result = binds ? result_of(bind(descriptor, (struct sockaddr *)&address, bound)) : 0;
    if (result == 0) result = result_of(listen(descriptor, 4));
    if (result == 0) result = result_of(getsockname(descriptor, (struct sockaddr *)&address, &length));
    /* The port lies at the same place in both families. */
    *port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    if (result < 0) close(descriptor);
    return result;
}

static int bind_to(const struct cl_trial *trial) {
    struct sockaddr_storage address;
    int descriptor = new_socket(trial, SOCK_STREAM, 0);
    if (descriptor < 0) return descriptor;
    socklen_t length = trial_address(trial, trial->from_ipv6 != 0, &address);
    int result = result_of(bind(descriptor, (struct sockaddr *)&address, length));
    close(descriptor);
    return result;
}

static int make_pair(int type) {
    int ends[2];
    int result = result_of(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
    if (result == 0) {
        close(ends[0]);
        close(ends[1]);
    }
    return result;
}

/* A segment routing header (RFC 8754) with one segment, ::1, before the destination. */
static int set_routing_header(void) {
    const uint8_t header[8 + 2 * 16] = {[1] = 4, [2] = 4, [3] = 1, [4] = 1, [8 + 31] = 1};
    int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int result = result_of(setsockopt(descriptor, IPPROTO_IPV6, IPV6_RTHDR, header, sizeof header));
    close(descriptor);
    return result;
}

static int open_path(const struct trial *trial, int flags) {
    if (trial->path == NULL) return -EINVAL;
    return closed(open(trial->path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
}

static int change(const struct trial *trial) {
    int result = open_path(trial, O_WRONLY);
    return result == -EISDIR ? open_path(trial, O_TMPFILE | O_RDWR) : result;
}

/* To the size that it has: nothing changes. */
static int truncate_to_size(const struct trial *trial) {
    struct stat facts;
    if (trial->path == NULL) return -EINVAL;
    if (stat(trial->path, &facts) < 0) return -errno;
    return result_of(truncate(trial->path, facts.st_size));
}

static int change_own_mode(void) {
    int memory = memfd_create("trial", MFD_CLOEXEC);
    if (memory < 0) return -ENOTSUP; /* cannot be tried; the errno would look like an answer */
    int result = result_of(fchmod(memory, 0600));
    close(memory);
    return result;
}

static int execute(const struct trial *trial) {
    char *arguments[] = {(char *)trial->path, NULL};
    char *environment[] = {NULL};
    if (trial->path == NULL) return -EINVAL;
    execve(trial->path, arguments, environment);
    return -errno;
}

static int make_process(void) {
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) syscall(SYS_exit_group, 0);
    if (pid < 0) return -errno;
    waitpid((pid_t)pid, NULL, 0);
    return 0;
}

static int thread_body(void *argument) {
    (void)argument;
    syscall(SYS_exit, 0);
    return 0;
}

static int make_thread(void) {
    static char stack[16384] __attribute__((aligned(16)));
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    return result_of(clone(thread_body, stack + sizeof stack, flags, NULL));
}

/* Without its structure the call is EINVAL or EFAULT where it exists. */
static int probe_call(long number, long first, long second, long third) {
    long result = syscall(number, first, second, third);
    if (result >= 0 || errno == EINVAL || errno == EFAULT || errno == E2BIG) return 0;
    return -errno;
}

static int set_up_ring(void) {
    uint8_t parameters[120] = {0};
    return closed((int)syscall(SYS_io_uring_setup, 1, parameters));
}

static int make_seccomp_listener(void) {
    struct sock_filter permit = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = 1, .filter = &permit};
    return closed((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

static int use_foreign_abi(void) {
#if defined(__x86_64__)
    long result = 20; /* getpid of i386 */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? (int)result : 0;
#else
    return -ENOTSUP;
#endif
}

static int attach_to(int outsider) {
    int result = result_of(ptrace(PTRACE_SEIZE, outsider, NULL, NULL));
    if (result == 0) ptrace(PTRACE_DETACH, outsider, NULL, NULL);
    return result;
}

/* What lies there outside was noted in the trial by the tester; to see something else, or nothing, is to be refused. */
static int see_host(const struct trial *trial) {
    struct stat facts;
    if (trial->path == NULL) return -EINVAL;
    if (stat(trial->path, &facts) < 0) return errno == ENOENT ? -EACCES : -errno;
    uint64_t found[2] = {facts.st_dev, facts.st_ino};
    return memcmp(found, trial->fixed.address, sizeof found) == 0 ? 0 : -EACCES;
}

/* Where others are hidden, it is not there. */
static int read_stranger(int outsider) {
    char path[32] = "/proc/";
    char digits[12];
    int count = 0;
    size_t length = strlen(path);
    if (outsider <= 0) return -EINVAL;
    for (int number = outsider; number > 0; number /= 10) digits[count++] = (char)('0' + number % 10);
    while (count > 0) path[length++] = digits[--count];
    memcpy(path + length, "/status", sizeof "/status");
    int result = closed(open(path, O_RDONLY | O_CLOEXEC));
    return result == -ENOENT ? -EACCES : result;
}

/* A mount point is busy before it is looked at whether it is empty. */
static int remove_directory(const struct trial *trial) {
    if (trial->path == NULL) return -EINVAL;
    if (rmdir(trial->path) == 0 || errno == ENOTEMPTY || errno == EEXIST) return 0;
    return errno == EBUSY ? -EACCES : -errno;
}

/* A listener of another type, or none any more, is found behind all that could have refused. */
static int connect_unix(const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (length > sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, name, length);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int result = result_of(connect(descriptor, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)));
    close(descriptor);
    return result == -EPROTOTYPE || result == -ECONNREFUSED ? 0 : result;
}

static int connect_path(const struct trial *trial) {
    if (trial->path == NULL) return -EINVAL;
    int result = connect_unix(trial->path, strlen(trial->path) + 1);
    return result == -ENOENT ? -EACCES : result;
}

/* In another network namespace nobody has the name. */
static int connect_abstract(const struct trial *trial) {
    int result = connect_unix((const char *)trial->fixed.address, sizeof trial->fixed.address);
    return result == 0 || result == -EPERM ? result : -EACCES;
}

int trial_perform(const struct trial *trial, int outsider, int *value) {
    const struct cl_trial *fixed = &trial->fixed;
    *value = 0;
    switch (fixed->act) {
    case CL_ACT_TCP_CONNECT: return connect_and_send(fixed, SOCK_STREAM, 0);
    case CL_ACT_TCP_FASTOPEN: return send_to(fixed, SOCK_STREAM, MSG_FASTOPEN);
    case CL_ACT_UDP_SENDTO: return send_to(fixed, SOCK_DGRAM, 0);
    case CL_ACT_UDP_CONNECT: return connect_and_send(fixed, SOCK_DGRAM, 0);
    case CL_ACT_MPTCP_CONNECT: return connect_and_send(fixed, SOCK_STREAM, IPPROTO_MPTCP);
    case CL_ACT_TCP_LISTEN: return listen_to(fixed, false, value);
    case CL_ACT_TCP_ACCEPT: return listen_to(fixed, true, value);
    case CL_ACT_TCP_BIND: return bind_to(fixed);
    case CL_ACT_UNIX_SOCKET: return closed(socket(AF_UNIX, SOCK_STREAM, 0));
    case CL_ACT_UNIX_DATAGRAM_PAIR: return make_pair(SOCK_DGRAM);
    case CL_ACT_UNIX_STREAM_PAIR: return make_pair(SOCK_STREAM);
    case CL_ACT_NETLINK_SOCKET: return closed(socket(AF_NETLINK, SOCK_RAW, 0));
    case CL_ACT_VSOCK_SOCKET: return closed(socket(AF_VSOCK, SOCK_STREAM, 0));
    case CL_ACT_ROUTING_HEADER: return set_routing_header();
    case CL_ACT_OPEN_READ: return open_path(trial, O_RDONLY);
    case CL_ACT_OPEN_WRITE: return open_path(trial, O_WRONLY);
    case CL_ACT_CREATE: return open_path(trial, O_TMPFILE | O_RDWR);
    case CL_ACT_LIST: return open_path(trial, O_RDONLY | O_DIRECTORY);
    case CL_ACT_TRUNCATE: return truncate_to_size(trial);
    case CL_ACT_METADATA: return change_own_mode();
    case CL_ACT_EXECVE: return execute(trial);
    case CL_ACT_FORK: return make_process();
    case CL_ACT_THREAD: return make_thread();
    case CL_ACT_CLONE3: return probe_call(SYS_clone3, 0, 0, 0);
    case CL_ACT_UNSHARE_USER: return result_of(unshare(CLONE_NEWUSER));
    case CL_ACT_IO_URING: return set_up_ring();
    case CL_ACT_PTRACE: return attach_to(outsider);
    case CL_ACT_SIGNAL: return result_of(kill(outsider, 0));
    case CL_ACT_FOREIGN_ABI: return use_foreign_abi();
    case CL_ACT_BPF: return probe_call(SYS_bpf, 9999, 0, 0);
    case CL_ACT_SECCOMP_LISTENER: return make_seccomp_listener();
    case CL_ACT_CHANGE: return change(trial);
    case CL_ACT_SEE_HOST: return see_host(trial);
    case CL_ACT_READ_STRANGER: return read_stranger(outsider);
    case CL_ACT_REMOVE_DIRECTORY: return remove_directory(trial);
    case CL_ACT_UNIX_CONNECT: return connect_path(trial);
    case CL_ACT_UNIX_ABSTRACT: return connect_abstract(trial);
    case CL_ACT_HIGH_BITS: return closed((int)syscall(SYS_socket, AF_UNIX | 1ull << 32, SOCK_STREAM, 0));
    }
    return -ENOTSUP;
}
