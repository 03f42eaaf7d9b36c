/* The floor for a gate: copies bytes both ways between its stdio and a child's, looking at none of them.
 * poll_relay [--cpu N] -- COMMAND [ARGUMENT...] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct way {
    int from, to;
    char bytes[1 << 16];
    size_t begin, end;
};

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        perror("sched_setaffinity");
}

static pid_t start(char **command, int *to_child, int *from_child)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        perror("pipe2");
        exit(1);
    }
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    *to_child = in[1];
    *from_child = out[0];
    return pid;
}

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
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
