#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_audit.h"
#include "ck_landlock.h"
#include "probe.h"

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

/* What a denial takes to come by way of the kernel's own thread. */
enum { record_milliseconds = 2000, room = 1 << 16, records_max = 256 };

/* In a process of its own: lists a directory, and once more in a domain that grants nothing. */
static int be_denied(void *argument) {
    (void)argument;
    int ruleset = ck_landlock_create_ruleset(CK_FS_READ_DIR, 0, 0);
    if (ruleset < 0) return ruleset;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    if (syscall(SYS_landlock_restrict_self, ruleset, CK_LANDLOCK_LOG_NEW_EXEC_ON) < 0) return -errno;
    if (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0) return -EISDIR;
    return errno == EACCES ? 0 : -errno;
}

struct sought {
    unsigned long long domain;
    bool was_denied; /* a record of the act came, and so gave the domain its number */
    bool is_ours;
};

static void look_at(uint16_t type, const char *text, pid_t pid, struct sought *sought) {
    unsigned long long domain = 0;
    int process = 0;
    const char *begin = strstr(text, "): ");
    if (begin == NULL) return;
    if (type == CK_AUDIT_LANDLOCK_ACCESS && sscanf(begin, "): domain=%llx blockers=fs.read_dir ", &domain) == 1) {
        *sought = (struct sought){.domain = domain, .was_denied = true};
    }
    if (type == CK_AUDIT_LANDLOCK_DOMAIN && sscanf(begin, "): domain=%llx status=allocated mode=enforcing pid=%d", &domain, &process) == 2) {
        sought->is_ours = sought->was_denied && sought->domain == domain && process == pid;
    }
}

static bool arrives(int records, pid_t pid) {
    static char text[CK_AUDIT_RECORD_MAX + 1];
    struct sought sought = {0};
    struct pollfd waited = {.fd = records, .events = POLLIN};
    for (int i = 0; i < records_max && !sought.is_ours; i++) {
        uint16_t type = 0;
        ssize_t count = ck_audit_receive(records, &type, text, sizeof text - 1);
        if (count == -EAGAIN && poll(&waited, 1, record_milliseconds) <= 0) return false;
        if (count < 0) continue;
        text[count] = 0;
        look_at(type, text, pid, &sought);
    }
    return sought.is_ours;
}

static struct ck_probed audit(const struct ck_probe_context *context, void *argument) {
    (void)context, (void)argument;
    int control = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (control < 0) return probe_no_control(1, -errno);
    close(control);
    int records = ck_audit_open_records(room);
    if (records < 0) return probe_unavailable(2, records);
    pid_t pid = fork();
    if (pid < 0) return probe_unavailable(3, -errno);
    if (pid == 0) _exit(-be_denied(NULL));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) return probe_unavailable(3, -errno);
    }
    if (!probe_exited(status, 0)) return probe_unavailable(4, WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD);
    return arrives(records, pid) ? probe_works(EACCES, 0) : probe_ineffective(5, 0);
}

struct ck_probed ck_probe_audit(const struct ck_probe_context *context) { return probe_run(context, audit, NULL); }
