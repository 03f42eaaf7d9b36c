/*
 * Probes of what limits a cgroup's processes together. Each sets a small limit on a scratch cgroup, and sees what is below it go through
 * there and what is above it fail; unconfined, the same goes through.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "probe.h"

/* A scratch cgroup, and how to come into it. */
struct limited {
    struct probe_scratch scratch;
    bool is_legacy;
};

struct setting {
    const char *file;
    const char *value;
};

enum {
    tasks_limit = 3,
    memory_below = 1 << 20,
    memory_above = 12 << 20,
    unlimited_milliseconds = 12,
    throttled_milliseconds = 200,
};

/* MARK: files of a cgroup */

/* Writes a value and reads it back: a kernel that rounds, or keeps what was there, does not hold what is asked. */
static int set(int cgroup, const struct setting *setting) {
    char text[64];
    int file = openat(cgroup, setting->file, O_RDWR | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t count = write(file, setting->value, strlen(setting->value));
    int result = count < 0 ? -errno : 0;
    count = result < 0 ? 0 : pread(file, text, sizeof text, 0);
    if (count < 0) result = -errno;
    close(file);
    if (result < 0) return result;
    size_t length = strlen(setting->value);
    return (size_t)count == length + 1 && memcmp(text, setting->value, length) == 0 ? 0 : -ERANGE;
}

static int set_all(int cgroup, const struct setting *settings, int count) {
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) result = set(cgroup, &settings[i]);
    return result;
}

/* The number behind `name ` in a file of such lines: -ENOENT when there is no such line. */
static long long counted(int cgroup, const char *path, const char *name) {
    char text[4096];
    int file = openat(cgroup, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t count = read(file, text, sizeof text - 1);
    long long result = count < 0 ? -errno : -ENOENT;
    close(file);
    if (count < 0) return result;
    text[count] = 0;
    size_t length = strlen(name);
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, name, length) == 0 && line[length] == ' ') return strtoll(line + length + 1, NULL, 10);
    }
    return result;
}

/* MARK: acts in it */

struct entering {
    int cgroup; /* of an old hierarchy, or -1: born where it should be */
    int (*act)(void *argument);
    void *argument;
};

static int enter_and_act(void *argument) {
    const struct entering *entering = argument;
    if (entering->cgroup >= 0) {
        int file = openat(entering->cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (file < 0) return -errno;
        if (write(file, "0", 1) != 1) return -errno;
        close(file);
    }
    return entering->act(entering->argument);
}

static int act_inside(const struct limited *limited, int (*act)(void *argument), void *argument) {
    struct entering entering = {.cgroup = limited->is_legacy ? limited->scratch.directory : -1, .act = act, .argument = argument};
    return probe_act(limited->is_legacy ? -1 : limited->scratch.directory, enter_and_act, &entering);
}

/* MARK: tasks */

/* So many children at once; all of them are gone again when it returns. */
static int fork_children(void *argument) {
    const int wanted = *(const int *)argument;
    int ends[2], made = 0;
    int result = clx_pipe(ends, 0);
    while (result == 0 && made < wanted) {
        pid_t pid = fork();
        if (pid == 0) {
            char byte;
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
        }
        if (pid < 0) result = -errno;
        else made++;
    }
    close(ends[1]);
    for (int i = 0; i < made; i++) wait(NULL);
    return result;
}

static struct ck_probed limiting_tasks(const struct ck_probe_context *context, void *argument) {
    (void)context;
    const struct limited *limited = argument;
    const struct setting limit = {"pids.max", "3"};
    int below = tasks_limit - 1, above = tasks_limit;
    if (!probe_exited(act_inside(limited, fork_children, &above), 0)) return probe_no_control(1, 0);
    int result = set(limited->scratch.directory, &limit);
    if (result < 0) return probe_unavailable(2, result);
    if (!probe_exited(act_inside(limited, fork_children, &below), 0)) return probe_ineffective(3, 0);
    int status = act_inside(limited, fork_children, &above);
    return probe_exited(status, EAGAIN) ? probe_works(EAGAIN, 0) : probe_ineffective(4, status < 0 ? status : 0);
}

/* MARK: memory */

static int touch(void *argument) {
    const size_t length = (size_t) * (const int *)argument;
    volatile uint8_t *bytes = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) return -errno;
    madvise((void *)bytes, length, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < length; at += 4096) bytes[at] = 1;
    return 0;
}

