/*
 * Between clone and exec: system calls only. One step per function; the table at the end is their order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

/* Descriptors are moved here first, so that no source is overwritten while 0..N-1 are set. */
enum { stash = 64, exit_not_executed = 127 };

static struct clone_args clone_arguments(int cgroup, int *pidfd) {
    return (struct clone_args){
        .flags = CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
    };
}

int launch_clone(int cgroup, int *pidfd) {
    *pidfd = -1;
    struct clone_args arguments = clone_arguments(cgroup, pidfd);
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid >= 0) return (int)pid;
    /* The kernel names a descriptor before the last step that can fail, and takes it back: by now it may be somebody else's. */
    int error = errno;
    *pidfd = -1;
    return -error;
}

/* clone3 whose child begins on a stack of its own, with a function that does not return: the wrapper's return address would be the parent's. */
static long clone_onto_stack(struct clone_args *arguments, void (*begin)(void *), void *argument) {
    long result;
#if defined(__x86_64__)
    register void (*function)(void *) __asm__("r12") = begin;
    register void *passed __asm__("r13") = argument;
    __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\txor %%ebp, %%ebp\n\tmov %%r13, %%rdi\n\tcall *%%r12\n\thlt\n1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments), "r"(function), "r"(passed)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_clone3;
    register long first __asm__("x0") = (long)arguments;
    register long second __asm__("x1") = sizeof *arguments;
    register void (*function)(void *) __asm__("x19") = begin;
    register void *passed __asm__("x20") = argument;
    __asm__ volatile("svc #0\n\tcbnz x0, 1f\n\tmov x29, xzr\n\tmov x0, x20\n\tblr x19\n\tbrk #0\n1:"
                     : "+r"(first)
                     : "r"(number), "r"(second), "r"(function), "r"(passed)
                     : "memory", "cc");
    result = first;
#endif
    return result;
}

int launch_clone_sharing(int cgroup, int *pidfd, void (*begin)(void *), void *argument) {
    /* In our own frame, which waits until the child executes or ends: threads that launch at once have one each. */
    _Alignas(16) char stack[64 << 10];
    const uint64_t all_signals = ~0ull;
    uint64_t before;
    *pidfd = -1;
    struct clone_args arguments = clone_arguments(cgroup, pidfd);
    arguments.flags |= CLONE_VM | CLONE_VFORK;
    arguments.stack = (uint64_t)(uintptr_t)stack;
    arguments.stack_size = sizeof stack;
    /* No handler of ours runs in the child, which takes all signals anew as one of its steps. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all_signals, &before, sizeof before);
    long pid = clone_onto_stack(&arguments, begin, argument);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    if (pid < 0) *pidfd = -1;
    return (int)pid;
}

/*
 * clone3 gives the cgroup of cgroup2 alone. 0 is whoever writes; whether it may was settled when the daemon opened the file. No foreign code
 * has run yet, and whatever the child makes is born where it is.
 */
static int enter_controllers(struct child *child) {
    for (uint32_t i = 0; i < child->launch->fixed.controller_count; i++) {
        ssize_t written = write(child->launch->controllers[i], "0", 1);
        if (written != 1) return written < 0 ? -errno : -EIO;
    }
    return 0;
}

static int start_session(struct child *child) {
    (void)child;
    return result_of(setsid());
}

/* Raw calls: the wrappers keep two signals for themselves. SIGKILL and SIGSTOP refuse, as they should. */
static int reset_signals(struct child *child) {
    (void)child;
    const uint64_t kernel_action[4] = {0};
    const uint64_t no_signals = 0;
    for (int number = 1; number <= 64; number++) {
        long result = syscall(SYS_rt_sigaction, number, kernel_action, NULL, sizeof no_signals);
        if (result < 0 && number != SIGKILL && number != SIGSTOP) return -errno;
    }
    return result_of(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof no_signals));
}

/* Puts a descriptor at the next free place above the program's, close-on-exec. */
static int keep(int *descriptor, int *place) {
    if (*descriptor < 0) return 0;
    int result = result_of(dup3(*descriptor, *place, O_CLOEXEC));
    *descriptor = (*place)++;
    return result;
}

static int move_to_stash(int *descriptor) {
    if (*descriptor < 0) return 0;
    int copy = fcntl(*descriptor, F_DUPFD_CLOEXEC, stash);
    if (copy < 0) return -errno;
    *descriptor = copy;
    return 0;
}

