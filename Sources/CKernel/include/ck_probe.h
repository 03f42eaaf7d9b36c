/*
 * Live probes: each makes a throw-away child (killed at the deadline) that really tries the act under the mechanism, and the same act
 * without it as positive control. Versions, configuration and lists of LSMs are never asked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum ck_finding : uint32_t {
    CK_WORKS = 1,          /* the control went through unconfined, and the act was stopped (or, where said, permitted) as it should */
    CK_UNAVAILABLE = 2,    /* the mechanism could not be set up: `error` */
    CK_INEFFECTIVE = 3,    /* it was set up, and did not do what it should */
    CK_NO_CONTROL = 4,     /* the act fails without the mechanism too: nothing can be said */
    CK_TIMED_OUT = 5,
};

struct ck_probed {
    enum ck_finding finding;
    int32_t error;   /* UNAVAILABLE: errno of setting up; WORKS, INEFFECTIVE: errno of the act under the mechanism (0: went through) */
    int32_t signal;  /* the signal that ended the child, where that is the expected answer */
    uint32_t step;   /* which act of the probe decided, counted from 1; for bug reports */
};

/* What a probe needs; unused members are ignored. */
struct ck_probe_context {
    int32_t cgroup;               /* directory below which a scratch cgroup may be made, or -1 */
    uint32_t deadline_milliseconds;
    uint32_t uid;                 /* an unprivileged uid for the child when we are root */
    uint32_t gid;
};

/*
 * Removes the scratch cgroups below this directory whose makers were killed before they could, and kills what is left in them. Returns how many
 * there were, or -errno where the directory cannot be read. One that cannot be removed stays for the next.
 */
int ck_probe_collect(int parent);

/* Reading a file is denied once a ruleset without rules is in force, and a granted file can still be read. */
struct ck_probed ck_probe_landlock_files(const struct ck_probe_context *context);
/* truncate(2) of a file is denied without TRUNCATE (ABI 3). */
struct ck_probed ck_probe_landlock_truncate(const struct ck_probe_context *context);
/* connect(2) to a port without a rule is denied, to one with a rule not (ABI 4). */
struct ck_probed ck_probe_landlock_tcp(const struct ck_probe_context *context);
/* WORKS: sendto(MSG_FASTOPEN) is denied too. INEFFECTIVE: the hole is open. */
struct ck_probed ck_probe_landlock_fastopen(const struct ck_probe_context *context);
/* kill(2) of a process outside the domain is denied, within not (ABI 6). */
struct ck_probed ck_probe_landlock_signal(const struct ck_probe_context *context);
/* connect(2) to an abstract unix socket made outside is denied (ABI 6). */
struct ck_probed ck_probe_landlock_abstract_unix(const struct ck_probe_context *context);
/* Connecting and sending to a unix socket's path is denied without RESOLVE_UNIX, to one with a rule not (ABI 9). */
struct ck_probed ck_probe_landlock_unix(const struct ck_probe_context *context);
/* The denial of a child in a domain of its own is told by the kernel's audit log, and so is whose domain it was (ABI 7, audit switched on). */
struct ck_probed ck_probe_audit(const struct ck_probe_context *context);
/* A filter answers one call with errno, and lets others through. */
struct ck_probed ck_probe_seccomp_filter(const struct ck_probe_context *context);
/* A foreign ABI (x86-64: int 0x80) is ended by SIGSYS. UNAVAILABLE with ENOSYS: this kernel has no foreign ABI to try, which is as good. */
struct ck_probed ck_probe_seccomp_foreign_abi(const struct ck_probe_context *context);
/* execve is notified once, continued and succeeds; with the listener closed the next is ENOSYS, and no new listener can be made. */
struct ck_probed ck_probe_seccomp_launch_once(const struct ck_probe_context *context);
/* A scratch cgroup below context->cgroup, clone3(CLONE_INTO_CGROUP) into it, cgroup.kill ends a child and its grandchild. */
struct ck_probed ck_probe_cgroup(const struct ck_probe_context *context);
/* A user, a pid and a network namespace can be made by context->uid, and loopback be brought up in it. */
struct ck_probed ck_probe_user_namespaces(const struct ck_probe_context *context);
/*
 * In a mount namespace of its own (an unprivileged one's by way of a user namespace) an empty directory in memory hides what lies there and can
 * be written, a read-only bind cannot be changed, a bound directory not be removed; and nothing of it shows outside.
 */
struct ck_probed ck_probe_mount_namespace(const struct ck_probe_context *context);
/* In a /proc of its own (subset=pid, hidepid=ptraceable) a process sees itself, no other uid's process, and none of the kernel's files. */
struct ck_probed ck_probe_private_proc(const struct ck_probe_context *context);
/*
 * Through a mount of /usr whose owners are mapped, context->uid may write where root may, and through one that maps another owner it may not;
 * needs root.
 */
struct ck_probed ck_probe_idmapped_mounts(const struct ck_probe_context *context);
/* In an empty network namespace neither a listener on loopback nor an abstract socket outside is reached; without it both are. */
struct ck_probed ck_probe_network_namespace(const struct ck_probe_context *context);
/*
 * One program, alone, on a scratch cgroup, for both families where it has both: load, attach, deny what is not listed, permit what is.
 * `object` is that of the hook, which is as ck_bpf.h numbers them, `protocol` 6 or 17; -EINVAL where the hook has nothing to do with the protocol.
 */
struct ck_probed ck_probe_egress(const struct ck_probe_context *context, const void *object, size_t count, uint32_t hook, uint32_t protocol);
/*
 * The programs at security hooks, on a scratch cgroup: unix sockets that are granted are reached, other paths and abstract names are not, and
 * no socket gets a name. UNAVAILABLE with the error of loading where the kernel refuses such programs.
 */
struct ck_probed ck_probe_unix_programs(const struct ck_probe_context *context, const void *object, size_t count);
/* connect_unix and sendmsg_unix (Linux 6.7) on a scratch cgroup: no unix socket is reached, and a connected pair goes on. */
struct ck_probed ck_probe_unix_hooks(const struct ck_probe_context *context, const void *object, size_t count);
/*
 * The program at bprm_check_security, on a scratch cgroup: the file that is granted is executed, a copy of it in memory is not, and where it is
 * told so nothing is after the first execve. UNAVAILABLE with the error of loading where the kernel refuses such programs.
 */
struct ck_probed ck_probe_execute(const struct ck_probe_context *context, const void *object, size_t count);

/* Where scratch cgroups with a controller can be made: in cgroup2, or in an old hierarchy, which processes enter after they were made. */
struct ck_controller {
    int32_t directory;
    uint32_t is_legacy;
};

/* pids.max: below it fork(2) works, above it is EAGAIN. */
struct ck_probed ck_probe_tasks(const struct ck_probe_context *context, const struct ck_controller *controller);
/* memory.max with nothing swapped: touching less works, touching more is ended by SIGKILL, and counted as such. */
struct ck_probed ck_probe_memory(const struct ck_probe_context *context, const struct ck_controller *controller);
/* cpu.max: who spins is seen throttled within 200 ms, and is not without it. */
struct ck_probed ck_probe_cpu(const struct ck_probe_context *context, const struct ck_controller *controller);

#pragma clang assume_nonnull end
