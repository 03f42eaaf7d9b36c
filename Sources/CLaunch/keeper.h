/*
 * The keeper's state, and what its parts say to each other: the loop and the end (keeper.c), the daemon's orders (keeper_orders.c), what its
 * children report on their way (keeper_children.c).
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

enum stage {
    STAGE_NONE,     /* not launched */
    STAGE_STARTING, /* between clone and armed */
    STAGE_ARMED,    /* waits for the daemon's go */
    STAGE_GOING,    /* between go and execve */
    STAGE_RUNS,
};

/* One of those that the keeper starts. */
struct member {
    enum cl_role role;
    enum stage stage;
    int cgroup;   /* directory; closed when sealed */
    int kill;     /* cgroup.kill */
    int pid;
    int pidfd;
    int report;   /* our end of the child's report socket, until execve */
    int listener; /* of the one notification, until it was continued */
    int door;     /* of its empty network, until the daemon has it */
    bool once;
    bool observed; /* the listener is the daemon's once it runs */
    bool continued;
    bool executing;
};

struct keeper {
    int control;
    int listening;
    int lifeline;
    int record;
    int proxy_hold; /* while it is open, the proxy serves */
    int gate_talk; /* the daemon's end, so that the gate does not lose it with the daemon */
    uint32_t daemon_uid;
    struct cl_order session; /* as the daemon sent it; kind 0 before */
    bool sealed;
    bool is_first; /* process 1 of a PID namespace */
    struct member gate;
    struct member server;
    struct member proxy; /* of sessions whose policy has names */
    struct member tester;
    uint32_t trials_reported;
    /* Set once, by keeper_end(). */
    bool ending;
    enum cl_role first;
    enum cl_step step;
    int error;
};

/* keeper.c */

/* Closes it, and makes it -1. */
void keeper_close(int *descriptor);
void keeper_close_all(const int *descriptors, int count);
/* The session is to end; the first reason stays. `result` is 0 or -errno. */
void keeper_end(struct keeper *keeper, enum cl_role first, enum cl_step step, int result);
struct cl_report keeper_report(const struct keeper *keeper, enum cl_report_kind kind, enum cl_role role);
/* A daemon that does not read is a daemon that is away. */
void keeper_tell(struct keeper *keeper, const struct cl_report *report, const int *descriptors, int count);
/* A step failed: tells it, and ends. */
void keeper_tell_failed(struct keeper *keeper, enum cl_role role, enum cl_step step, int result);
void keeper_tell_member(struct keeper *keeper, enum cl_report_kind kind, const struct member *member);

/* keeper_orders.c */

void keeper_hear_daemon(struct keeper *keeper);
/* A new daemon connects. */
void keeper_welcome(struct keeper *keeper);

/* keeper_children.c */

void keeper_hear_member(struct keeper *keeper, struct member *member);
void keeper_hear_listener(struct keeper *keeper, struct member *member);
void keeper_hear_tester(struct keeper *keeper);
void keeper_finish_tester(struct keeper *keeper);

#endif
