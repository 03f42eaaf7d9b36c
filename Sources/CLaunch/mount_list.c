#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "launch.h"

/* The memfd holds records: this, then the path with its NUL, of a link its target too, filled up to a multiple of 8. */
struct record {
    uint32_t magic;
    uint32_t path_length;
    struct cl_mount fixed;
};

enum { mount_magic = 0x6d6f756e, list_length_max = 4 << 20 };

static size_t padded(size_t length) { return (length + 7) & ~(size_t)7; }

static bool is_known(const struct cl_mount *mount) { return mount->kind >= CL_MOUNT_TEMPORARY && mount->kind <= CL_MOUNT_LINK; }

int cl_mounts_begin(void) { return clx_memfd_create("mounts"); }

static int add(int mounts, const struct cl_mount *mount, const char *path, const char *target) {
    if (path[0] != '/' || path[1] == 0) return -EINVAL;
    size_t own = strlen(path) + 1, other = target == NULL ? 0 : strlen(target) + 1;
    struct record record = {.magic = mount_magic, .path_length = (uint32_t)(own + other), .fixed = *mount};
    size_t length = sizeof record + padded(record.path_length);
    uint8_t *bytes = calloc(1, length);
    if (bytes == NULL) return -ENOMEM;
    memcpy(bytes, &record, sizeof record);
    memcpy(bytes + sizeof record, path, own);
    if (other > 0) memcpy(bytes + sizeof record + own, target, other);
    ssize_t written = write(mounts, bytes, length);
    int result = written == (ssize_t)length ? 0 : written < 0 ? -errno : -EIO;
    free(bytes);
    return result;
}

int cl_mounts_add(int mounts, const struct cl_mount *mount, const char *path) {
    return is_known(mount) && mount->kind != CL_MOUNT_LINK ? add(mounts, mount, path, NULL) : -EINVAL;
}

int cl_mounts_add_link(int mounts, const char *path, const char *target) {
    const struct cl_mount link = {.kind = CL_MOUNT_LINK};
    return target[0] != 0 ? add(mounts, &link, path, target) : -EINVAL;
}

int cl_mounts_end(int mounts) { return clx_memfd_seal(mounts); }

/* Reads the record at `bytes`; returns its length, or -EINVAL. */
static int64_t read_record(const uint8_t *bytes, size_t left, struct mount *mount) {
    const struct record *record = (const struct record *)bytes;
    if (left < sizeof *record || record->magic != mount_magic || record->path_length > list_length_max) return -EINVAL;
    size_t length = sizeof *record + padded(record->path_length);
    if (length > left || record->path_length < 3 || !is_known(&record->fixed)) return -EINVAL;
    const char *path = (const char *)(record + 1);
    if (path[0] != '/' || path[record->path_length - 1] != 0) return -EINVAL;
    size_t own = strlen(path) + 1;
    bool is_link = record->fixed.kind == CL_MOUNT_LINK;
    if (is_link ? own >= record->path_length || own + strlen(path + own) + 1 != record->path_length : own != record->path_length) return -EINVAL;
    *mount = (struct mount){.fixed = record->fixed, .path = path, .target = is_link ? path + own : NULL};
    return (int64_t)length;
}

int mounts_read(int memory, struct mounts *mounts) {
    *mounts = (struct mounts){0};
    int result = launch_map_sealed(memory, list_length_max, &mounts->mapping, &mounts->mapping_length);
    if (result < 0) {
        mounts->mapping = NULL;
        return result;
    }
    const uint8_t *bytes = mounts->mapping;
    size_t left = mounts->mapping_length;
    while (left > 0) {
        if (mounts->count == CL_MOUNTS_MAX) return -E2BIG;
        int64_t length = read_record(bytes, left, &mounts->list[mounts->count]);
        if (length < 0) return (int)length;
        mounts->count++;
        bytes += length;
        left -= (size_t)length;
    }
    return 0;
}

void mounts_release(struct mounts *mounts) {
    if (mounts->mapping != NULL) munmap(mounts->mapping, mounts->mapping_length);
    mounts->mapping = NULL;
    mounts->count = 0;
}
