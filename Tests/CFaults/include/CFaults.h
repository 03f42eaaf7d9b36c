/*
 * Launches that fail where a test says: a program that links this takes each fault from the file `faults` beside its binary, one line
 *
 *     SERIAL WHO STEP TIME ERROR
 *
 * WHO is daemon, finder (until it waits), waiting-finder (once it is asked), start-keeper, gate, self-test, server or keeper; STEP a number of
 * `enum cl_step`, for the daemon the name of a step, or `took-lease` (a lease is in the store, and the gate does not know); TIME counts how often the daemon reaches that step; ERROR is an errno, or 0: the process is
 * killed there. A new SERIAL counts anew.
 *
 * Where a file `steps` lies there, too, the daemon appends to it a line for each step: its name, and CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef C_FAULTS_H
#define C_FAULTS_H

/* In the daemon, at a step of its own: 0 or -errno. */
int cf_daemon_reaches(const char *_Nonnull step);
/* This program is a keeper: NONE is the keeper itself. */
void cf_is_keeper(void);
/* This program is a path finder, which becomes the caller itself. */
void cf_is_finder(void);

#endif
