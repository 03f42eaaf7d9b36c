#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CLX_EPOLLIN == EPOLLIN && CLX_EPOLLOUT == EPOLLOUT && CLX_EPOLLRDHUP == EPOLLRDHUP, "epoll bits");
_Static_assert(CLX_EPOLLPRI == EPOLLPRI && CLX_EPOLLERR == EPOLLERR && CLX_EPOLLHUP == EPOLLHUP, "epoll bits");
_Static_assert(CLX_EPOLL_CTL_ADD == EPOLL_CTL_ADD && CLX_EPOLL_CTL_DEL == EPOLL_CTL_DEL, "epoll operations");
_Static_assert(CLX_EPOLL_CTL_MOD == EPOLL_CTL_MOD, "epoll operations");

static const uint64_t nanoseconds_per_second = 1000000000;

int clx_epoll_create(void) {
    int descriptor = epoll_create1(EPOLL_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int clx_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(epoll, operation, descriptor, &event) < 0 ? -errno : 0;
}

int clx_epoll_wait(int epoll, struct clx_event *events, int capacity, int timeout_milliseconds) {
    struct epoll_event ready[CLX_EPOLL_BATCH];
    int limit = capacity < CLX_EPOLL_BATCH ? capacity : CLX_EPOLL_BATCH;
    int count = epoll_wait(epoll, ready, limit, timeout_milliseconds);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        events[i].events = ready[i].events;
        events[i].data = ready[i].data.u64;
    }
    return count;
}

int clx_timer_create(int boottime) {
    int descriptor = timerfd_create(boottime ? CLOCK_BOOTTIME : CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

static struct timespec timespec_of(uint64_t nanoseconds) {
    return (struct timespec){
        .tv_sec = (time_t)(nanoseconds / nanoseconds_per_second),
        .tv_nsec = (long)(nanoseconds % nanoseconds_per_second),
    };
}

int clx_timer_arm(int timer, uint64_t at_nanoseconds) {
    struct itimerspec when = {.it_value = timespec_of(at_nanoseconds)};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

int clx_timer_repeat(int timer, uint64_t interval_nanoseconds) {
    struct itimerspec when = {.it_value = timespec_of(interval_nanoseconds), .it_interval = timespec_of(interval_nanoseconds)};
    return timerfd_settime(timer, 0, &when, NULL) < 0 ? -errno : 0;
}

/* A non-blocking read of one counter; 0 when there is nothing yet. */
static int64_t read_counter(int descriptor) {
    uint64_t value = 0;
    ssize_t count = read(descriptor, &value, sizeof value);
    if (count == (ssize_t)sizeof value) return value > INT64_MAX ? INT64_MAX : (int64_t)value;
    if (count >= 0) return -EIO;
    return errno == EAGAIN ? 0 : -errno;
}

int64_t clx_timer_read(int timer) { return read_counter(timer); }

static uint64_t clock_nanoseconds(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * nanoseconds_per_second + (uint64_t)now.tv_nsec;
}

uint64_t clx_monotonic_nanoseconds(void) { return clock_nanoseconds(CLOCK_MONOTONIC); }
uint64_t clx_boottime_nanoseconds(void) { return clock_nanoseconds(CLOCK_BOOTTIME); }
uint64_t clx_realtime_nanoseconds(void) { return clock_nanoseconds(CLOCK_REALTIME); }

int clx_event_create(uint64_t initial) {
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0) return -errno;
    int result = initial == 0 ? 0 : clx_event_add(descriptor, initial);
    if (result < 0) close(descriptor);
    return result < 0 ? result : descriptor;
}

int clx_event_add(int event, uint64_t amount) {
    return write(event, &amount, sizeof amount) == (ssize_t)sizeof amount ? 0 : -errno;
}

int64_t clx_event_take(int event) { return read_counter(event); }

static int block(const int *signals, int count, sigset_t *set) {
    sigemptyset(set);
    for (int i = 0; i < count; i++) {
        if (sigaddset(set, signals[i]) < 0) return -errno;
    }
    return -pthread_sigmask(SIG_BLOCK, set, NULL);
}

int clx_signal_block(const int *signals, int count) {
    sigset_t set;
    return block(signals, count, &set);
}

int clx_signal_create(const int *signals, int count) {
    sigset_t set;
    int result = block(signals, count, &set);
    if (result != 0) return result;
    int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor < 0 ? -errno : descriptor;
}

int clx_signal_read(int descriptor, struct clx_signal *taken) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count < 0) return errno == EAGAIN ? 0 : -errno;
    if (count != (ssize_t)sizeof info) return -EIO;
    *taken = (struct clx_signal){
        .signal = (int32_t)info.ssi_signo,
        .code = info.ssi_code,
        .pid = (int32_t)info.ssi_pid,
        .uid = info.ssi_uid,
        .status = info.ssi_status,
    };
    return 1;
}

int clx_signal_ignore(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -errno : 0; }
int clx_signal_default(int number) { return signal(number, SIG_DFL) == SIG_ERR ? -errno : 0; }
