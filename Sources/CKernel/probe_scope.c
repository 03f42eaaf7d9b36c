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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_bpf.h"
#include "ck_spawn.h"
#include "cl_network.h"
#include "clx_descriptors.h"
#include "probe.h"

enum { drain_milliseconds = 2000 };

/* MARK: a scratch cgroup */

struct scratch {
    char name[64];
    int directory;
};

static int make_scratch(const struct ck_probe_context *context, struct scratch *scratch) {
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

static void remove_scratch(const struct ck_probe_context *context, struct scratch *scratch) {
    if (scratch->directory < 0) return;
    ck_cgroup_kill(scratch->directory);
    await_empty(scratch->directory);
    close(scratch->directory);
    unlinkat(context->cgroup, scratch->name, AT_REMOVEDIR);
}

/* Runs a probe with a scratch cgroup, which is removed whatever becomes of the child. */
static struct ck_probed run_scratch(const struct ck_probe_context *context, probe_body body, struct scratch *scratch, void *argument) {
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
    struct scratch *scratch = argument;
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
    struct scratch scratch;
    return run_scratch(context, killing, &scratch, &scratch);
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

/* MARK: egress programs */

struct egress {
    struct scratch scratch;
    const void *object;
    size_t count;
    enum ck_hook hook;
};

static int family_of(enum ck_hook hook) { return hook == CK_HOOK_CONNECT6 || hook == CK_HOOK_SENDMSG6 ? AF_INET6 : AF_INET; }
static int type_of(enum ck_hook hook) { return hook == CK_HOOK_CONNECT4 || hook == CK_HOOK_CONNECT6 ? SOCK_STREAM : SOCK_DGRAM; }

static struct egress_endpoint endpoint_of(const struct probe_target *target) {
    static const uint8_t loopback4[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, loopback6[16] = {[15] = 1};
    struct egress_endpoint endpoint = {.port = target->port, .protocol = 6};
    memcpy(endpoint.address, target->family == AF_INET ? loopback4 : loopback6, sizeof endpoint.address);
    return endpoint;
}

/* Loads, fills, freezes and attaches the one program. */
static int attach_egress(const struct egress *egress, struct ck_object *object, const struct probe_target *permitted) {
    const struct egress_rules rules = {.tcp = EGRESS_LIST};
    const struct egress_endpoint endpoint = endpoint_of(permitted);
    const uint8_t present = 1;
    const char *program = ck_egress_program(egress->hook);
    if (program == NULL) return -EINVAL;
    int result = ck_bpf_set_constants(object, &rules, sizeof rules);
    if (result == 0) result = ck_bpf_load(object);
    if (result == 0) result = ck_bpf_fill(object, ck_egress_endpoints, &endpoint, &present, 1);
    if (result == 0) result = ck_bpf_freeze(object, ck_egress_endpoints);
    return result < 0 ? result : ck_bpf_attach(object, program, egress->scratch.directory);
}

static int dial(void *argument) { return probe_dial(argument); }

static int create_stream(void *argument) {
    (void)argument;
    int created = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return created < 0 ? -errno : 0;
}

static struct ck_probed judge_egress(const struct egress *egress, struct probe_target *permitted, struct probe_target *forbidden) {
    int inside = egress->scratch.directory;
    bool connects = type_of(egress->hook) == SOCK_STREAM;
    if (connects && (!probe_exited(probe_act(inside, dial, permitted), 0) || !probe_arrived(permitted))) return probe_ineffective(5, 0);
    if (egress->hook == CK_HOOK_SOCK_CREATE && !probe_exited(probe_act(inside, create_stream, NULL), 0)) return probe_ineffective(6, 0);
    int status = probe_act(inside, dial, forbidden);
    if (!probe_exited(status, EPERM) || probe_arrived(forbidden)) return probe_ineffective(7, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    return probe_works(EPERM, 0);
}

static struct ck_probed egress_programs(const struct ck_probe_context *context, void *argument) {
    const struct egress *egress = argument;
    struct probe_target permitted, forbidden;
    int failure = 0;
    probe_enter_network(context);
    int result = probe_listen(family_of(egress->hook), type_of(egress->hook), &permitted);
    if (result == 0) result = probe_listen(family_of(egress->hook), type_of(egress->hook), &forbidden);
    if (result < 0) return probe_no_control(1, result);
    int status = probe_act(-1, dial, &forbidden);
    if (!probe_exited(status, 0) || !probe_arrived(&forbidden)) return probe_no_control(2, 0);
    struct ck_object *object = ck_bpf_open(egress->object, egress->count, "probe", NULL, 0, &failure);
    if (object == NULL) return probe_unavailable(3, failure);
    result = attach_egress(egress, object, &permitted);
    return result < 0 ? probe_unavailable(4, result) : judge_egress(egress, &permitted, &forbidden);
}

struct ck_probed ck_probe_egress(const struct ck_probe_context *context, const void *object, size_t count, uint32_t hook) {
    struct egress egress = {.object = object, .count = count, .hook = hook};
    return run_scratch(context, egress_programs, &egress.scratch, &egress);
}
