/*
 * What a sealed keeper can still ask of the kernel: wait, take a new daemon, talk, kill its session, end.
 *
 * Written by hand: the keeper links nothing but libc, and the list is short enough to be read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)
/* Permits one call; else goes on with the next. */
#define PERMIT(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

static struct sock_filter sealed_program[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
#ifdef SYS_poll
    PERMIT(poll),
#endif
    PERMIT(ppoll),
    PERMIT(read),
    PERMIT(write),
    PERMIT(close),
    PERMIT(accept4),
    PERMIT(getsockopt),
    PERMIT(recvmsg),
    PERMIT(sendmsg),
    PERMIT(waitid),
    PERMIT(pidfd_send_signal),
    PERMIT(kill),
    PERMIT(restart_syscall),
    PERMIT(rt_sigreturn),
    PERMIT(exit),
    PERMIT(exit_group),
    ANSWER(SECCOMP_RET_KILL_PROCESS),
};

int launch_confine_sealed(void) {
    const struct sock_fprog program = {.len = sizeof sealed_program / sizeof sealed_program[0], .filter = sealed_program};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}
