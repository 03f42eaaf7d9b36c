#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CEscapes.h"
#include "cl_network.h"
#include "stage.h"

struct stage {
    int cgroup;
    const struct ce_listening *listening;
    int stranger; /* made outside of the cgroup, and so not of it */
};

enum { was_reached = 100, was_not_reached = 101 };

/* Within the cgroup: an exit status, an errno or one of the two above. */
static int listen_and_look(const void *argument) {
    const struct stage *stage = argument;
    const struct ce_listening *listening = stage->listening;
    struct sockaddr_storage address;
    socklen_t length = stage_address(listening->address, listening->port, 0, &address);
    int listener = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return errno;
    if (listening->binds && bind(listener, (struct sockaddr *)&address, length) < 0) return errno;
    if (listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0) return errno;
    uint16_t port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    length = stage_address(listening->reached, port, 0, &address);
    connect(stage->stranger, (struct sockaddr *)&address, length);
    return accept(listener, NULL, NULL) >= 0 ? was_reached : was_not_reached;
}

static int perform(const void *argument, void *answer) {
    struct stage stage = *(const struct stage *)argument;
    struct ce_reached *reached = answer;
    int result = cl_network_add_address(stage.listening->reached);
    if (result < 0) return result;
    int family = cl_network_is_mapped(stage.listening->reached) ? AF_INET : AF_INET6;
    stage.stranger = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (stage.stranger < 0) return -errno;
    result = stage_run_in(stage.cgroup, listen_and_look, &stage);
    bool is_told = result == was_reached || result == was_not_reached;
    *reached = (struct ce_reached){.error = is_told ? 0 : result, .listener = result == was_reached ? 0 : -1};
    return result < 0 ? result : 0;
}

int ce_listen(int cgroup, const struct ce_listening *listening, struct ce_reached *reached) {
    const struct stage stage = {.cgroup = cgroup, .listening = listening, .stranger = -1};
    return stage_perform(perform, &stage, reached, sizeof *reached);
}
