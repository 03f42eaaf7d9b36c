#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "launch.h"

/* The memfd holds records: this, then the path with its NUL (path_length bytes; 0: none), filled up to a multiple of 8. */
struct record {
    uint32_t magic;
    uint32_t path_length;
    struct cl_trial fixed;
};

enum { trial_magic = 0x74726961, list_length_max = 1 << 20 };

static size_t padded(size_t length) { return (length + 7) & ~(size_t)7; }

int cl_trials_begin(void) { return clx_memfd_create("trials"); }

int cl_trials_add(int trials, const struct cl_trial *trial, const char *path) {
    struct record record = {.magic = trial_magic, .path_length = path == NULL ? 0 : (uint32_t)strlen(path) + 1, .fixed = *trial};
    size_t length = sizeof record + padded(record.path_length);
    uint8_t *bytes = calloc(1, length);
    if (bytes == NULL) return -ENOMEM;
    memcpy(bytes, &record, sizeof record);
    if (path != NULL) memcpy(bytes + sizeof record, path, record.path_length);
    ssize_t written = write(trials, bytes, length);
    int result = written == (ssize_t)length ? 0 : written < 0 ? -errno : -EIO;
    free(bytes);
    return result;
}

int cl_trials_end(int trials) { return clx_memfd_seal(trials); }

int trials_read(int memory, struct trials *trials) {
    struct stat facts;
    trials->count = 0;
    int sealed = clx_memfd_is_sealed(memory);
    if (sealed < 0) return sealed;
    if (fstat(memory, &facts) < 0) return -errno;
    if (!sealed || facts.st_size > list_length_max) return -EINVAL;
    if (facts.st_size == 0) return 0;
    const uint8_t *bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, memory, 0);
    if (bytes == MAP_FAILED) return -errno;
    size_t left = (size_t)facts.st_size;
    while (left > 0) {
        const struct record *record = (const struct record *)bytes;
        if (left < sizeof *record || record->magic != trial_magic || trials->count == CL_TRIALS_MAX) return -EINVAL;
        size_t length = sizeof *record + padded(record->path_length);
        if (record->path_length > list_length_max || length > left) return -EINVAL;
        const char *path = record->path_length == 0 ? NULL : (const char *)(record + 1);
        if (path != NULL && path[record->path_length - 1] != 0) return -EINVAL;
        trials->list[trials->count++] = (struct trial){.fixed = record->fixed, .path = path};
        bytes += length;
        left -= length;
    }
    return 0;
}
