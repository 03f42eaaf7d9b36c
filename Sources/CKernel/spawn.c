#define _GNU_SOURCE
#include "ck_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int ck_spawn(const struct cl_specification *fixed, int cgroup, int directory, const char *path,
             const uint8_t *arguments, size_t arguments_length, const uint8_t *environment, size_t environment_length, const uint32_t *groups, uint32_t group_count,
             const int *descriptors, int descriptor_count, struct ck_spawned *spawned) {
    *spawned = (struct ck_spawned){.pidfd = -1, .pid = -1, .failed = CL_STEP_READ_SPECIFICATION};
    if (descriptor_count < 3 || descriptor_count > CL_DESCRIPTORS_MAX) return -EINVAL;
    struct cl_specification specification = *fixed;
    specification.flags &= ~(CL_HAS_DIRECTORY | CL_HAS_RULESET | CL_HAS_SECCOMP | CL_EXEC_ONCE | CL_WAIT_ARMED);
    specification.flags |= directory >= 0 ? CL_HAS_DIRECTORY : 0;
    specification.descriptor_count = (uint32_t)descriptor_count;
    int memory = cl_specification_write(&specification, path, arguments, arguments_length, environment, environment_length,
                                        groups, group_count, NULL, 0);
    if (memory < 0) return memory;
    int all[2 + CL_DESCRIPTORS_MAX] = {memory};
    int count = 1;
    if (directory >= 0) all[count++] = directory;
    memcpy(all + count, descriptors, sizeof(int) * (size_t)descriptor_count);
    int pid = -1;
    int pidfd = cl_start(CL_ROLE_NONE, cgroup, all, count + descriptor_count, &pid, &spawned->failed);
    close(memory);
    if (pidfd < 0) return pidfd;
    *spawned = (struct ck_spawned){.pidfd = pidfd, .pid = pid, .failed = CL_STEP_NONE};
    return 0;
}

int ck_cgroup_kill(int cgroup) {
    int file = openat(cgroup, "cgroup.kill", O_WRONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    int result = write(file, "1", 1) == 1 ? 0 : -errno;
    close(file);
    return result;
}

int ck_cgroup_is_populated(int cgroup) {
    char text[128] = {0};
    int file = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t count = read(file, text, sizeof text - 1);
    int failure = count < 0 ? -errno : 0;
    close(file);
    if (failure < 0) return failure;
    return strstr(text, "populated 1") != NULL;
}
