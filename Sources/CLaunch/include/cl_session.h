/*
 * What daemon and keeper say to each other.
 *
 * SOCK_SEQPACKET, in the keeper on descriptor 3; one fixed structure per message, descriptors by SCM_RIGHTS. The daemon speaks `order`s,
 * the keeper `report`s. Whatever else arrives ends the session: there is no second reading.
 *
 *   daemon                                    keeper
 *   SESSION (descriptors)               ->
 *                                       <-    HELLO
 *   SELF_TEST (specification, trials …) ->
 *   LAUNCH gate (specification …)       ->
 *                                       <-    ARMED gate (pidfd)         the daemon checks /proc/PID
 *   GO gate                             ->
 *                                       <-    RUNNING gate
 *                                       <-    TRIAL …, TRIALS_DONE       at any time from SELF_TEST on
 *   LAUNCH server, GO server as for the gate
 *   with names: once the server is armed LEAF, LAUNCH and GO proxy, which has the server's door; then GO server
 *   SEAL                                ->
 *                                       <-    SEALED
 *                                       <-    ENDED                      then the keeper exits
 *
 * FAILED {role, step, error} may stand in place of any report; the keeper then ends the session and says ENDED.
 *
 * Before SEAL the end of the control socket ends the session. After it a new daemon connects to the listening socket (peer uid as the first
 * daemon's), takes the place of the one that was, and gets HELLO with both pidfds; it may say END.
 */
#pragma once

#include <stdint.h>

#include "cl_launch.h"

#pragma clang assume_nonnull begin

#define CL_VERSION 2u
/* The keeper's control socket, by number. */
#define CL_CONTROL_DESCRIPTOR 3

enum cl_order_kind : uint32_t {
    CL_ORDER_SESSION = 1,   /* descriptors: see CL_SESSION_* */
    CL_ORDER_LAUNCH = 2,    /* role; descriptors of cl_specification_descriptor_count */
    CL_ORDER_GO = 3,        /* role */
    CL_ORDER_SELF_TEST = 4, /* descriptors: trials, then as LAUNCH but without those for 0..N-1 (the keeper makes three pipes) */
    CL_ORDER_SEAL = 5,      /* descriptor, optional: the daemon's end of what it says to the gate, kept for the next daemon */
    CL_ORDER_END = 6,
    CL_ORDER_LEAF = 7,      /* role PROXY, before its LAUNCH; descriptors: see CL_LEAF_* */
};

/* Descriptors of CL_ORDER_SESSION by index. */
#define CL_SESSION_GATE_CGROUP 0   /* directory */
#define CL_SESSION_SERVER_CGROUP 1 /* directory */
#define CL_SESSION_GATE_KILL 2     /* cgroup.kill, for writing */
#define CL_SESSION_SERVER_KILL 3
#define CL_SESSION_LIFELINE 4      /* `wrap` holds the other end and learns the ending there */
#define CL_SESSION_LISTENER 5      /* listening SOCK_SEQPACKET, in a root-only directory */
#define CL_SESSION_RECORD 6        /* a file into which the ending is written, for a daemon that was away; optional */
#define CL_SESSION_DESCRIPTORS 6   /* without the optional one */
/*
 * A keeper that is the first process of a PID namespace needs no cgroups (order.without_cgroups): its own end ends all. The four are left
 * out then, and the others come in the same order.
 */
#define CL_SESSION_CGROUP_DESCRIPTORS 4

#define CL_LEAF_HOLD 0   /* the writing end of a pipe: the proxy finishes when it is closed, by us or with us */
#define CL_LEAF_CGROUP 1 /* directory; left out, as is the next, where the session has no cgroups */
#define CL_LEAF_KILL 2   /* cgroup.kill, for writing */
#define CL_LEAF_DESCRIPTORS 3

#define CL_SESSION_NAME_MAX 64

