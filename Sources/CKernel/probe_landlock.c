#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_landlock.h"
#include "probe.h"

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

static int restrict_self(int ruleset) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}

static int try_open(const char *path, int flags) {
    int descriptor = open(path, flags | O_CLOEXEC);
    if (descriptor < 0) return -errno;
    close(descriptor);
    return 0;
}

/* MARK: files */

static struct ck_probed files(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    const char *granted = "/proc/self/exe";
    int result = try_open("/", O_RDONLY | O_DIRECTORY);
    if (result == 0) result = try_open(granted, O_RDONLY);
    if (result < 0) return probe_no_control(1, result);
    int program = open(granted, O_PATH | O_CLOEXEC);
    int ruleset = ck_landlock_create_ruleset(CK_FS_READ_FILE | CK_FS_READ_DIR, 0, 0);
    if (ruleset < 0) return probe_unavailable(2, ruleset);
    result = ck_landlock_add_path(ruleset, program, CK_FS_READ_FILE);
    if (result == 0) result = restrict_self(ruleset);
    if (result < 0) return probe_unavailable(3, result);
    result = try_open("/", O_RDONLY | O_DIRECTORY);
    if (result != -EACCES) return probe_ineffective(4, result);
    int granted_result = try_open(granted, O_RDONLY);
    return granted_result < 0 ? probe_ineffective(5, granted_result) : probe_works(-result, 0);
}

struct ck_probed ck_probe_landlock_files(const struct ck_probe_context *context) { return probe_run(context, files, NULL); }

