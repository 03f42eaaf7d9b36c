/* The floor for a gate: copies bytes both ways between its stdio and a child's, looking at none of them.
 * poll_relay [--cpu N] -- COMMAND [ARGUMENT...] */
#define _GNU_SOURCE
#include "child_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

struct way {
    int from, to;
    char bytes[1 << 16];
    size_t begin, end;
};

/* Writes what is queued; false when that end is gone. */
static int drain(struct way *way)
{
    while (way->begin < way->end) {
        ssize_t count = write(way->to, way->bytes + way->begin, way->end - way->begin);
        if (count < 0)
            return errno == EINTR || errno == EAGAIN;
        way->begin += (size_t)count;
    }
    way->begin = way->end = 0;
    return 1;
}

static int move_bytes(struct way *way)
{
    ssize_t count = read(way->from, way->bytes, sizeof way->bytes);
    if (count < 0)
        return errno == EINTR;
    if (count == 0)
        return 0;
    way->end = (size_t)count;
    return drain(way);
}

int main(int count, char **arguments)
{
    int at = 1;
    if (count > 2 && strcmp(arguments[1], "--cpu") == 0)
        at = 3;
    if (at >= count || strcmp(arguments[at], "--") != 0 || at + 1 >= count) {
        fprintf(stderr, "usage: poll_relay [--cpu N] -- COMMAND [ARGUMENT...]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    static struct way inward, outward;
    pid_t child = start(arguments + at + 1, &inward.to, &outward.from);
    if (at == 3)
        pin(atoi(arguments[2]));
    inward.from = 0;
    outward.to = 1;
    struct pollfd watched[2] = {{.fd = inward.from, .events = POLLIN}, {.fd = outward.from, .events = POLLIN}};
    while (watched[1].fd >= 0 && poll(watched, 2, -1) > 0) {
        if (watched[0].revents && !move_bytes(&inward)) {
            close(inward.to);
            watched[0].fd = -1;
        }
        if (watched[1].revents && !move_bytes(&outward))
            watched[1].fd = -1;
    }
    return status_of(child);
}
