/*
 * Probes of what holds unix sockets by path: what is granted is reached by streams and datagrams, what is not is stopped, and unconfined both
 * are reached.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "ck_bpf.h"
#include "ck_landlock.h"
#include "probe.h"

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

/* What is dialled; the first two are granted. The last has no path. */
enum target { granted_stream, granted_datagram, other_stream, other_datagram, abstract_stream, target_count };

struct unix_probe {
    struct probe_scratch scratch;
    const void *object;
    size_t count;
    char directory[48]; /* ours, for the sockets */
    int receivers[target_count];
    enum target dialled;
};

static int type_of(enum target target) { return target == granted_datagram || target == other_datagram ? SOCK_DGRAM : SOCK_STREAM; }

static void path_of(const struct unix_probe *probe, enum target target, char path[static 64]) {
    snprintf(path, 64, "%s/%d", probe->directory, (int)target);
}

static socklen_t name_of(const struct unix_probe *probe, enum target target, struct sockaddr_un *name) {
    char path[64];
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    path_of(probe, target, path);
    bool is_abstract = target == abstract_stream;
    size_t length = strlen(path);
    memcpy(name->sun_path + is_abstract, path, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + is_abstract + length);
}

/* MARK: outside */

static int receive_at(const struct unix_probe *probe, enum target target) {
    struct sockaddr_un name;
    socklen_t length = name_of(probe, target, &name);
    int receiver = socket(AF_UNIX, type_of(target) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (receiver < 0) return -errno;
    if (bind(receiver, (struct sockaddr *)&name, length) < 0) return -errno;
    if (type_of(target) == SOCK_STREAM && listen(receiver, 4) < 0) return -errno;
    return receiver;
}

static int make_receivers(struct unix_probe *probe) {
    for (enum target target = 0; target < target_count; target++) {
        probe->receivers[target] = receive_at(probe, target);
        if (probe->receivers[target] < 0) return probe->receivers[target];
    }
    return 0;
}

static bool arrived(const struct unix_probe *probe, enum target target) {
    const struct probe_target receiver = {.type = type_of(target), .listener = probe->receivers[target]};
    return probe_arrived(&receiver);
}

/* MARK: acts */

static int dial(const struct unix_probe *probe, enum target target) {
    struct sockaddr_un name;
    socklen_t length = name_of(probe, target, &name);
    int caller = socket(AF_UNIX, type_of(target) | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    long result = type_of(target) == SOCK_STREAM ? connect(caller, (struct sockaddr *)&name, length)
                                                 : sendto(caller, "x", 1, 0, (struct sockaddr *)&name, length);
    int failure = result < 0 ? -errno : 0;
    close(caller);
    return failure;
}

static int dial_one(void *argument) { return dial(argument, ((struct unix_probe *)argument)->dialled); }

/* A name that the kernel chooses: nothing is left of it. */
static int bind_own(void *argument) {
    (void)argument;
    const struct sockaddr_un name = {.sun_family = AF_UNIX};
    int own = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (own < 0) return -errno;
    int result = bind(own, (const struct sockaddr *)&name, sizeof name.sun_family) < 0 ? -errno : 0;
    close(own);
    return result;
}

/* MARK: judging */

/* In the cgroup, or with -1 where we are. The act's own answer: 0, or an errno. */
static int perform(struct unix_probe *probe, int cgroup, enum target target) {
    probe->dialled = target;
    int status = probe_act(cgroup, dial_one, probe);
    for (int error = 0; error < 200; error++) {
        if (probe_exited(status, error)) return -error;
    }
    return -EIO;
}

/* What is granted arrives; what is not is answered by `denial` and does not. Landlock's right is not over abstract names. */
static struct ck_probed judge(struct unix_probe *probe, int cgroup, int denial, enum target last) {
    for (enum target target = 0; target <= last; target++) {
        bool is_granted = target <= granted_datagram;
        int result = perform(probe, cgroup, target);
        if (result != (is_granted ? 0 : -denial) || arrived(probe, target) != is_granted) return probe_ineffective(5 + (int)target, result);
    }
    return probe_works(denial, 0);
}

static int goes_through_unconfined(struct unix_probe *probe) {
    for (enum target target = 0; target < target_count; target++) {
        int result = perform(probe, -1, target);
        if (result < 0 || !arrived(probe, target)) return result < 0 ? result : -EIO;
    }
    return 0;
}

static int open_granted(const struct unix_probe *probe, enum target target) {
    char path[64];
    path_of(probe, target, path);
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

/* MARK: Landlock */

static int restrict_to_granted(const struct unix_probe *probe, int ruleset) {
    for (enum target target = granted_stream; target <= granted_datagram; target++) {
        int socket = open_granted(probe, target);
        int result = socket < 0 ? socket : ck_landlock_add_path(ruleset, socket, CK_FS_RESOLVE_UNIX);
        if (result < 0) return result;
        close(socket);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}

static struct ck_probed landlock(const struct ck_probe_context *context, void *argument) {
    (void)context;
    struct unix_probe *probe = argument;
    int result = make_receivers(probe);
    if (result == 0) result = goes_through_unconfined(probe);
    if (result < 0) return probe_no_control(1, result);
    int ruleset = ck_landlock_create_ruleset(CK_FS_RESOLVE_UNIX, 0, 0);
    if (ruleset < 0) return probe_unavailable(2, ruleset);
    result = restrict_to_granted(probe, ruleset);
    return result < 0 ? probe_unavailable(3, result) : judge(probe, -1, EACCES, other_datagram);
}

/* MARK: security hooks */

static const enum ck_hook hooks[] = {CK_HOOK_UNIX_STREAM, CK_HOOK_UNIX_DATAGRAM, CK_HOOK_UNIX_BIND, CK_HOOK_UNIX_LISTEN};
enum { hook_count = sizeof hooks / sizeof hooks[0] };

static int load(const struct unix_probe *probe, struct ck_object *object) {
    int result = 0;
    for (int i = 0; i < hook_count && result == 0; i++) {
        const char *program = ck_egress_program(hooks[i]);
        result = program == NULL ? -EINVAL : ck_bpf_want(object, program);
    }
    if (result == 0) result = ck_bpf_load(object);
    for (enum target target = granted_stream; target <= granted_datagram && result == 0; target++) {
        int socket = open_granted(probe, target);
        result = socket < 0 ? socket : ck_bpf_grant(object, ck_egress_sockets, socket);
        if (socket >= 0) close(socket);
    }
    return result;
}

/* The links, or -errno with what was attached detached again. */
static int attach(struct ck_object *object, int cgroup, int links[static hook_count]) {
    for (int i = 0; i < hook_count; i++) {
        const char *program = ck_egress_program(hooks[i]);
        links[i] = program == NULL ? -EINVAL : ck_bpf_attach(object, program, cgroup);
        if (links[i] >= 0) continue;
        for (int k = 0; k < i; k++) close(links[k]);
        return links[i];
    }
    return 0;
}

static struct ck_probed judge_hooks(struct unix_probe *probe) {
    int inside = probe->scratch.directory;
    struct ck_probed found = judge(probe, inside, EPERM, abstract_stream);
    if (found.finding != CK_WORKS) return found;
    int status = probe_act(inside, bind_own, probe);
    if (!probe_exited(status, EPERM)) return probe_ineffective(5 + target_count, 0);
    /* It is this cgroup's processes that are judged. */
    return probe_exited(probe_act(-1, bind_own, probe), 0) ? found : probe_no_control(6 + target_count, 0);
}

static struct ck_probed security(const struct ck_probe_context *context, void *argument) {
    (void)context;
    struct unix_probe *probe = argument;
    int failure = make_receivers(probe);
    if (failure == 0) failure = goes_through_unconfined(probe);
    if (failure < 0) return probe_no_control(1, failure);
    struct ck_object *object = ck_bpf_open(probe->object, probe->count, "probe", NULL, 0, &failure);
    if (object == NULL) return probe_unavailable(2, failure);
    int links[hook_count];
    int step = 3;
    int result = load(probe, object);
    if (result == 0) {
        step = 4;
        result = attach(object, probe->scratch.directory, links);
    }
    struct ck_probed found = result < 0 ? probe_unavailable(step, result) : judge_hooks(probe);
    for (int i = 0; i < hook_count && result == 0; i++) {
        ck_bpf_link_detach(links[i]);
        close(links[i]);
    }
    ck_bpf_close(object);
    return found;
}

/* MARK: hooks of unix sockets, which deny all of it */

static int load_denials(struct ck_object *object, int cgroup, int links[static 2]) {
    static const enum ck_hook denials[2] = {CK_HOOK_CONNECT_UNIX, CK_HOOK_SENDMSG_UNIX};
    int result = 0;
    for (int i = 0; i < 2 && result == 0; i++) result = ck_bpf_want(object, ck_egress_program(denials[i]));
    if (result == 0) result = ck_bpf_load(object);
    for (int i = 0; i < 2 && result == 0; i++) {
        links[i] = ck_bpf_attach(object, ck_egress_program(denials[i]), cgroup);
        if (links[i] < 0) result = links[i];
    }
    return result;
}

/* A connected pair has no peer outside: it goes on. */
static int speak_in_pair(void *argument) {
    (void)argument;
    int pair[2];
    char byte = 'x';
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return -errno;
    return write(pair[0], &byte, 1) == 1 && read(pair[1], &byte, 1) == 1 ? 0 : -EIO;
}

static struct ck_probed judge_denials(struct unix_probe *probe) {
    for (enum target target = 0; target < target_count; target++) {
        int result = perform(probe, probe->scratch.directory, target);
        if (result != -EPERM || arrived(probe, target)) return probe_ineffective(5 + (int)target, result);
    }
    int status = probe_act(probe->scratch.directory, speak_in_pair, probe);
    return probe_exited(status, 0) ? probe_works(EPERM, 0) : probe_ineffective(5 + target_count, 0);
}

static struct ck_probed denials(const struct ck_probe_context *context, void *argument) {
    (void)context;
    struct unix_probe *probe = argument;
    int links[2] = {-1, -1};
    int failure = make_receivers(probe);
    if (failure == 0) failure = goes_through_unconfined(probe);
    if (failure < 0) return probe_no_control(1, failure);
    struct ck_object *object = ck_bpf_open(probe->object, probe->count, "probe", NULL, 0, &failure);
    if (object == NULL) return probe_unavailable(2, failure);
    int result = load_denials(object, probe->scratch.directory, links);
    struct ck_probed found = result < 0 ? probe_unavailable(3, result) : judge_denials(probe);
    for (int i = 0; i < 2; i++) {
        if (links[i] < 0) continue;
        ck_bpf_link_detach(links[i]);
        close(links[i]);
    }
    ck_bpf_close(object);
    return found;
}

/* MARK: a directory for the sockets, which goes whatever becomes of the child */

static int make_directory(struct unix_probe *probe) {
    static const char *const places[] = {"/run", "/tmp", "/dev/shm", "/var/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(probe->directory, sizeof probe->directory, "%s/sandboxd-probe-XXXXXX", places[i]);
        if (mkdtemp(probe->directory) != NULL) return 0;
    }
    return -errno;
}

static void remove_directory(const struct unix_probe *probe) {
    for (enum target target = 0; target < target_count; target++) {
        char path[64];
        path_of(probe, target, path);
        unlink(path);
    }
    rmdir(probe->directory);
}

struct ck_probed ck_probe_landlock_unix(const struct ck_probe_context *context) {
    struct unix_probe probe = {.object = NULL};
    int result = make_directory(&probe);
    if (result < 0) return probe_no_control(1, result);
    struct ck_probed found = probe_run(context, landlock, &probe);
    remove_directory(&probe);
    return found;
}

struct ck_probed ck_probe_unix_programs(const struct ck_probe_context *context, const void *object, size_t count) {
    struct unix_probe probe = {.object = object, .count = count};
    int result = make_directory(&probe);
    if (result < 0) return probe_no_control(1, result);
    struct ck_probed found = probe_run_scratch(context, security, &probe.scratch, &probe);
    remove_directory(&probe);
    return found;
}

struct ck_probed ck_probe_unix_hooks(const struct ck_probe_context *context, const void *object, size_t count) {
    struct unix_probe probe = {.object = object, .count = count};
    int result = make_directory(&probe);
    if (result < 0) return probe_no_control(1, result);
    struct ck_probed found = probe_run_scratch(context, denials, &probe.scratch, &probe);
    remove_directory(&probe);
    return found;
}