/* Not every file system makes nameless files (overlayfs of 6.1 does not). */
static int nameless_file(void) {
    static const char *const directories[] = {"/tmp", "/dev/shm", "/var/tmp"};
    int file = -1;
    for (size_t i = 0; file < 0 && i < sizeof directories / sizeof directories[0]; i++) {
        file = open(directories[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    return file < 0 ? -errno : file;
}

static struct ck_probed truncation(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    char path[32];
    int file = nameless_file();
    if (file < 0) return probe_no_control(1, file);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (truncate(path, 0) < 0) return probe_no_control(2, -errno);
    int ruleset = ck_landlock_create_ruleset(CK_FS_TRUNCATE, 0, 0);
    if (ruleset < 0) return probe_unavailable(3, ruleset);
    int result = restrict_self(ruleset);
    if (result < 0) return probe_unavailable(4, result);
    result = truncate(path, 0) < 0 ? -errno : 0;
    return result == -EACCES ? probe_works(EACCES, 0) : probe_ineffective(5, result);
}

struct ck_probed ck_probe_landlock_truncate(const struct ck_probe_context *context) { return probe_run(context, truncation, NULL); }

/* MARK: TCP */

/* Restricts connecting to one of the two. */
static int restrict_to_port(uint16_t port, int *step) {
    *step = 3;
    int ruleset = ck_landlock_create_ruleset(0, CK_NET_CONNECT_TCP | CK_NET_BIND_TCP, 0);
    if (ruleset < 0) return ruleset;
    *step = 4;
    int result = ck_landlock_add_port(ruleset, port, CK_NET_CONNECT_TCP);
    return result < 0 ? result : restrict_self(ruleset);
}

static struct ck_probed tcp(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    struct probe_target permitted, forbidden;
    int step;
    probe_enter_network(context);
    int result = probe_listen(AF_INET, SOCK_STREAM, &permitted);
    if (result == 0) result = probe_listen(AF_INET, SOCK_STREAM, &forbidden);
    if (result < 0) return probe_no_control(1, result);
    result = probe_dial(&forbidden);
    if (result < 0 || !probe_arrived(&forbidden)) return probe_no_control(2, result);
    result = restrict_to_port(permitted.port, &step);
    if (result < 0) return probe_unavailable(step, result);
    result = probe_dial(&permitted);
    if (result < 0 || !probe_arrived(&permitted)) return probe_ineffective(5, result);
    result = probe_dial(&forbidden);
    if (result != -EACCES || probe_arrived(&forbidden)) return probe_ineffective(6, result);
    return probe_works(-result, 0);
}

struct ck_probed ck_probe_landlock_tcp(const struct ck_probe_context *context) { return probe_run(context, tcp, NULL); }

static struct ck_probed fastopen(const struct ck_probe_context *context, void *argument) {
    (void)argument;
    struct probe_target forbidden;
    int step;
    probe_enter_network(context);
    int result = probe_listen(AF_INET, SOCK_STREAM, &forbidden);
    if (result < 0) return probe_no_control(1, result);
    result = probe_fastopen(&forbidden);
    if (result < 0 || !probe_arrived(&forbidden)) return probe_no_control(2, result);
    result = restrict_to_port(1, &step);
    if (result < 0) return probe_unavailable(step, result);
    result = probe_fastopen(&forbidden);
    if (result == 0 || probe_arrived(&forbidden)) return probe_ineffective(5, result);
    return probe_works(-result, 0);
}

struct ck_probed ck_probe_landlock_fastopen(const struct ck_probe_context *context) { return probe_run(context, fastopen, NULL); }

/* MARK: scopes */

static int scope(uint64_t scoped, int *step) {
    *step = 3;
    int ruleset = ck_landlock_create_ruleset(0, 0, scoped);
    if (ruleset < 0) return ruleset;
    *step = 4;
    return restrict_self(ruleset);
}

/* Waits to be killed. */
static pid_t bystander(void) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) pause();
}

static int ask(pid_t pid) { return kill(pid, 0) < 0 ? -errno : 0; }

static struct ck_probed signals(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    int step;
    pid_t outsider = bystander();
    int result = outsider < 0 ? -errno : ask(outsider);
    if (result < 0) return probe_no_control(1, result);
    result = scope(CK_SCOPE_SIGNAL, &step);
    if (result < 0) return probe_unavailable(step, result);
    pid_t insider = bystander();
    result = insider < 0 ? -errno : ask(insider);
    if (result < 0) return probe_ineffective(5, result);
    kill(insider, SIGKILL);
    result = ask(outsider);
    return result == -EPERM ? probe_works(EPERM, 0) : probe_ineffective(6, result);
}

struct ck_probed ck_probe_landlock_signal(const struct ck_probe_context *context) { return probe_run(context, signals, NULL); }

/* Autobind gives it an abstract name. */
static int abstract_listener(struct sockaddr_un *name, socklen_t *length) {
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    *length = sizeof *name;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return -errno;
    if (bind(listener, (struct sockaddr *)name, sizeof name->sun_family) < 0 || listen(listener, 4) < 0) return -errno;
    return getsockname(listener, (struct sockaddr *)name, length) < 0 ? -errno : 0;
}

static int dial_unix(const struct sockaddr_un *name, socklen_t length) {
    int caller = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    int result = connect(caller, (const struct sockaddr *)name, length) < 0 ? -errno : 0;
    close(caller);
    return result;
}

static struct ck_probed abstract_unix(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    struct sockaddr_un outside, inside;
    socklen_t outside_length, inside_length;
    int step;
    int result = abstract_listener(&outside, &outside_length);
    if (result == 0) result = dial_unix(&outside, outside_length);
    if (result < 0) return probe_no_control(1, result);
    result = scope(CK_SCOPE_ABSTRACT_UNIX, &step);
    if (result < 0) return probe_unavailable(step, result);
    result = abstract_listener(&inside, &inside_length);
    if (result == 0) result = dial_unix(&inside, inside_length);
    if (result < 0) return probe_ineffective(5, result);
    result = dial_unix(&outside, outside_length);
    return result == -EPERM ? probe_works(EPERM, 0) : probe_ineffective(6, result);
}

struct ck_probed ck_probe_landlock_abstract_unix(const struct ck_probe_context *context) { return probe_run(context, abstract_unix, NULL); }
