/*
 * Why: pidfd calls have no place in the Glibc module, siginfo_t is a union of unions, prctl is variadic.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

/* pidfd_open(2). */
int clx_pidfd_open(int pid);
/* pidfd_send_signal(2); signal 0 only asks whether it is there. */
int clx_pidfd_send_signal(int pidfd, int signal);

#define CLX_EXITED 1
#define CLX_KILLED 2
#define CLX_DUMPED 3

struct clx_exit {
    int32_t pid;    /* 0: has not ended */
    int32_t code;   /* CLX_EXITED: status is the exit status; CLX_KILLED, CLX_DUMPED: status is the signal */
    int32_t status;
};
/* waitid(P_PIDFD, WEXITED, and WNOHANG unless `wait`). -ECHILD for a process that is not our child. */
int clx_wait_pidfd(int pidfd, int wait, struct clx_exit *ended);
/* waitid(P_ALL, WEXITED | WNOHANG): any child. */
int clx_wait_any(struct clx_exit *ended);

/* prctl(PR_SET_DUMPABLE). */
int clx_set_dumpable(int on);
/* prctl(PR_SET_NO_NEW_PRIVS, 1). */
int clx_set_no_new_privs(void);
/* prctl(PR_GET_NO_NEW_PRIVS). */
int clx_get_no_new_privs(void);
/* prctl(PR_SET_NAME). */
int clx_set_name(const char *name);
/* prctl(PR_SET_CHILD_SUBREAPER). */
int clx_set_child_subreaper(int on);
/* setrlimit(2), both limits; `resource` is an enum in glibc. */
int clx_set_limit(int resource, uint64_t soft, uint64_t hard);
int clx_get_limit(int resource, uint64_t *soft, uint64_t *hard);
#define CLX_RLIMIT_CORE 4
#define CLX_RLIMIT_NOFILE 7
/* getgroups(2); returns the count. */
int clx_groups(uint32_t *_Nullable groups, int capacity);

#pragma clang assume_nonnull end
