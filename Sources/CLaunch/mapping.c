/*
 * A user namespace that nobody lives in: it is only a table of ids. Why a process: there is no other way to make one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

static int write_map(int process, const char *name, uint32_t id, uint32_t shown) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/%s", process, name);
    int length = snprintf(text, sizeof text, "%u %u 1", id, shown);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = write(file, text, (size_t)length) == length ? 0 : -errno;
    close(file);
    return result;
}

static int open_namespace(int process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", process);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int cl_mapping_make(uint32_t uid, uint32_t gid, uint32_t shown_uid, uint32_t shown_gid) {
    /* Without a signal at its end, so that whoever waits for all children does not hear of it. */
    long process = syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0);
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) pause();
    }
    if (process < 0) return -errno;
    int result = write_map((int)process, "gid_map", gid, shown_gid);
    if (result == 0) result = write_map((int)process, "uid_map", uid, shown_uid);
    if (result == 0) result = open_namespace((int)process);
    kill((pid_t)process, SIGKILL);
    while (waitpid((pid_t)process, NULL, __WALL) < 0 && errno == EINTR) continue;
    return result;
}
