/*
 * Probes of namespaces that hide: mounts of a process's own, its own /proc, an empty network. Each makes them by the very code that launches
 * do; whoever has no privilege by way of a user namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cl_mount.h"
#include "cl_network.h"
#include "probe.h"

/* Every host has it, and nothing that others need is hidden for longer than the probe's process lives. */
static const char hidden_directory[] = "/dev";
static const char hidden_file[] = "/dev/null";
static const char shown_file[] = "/dev/sandboxd-probe";

static int opened(const char *path, int flags) {
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0) return -errno;
    close(file);
    return 0;
}

static int enter(const struct ck_probe_context *context, uint32_t flags) {
    (void)context;
    return cl_mount_enter_own(flags, getuid() != 0, getuid(), getgid());
}

static int place(enum cl_mount_kind kind, const char *path) {
    const struct cl_mount mount = {.kind = kind};
    enum cl_step failed;
    return cl_mount_place(&mount, path, -1, -1, &failed);
}

/* What an act's process ends with: the number of the act that was not as it should be, or an errno of setting up. */
enum { setup_failed = 64 };

static int set_up(int result) { return result < 0 ? -(setup_failed + (result > -60 ? -result : 60)) : 0; }

static struct ck_probed judge(int status) {
    if (probe_exited(status, 0)) return probe_works(0, 0);
    if (status < 0) return probe_unavailable(1, status);
    int code = status >> 8 & 0xff;
    return code >= setup_failed ? probe_unavailable(2, -(code - setup_failed)) : probe_ineffective(code, -EINVAL);
}

/* MARK: mounts */

static int mount_acts(void *argument) {
    int result = enter(argument, CL_HAS_MOUNTS);
    if (result == 0) result = place(CL_MOUNT_TEMPORARY, hidden_directory);
    if (result < 0) return set_up(result);
    if (opened(hidden_file, O_RDONLY) != -ENOENT) return -10;
    if (opened(shown_file, O_WRONLY | O_CREAT | O_EXCL) != 0) return -11;
    if (mkdir("/dev/outer", 0700) < 0 || mkdir("/dev/outer/inner", 0700) < 0) return -12;
    result = place(CL_MOUNT_SAME, "/dev/outer");
    if (result == 0) result = place(CL_MOUNT_READ_ONLY, "/dev/outer/inner");
    if (result < 0) return set_up(result);
    if (opened("/dev/outer/inner/file", O_WRONLY | O_CREAT) != -EROFS) return -13;
    if (opened("/dev/outer/file", O_WRONLY | O_CREAT) != 0) return -14;
    if (rename("/dev/outer", "/dev/other") == 0 || errno != EBUSY) return -15;
    return 0;
}

static struct ck_probed mounts(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    if (opened(hidden_file, O_RDONLY) < 0) return probe_no_control(3, -errno);
    struct ck_probed found = judge(probe_act(-1, mount_acts, (void *)context));
    /* Neither came anything out, nor did what was hidden stay so. */
    if (found.finding == CK_WORKS && opened(hidden_file, O_RDONLY) < 0) return probe_ineffective(4, -errno);
    if (found.finding == CK_WORKS && access(shown_file, F_OK) == 0) return probe_ineffective(5, -EEXIST);
    return found;
}

struct ck_probed ck_probe_mount_namespace(const struct ck_probe_context *context) { return probe_run(context, mounts, NULL); }

/* MARK: /proc */