static int place_descriptors(struct child *child) {
    int count = (int)child->launch->fixed.descriptor_count;
    int copies[CL_DESCRIPTORS_MAX];
    int result = move_to_stash(&child->report);
    if (result == 0) result = move_to_stash(&child->ruleset);
    if (result == 0) result = move_to_stash(&child->directory);
    if (result == 0) result = move_to_stash(&child->mapping);
    for (int i = 0; result == 0 && i < count; i++) {
        copies[i] = child->launch->descriptors[i];
        result = copies[i] < 0 ? -EBADF : move_to_stash(&copies[i]);
    }
    for (int i = 0; result == 0 && i < count; i++) result = result_of(dup3(copies[i], i, 0));
    int place = count;
    if (result == 0) result = keep(&child->report, &place);
    if (result == 0) result = keep(&child->ruleset, &place);
    if (result == 0) result = keep(&child->directory, &place);
    if (result == 0) result = keep(&child->mapping, &place);
    return result;
}

static int highest(int left, int right) { return left > right ? left : right; }

static int close_others(struct child *child) {
    int last = highest(highest(child->report, child->mapping), highest(child->ruleset, child->directory));
    return result_of(syscall(SYS_close_range, last + 1, ~0u, 0));
}

/* A socket could carry descriptors, a directory or terminal is a way out: 0 is read from a pipe, 1 and 2 are written to pipes. */
static int verify_pipes(struct child *child) {
    if (!has(child, CL_ONLY_PIPES)) return 0;
    for (int i = 0; i < 3; i++) {
        struct stat facts;
        if (fstat(i, &facts) < 0) return -errno;
        int flags = fcntl(i, F_GETFL);
        if (flags < 0) return -errno;
        if (!S_ISFIFO(facts.st_mode) || (flags & O_ACCMODE) != (i == 0 ? O_RDONLY : O_WRONLY)) return -EBADFD;
    }
    return 0;
}

static int change_directory(struct child *child) {
    if (child->directory < 0) return 0;
    int result = result_of(fchdir(child->directory));
    close(child->directory);
    child->directory = -1;
    return result;
}

/* Before it, the working directory was entered: it then is one of the new namespace, as the root is. */
static int enter_namespaces(struct child *child) {
    const struct cl_specification *fixed = &child->launch->fixed;
    if ((fixed->flags & (CL_HAS_MOUNTS | CL_EMPTY_NETWORK)) == 0) return 0;
    return cl_mount_enter_own(fixed->flags, has(child, CL_BY_USER), fixed->uid, fixed->gid);
}

static int make_door(struct child *child) {
    if (!has(child, CL_HAS_DOOR)) return 0;
    int result = cl_network_bring_up_loopback();
    int door = result == 0 ? cl_network_listen_on_loopback((uint16_t)child->launch->fixed.door_port) : result;
    if (door < 0) return door;
    const struct word word = {.kind = WORD_DOOR};
    result = word_send(child->report, &word, door);
    close(door);
    return result;
}

static int place_mounts(struct child *child) {
    if (child->launch->mounts == NULL) return 0;
    int result = mounts_place(child->launch->role, child->launch->mounts, child->mapping, child->ruleset, &child->inner);
    if (child->mapping >= 0) close(child->mapping);
    child->mapping = -1;
    return result;
}

static int set_umask(struct child *child) {
    umask(child->launch->fixed.umask & 0777);
    return 0;
}

static int set_limits(struct child *child) {
    for (uint32_t i = 0; i < child->launch->limit_count; i++) {
        const struct cl_limit *limit = &child->launch->limits[i];
        struct rlimit wanted = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
        if (setrlimit((__rlimit_resource_t)limit->resource, &wanted) < 0) return -errno;
    }
    return 0;
}

static int enter_landlock(struct child *child) {
    if (child->ruleset < 0) return 0;
    int result = result_of(syscall(SYS_landlock_restrict_self, child->ruleset, child->launch->fixed.landlock_flags));
    close(child->ruleset);
    child->ruleset = -1;
    return result;
}

static int report_armed(struct child *child) {
    if (!has(child, CL_WAIT_ARMED)) return 0;
    const struct word armed = {.kind = WORD_ARMED};
    return word_send(child->report, &armed, -1);
}

static int await_go(struct child *child) {
    if (!has(child, CL_WAIT_ARMED)) return 0;
    struct word answer = {0};
    ssize_t count = read(child->report, &answer, sizeof answer);
    if (count < 0) return -errno;
    return count == (ssize_t)sizeof answer && answer.kind == WORD_GO ? 0 : -ECANCELED;
}

static int enter_seccomp(struct child *child) {
    /* First, since the program of a server lets no other listener be made. */
    if (has(child, CL_OBSERVED)) {
        child->listener = launch_observe();
        if (child->listener < 0) return child->listener;
    }
    if (!has(child, CL_HAS_SECCOMP)) return 0;
    unsigned int flags = has(child, CL_EXEC_ONCE) ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &child->launch->program);
    if (result < 0) return -errno;
    if (has(child, CL_EXEC_ONCE)) child->listener = (int)result;
    return 0;
}

/* The exec-error pipe cannot carry it, and the program that is now in force must not depend on who may look into whom. */
static int send_listener(struct child *child) {
    if (child->listener < 0) return 0;
    const struct word word = {.kind = WORD_LISTENER};
    int result = word_send(child->report, &word, child->listener);
    close(child->listener);
    child->listener = -1;
    return result;
}

