/*
 * Why: epoll_event is packed on some architectures and its constants import as enums; timerfd, signalfd and eventfd are not in the
 * Glibc module at all.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

#define CLX_EPOLLIN 0x001u
#define CLX_EPOLLPRI 0x002u
#define CLX_EPOLLOUT 0x004u
#define CLX_EPOLLERR 0x008u
#define CLX_EPOLLHUP 0x010u
#define CLX_EPOLLRDHUP 0x2000u
#define CLX_EPOLL_CTL_ADD 1
#define CLX_EPOLL_CTL_DEL 2
#define CLX_EPOLL_CTL_MOD 3
/* The most events that one clx_epoll_wait returns. */
#define CLX_EPOLL_BATCH 64

struct clx_event {
    uint32_t events;
    uint64_t data;
};

/* epoll_create1(EPOLL_CLOEXEC). */
int clx_epoll_create(void);
/* epoll_ctl(2); events and data are ignored by CLX_EPOLL_CTL_DEL. */
int clx_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t data);
/* epoll_wait(2) for at most min(capacity, CLX_EPOLL_BATCH) events; a timeout of -1 waits for ever. Returns how many. */
int clx_epoll_wait(int epoll, struct clx_event *events, int capacity, int timeout_milliseconds);

/* timerfd_create(2), CLOEXEC and NONBLOCK, on CLOCK_MONOTONIC (or CLOCK_BOOTTIME where `boottime`). */
int clx_timer_create(int boottime);
/* timerfd_settime(2): once, at this absolute time of the timer's clock in nanoseconds; 0 disarms. */
int clx_timer_arm(int timer, uint64_t at_nanoseconds);
/* timerfd_settime(2): again and again, from now; 0 disarms. */
int clx_timer_repeat(int timer, uint64_t interval_nanoseconds);
/* Reads how often the timer expired; 0 when it has not. */
int64_t clx_timer_read(int timer);
/* clock_gettime(CLOCK_MONOTONIC), in nanoseconds. */
uint64_t clx_monotonic_nanoseconds(void);
/* clock_gettime(CLOCK_BOOTTIME), in nanoseconds. */
uint64_t clx_boottime_nanoseconds(void);
/* clock_gettime(CLOCK_REALTIME), in nanoseconds since 1970. */
uint64_t clx_realtime_nanoseconds(void);

/* eventfd(2), CLOEXEC and NONBLOCK. */
int clx_event_create(uint64_t initial);
int clx_event_add(int event, uint64_t amount);
/* Reads and resets; 0 when nothing was added. */
int64_t clx_event_take(int event);

struct clx_signal {
    int32_t signal;
    int32_t code;
    int32_t pid;
    uint32_t uid;
    int32_t status;
};

/* pthread_sigmask(SIG_BLOCK): they wait from now on. */
int clx_signal_block(const int *signals, int count);
/* Blocks these signals in the calling thread and makes a signalfd(2) for them, CLOEXEC and NONBLOCK. */
int clx_signal_create(const int *signals, int count);
/* Takes one signal: 1, or 0 when none is waiting. */
int clx_signal_read(int descriptor, struct clx_signal *taken);
/* signal(number, SIG_IGN): SIG_IGN is a cast in a macro, which Swift does not import. */
int clx_signal_ignore(int signal);
/* signal(number, SIG_DFL). */
int clx_signal_default(int signal);

#pragma clang assume_nonnull end
