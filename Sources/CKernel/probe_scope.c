/*
 * Probes of what a session's processes live in: a cgroup, its programs, namespaces.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_spawn.h"
#include "cl_network.h"
#include "clx_descriptors.h"
#include "clx_processes.h"
#include "probe.h"

enum { drain_milliseconds = 2000 };

/* MARK: a scratch cgroup */

/* The maker, by process id and when that process began: an id alone may be another's by the time that it is looked at. */
#define SCRATCH_NAME "sandboxd-probe-%d-%llu-%u"

/* The process's start in ticks since boot (proc(5), stat, fields 3 and 22); 0 where it has ended, whether it was waited for or not. */
static unsigned long long start_of(int pid) {
    char path[32], text[1024] = {0}, state = 0;
    unsigned long long start = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    /* Its name may hold anything but ends with the last parenthesis. */
    const char *rest = count > 0 ? strrchr(text, ')') : NULL;
    if (rest == NULL ||
        sscanf(rest, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &start) != 2)
        return 0;
    return state == 'Z' || state == 'X' ? 0 : start;
}

static int make_scratch(const struct ck_probe_context *context, struct probe_scratch *scratch) {
    static unsigned int count;
    unsigned long long start = start_of(getpid());
    scratch->directory = -1;
    if (start == 0) return -ESRCH;
    snprintf(scratch->name, sizeof scratch->name, SCRATCH_NAME, (int)getpid(), start, count++);
    if (context->cgroup < 0) return -EBADF;
    if (mkdirat(context->cgroup, scratch->name, 0755) < 0) return -errno;
    scratch->directory = openat(context->cgroup, scratch->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return scratch->directory < 0 ? -errno : 0;
}

/* cgroup.events changes by POLLPRI. */
static int await_empty(int cgroup) {
    int events = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (events < 0) return -errno;
    int populated = 1;
    for (int turn = 0; turn < 8 && populated == 1; turn++) {
        char text[128];
        struct pollfd waited = {.fd = events, .events = POLLPRI};
        ssize_t count = pread(events, text, sizeof text, 0);
        populated = ck_cgroup_is_populated(cgroup);
        if (count < 0 || populated != 1) break;
        if (poll(&waited, 1, drain_milliseconds) <= 0) break;
    }
    close(events);
    return populated == 0 ? 0 : populated < 0 ? populated : -ETIMEDOUT;
}

/* An old hierarchy has no cgroup.kill: its processes died with the probe's process group, and may need a moment for it. */
static int remove_scratch(int parent, struct probe_scratch *scratch) {
    if (scratch->directory < 0) return 0;
    ck_cgroup_kill(scratch->directory);
    await_empty(scratch->directory);
    close(scratch->directory);
    for (int turn = 0; turn < drain_milliseconds; turn++) {
        if (unlinkat(parent, scratch->name, AT_REMOVEDIR) == 0) return 0;
        if (errno != EBUSY) return -errno;
        usleep(1000);
    }
    return -EBUSY;
}

/* MARK: what a maker that was killed left behind */

static bool is_listed(int cgroup, int pid) {
    char text[4096] = {0};
    int file = openat(cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    char *rest = NULL;
    for (const char *word = count > 0 ? strtok_r(text, "\n", &rest) : NULL; word != NULL; word = strtok_r(NULL, "\n", &rest)) {
        if (atoi(word) == pid) return true;
    }
    return false;
}

/* Kills a process of this cgroup by a descriptor of it, which nobody else's can be. */
static void kill_member(int cgroup, int pid) {
    int process = clx_pidfd_open(pid);
    if (process < 0) return;
    if (is_listed(cgroup, pid)) clx_pidfd_send_signal(process, SIGKILL);
    close(process);
}

/* In an old hierarchy, one by one: what a probe starts is few. */
static void kill_members(int cgroup) {
    char text[4096] = {0};
    int file = openat(cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    char *rest = NULL;
    for (const char *word = count > 0 ? strtok_r(text, "\n", &rest) : NULL; word != NULL; word = strtok_r(NULL, "\n", &rest))
        kill_member(cgroup, atoi(word));
}

static bool is_orphaned(const char *name) {
    int maker = 0, end = 0;
    unsigned long long start = 0;
    unsigned int number = 0;
    int found = sscanf(name, SCRATCH_NAME "%n", &maker, &start, &number, &end);
    return found == 3 && name[end] == 0 && maker > 0 && start_of(maker) != start;
}

static int collect(int parent, const char *name) {
    struct probe_scratch scratch;
    snprintf(scratch.name, sizeof scratch.name, "%s", name);
    scratch.directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (scratch.directory < 0) return -errno;
    if (faccessat(scratch.directory, "cgroup.kill", F_OK, 0) < 0) kill_members(scratch.directory);
    return remove_scratch(parent, &scratch);
}

int ck_probe_collect(int parent) {
    int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (entries == NULL) {
        int failure = -errno;
        if (copy >= 0) close(copy);
        return failure;
    }
    int count = 0;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (is_orphaned(entry->d_name) && collect(parent, entry->d_name) == 0) count++;
    }
    closedir(entries);
    return count;
}

/* MARK: a probe with a cgroup */

struct ck_probed probe_run_scratch(
    const struct ck_probe_context *context, probe_body body, struct probe_scratch *scratch, void *argument) {
    int result = make_scratch(context, scratch);
    if (result < 0) return probe_unavailable(1, result);
    struct ck_probed found = probe_run(context, body, argument);
    remove_scratch(context->cgroup, scratch);
    return found;
}

/* MARK: kill at once */

static int hold(void *argument) {
    int ready = *(const int *)argument;
    if (fork() == 0) setsid();
    if (write(ready, "x", 1) != 1) return -EIO;
    for (;;) pause();
}

static struct ck_probed killing(const struct ck_probe_context *context, void *argument) {
    (void)context;
    struct probe_scratch *scratch = argument;
    int ends[2];
    char bytes[2];
    int result = clx_pipe(ends, 0);
    if (result < 0) return probe_unavailable(2, result);
    pid_t helper = fork();
    if (helper == 0) _exit(probe_act(scratch->directory, hold, &ends[1]) < 0 ? 1 : 0);
    close(ends[1]);
    for (int i = 0; i < 2; i++) {
        if (read(ends[0], bytes, 1) != 1) return probe_unavailable(3, -EOPNOTSUPP);
    }
    if (ck_cgroup_is_populated(scratch->directory) != 1) return probe_ineffective(4, 0);
    result = ck_cgroup_kill(scratch->directory);
    if (result < 0) return probe_unavailable(5, result);
    result = await_empty(scratch->directory);
    return result < 0 ? probe_ineffective(6, result) : probe_works(0, SIGKILL);
}

struct ck_probed ck_probe_cgroup(const struct ck_probe_context *context) {
    struct probe_scratch scratch;
    return probe_run_scratch(context, killing, &scratch, &scratch);
}

/* MARK: namespaces */

static int become(uint32_t uid, uint32_t gid) {
    if (getuid() != 0) return 0;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) return -errno;
    /* Else its own identity map would belong to root. */
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int write_map(const char *path, uint32_t id) {
    char text[64];
    snprintf(text, sizeof text, "%u %u 1", id, id);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = write(file, text, strlen(text)) < 0 ? -errno : 0;
    close(file);
    return result;
}

static int is_first(void *argument) {
    (void)argument;
    return getpid() == 1 ? 0 : -ESRCH;
}

static struct ck_probed namespaces(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    int result = become(context->uid, context->gid);
    if (result < 0) return probe_no_control(1, result);
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET) < 0) return probe_unavailable(2, -errno);
    result = write_map("/proc/self/uid_map", context->uid);
    if (result < 0) return probe_unavailable(3, result);
    result = cl_network_bring_up_loopback();
    if (result < 0) return probe_ineffective(4, result);
    return probe_exited(probe_act(-1, is_first, NULL), 0) ? probe_works(0, 0) : probe_ineffective(5, -ESRCH);
}

struct ck_probed ck_probe_user_namespaces(const struct ck_probe_context *context) {
    struct ck_probe_context unprivileged = *context;
    if (getuid() != 0) {
        unprivileged.uid = getuid();
        unprivileged.gid = getgid();
    }
    return probe_run(&unprivileged, namespaces, NULL);
}
