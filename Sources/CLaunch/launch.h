/*
 * What the parts of this target share: a launch as read, the child's steps, and the words on the report socket between a child and whoever
 * started it.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cl_launch.h"
#include "cl_mount.h"
#include "cl_network.h"
#include "cl_session.h"
#include "cl_trials.h"

/* One mount, as read. */
struct mount {
    struct cl_mount fixed;
    const char *path;
    const char *target; /* of a link */
};

struct mounts {
    struct mount list[CL_MOUNTS_MAX];
    uint32_t count;
    void *mapping;
    size_t mapping_length;
};

/* A specification with its descriptors, checked. The strings lie in the mapping of the memfd. */
struct launch {
    enum cl_role role; /* NONE or FINDER where the daemon itself starts it */
    struct cl_specification fixed;
    const char *path;
    char **arguments;
    char **environment;
    const uint32_t *groups;
    uint32_t group_count;
    const struct cl_limit *limits;
    uint32_t limit_count;
    int directory;
    int ruleset;
    int mapping_namespace;
    const struct mounts *mounts; /* NULL: none */
    struct sock_fprog program;
    int controllers[CL_CONTROLLERS_MAX];
    int descriptors[CL_DESCRIPTORS_MAX];
    void *mapping;
    size_t mapping_length;
    struct room *room;
};

/*
 * Reads a specification and the descriptors that go with it. The pointers lead into memory that stays until it is released. With
 * `without_stdio` those for 0..N-1 are missing, and set by the caller. Takes nothing over: the descriptors stay the caller's.
 */
int launch_read(struct launch *launch, enum cl_role role, const int *descriptors, int count, bool without_stdio, enum cl_step *failed);
void launch_release(struct launch *launch);

/* Maps a memfd whose content can no longer change; at most `maximum` bytes. */
int launch_map_sealed(int memory, size_t maximum, void **mapping, size_t *length);
/* Reads a sealed list; the paths lead into a mapping that stays until it is released. */
int mounts_read(int memory, struct mounts *mounts);
void mounts_release(struct mounts *mounts);
/* In the child, in namespaces of its own: all mounts, then the working directory anew. */
int mounts_place(enum cl_role role, const struct mounts *mounts, int user_namespace, int ruleset, enum cl_step *failed);

/*
 * Asked before each step: 0, or what it fails with. Nothing fails on purpose here; a program of the tests is linked with a function of its own
 * in the place of this one. NONE: the keeper itself, or a program that the daemon starts.
 */
int launch_fault(enum cl_role role, enum cl_step step);

/* clone3(CLONE_PIDFD), into the cgroup unless it is -1. Returns as clone does, or -errno. */
int launch_clone(int cgroup, int *pidfd);
/*
 * The same without copying this process: the child runs `begin`, which must not return, in our memory on a stack of its own, and we wait until it has
 * executed a program or ended. Only for a child that stays who we are, since whoever may stop it stops us.
 */
int launch_clone_sharing(int cgroup, int *pidfd, void (*begin)(void *), void *argument);

/* In the child: every step up to and with seccomp; reports and ends the process when one fails. Returns where the report socket now is. */
int launch_become(const struct launch *launch, int report);
/* In the child: execve; reports and ends the process when it fails. */
_Noreturn void launch_execute(const struct launch *launch, int report);

/* The steps that give up every privilege, for the calling process itself: identity, capabilities, no_new_privs. Without `change` it must be them already. */
struct becoming {
    enum cl_role role;
    uint32_t uid;
    uint32_t gid;
    const uint32_t *groups;
    uint32_t group_count;
    bool change;
};
int launch_give_up(const struct becoming *becoming, enum cl_step *failed);
/* A seccomp program for a keeper that is sealed: whatever it no longer needs ends it. */
int launch_confine_sealed(void);
/* Has the calling process tell what it asks of the kernel from here on; the listener, or -errno. */
int launch_observe(void);
/* Groups, gid, uid only: a control process of the self-test, otherwise unconfined. */
int launch_change_identity(const struct launch *launch);

enum word_kind {
    WORD_FAILED = 1,    /* step, error */
    WORD_ARMED = 2,     /* everything but seccomp is in force; waits for GO */
    WORD_GO = 3,        /* to the child */
    WORD_LISTENER = 4,  /* with the notification descriptor */
    WORD_EXECUTING = 5, /* the next thing is execve: the end of the socket then means that it succeeded */
    WORD_READY = 6,     /* self-test: the subject waits for trials */
    WORD_TRY = 7,       /* to the subject: index */
    WORD_TRIED = 8,     /* from the subject: error, value */
    WORD_TRIAL = 9,     /* from the tester to the keeper: result */
    WORD_DOOR = 11,      /* with the listening socket of the child's empty network */
    WORD_DONE = 10,     /* from the tester to the keeper: result.index is the count */
};

struct word {
    enum word_kind kind;
    enum cl_step step;
    int32_t error;
    int32_t value;
    struct cl_trial_result result;
};

/* 0 or -errno. */
int word_send(int socket, const struct word *word, int descriptor);
/* 1; 0 at the end; -errno. `descriptor` is -1 or what came along. */
int word_receive(int socket, struct word *word, int *descriptor);
/* 1 when readable or at its end, 0 when the time is over. */
int word_await(int socket, int milliseconds);

/* One trial, as read; the path is NULL where there is none. */
struct trial {
    struct cl_trial fixed;
    const char *path;
};

struct trials {
    struct trial list[CL_TRIALS_MAX];
    uint32_t count;
};

/* Reads a sealed list; the paths lead into a mapping that stays. */
int trials_read(int memory, struct trials *trials);
/* Performs an act in the calling process: 0 or -errno; `value` is what some acts give back (a port). `outsider` is a pid. */
int trial_perform(const struct trial *trial, int outsider, int *value);
/* The tester: runs all trials and ends the process. */
_Noreturn void self_test_run(const struct launch *launch, struct trials *trials, int cgroup, int report);
