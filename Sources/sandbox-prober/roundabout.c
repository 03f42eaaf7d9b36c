/* Ways to a file that do not name it: by what was opened before, by directories above, by handles. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* Opens a directory that is granted, and the other path relative to it. */
static int below(const char *directory, const char *relative, int flags)
{
    int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return -1;
    int file = openat(at, relative, flags | O_CLOEXEC), error = errno;
    close(at);
    errno = error;
    return file;
}

ACT(read_below) { WANT(2); return contents(below(words[0], words[1], O_RDONLY), said, size); }
ACT(write_below) { WANT(3); return store(below(words[0], words[1], O_WRONLY), words[2]); }

/* Opened without a right, and opened again with one. */
static int reopened(const char *path, int first, int flags)
{
    char through[64];
    int before = open(path, first | O_CLOEXEC);
    if (before < 0)
        return -1;
    snprintf(through, sizeof through, "/proc/self/fd/%d", before);
    int file = open(through, flags | O_CLOEXEC), error = errno;
    close(before);
    errno = error;
    return file;
}

ACT(read_reopened) { WANT(1); return contents(reopened(words[0], O_PATH, O_RDONLY), said, size); }
ACT(write_reopened) { WANT(2); return store(reopened(words[0], O_RDONLY, O_WRONLY), words[1]); }

/* Goes there, and opens by the last name. Comes back to where it was. */
ACT(read_from_there)
{
    WANT(2);
    int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (before < 0 || chdir(words[0]) != 0)
        return close_with(before, errno);
    int error = contents(open(words[1], O_RDONLY | O_CLOEXEC), said, size);
    return close_with(before, fchdir(before) != 0 ? errno : error);
}

/* Makes a link where it may write, and follows it; the link is removed. */
ACT(read_by_link)
{
    WANT(2);
    if (symlink(words[0], words[1]) != 0)
        return errno;
    int error = contents(open(words[1], O_RDONLY | O_CLOEXEC), said, size);
    unlink(words[1]);
    return error;
}

ACT(write_by_link)
{
    WANT(3);
    if (symlink(words[0], words[1]) != 0)
        return errno;
    int error = store(open(words[1], O_WRONLY | O_CLOEXEC), words[2]);
    unlink(words[1]);
    return error;
}

/* Gives the file a name where it may read, and reads it by that; the name is removed. */
ACT(read_by_hard_link)
{
    WANT(2);
    if (link(words[0], words[1]) != 0)
        return errno;
    int error = contents(open(words[1], O_RDONLY | O_CLOEXEC), said, size);
    unlink(words[1]);
    return error;
}

/* A directory that may be written is renamed to where it may not, while it is held open. */
ACT(write_renamed_parent)
{
    WANT(3);
    int directory = open(words[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return errno;
    if (rename(words[0], words[1]) != 0)
        return close_with(directory, errno);
    int error = store(openat(directory, "made", O_WRONLY | O_CREAT | O_CLOEXEC, 0644), words[2]);
    return close_with(directory, error);
}

/* The kernel's own name of a file, which opens it whatever its path. The second word is a directory of the same mount. */
ACT(read_handle)
{
    WANT(2);
    struct { struct file_handle head; unsigned char room[MAX_HANDLE_SZ]; } handle = {.head.handle_bytes = MAX_HANDLE_SZ};
    int mount;
    if (name_to_handle_at(AT_FDCWD, words[0], &handle.head, &mount, 0) != 0)
        return errno;
    int directory = open(words[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return errno;
    int file = open_by_handle_at(directory, &handle.head, O_RDONLY | O_CLOEXEC), error = errno;
    close(directory);
    errno = error;
    return contents(file, said, size);
}

/* Asks again and again while the caller swaps what lies there: for a second, and says what it read that it must not. */
ACT(read_racing)
{
    WANT(2);
    for (int round = 0; round < 20000; round++) {
        if (contents(open(words[0], O_RDONLY | O_CLOEXEC), said, size) == 0 && strstr(said, words[1]))
            return 0;
        said[0] = 0;
    }
    return ENOENT;
}

const struct act roundabout_acts[] = {
    {"read-below", read_below, "DIRECTORY PATH", "reads a file by a path relative to an open directory"},
    {"write-below", write_below, "DIRECTORY PATH TEXT", "writes over a file by a path relative to an open directory"},
    {"read-reopened", read_reopened, "PATH", "opens a file without a right, then again through /proc"},
    {"write-reopened", write_reopened, "PATH TEXT", "opens a file for reading, then again for writing through /proc"},
    {"read-from-there", read_from_there, "DIRECTORY NAME", "goes to a directory and reads a file by its name"},
    {"read-by-link", read_by_link, "FILE LINK", "makes a symbolic link, and reads by it"},
    {"write-by-link", write_by_link, "FILE LINK TEXT", "makes a symbolic link, and writes by it"},
    {"read-by-hard-link", read_by_hard_link, "FILE NAME", "gives a file another name, and reads by it"},
    {"write-renamed-parent", write_renamed_parent, "DIRECTORY TO TEXT", "renames a directory that it holds open, and writes in it"},
    {"read-handle", read_handle, "FILE DIRECTORY", "reads a file by the handle that the kernel has for it"},
    {"read-racing", read_racing, "PATH TEXT", "reads again and again until the text is there, 20,000 times at most"},
    {0},
};
