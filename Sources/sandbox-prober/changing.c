/* Making, removing, renaming and cutting off files. */
#define _GNU_SOURCE
#include "attempt.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)

ACT(create_file) { WANT(2); return store(open(words[0], NEW_FILE, 0644), words[1]); }
ACT(create_old) { WANT(2); return store(creat(words[0], 0644), words[1]); }
ACT(create_by_mknod) { WANT(1); RESULT(mknod(words[0], S_IFREG | 0644, 0)); }

/* A file without a name, which is given one. */
ACT(create_unnamed)
{
    WANT(3);
    char path[64];
    int file = open(words[0], O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
    if (file < 0)
        return errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int is_named = linkat(AT_FDCWD, path, AT_FDCWD, words[1], AT_SYMLINK_FOLLOW) == 0;
    return is_named ? store(file, words[2]) : close_with(file, errno);
}

ACT(truncate_path) { WANT(1); RESULT(truncate(words[0], 0)); }

ACT(truncate_open)
{
    WANT(1);
    return had(open(words[0], O_RDONLY | O_TRUNC | O_CLOEXEC));
}

ACT(punch_hole)
{
    WANT(1);
    int file = open(words[0], O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    return close_with(file, fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) < 0 ? errno : 0);
}

ACT(rename_path) { WANT(2); RESULT(rename(words[0], words[1])); }
ACT(rename_exchange) { WANT(2); RESULT(renameat2(AT_FDCWD, words[0], AT_FDCWD, words[1], RENAME_EXCHANGE)); }
ACT(rename_whiteout) { WANT(2); RESULT(syscall(SYS_renameat2, AT_FDCWD, words[0], AT_FDCWD, words[1], RENAME_WHITEOUT)); }
ACT(rename_whiteout_high_bit) { WANT(2); RESULT(syscall(SYS_renameat2, AT_FDCWD, words[0], AT_FDCWD, words[1], HIGH_BIT | RENAME_WHITEOUT)); }
ACT(remove_file) { WANT(1); RESULT(unlink(words[0])); }
ACT(make_directory) { WANT(1); RESULT(mkdir(words[0], 0755)); }
ACT(remove_directory) { WANT(1); RESULT(rmdir(words[0])); }
ACT(remove_directory_at) { WANT(1); RESULT(unlinkat(AT_FDCWD, words[0], AT_REMOVEDIR)); }
ACT(hard_link) { WANT(2); RESULT(link(words[0], words[1])); }
ACT(symbolic_link) { WANT(2); RESULT(symlink(words[0], words[1])); }
ACT(make_fifo) { WANT(1); RESULT(mkfifo(words[0], 0600)); }
ACT(make_socket_file) { WANT(1); RESULT(mknod(words[0], S_IFSOCK | 0600, 0)); }
ACT(make_device) { WANT(1); RESULT(mknod(words[0], S_IFCHR | 0666, 1 << 8 | 3)); }
/* The one that everybody may make. */
ACT(make_whiteout) { WANT(1); RESULT(mknod(words[0], S_IFCHR | 0666, 0)); }
ACT(make_whiteout_at) { WANT(1); RESULT(syscall(SYS_mknodat, AT_FDCWD, words[0], HIGH_BIT | S_IFCHR | 0666, 0)); }
ACT(make_block_device) { WANT(1); RESULT(mknod(words[0], S_IFBLK | 0666, 7 << 8)); }

/* From a descriptor opened without any right. */
ACT(hard_link_descriptor)
{
    WANT(2);
    char path[64];
    int file = open(words[0], O_PATH | O_CLOEXEC);
    if (file < 0)
        return errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return close_with(file, linkat(AT_FDCWD, path, AT_FDCWD, words[1], AT_SYMLINK_FOLLOW) < 0 ? errno : 0);
}

const struct act changing_acts[] = {
    {"create", create_file, "PATH TEXT", "makes a file"},
    {"create-old", create_old, "PATH TEXT", "makes a file with creat"},
    {"create-by-mknod", create_by_mknod, "PATH", "makes an empty file with mknod"},
    {"create-unnamed", create_unnamed, "DIRECTORY PATH TEXT", "makes a file without a name in the directory and gives it one"},
    {"truncate", truncate_path, "PATH", "cuts off a file by its path"},
    {"truncate-open", truncate_open, "PATH", "cuts off a file by opening it for reading"},
    {"punch-hole", punch_hole, "PATH", "makes a hole of what a file held"},
    {"rename", rename_path, "FROM TO", "renames"},
    {"rename-exchange", rename_exchange, "FROM TO", "exchanges two files"},
    {"make-whiteout", make_whiteout, "PATH", "makes the device 0:0 with mknod"},
    {"make-whiteout-at", make_whiteout_at, "PATH", "the same with mknodat, a high bit set in the mode"},
    {"rename-whiteout", rename_whiteout, "FROM TO", "renames and leaves a device behind"},
    {"rename-whiteout-high-bit", rename_whiteout_high_bit, "FROM TO", "the same, a high bit set in the flags"},
    {"remove", remove_file, "PATH", "removes a file"},
    {"make-directory", make_directory, "PATH", "makes a directory"},
    {"remove-directory", remove_directory, "PATH", "removes an empty directory"},
    {"remove-directory-at", remove_directory_at, "PATH", "the same with unlinkat"},
    {"hard-link", hard_link, "FILE NAME", "gives a file one more name"},
    {"hard-link-descriptor", hard_link_descriptor, "FILE NAME", "the same by a descriptor opened without a right"},
    {"symbolic-link", symbolic_link, "TARGET NAME", "makes a symbolic link"},
    {"make-fifo", make_fifo, "PATH", "makes a named pipe"},
    {"make-socket-file", make_socket_file, "PATH", "makes the file of a socket"},
    {"make-device", make_device, "PATH", "makes a character device"},
    {"make-block-device", make_block_device, "PATH", "makes a block device"},
    {0},
};