static bool was_killed(int status) { return status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }

static struct ck_probed limiting_memory(const struct ck_probe_context *context, void *argument) {
    (void)context;
    const struct limited *limited = argument;
    /* The second counts memory and swap together, so that nothing is swapped; without swap accounting it is not there. */
    const struct setting legacy[] = {{"memory.limit_in_bytes", "6291456"}, {"memory.memsw.limit_in_bytes", "6291456"}};
    const struct setting unified[] = {{"memory.max", "6291456"}, {"memory.swap.max", "0"}};
    int below = memory_below, above = memory_above;
    if (!probe_exited(act_inside(limited, touch, &above), 0)) return probe_no_control(1, 0);
    int result = set_all(limited->scratch.directory, limited->is_legacy ? legacy : unified, 2);
    if (result < 0) return probe_unavailable(2, result);
    if (!probe_exited(act_inside(limited, touch, &below), 0)) return probe_ineffective(3, 0);
    if (!was_killed(act_inside(limited, touch, &above))) return probe_ineffective(4, 0);
    const char *events = limited->is_legacy ? "memory.oom_control" : "memory.events";
    long long kills = counted(limited->scratch.directory, events, "oom_kill");
    return kills > 0 ? probe_works(0, SIGKILL) : probe_ineffective(5, (int)kills);
}

/* MARK: processor time */

struct spinning {
    int cgroup;
    int milliseconds;
};

static int64_t now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

/* Keeps busy until it is seen to have been throttled: 0; -ETIME when the time is over before. */
static int spin(void *argument) {
    const struct spinning *spinning = argument;
    const int64_t began = now_milliseconds();
    do {
        for (volatile int i = 0; i < 20000; i++) continue;
        long long throttled = counted(spinning->cgroup, "cpu.stat", "nr_throttled");
        if (throttled != 0) return throttled < 0 ? (int)throttled : 0;
    } while (now_milliseconds() - began < spinning->milliseconds);
    return -ETIME;
}

static struct ck_probed limiting_cpu(const struct ck_probe_context *context, void *argument) {
    (void)context;
    const struct limited *limited = argument;
    const struct setting legacy[] = {{"cpu.cfs_period_us", "10000"}, {"cpu.cfs_quota_us", "1000"}};
    const struct setting unified[] = {{"cpu.max", "1000 10000"}};
    struct spinning spinning = {.cgroup = limited->scratch.directory, .milliseconds = unlimited_milliseconds};
    int status = act_inside(limited, spin, &spinning);
    if (!probe_exited(status, ETIME)) return probe_exited(status, ENOENT) ? probe_unavailable(1, -ENOENT) : probe_no_control(1, 0);
    int result = set_all(limited->scratch.directory, limited->is_legacy ? legacy : unified, limited->is_legacy ? 2 : 1);
    if (result < 0) return probe_unavailable(2, result);
    spinning.milliseconds = throttled_milliseconds;
    return probe_exited(act_inside(limited, spin, &spinning), 0) ? probe_works(0, 0) : probe_ineffective(3, 0);
}

/* MARK: entries */

static struct ck_probed run(const struct ck_probe_context *context, const struct ck_controller *controller, probe_body body) {
    struct limited limited = {.is_legacy = controller->is_legacy != 0};
    struct ck_probe_context there = *context;
    there.cgroup = controller->directory;
    return probe_run_scratch(&there, body, &limited.scratch, &limited);
}

struct ck_probed ck_probe_tasks(const struct ck_probe_context *context, const struct ck_controller *controller) {
    return run(context, controller, limiting_tasks);
}

struct ck_probed ck_probe_memory(const struct ck_probe_context *context, const struct ck_controller *controller) {
    return run(context, controller, limiting_memory);
}

struct ck_probed ck_probe_cpu(const struct ck_probe_context *context, const struct ck_controller *controller) {
    return run(context, controller, limiting_cpu);
}
