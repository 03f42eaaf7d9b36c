#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "CEscapes.h"

int ce_mount_silent(const char *path) {
    char options[64];
    int server = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (server < 0) return -errno;
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", server);
    if (mount("silent", path, "fuse", MS_NOSUID | MS_NODEV, options) == 0) return server;
    int result = -errno;
    close(server);
    return result;
}
