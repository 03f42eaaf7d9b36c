#define _GNU_SOURCE
#include "clx_namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t written = write(file, text, strlen(text));
    int result = written == (ssize_t)strlen(text) ? 0 : written < 0 ? -errno : -EIO;
    close(file);
    return result;
}

static int map_only(const char *path, unsigned int id) {
    char line[64];
    snprintf(line, sizeof line, "%u %u 1\n", id, id);
    return write_file(path, line);
}

int clx_enter_private_namespaces(void) {
    const unsigned int uid = getuid(), gid = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0) return -errno;
    /* Groups can no longer be changed: a condition of mapping a gid without privilege (user_namespaces(7)). */
    int result = write_file("/proc/self/setgroups", "deny");
    if (result == 0) result = map_only("/proc/self/gid_map", gid);
    return result == 0 ? map_only("/proc/self/uid_map", uid) : result;
}