struct step {
    enum cl_step number;
    int (*take)(struct child *child);
};

static const struct step steps[] = {
    {CL_STEP_ENTER_CONTROLLERS, enter_controllers},
    {CL_STEP_SETSID, start_session},
    {CL_STEP_RESET_SIGNALS, reset_signals},
    {CL_STEP_PLACE_DESCRIPTORS, place_descriptors},
    {CL_STEP_CLOSE_OTHERS, close_others},
    {CL_STEP_VERIFY_PIPES, verify_pipes},
    {CL_STEP_CHANGE_DIRECTORY, change_directory},
    {CL_STEP_ENTER_NAMESPACES, enter_namespaces},
    {CL_STEP_MAKE_DOOR, make_door},
    {CL_STEP_PLACE_MOUNT, place_mounts},
    {CL_STEP_UMASK, set_umask},
    {CL_STEP_LIMITS, set_limits},
    {CL_STEP_CLEAR_AMBIENT, child_clear_ambient},
    {CL_STEP_DROP_BOUNDING, child_drop_bounding},
    {CL_STEP_LOCK_SECUREBITS, child_lock_securebits},
    {CL_STEP_GROUPS, child_set_groups},
    {CL_STEP_GID, child_set_gid},
    {CL_STEP_UID, child_set_uid},
    {CL_STEP_DROP_CAPABILITIES, child_drop_capabilities},
    {CL_STEP_VERIFY_IDENTITY, child_verify_identity},
    {CL_STEP_DUMPABLE, child_clear_dumpable},
    {CL_STEP_NO_NEW_PRIVS, child_set_no_new_privs},
    {CL_STEP_LANDLOCK, enter_landlock},
    {CL_STEP_REPORT_ARMED, report_armed},
    {CL_STEP_AWAIT_GO, await_go},
    {CL_STEP_SECCOMP, enter_seccomp},
    {CL_STEP_SEND_LISTENER, send_listener},
};

enum { step_count = sizeof steps / sizeof steps[0] };

_Noreturn static void fail(int report, enum cl_step step, int result) {
    const struct word word = {.kind = WORD_FAILED, .step = step, .error = -result};
    word_send(report, &word, -1);
    _exit(exit_not_executed);
}

int launch_become(const struct launch *launch, int report) {
    struct child child = {.launch = launch, .report = report, .ruleset = launch->ruleset, .directory = launch->directory,
                          .mapping = launch->mapping_namespace, .listener = -1};
    for (int i = 0; i < step_count; i++) {
        int result = launch_fault(launch->role, steps[i].number);
        if (result == 0) result = steps[i].take(&child);
        if (result < 0) fail(child.report, child.inner != CL_STEP_NONE ? child.inner : steps[i].number, result);
    }
    return child.report;
}

_Noreturn void launch_execute(const struct launch *launch, int report) {
    const struct word executing = {.kind = WORD_EXECUTING};
    int result = word_send(report, &executing, -1);
    if (result == 0) result = launch_fault(launch->role, CL_STEP_EXECVE);
    if (result == 0) {
        execve(launch->path, launch->arguments, launch->environment);
        result = -errno;
    }
    fail(report, CL_STEP_EXECVE, result);
}

int launch_give_up(const struct becoming *becoming, enum cl_step *failed) {
    const struct launch launch = {
        .role = becoming->role,
        .fixed = {.flags = becoming->change ? CL_CHANGE_IDENTITY | CL_DROP_BOUNDING : 0, .uid = becoming->uid, .gid = becoming->gid},
        .groups = becoming->groups,
        .group_count = becoming->group_count,
        .ruleset = -1,
        .directory = -1,
        .mapping_namespace = -1};
    struct child self = {.launch = &launch, .report = -1, .ruleset = -1, .directory = -1, .mapping = -1, .listener = -1};
    for (int i = 0; i < step_count; i++) {
        if (steps[i].number < CL_STEP_CLEAR_AMBIENT || steps[i].number > CL_STEP_NO_NEW_PRIVS) continue;
        *failed = steps[i].number;
        int result = launch_fault(launch.role, steps[i].number);
        if (result == 0) result = steps[i].take(&self);
        if (result < 0) return result;
    }
    *failed = CL_STEP_NONE;
    return 0;
}

int cl_become(uint32_t uid, uint32_t gid, const uint32_t *groups, uint32_t group_count, int change, enum cl_step *failed) {
    *failed = CL_STEP_GROUPS;
    if (group_count > CL_GROUPS_MAX) return -EINVAL;
    const struct becoming becoming = {
        .role = CL_ROLE_FINDER, .uid = uid, .gid = gid, .groups = groups, .group_count = group_count, .change = change != 0};
    return launch_give_up(&becoming, failed);
}
