/*
 * Who takes part in a self-test beside the tester: the subject, confined as the server will be; the control, the same user unconfined; the outsider,
 * to whom things are done.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

/* A process that performs acts when it is told to. */
struct performer {
    int pid; /* 0: none */
    int pidfd;
    int report;
    int door; /* the listening socket of its empty network, or -1 */
    bool ready;
};

struct tester {
    const struct launch *launch;
    const struct trials *trials;
    int cgroup;
    int pid; /* its own */
    int report; /* to the keeper */
    int outsider; /* pid */
    int outsider_ready;
    struct performer subject; /* inside, as the server will be */
    struct performer control; /* outside, as the same user */
    int without_network; /* -errno of why there is none to try in; 0: there is one */
};

/* Tells the keeper what failed, and ends the tester. */
_Noreturn void tester_fail(const struct tester *tester, enum cl_step step, int result);

/* Starts them; nobody is waited for yet, so that they start side by side. */
void start_subject(struct tester *tester);
void start_control(struct tester *tester);
void start_outsider(struct tester *tester);
/* Of an outsider that is not ready nothing is left, so that what needs it cannot be tried. */
void await_outsider(struct tester *tester);
void end_outsider(struct tester *tester);

/* There is a subject, and it is ready. */
void need_subject(struct tester *tester);
/* Whether there is a control that is ready: without it there are no controls, which is told of each trial. */
bool has_control(struct tester *tester);
/* The next who is needed starts anew. */
void end_performer(struct performer *performer);

/* Has somebody perform an act. Whoever is gone is found so when it is to answer. */
void tell_act(const struct performer *performer, uint32_t index);
/* False when it ended or did not answer in time. */
bool hear_act(const struct performer *performer, uint32_t index, int milliseconds, struct word *answer);
/*
 * The signal that ended the subject of its own accord, or 0. Its socket is closed some moments before it can be waited for; what took its
 * place by execve may stay on.
 */
int signal_that_ended(const struct tester *tester);
