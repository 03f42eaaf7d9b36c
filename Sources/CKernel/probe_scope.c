/*
 * Probes of what a session's processes live in: a cgroup, its programs, namespaces.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_spawn.h"
#include "cl_network.h"
#include "clx_descriptors.h"
#include "probe.h"

enum { drain_milliseconds = 2000 };

/* MARK: a scratch cgroup */

static int make_scratch(const struct ck_probe_context *context, struct probe_scratch *scratch) {
    static unsigned int count;
    snprintf(scratch->name, sizeof scratch->name, "sandboxd-probe-%d-%u", (int)getpid(), count++);
    scratch->directory = -1;
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
static void remove_scratch(const struct ck_probe_context *context, struct probe_scratch *scratch) {
    if (scratch->directory < 0) return;
    ck_cgroup_kill(scratch->directory);
    await_empty(scratch->directory);
    close(scratch->directory);
    for (int turn = 0; turn < drain_milliseconds; turn++) {
        if (unlinkat(context->cgroup, scratch->name, AT_REMOVEDIR) == 0 || errno != EBUSY) return;
        usleep(1000);
    }
}

struct ck_probed probe_run_scratch(
    const struct ck_probe_context *context, probe_body body, struct probe_scratch *scratch, void *argument) {
    int result = make_scratch(context, scratch);
    if (result < 0) return probe_unavailable(1, result);
    struct ck_probed found = probe_run(context, body, argument);
    remove_scratch(context, scratch);
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
