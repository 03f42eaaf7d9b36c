/* Acts on files. Words: how the path is given, the path, and what the act itself needs. */
#define _GNU_SOURCE
#include "acts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACT(name) static int name(char **words, char *said)
#define SILENT (void)said

/* A path as the *at calls take it. */
struct place {
    int at;
    char name[PATH_MAX];
};

/* Splits so many components off the end, and opens what is left as a place only. */
static void open_above(struct place *place, const char *path, int components)
{
    char above[PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    char *cut = above + strlen(above);
    while (components > 0 && cut > above)
        if (*--cut == '/')
            components--;
    snprintf(place->name, sizeof place->name, "%s", path + (cut - above) + 1);
    *cut = 0;
    place->at = open(above[0] == 0 ? "/" : above, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* `direct`; from the open directory (`within`), or the one above it (`above`); by going there (`there`). */
static struct place placed(const char *how, const char *path)
{
    struct place place = {.at = AT_FDCWD};
    snprintf(place.name, sizeof place.name, "%s", path);
    if (strcmp(how, "within") == 0)
        open_above(&place, path, 1);
    if (strcmp(how, "above") == 0)
        open_above(&place, path, 2);
    if (strcmp(how, "there") == 0) {
        open_above(&place, path, 1);
        if (fchdir(place.at) == 0)
            close(place.at);
        place.at = AT_FDCWD;
    }
    return place;
}

static int leave(struct place *place, int error)
{
    if (place->at != AT_FDCWD)
        close(place->at);
    if (chdir("/") != 0)
        return errno;
    return error;
}

static int opened(char **words, int flags)
{
    struct place place = placed(words[0], words[1]);
    int descriptor = openat(place.at, place.name, flags | O_NONBLOCK | O_CLOEXEC, 0666);
    int error = descriptor < 0 ? errno : 0;
    leave(&place, 0);
    errno = error;
    return descriptor;
}

static int put_in(int descriptor, const char *nonce)
{
    return descriptor < 0 ? errno : close_with(descriptor, result_of(write(descriptor, nonce, strlen(nonce))));
}

/* MARK: reading */

/* An answer is one word. */
static void make_word(char *said)
{
    for (; *said != 0; said++)
        if (*said <= ' ' || *said > '~')
            *said = '?';
}

static int told(int descriptor, char *said)
{
    if (descriptor < 0)
        return errno;
    ssize_t count = read(descriptor, said, said_size - 1);
    int error = result_of(count);
    said[count > 0 ? count : 0] = 0;
    make_word(said);
    return close_with(descriptor, error);
}

ACT(file_read) { return told(opened(words, O_RDONLY), said); }

/* As a place first, which needs no right; then anew from there. */
ACT(file_reopen)
{
    char link[64];
    int place = opened(words, O_PATH);
    if (place < 0)
        return errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", place);
    return close_with(place, told(open(link, O_RDONLY | O_CLOEXEC), said));
}

ACT(file_map)
{
    int descriptor = opened(words, O_RDONLY);
    if (descriptor < 0)
        return errno;
    const char *content = mmap(NULL, said_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (content == MAP_FAILED)
        return close_with(descriptor, errno);
    snprintf(said, said_size, "%.64s", content);
    make_word(said);
    munmap((void *)content, said_size);
    return close_with(descriptor, 0);
}

ACT(file_open2)
{
    struct place place = placed(words[0], words[1]);
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};
    int descriptor = (int)syscall(SYS_openat2, place.at, place.name, &how, sizeof how);
    int error = descriptor < 0 ? errno : told(descriptor, said);
    return leave(&place, error);
}

ACT(directory_list)
{
    int descriptor = opened(words, O_RDONLY | O_DIRECTORY);
    if (descriptor < 0)
        return errno;
    DIR *directory = fdopendir(descriptor);
    if (directory == NULL)
        return close_with(descriptor, errno);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.')
            snprintf(said, said_size, "%.100s", entry->d_name);
    closedir(directory);
    return 0;
}

/* MARK: writing */

ACT(file_write) { SILENT; return put_in(opened(words, O_WRONLY), words[2]); }
ACT(file_append) { SILENT; return put_in(opened(words, O_WRONLY | O_APPEND), words[2]); }

ACT(file_write_mapped)
{
    SILENT;
    int descriptor = opened(words, O_RDWR);
    if (descriptor < 0)
        return errno;
    char *content = mmap(NULL, said_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (content == MAP_FAILED)
        return close_with(descriptor, errno);
    memcpy(content, words[2], strlen(words[2]));
    munmap(content, said_size);
    return close_with(descriptor, 0);
}

ACT(truncate_path) { SILENT; return result_of(truncate(words[1], 0)); }
ACT(truncate_opening) { SILENT; int made = opened(words, O_WRONLY | O_TRUNC); return close_with(made, result_of(made)); }
/* Open for neither reading nor writing. */
ACT(truncate_unopened) { SILENT; int made = opened(words, O_ACCMODE | O_TRUNC); return close_with(made, result_of(made)); }
ACT(truncate_reading) { SILENT; int made = opened(words, O_RDONLY | O_TRUNC); return close_with(made, result_of(made)); }

ACT(truncate_open)
{
    SILENT;
    int descriptor = opened(words, O_WRONLY);
    return descriptor < 0 ? errno : close_with(descriptor, result_of(ftruncate(descriptor, 0)));
}

/* MARK: making and removing */

ACT(file_create) { SILENT; return put_in(opened(words, O_WRONLY | O_CREAT | O_EXCL), words[2]); }

static int made_node(char **words, mode_t kind)
{
    struct place place = placed(words[0], words[1]);
    int error = result_of(mknodat(place.at, place.name, kind | 0666, makedev(0, 0)));
    return leave(&place, error);
}

ACT(node_file) { SILENT; return made_node(words, S_IFREG); }
ACT(node_fifo) { SILENT; return made_node(words, S_IFIFO); }
ACT(node_socket) { SILENT; return made_node(words, S_IFSOCK); }
/* The one device that everybody may make: number 0:0. */
ACT(node_device) { SILENT; return made_node(words, S_IFCHR); }

/* The same, left behind where a file was. */
ACT(node_whiteout)
{
    SILENT;
    char other[PATH_MAX + 8];
    struct place place = placed(words[0], words[1]);
    int descriptor = openat(place.at, place.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int error = result_of(descriptor);
    snprintf(other, sizeof other, "%s.moved", place.name);
    if (error == 0)
        error = result_of(syscall(SYS_renameat2, place.at, place.name, place.at, other, RENAME_WHITEOUT));
    return leave(&place, close_with(descriptor, error));
}

/* A file without a name, given one afterwards. */
ACT(file_named_later)
{
    SILENT;
    char link[64];
    struct place place = placed("within", words[1]);
    int descriptor = openat(place.at, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return leave(&place, errno);
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int error = result_of(write(descriptor, words[2], strlen(words[2])));
    if (error == 0)
        error = result_of(linkat(AT_FDCWD, link, place.at, place.name, AT_SYMLINK_FOLLOW));
    return leave(&place, close_with(descriptor, error));
}

ACT(directory_make)
{
    SILENT;
    struct place place = placed(words[0], words[1]);
    return leave(&place, result_of(mkdirat(place.at, place.name, 0777)));
}

ACT(link_make)
{
    SILENT;
    struct place place = placed(words[0], words[1]);
    return leave(&place, result_of(symlinkat(words[2], place.at, place.name)));
}

static int removed(char **words, int flags)
{
    struct place place = placed(words[0], words[1]);
    return leave(&place, result_of(unlinkat(place.at, place.name, flags)));
}

ACT(file_remove) { SILENT; return removed(words, 0); }
ACT(directory_remove) { SILENT; return removed(words, AT_REMOVEDIR); }

/* MARK: moving. Words: how, from, to. */

static int moved(char **words, unsigned flags)
{
    struct place from = placed(words[0], words[1]), to = placed(words[0], words[2]);
    int error = result_of(syscall(SYS_renameat2, from.at, from.name, to.at, to.name, flags));
    leave(&from, 0);
    return leave(&to, error);
}

ACT(file_rename) { SILENT; return moved(words, 0); }
ACT(file_exchange) { SILENT; return moved(words, RENAME_EXCHANGE); }

ACT(file_link)
{
    SILENT;
    struct place from = placed(words[0], words[1]), to = placed(words[0], words[2]);
    int error = result_of(linkat(from.at, from.name, to.at, to.name, 0));
    leave(&from, 0);
    return leave(&to, error);
}

/* MARK: metadata */

ACT(metadata_mode)
{
    SILENT;
    struct place place = placed(words[0], words[1]);
    return leave(&place, result_of(fchmodat(place.at, place.name, 0751, 0)));
}

/* By an open file: as a place, where nothing else may be opened. */
ACT(metadata_open_mode)
{
    SILENT;
    char link[64];
    int descriptor = opened(words, O_PATH);
    if (descriptor < 0)
        return errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    return close_with(descriptor, result_of(syscall(SYS_chmod, link, 0751)));
}

ACT(metadata_times)
{
    SILENT;
    struct place place = placed(words[0], words[1]);
    const struct timespec times[2] = {{.tv_sec = 751}, {.tv_sec = 751}};
    return leave(&place, result_of(utimensat(place.at, place.name, times, 0)));
}

/* The time of now needs permission to write, not to own. */
ACT(metadata_touch)
{
    SILENT;
    struct place place = placed(words[0], words[1]);
    return leave(&place, result_of(utimensat(place.at, place.name, NULL, 0)));
}

ACT(metadata_attribute) { SILENT; return result_of(setxattr(words[1], "user.act", words[2], strlen(words[2]), 0)); }
ACT(metadata_owner) { SILENT; return result_of(syscall(SYS_chown, words[1], getuid(), getgid())); }

/* ioctl(2) of a file. Words: how, path, request. */
static int controlled(char **words, int mode)
{
    unsigned long flags[8] = {0};
    int descriptor = opened(words, mode);
    if (descriptor < 0)
        return errno;
    return close_with(descriptor, result_of(syscall(SYS_ioctl, descriptor, strtoull(words[2], NULL, 0), flags)));
}

ACT(file_control) { SILENT; return controlled(words, O_RDONLY); }
/* It is open for neither reading nor writing. */
ACT(unopened_control) { SILENT; return controlled(words, O_ACCMODE); }

const struct act file_acts[] = {
    {"read", 2, file_read},
    {"read-reopened", 2, file_reopen},
    {"read-mapped", 2, file_map},
    {"read-openat2", 2, file_open2},
    {"list", 2, directory_list},
    {"write", 3, file_write},
    {"append", 3, file_append},
    {"write-mapped", 3, file_write_mapped},
    {"truncate", 2, truncate_path},
    {"truncate-opening", 2, truncate_opening},
    {"truncate-reading", 2, truncate_reading},
    {"truncate-open", 2, truncate_open},
    {"truncate-unopened", 2, truncate_unopened},
    {"create", 3, file_create},
    {"create-named-later", 3, file_named_later},
    {"node-file", 2, node_file},
    {"node-fifo", 2, node_fifo},
    {"node-socket", 2, node_socket},
    {"node-device", 2, node_device},
    {"node-whiteout", 2, node_whiteout},
    {"mkdir", 2, directory_make},
    {"symlink", 3, link_make},
    {"unlink", 2, file_remove},
    {"rmdir", 2, directory_remove},
    {"rename", 3, file_rename},
    {"exchange", 3, file_exchange},
    {"link", 3, file_link},
    {"mode", 2, metadata_mode},
    {"open-mode", 2, metadata_open_mode},
    {"times", 2, metadata_times},
    {"touch", 2, metadata_touch},
    {"attribute", 3, metadata_attribute},
    {"owner", 2, metadata_owner},
    {"control", 3, file_control},
    {"control-unopened", 3, unopened_control},
    {NULL, 0, NULL},
};
