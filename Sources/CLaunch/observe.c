/*
 * What a server that is observed asks of the kernel is told to whoever holds the listener, who continues it and decides nothing: the program that
 * confines the server is another, and an answer of that one other than ALLOW stands.
 *
 * Written by hand, as the keeper's own: the list is short enough to be read. What is older or newer than a call of this list on a machine is left out
 * there; x86_64 alone has the calls without `at`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
/* Tells one call; else goes on with the next. */
#define TELL(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(SECCOMP_RET_USER_NOTIF)

static struct sock_filter observing_program[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    ANSWER(SECCOMP_RET_ALLOW),
    LOAD(nr),
    TELL(openat),
    TELL(openat2),
    TELL(execve),
    TELL(execveat),
    TELL(connect),
    TELL(bind),
    TELL(sendto),
    TELL(sendmmsg),
    TELL(mkdirat),
    TELL(mknodat),
    TELL(unlinkat),
    TELL(renameat2),
    TELL(linkat),
    TELL(symlinkat),
    TELL(truncate),
    TELL(fchmod),
    TELL(fchmodat),
    TELL(fchmodat2),
    TELL(fchown),
    TELL(fchownat),
    TELL(utimensat),
    TELL(setxattr),
    TELL(lsetxattr),
#if defined(__x86_64__)
    TELL(open),
    TELL(creat),
    TELL(mkdir),
    TELL(mknod),
    TELL(rmdir),
    TELL(unlink),
    TELL(rename),
    TELL(renameat),
    TELL(link),
    TELL(symlink),
    TELL(chmod),
    TELL(chown),
    TELL(lchown),
    TELL(utime),
    TELL(utimes),
    TELL(fork),
    TELL(vfork),
#else
    TELL(renameat),
#endif
    /* A process, not a thread; clone3 does not exist for servers. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    ANSWER(SECCOMP_RET_USER_NOTIF),
    ANSWER(SECCOMP_RET_ALLOW),
};

int launch_observe(void) {
    const struct sock_fprog program = {.len = sizeof observing_program / sizeof observing_program[0], .filter = observing_program};
    /* Linux 5.19: once it is told, a signal does not have the call made again, and told twice. */
    const unsigned int flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return listener < 0 ? -errno : (int)listener;
}
