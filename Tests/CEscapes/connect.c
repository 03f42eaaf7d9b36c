#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CEscapes.h"
#include "stage.h"

enum { listeners_max = 8 };

/* In the child: ends with the errno. */
static int attempt_connection(const void *argument) {
    const struct ce_attempt *attempt = argument;
    struct sockaddr_storage target, source;
    socklen_t length = stage_address(attempt->address, attempt->port, attempt->from_ipv6, &target);
    int caller = socket(target.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return errno;
    if (attempt->on_device && setsockopt(caller, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0) return ENODEV;
    if (attempt->binds) {
        socklen_t source_length = stage_address(attempt->bound, 0, attempt->from_ipv6, &source);
        if (bind(caller, (struct sockaddr *)&source, source_length) < 0) return EADDRNOTAVAIL;
    }
    return connect(caller, (struct sockaddr *)&target, length) < 0 ? errno : 0;
}

struct stage {
    int cgroup;
    const struct ce_attempt *attempt;
    const uint8_t *listeners;
    int count;
};

static int attempt_and_look(const void *argument, void *answer) {
    const struct stage *stage = argument;
    struct ce_reached *reached = answer;
    int listeners[listeners_max], result = 0;
    for (int i = 0; result >= 0 && i < stage->count; i++)
        result = listeners[i] = stage_receiver(stage->listeners + 16 * i, stage->attempt->port, SOCK_STREAM);
    if (result < 0) return result;
    reached->listener = -1;
    reached->error = stage_run_in(stage->cgroup, attempt_connection, stage->attempt);
    for (int i = 0; i < stage->count; i++) {
        if (accept(listeners[i], NULL, NULL) >= 0) reached->listener = i;
    }
    return reached->error < 0 ? reached->error : 0;
}

int ce_connect(int cgroup, const struct ce_attempt *attempt, const uint8_t *listeners, int count, struct ce_reached *reached) {
    const struct stage stage = {.cgroup = cgroup, .attempt = attempt, .listeners = listeners, .count = count};
    if (count > listeners_max) return -EINVAL;
    return stage_perform(attempt_and_look, &stage, reached, sizeof *reached);
}
