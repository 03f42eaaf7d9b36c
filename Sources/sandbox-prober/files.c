/* Acts on files. Words: a path, and what the act needs besides. */
#define _GNU_SOURCE
#include "attempt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACT(name) static int name(char **words, int count, char *said, size_t size)
#define WANT(number) do { (void)said; (void)size; if (count < (number)) return EINVAL; } while (0)
#define RESULT(expression) return (expression) < 0 ? errno : 0

/* Makes text that may stand in JSON of bytes, the zeros between them included. */
static void keep_printable(char *text, size_t length)
{
    for (size_t at = 0; at < length; at++)
        if ((unsigned char)text[at] < 0x20 || (unsigned char)text[at] > 0x7e || text[at] == '"' || text[at] == '\\')
            text[at] = ' ';
    text[length] = 0;
}

static int contents(int descriptor, char *said, size_t size)
{
    if (descriptor < 0)
        return errno;
    ssize_t got = read(descriptor, said, size - 1);
    int error = got < 0 ? errno : 0;
    keep_printable(said, got > 0 ? (size_t)got : 0);
    close(descriptor);
    return error;
}

static int store(int descriptor, const char *text)
{
    if (descriptor < 0)
        return errno;
    int error = write(descriptor, text, strlen(text)) < 0 ? errno : 0;
    close(descriptor);
    return error;
}

ACT(read_file) { WANT(1); return contents(open(words[0], O_RDONLY | O_CLOEXEC), said, size); }
ACT(write_file) { WANT(2); return store(open(words[0], O_WRONLY | O_CLOEXEC), words[1]); }
ACT(append_file) { WANT(2); return store(open(words[0], O_WRONLY | O_APPEND | O_CLOEXEC), words[1]); }
ACT(create_file) { WANT(2); return store(open(words[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), words[1]); }
ACT(truncate_path) { WANT(1); RESULT(truncate(words[0], 0)); }

ACT(truncate_open)
{
    WANT(1);
    int descriptor = open(words[0], O_RDONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor < 0)
        return errno;
    close(descriptor);
    return 0;
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

ACT(rename_path) { WANT(2); RESULT(rename(words[0], words[1])); }
ACT(remove_file) { WANT(1); RESULT(unlink(words[0])); }
ACT(make_directory) { WANT(1); RESULT(mkdir(words[0], 0755)); }
ACT(remove_directory) { WANT(1); RESULT(rmdir(words[0])); }
ACT(hard_link) { WANT(2); RESULT(link(words[0], words[1])); }
ACT(symbolic_link) { WANT(2); RESULT(symlink(words[0], words[1])); }
ACT(make_fifo) { WANT(1); RESULT(mkfifo(words[0], 0600)); }
ACT(change_mode) { WANT(1); RESULT(chmod(words[0], 0600)); }
ACT(change_owner) { WANT(1); RESULT(chown(words[0], getuid(), getgid())); }
ACT(set_attribute) { WANT(1); RESULT(setxattr(words[0], "user.escape", "1", 1, 0)); }

ACT(change_times)
{
    WANT(1);
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    RESULT(utimensat(AT_FDCWD, words[0], times, 0));
}

/* Through the directory of another process. */
ACT(read_environment)
{
    WANT(1);
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/environ", words[0]);
    int error = contents(open(path, O_RDONLY | O_CLOEXEC), said, size);
    return error == 0 && said[0] == 0 ? EACCES : error;
}

extern char **environ;

ACT(own_environment)
{
    WANT(0);
    (void)words;
    size_t used = 0;
    for (char **one = environ; *one && used + 512 < size; one++)
        used += (size_t)snprintf(said + used, size - used, "%s ", *one);
    keep_printable(said, used);
    return 0;
}

ACT(working_directory) { WANT(0); (void)words; return getcwd(said, size) ? 0 : errno; }

/* Open descriptors and what they are, asked of each without /proc. */
ACT(descriptors)
{
    WANT(0);
    (void)words;
    size_t used = 0;
    for (int descriptor = 0; descriptor < 1 << 16 && used + 64 < size; descriptor++) {
        struct stat about;
        if (fstat(descriptor, &about) == 0)
            used += (size_t)snprintf(said + used, size - used, "%d:%s ", descriptor,
                                     S_ISFIFO(about.st_mode) ? "pipe" : S_ISSOCK(about.st_mode) ? "socket" : S_ISREG(about.st_mode) ? "file"
                                     : S_ISDIR(about.st_mode) ? "directory" : S_ISCHR(about.st_mode) ? "device" : "other");
    }
    return 0;
}

const struct act file_acts[] = {
    {"read", read_file}, {"write", write_file}, {"append", append_file}, {"create", create_file},
    {"truncate", truncate_path}, {"truncate-open", truncate_open}, {"list", list},
    {"rename", rename_path}, {"remove", remove_file}, {"make-directory", make_directory}, {"remove-directory", remove_directory},
    {"hard-link", hard_link}, {"symbolic-link", symbolic_link}, {"make-fifo", make_fifo},
    {"chmod", change_mode}, {"chown", change_owner}, {"xattr", set_attribute}, {"utime", change_times},
    {"read-environment", read_environment}, {"own-environment", own_environment}, {"descriptors", descriptors},
    {"working-directory", working_directory},
    {0},
};
