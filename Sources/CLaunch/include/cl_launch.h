/*
 * A launch: what one child becomes between clone and exec, step by step.
 *
 * Why C: after clone only async-signal-safe code may run. Everything is prepared before (the specification lies in a sealed memfd, the
 * seccomp program is read into memory); the child makes system calls and nothing else. Each step has a number; a step that fails is
 * reported as {step, errno} and the child ends.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* The steps, in the order in which they are taken. Values are stable: they appear in receipts. */
enum cl_step : uint32_t {
    CL_STEP_NONE = 0,
    CL_STEP_READ_SPECIFICATION = 1,  /* keeper: memfd not sealed, malformed, or descriptors missing */
    CL_STEP_READ_SECCOMP = 2,        /* keeper: the program is empty, too long, not sealed */
    CL_STEP_MAKE_CHANNEL = 3,        /* keeper: the report socket */
    CL_STEP_CLONE = 4,               /* clone3(CLONE_INTO_CGROUP | CLONE_PIDFD) */
    CL_STEP_SETSID = 10,
    CL_STEP_RESET_SIGNALS = 11,
    CL_STEP_PLACE_DESCRIPTORS = 12,  /* dup3 to 0..N-1 */
    CL_STEP_CLOSE_OTHERS = 13,       /* close_range */
    CL_STEP_VERIFY_PIPES = 14,       /* fstat: 0, 1 and 2 are pipes */
    CL_STEP_CHANGE_DIRECTORY = 15,
    CL_STEP_UMASK = 16,
    CL_STEP_LIMITS = 17,
    CL_STEP_CLEAR_AMBIENT = 18,
    CL_STEP_DROP_BOUNDING = 19,
    CL_STEP_LOCK_SECUREBITS = 20,
    CL_STEP_GROUPS = 21,
    CL_STEP_GID = 22,
    CL_STEP_UID = 23,
    CL_STEP_DROP_CAPABILITIES = 24,
    CL_STEP_VERIFY_IDENTITY = 25,    /* ids, groups and capability sets read back */
    CL_STEP_DUMPABLE = 26,
    CL_STEP_NO_NEW_PRIVS = 27,
    CL_STEP_LANDLOCK = 28,
    CL_STEP_REPORT_ARMED = 29,
    CL_STEP_AWAIT_GO = 30,           /* the keeper went away, or said no */
    CL_STEP_SECCOMP = 31,
    CL_STEP_SEND_LISTENER = 32,      /* the child could not hand over the notification descriptor */
    CL_STEP_NOTIFICATION = 33,       /* keeper: what came from the listener was not this child's one execve */
    CL_STEP_EXECVE = 34,
    CL_STEP_TRIALS = 35,             /* self-test: the subject ended where no trial explains it */
    CL_STEP_TEST_NETWORK = 36,       /* self-test: network namespace, loopback or its addresses */
    CL_STEP_ENTER_CONTROLLERS = 37,  /* first of the child's: cgroups of the old hierarchies, which clone3 cannot give */
    CL_STEP_ENTER_NAMESPACES = 38,   /* unshare of mount and network namespace, private propagation */
    CL_STEP_MAKE_TREE = 39,          /* the tree of the session's own, and directories in it */
    CL_STEP_FIND_PLACE = 40,         /* what lies where a mount goes is a link, or not what was found */
    CL_STEP_MAKE_MOUNT = 41,         /* fsopen, fsmount, open_tree */
    CL_STEP_MAP_OWNERS = 42,         /* mount_setattr(MOUNT_ATTR_IDMAP): the filesystem may not have it */
    CL_STEP_PLACE_MOUNT = 43,        /* mount_setattr, move_mount */
    CL_STEP_MOUNT_RULE = 44,         /* landlock_add_rule on what was mounted */
    CL_STEP_MAKE_DOOR = 46,          /* loopback of the empty network, and the listening socket in it */
    CL_STEP_REENTER_DIRECTORY = 45,  /* the working directory, looked up anew through the mounts, is another */
};

enum cl_role : uint32_t {
    CL_ROLE_NONE = 0,
    CL_ROLE_GATE = 1,
    CL_ROLE_SERVER = 2,
    CL_ROLE_SELF_TEST = 3,
    CL_ROLE_LIFELINE = 4,
    CL_ROLE_DAEMON = 5,
    CL_ROLE_FINDER = 6, /* in no message: whose steps they are */
    CL_ROLE_PROXY = 7,  /* the name proxy, where the policy has names */
};

