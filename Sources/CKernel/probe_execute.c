/*
 * Probe of what holds executed files by inode: the shell that is granted runs, a copy of it in memory does not, and where the launch alone may
 * execute the shell runs once. Unconfined both run, twice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ck_bpf.h"
#include "probe.h"

static const char shell[] = "/bin/sh";
enum { second_ran = 43, second_refused = 44 };

struct execute_probe {
    struct probe_scratch scratch;
    const void *object;
    size_t count;
    int copy;
};

/* A shell that has another say whether it ran. */
static char *const arguments[] = {"sh", "-c", "/bin/sh -c 'exit 43' 2>/dev/null && exit 45; [ $? = 43 ] && exit 43; exit 44", NULL};
static char *const environment[] = {NULL};

static int run_shell(void *argument) {
    (void)argument;
    execve(shell, arguments, environment);
    return -errno;
}

static int run_copy(void *argument) {
    const struct execute_probe *probe = argument;
    syscall(SYS_execveat, probe->copy, "", arguments, environment, AT_EMPTY_PATH);
    return -errno;
}

static int copy_shell(void) {
    int file = open(shell, O_RDONLY | O_CLOEXEC);
    int copy = memfd_create("copy", MFD_CLOEXEC);
    struct stat facts;
    int result = file < 0 || copy < 0 || fstat(file, &facts) < 0 ? -errno : 0;
    off_t place = 0;
    while (result == 0 && place < facts.st_size) {
        ssize_t count = sendfile(copy, file, &place, (size_t)(facts.st_size - place));
        if (count <= 0) result = count < 0 ? -errno : -EIO;
    }
    if (file >= 0) close(file);
    if (result == 0) return copy;
    if (copy >= 0) close(copy);
    return result;
}

static int grant_shell(struct ck_object *object) {
    int file = open(shell, O_PATH | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = ck_bpf_grant(object, ck_egress_executables, file);
    close(file);
    return result;
}

/* The link, or -errno. */
static int attach(const struct execute_probe *probe, struct ck_object *object, const struct execute_rules *rules) {
    const char *program = ck_egress_program(CK_HOOK_EXECUTE);
    if (program == NULL) return -EINVAL;
    int result = ck_bpf_set_constants(object, rules, sizeof *rules);
    if (result == 0) result = ck_bpf_want(object, program);
    if (result == 0) result = ck_bpf_load(object);
    if (result == 0) result = grant_shell(object);
    return result == 0 ? ck_bpf_attach(object, program, probe->scratch.directory) : result;
}

/* Of the copy first: what is denied does not count as the launch's execve. */
static struct ck_probed judge(struct execute_probe *probe, const struct execute_rules *rules) {
    int inside = probe->scratch.directory;
    if (!probe_exited(probe_act(inside, run_copy, probe), EPERM)) return probe_ineffective(6, 0);
    int status = probe_act(inside, run_shell, NULL);
    if (!probe_exited(status, rules->once ? second_refused : second_ran)) return probe_ineffective(7, 0);
    if (rules->once && !probe_exited(probe_act(inside, run_shell, NULL), EPERM)) return probe_ineffective(8, 0);
    /* It is this cgroup's processes that are judged. */
    return probe_exited(probe_act(-1, run_copy, probe), second_ran) ? probe_works(EPERM, 0) : probe_no_control(9, 0);
}

static struct ck_probed try_rules(struct execute_probe *probe, const struct execute_rules *rules) {
    int failure;
    struct ck_object *object = ck_bpf_open(probe->object, probe->count, "probe", NULL, 0, &failure);
    if (object == NULL) return probe_unavailable(4, failure);
    int link = attach(probe, object, rules);
    struct ck_probed found = link < 0 ? probe_unavailable(5, link) : judge(probe, rules);
    if (link >= 0) {
        ck_bpf_link_detach(link);
        close(link);
    }
    ck_bpf_close(object);
    return found;
}

static struct ck_probed execution(const struct ck_probe_context *context, void *argument) {
    (void)context;
    const struct execute_rules list = {.once = 0}, once = {.once = 1};
    struct execute_probe *probe = argument;
    probe->copy = copy_shell();
    if (probe->copy < 0) return probe_no_control(1, probe->copy);
    if (!probe_exited(probe_act(-1, run_shell, NULL), second_ran)) return probe_no_control(2, 0);
    if (!probe_exited(probe_act(-1, run_copy, probe), second_ran)) return probe_no_control(3, 0);
    struct ck_probed found = try_rules(probe, &list);
    return found.finding == CK_WORKS ? try_rules(probe, &once) : found;
}

struct ck_probed ck_probe_execute(const struct ck_probe_context *context, const void *object, size_t count) {
    struct execute_probe probe = {.object = object, .count = count, .copy = -1};
    return probe_run_scratch(context, execution, &probe.scratch, &probe);
}