static int become(const struct ck_probe_context *context) {
    if (getuid() != 0) return 0;
    if (setgroups(0, NULL) < 0 || setresgid(context->gid, context->gid, context->gid) < 0) return -errno;
    if (setresuid(context->uid, context->uid, context->uid) < 0) return -errno;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int proc_acts(void *argument) {
    char stranger[32];
    const struct ck_probe_context *context = argument;
    snprintf(stranger, sizeof stranger, "/proc/%d/stat", (int)getppid());
    int result = enter(context, CL_HAS_MOUNTS);
    if (result == 0) result = place(CL_MOUNT_PROC, "/proc");
    if (result == 0) result = become(context);
    if (result < 0) return set_up(result);
    if (opened("/proc/self/stat", O_RDONLY) != 0) return -20;
    if (opened(stranger, O_RDONLY) != -ENOENT) return -21;
    if (opened("/proc/version", O_RDONLY) != -ENOENT) return -22;
    return 0;
}

/* The same, with the host's /proc. */
static int proc_control(void *argument) {
    char stranger[32];
    snprintf(stranger, sizeof stranger, "/proc/%d/stat", (int)getppid());
    int result = become(argument);
    if (result == 0) result = opened(stranger, O_RDONLY);
    return result == 0 ? opened("/proc/version", O_RDONLY) : result;
}

static struct ck_probed own_proc(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    if (!probe_exited(probe_act(-1, proc_control, (void *)context), 0)) return probe_no_control(1, -EACCES);
    return judge(probe_act(-1, proc_acts, (void *)context));
}

struct ck_probed ck_probe_private_proc(const struct ck_probe_context *context) { return probe_run(context, own_proc, NULL); }

/* MARK: mapped owners */

/* Where projects lie that a session may be lent, and a kernel or a filesystem may be unable to: an overlay is, for one. */
static const char *mapped_directory(void) { return access("/home", F_OK) == 0 ? "/home" : "/usr"; }

/* Root's files belong to `uid` there, or somebody else's do. */
static int mapped_acts(const struct ck_probe_context *context, uint32_t owner) {
    const struct cl_mount mount = {.kind = CL_MOUNT_MAPPED};
    enum cl_step failed;
    int mapping = cl_mapping_make(owner, owner, context->uid, context->gid);
    int result = mapping < 0 ? mapping : enter(context, CL_HAS_MOUNTS);
    if (result == 0) result = cl_mount_place(&mount, mapped_directory(), mapping, -1, &failed);
    if (result == 0) result = become(context);
    if (result < 0) return set_up(result);
    bool may_write = access(mapped_directory(), W_OK) == 0;
    return may_write == (owner == 0) ? 0 : owner == 0 ? -40 : -41;
}

static int mapped_from_root(void *argument) { return mapped_acts(argument, 0); }
static int mapped_from_other(void *argument) { return mapped_acts(argument, 1); }

static int mapped_control(void *argument) {
    int result = become(argument);
    return result < 0 ? result : access(mapped_directory(), W_OK) == 0 ? -EEXIST : 0;
}

static struct ck_probed mapped(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    if (getuid() != 0) return probe_unavailable(1, -EPERM);
    if (!probe_exited(probe_act(-1, mapped_control, (void *)context), 0)) return probe_no_control(2, -EACCES);
    struct ck_probed found = judge(probe_act(-1, mapped_from_root, (void *)context));
    return found.finding == CK_WORKS ? judge(probe_act(-1, mapped_from_other, (void *)context)) : found;
}

struct ck_probed ck_probe_idmapped_mounts(const struct ck_probe_context *context) { return probe_run(context, mapped, NULL); }

/* MARK: the network */

struct network_targets {
    const struct ck_probe_context *context;
    struct probe_target tcp;
    struct sockaddr_un abstract;
    socklen_t abstract_length;
};

static int dial_abstract(const struct network_targets *targets) {
    int caller = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    int result = connect(caller, (const struct sockaddr *)&targets->abstract, targets->abstract_length) < 0 ? -errno : 0;
    close(caller);
    return result;
}

static int network_acts(void *argument) {
    const struct network_targets *targets = argument;
    int result = enter(targets->context, CL_EMPTY_NETWORK);
    if (result < 0) return set_up(result);
    if (probe_dial(&targets->tcp) == 0) return -30;
    if (dial_abstract(targets) == 0) return -31;
    return 0;
}

static int network_control(void *argument) {
    const struct network_targets *targets = argument;
    int result = probe_dial(&targets->tcp);
    return result == 0 ? dial_abstract(targets) : result;
}

static struct ck_probed network(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    struct network_targets targets = {.context = context, .abstract = {.sun_family = AF_UNIX}, .abstract_length = sizeof targets.abstract};
    probe_enter_network(context);
    int result = probe_listen(AF_INET, SOCK_STREAM, &targets.tcp);
    int named = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    /* Bound to no name, it is given an abstract one. */
    if (result == 0 && (named < 0 || bind(named, (struct sockaddr *)&targets.abstract, offsetof(struct sockaddr_un, sun_path)) < 0)) {
        result = -errno;
    }
    if (result == 0 && getsockname(named, (struct sockaddr *)&targets.abstract, &targets.abstract_length) < 0) result = -errno;
    if (result < 0) return probe_no_control(1, result);
    if (!probe_exited(probe_act(-1, network_control, &targets), 0)) return probe_no_control(2, -ECONNREFUSED);
    if (!probe_arrived(&targets.tcp)) return probe_no_control(3, -ETIMEDOUT);
    struct ck_probed found = judge(probe_act(-1, network_acts, &targets));
    return found.finding == CK_WORKS && probe_arrived(&targets.tcp) ? probe_ineffective(4, 0) : found;
}

struct ck_probed ck_probe_network_namespace(const struct ck_probe_context *context) { return probe_run(context, network, NULL); }