/* Flags of a specification. */
#define CL_HAS_DIRECTORY 0x01u     /* a working directory descriptor is passed */
#define CL_HAS_RULESET 0x02u       /* a Landlock ruleset descriptor is passed */
#define CL_HAS_SECCOMP 0x04u       /* a sealed memfd with a seccomp program is passed */
#define CL_EXEC_ONCE 0x08u         /* the program answers execve with USER_NOTIF: continue one, then close the listener */
#define CL_ONLY_PIPES 0x10u        /* exactly three descriptors, each a pipe */
#define CL_CHANGE_IDENTITY 0x20u   /* become uid, gid, groups; without it the child verifies that it already is */
#define CL_DROP_BOUNDING 0x40u     /* empty the bounding set and lock the securebits (needs CAP_SETPCAP) */
#define CL_KEEP_PRIVILEGE 0x80u    /* leave capabilities and no_new_privs alone: for who gives them up later, a keeper or a path finder */
#define CL_WAIT_ARMED 0x100u       /* report `armed` and wait for go before seccomp */
#define CL_HAS_CONTROLLERS 0x200u  /* controller_count descriptors are passed: cgroup.procs of the old hierarchies, for writing */
#define CL_HAS_MOUNTS 0x400u       /* a sealed memfd with a list of mounts is passed: a mount namespace of its own (cl_mount.h) */
#define CL_HAS_MAPPING 0x800u      /* a user namespace for mapped mounts is passed */
#define CL_EMPTY_NETWORK 0x1000u   /* a network namespace of its own, nothing configured in it */
/*
 * With CL_EMPTY_NETWORK and CL_WAIT_ARMED: a TCP socket listens at 127.0.0.1 in it, and whoever started the child gets it before it is armed. It is the
 * only one that leads out of there.
 */
#define CL_HAS_DOOR 0x4000u
#define CL_OBSERVED 0x10000u       /* before the program one that tells what is asked of the kernel: its listener comes with RUNNING */
#define CL_BY_USER 0x2000u         /* where the privilege for namespaces is missing, they are made by way of a user namespace */

#define CL_DESCRIPTORS_MAX 32
#define CL_CONTROLLERS_MAX 4
#define CL_GROUPS_MAX 256
#define CL_LIMITS_MAX 16
#define CL_STRINGS_MAX 8192
#define CL_SECCOMP_INSTRUCTIONS_MAX 4096

struct cl_limit {
    uint32_t resource; /* RLIMIT_CORE is 4, RLIMIT_NOFILE 7 */
    uint32_t reserved;
    uint64_t soft;
    uint64_t hard;
};

/* The fixed part of a specification. */
struct cl_specification {
    uint32_t flags;
    uint32_t uid;
    uint32_t gid;
    uint32_t umask;
    uint32_t landlock_flags;   /* of landlock_restrict_self: 2 is LOG_NEW_EXEC_ON (ABI 7) */
    uint32_t descriptor_count; /* 0..N-1 in the child; at least 3 */
    uint32_t controller_count; /* with CL_HAS_CONTROLLERS; else 0 */
    uint32_t door_port;        /* with CL_HAS_DOOR; else 0 */
};

/*
 * Writes a specification into a sealed memfd. `arguments` and `environment` are NUL-ended strings, one after the other (`arguments` has at
 * least one); `path` is what execve gets. Returns the memfd, or -errno: -EINVAL for what could not be read back, -E2BIG beyond a maximum.
 */
int cl_specification_write(const struct cl_specification *fixed, const char *path,
                           const uint8_t *arguments, size_t arguments_length,
                           const uint8_t *_Nullable environment, size_t environment_length,
                           const uint32_t *_Nullable groups, uint32_t group_count,
                           const struct cl_limit *_Nullable limits, uint32_t limit_count);

/*
 * How many descriptors go with a specification in a message, in this order: the specification itself, then, where the flag is set, working
 * directory, ruleset, seccomp program, mounts, mapping, controllers, then descriptor_count descriptors for 0..N-1.
 */
int cl_specification_descriptor_count(const struct cl_specification *fixed);

/*
 * Starts a program in this process's own name (the daemon starts keepers and path finders so; no waiting for go): the same steps, then
 * waits until execve has succeeded or a step has failed. `role` says whose steps they are: FINDER, or NONE. `descriptors` begins with the specification, in the order given above. `cgroup`
 * is a descriptor of a cgroup2 directory, or -1. Returns a pidfd and the pid; or -errno, with the step that failed.
 */
int cl_start(enum cl_role role, int cgroup, const int *descriptors, int descriptor_count, int *pid, enum cl_step *failed);

/*
 * For a path finder, which was started before it was known for whom: becomes uid, gid and groups, or with `change` 0 verifies that it is them already,
 * and gives up every privilege, by the steps of a child. 0; or -errno, with the step that failed: it must end then.
 */
int cl_become(uint32_t uid, uint32_t gid, const uint32_t *_Nullable groups, uint32_t group_count, int change, enum cl_step *failed);

#pragma clang assume_nonnull end
