/* Reading and writing what files hold, and what the program was born with. */
#define _GNU_SOURCE
#include "attempt.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

void keep_printable(char *text, size_t length)
{
    for (size_t at = 0; at < length; at++)
        if ((unsigned char)text[at] < 0x20 || (unsigned char)text[at] > 0x7e || text[at] == '"' || text[at] == '\\')
            text[at] = ' ';
    text[length] = 0;
}

int contents(int descriptor, char *said, size_t size)
{
    if (descriptor < 0)
        return errno;
    ssize_t got = read(descriptor, said, size - 1);
    int error = got < 0 ? errno : 0;
    keep_printable(said, got > 0 ? (size_t)got : 0);
    return close_with(descriptor, error);
}

int store(int descriptor, const char *text)
{
    if (descriptor < 0)
        return errno;
    return close_with(descriptor, write(descriptor, text, strlen(text)) < 0 ? errno : 0);
}

int mark_file(const char *path, const char *nonce)
{
    return store(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), nonce);
}

ACT(read_file) { WANT(1); return contents(open(words[0], O_RDONLY | O_CLOEXEC), said, size); }
ACT(read_and_write) { WANT(1); return contents(open(words[0], O_RDWR | O_CLOEXEC), said, size); }
ACT(read_no_time) { WANT(1); return contents(open(words[0], O_RDONLY | O_NOATIME | O_CLOEXEC), said, size); }

/* The newer call, whose arguments no filter can read. */
struct how { unsigned long long flags, mode, resolve; };

ACT(read_newer)
{
    WANT(1);
    struct how how = {.flags = O_RDONLY | O_CLOEXEC};
    return contents((int)syscall(SYS_openat2, AT_FDCWD, words[0], &how, sizeof how), said, size);
}

ACT(read_mapped)
{
    WANT(1);
    int file = open(words[0], O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    char *bytes = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return close_with(file, errno);
    snprintf(said, size, "%.1000s", bytes);
    keep_printable(said, strlen(said));
    munmap(bytes, 4096);
    return close_with(file, 0);
}

/* Moved within the kernel, from the file to a pipe. */
ACT(read_sent)
{
    WANT(1);
    int ends[2], file = open(words[0], O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    if (pipe(ends) != 0)
        return close_with(file, errno);
    int error = sendfile(ends[1], file, NULL, 4000) < 0 ? errno : 0;
    close(ends[1]);
    int read_error = contents(ends[0], said, size);
    return close_with(file, error ? error : read_error);
}

ACT(write_file) { WANT(2); return store(open(words[0], O_WRONLY | O_CLOEXEC), words[1]); }
ACT(append_file) { WANT(2); return store(open(words[0], O_WRONLY | O_APPEND | O_CLOEXEC), words[1]); }
ACT(write_mapped)
{
    WANT(2);
    int file = open(words[0], O_RDWR | O_CLOEXEC);
    if (file < 0)
        return errno;
    char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        return close_with(file, errno);
    memcpy(bytes, words[1], strlen(words[1]) < 64 ? strlen(words[1]) : 64);
    munmap(bytes, 4096);
    return close_with(file, 0);
}

ACT(write_newer)
{
    WANT(2);
    struct how how = {.flags = O_WRONLY | O_CLOEXEC};
    return store((int)syscall(SYS_openat2, AT_FDCWD, words[0], &how, sizeof how), words[1]);
}

ACT(list)
{
    WANT(1);
    DIR *directory = opendir(words[0]);
    if (!directory)
        return errno;
    size_t used = 0;
    for (struct dirent *entry; (entry = readdir(directory)) && used + 256 < size;)
        used += (size_t)snprintf(said + used, size - used, "%s ", entry->d_name);
    keep_printable(said, used);
    closedir(directory);
    return 0;
}

extern char **environ;

ACT(own_environment)
{
    WANT(0);
    size_t used = 0;
    for (char **one = environ; *one && used + 512 < size; one++)
        used += (size_t)snprintf(said + used, size - used, "%s ", *one);
    keep_printable(said, used);
    return 0;
}

ACT(working_directory) { WANT(0); return getcwd(said, size) ? 0 : errno; }

const struct act file_acts[] = {
    {"read", read_file, "PATH", "reads a file"},
    {"read-and-write", read_and_write, "PATH", "reads a file that it opened for writing, too"},
    {"read-no-time", read_no_time, "PATH", "reads a file of one's own without a trace in its times"},
    {"read-newer", read_newer, "PATH", "reads a file that it opened with openat2"},
    {"read-mapped", read_mapped, "PATH", "reads a file that it mapped"},
    {"read-sent", read_sent, "PATH", "has the kernel move a file into a pipe"},
    {"write", write_file, "PATH TEXT", "writes over a file"},
    {"append", append_file, "PATH TEXT", "appends to a file"},
    {"write-mapped", write_mapped, "PATH TEXT", "writes over a file that it mapped"},
    {"write-newer", write_newer, "PATH TEXT", "writes over a file that it opened with openat2"},
    {"list", list, "PATH", "lists a directory"},
    {"own-environment", own_environment, "", "says its own environment"},
    {"working-directory", working_directory, "", "says where it is"},
    {0},
};