struct cl_order {
    uint32_t version;
    enum cl_order_kind kind;
    enum cl_role role;
    uint32_t uid;              /* SESSION: what the keeper becomes when sealed; ~0: stays who it is */
    uint32_t gid;
    uint32_t flush_milliseconds; /* SESSION: how long the gate may run on after the server has ended */
    uint32_t without_cgroups;  /* SESSION: 1: no cgroups are passed; -EPROTO unless the keeper is process 1 */
    uint8_t name[CL_SESSION_NAME_MAX]; /* SESSION: given back in HELLO; not read */
};

enum cl_report_kind : uint32_t {
    CL_REPORT_HELLO = 1,       /* state; after adoption descriptors: pidfds of gate and server, then what SEAL left, if it did */
    CL_REPORT_ARMED = 2,       /* role, pid; descriptors: pidfd, and with CL_HAS_DOOR the listening socket */
    /* role, pid: execve has succeeded, and with CL_EXEC_ONCE the listener is closed; with CL_OBSERVED it is the descriptor */
    CL_REPORT_RUNNING = 3,
    CL_REPORT_FAILED = 4,      /* role, step, error */
    CL_REPORT_TRIAL = 5,       /* trial */
    CL_REPORT_TRIALS_DONE = 6, /* trial.index: how many were reported */
    CL_REPORT_SEALED = 7,
    CL_REPORT_ENDED = 8,       /* ending */
};

/* What a gate ends with that ended well, and whose server had ended before it answered anything. */
#define CL_GATE_UNANSWERED 3

/* Bits of cl_report.state. */
#define CL_STATE_GATE_RUNS 0x01u
#define CL_STATE_SERVER_RUNS 0x02u
#define CL_STATE_SEALED 0x04u
#define CL_STATE_ENDING 0x08u
#define CL_STATE_PROXY_RUNS 0x10u

/* How a process ended, as waitid(2) says it. */
struct cl_exit {
    uint32_t started; /* 0: it never ran the program it was to run */
    int32_t code;     /* CLD_EXITED (1): status is the exit status; CLD_KILLED (2), CLD_DUMPED (3): status is the signal; 0: not reaped */
    int32_t status;
};

/* How a session ended; also sent on the lifeline and written into the record, as it is. */
struct cl_ending {
    uint32_t version;
    /* Who ended first: GATE, SERVER, PROXY, LIFELINE, DAEMON (END, or its death before SEAL); SELF_TEST: the self-test failed. */
    enum cl_role first;
    enum cl_step step;    /* the step that failed, or NONE */
    int32_t error;        /* its errno */
    struct cl_exit gate;
    struct cl_exit server;
    struct cl_exit proxy;
};

enum cl_outcome : uint32_t {
    CL_OUTCOME_UNTRIED = 0,   /* the act could not be tried: `error` says why, or the control did not work */
    CL_OUTCOME_PERMITTED = 1, /* it went through; for network acts: the receiver saw it */
    CL_OUTCOME_DENIED = 2,    /* it was refused; for network acts: the receiver saw only our own control */
};

struct cl_trial_result {
    uint32_t index;
    enum cl_outcome outcome;
    int32_t error;  /* errno that the subject saw; 0: none */
    int32_t signal; /* the signal that ended the subject; 0: none */
    /* 1: the same act by the same user, unconfined, went through (tried only for what was refused). 0: it failed, or cannot be tried. */
    uint32_t control;
};

struct cl_report {
    uint32_t version;
    enum cl_report_kind kind;
    enum cl_role role;
    uint32_t state;
    int32_t pid;
    enum cl_step step;
    int32_t error;
    struct cl_trial_result trial;
    struct cl_ending ending;
    uint8_t name[CL_SESSION_NAME_MAX];
};

/* Sends an order whole: 0, or -errno. */
int cl_send_order(int socket, const struct cl_order *order, const int *_Nullable descriptors, int descriptor_count);
/*
 * Receives one report without waiting: 1; 0 when the keeper has closed; -EAGAIN; -EPROTO for what is not a report of this version.
 * Closes the descriptors when it returns anything but 1.
 */
int cl_receive_report(int socket, struct cl_report *report, int *descriptors, int capacity, int *descriptor_count);
/* Runs a keeper on this control socket until its session has ended; what sandbox-keeper's main returns. */
int cl_keep(int control);

#pragma clang assume_nonnull end
