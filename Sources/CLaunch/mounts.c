/*
 * The mounts of a session's own, made between clone and exec: system calls only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

/* Our own, so that the build does not depend on the age of the installed headers. */
enum {
    call_open_tree = 428, call_move_mount = 429, call_fsopen = 430, call_fsconfig = 431, call_fsmount = 432, call_mount_setattr = 442,
    call_landlock_add_rule = 445,
};
enum { open_tree_clone = 1, at_recursive = 0x8000, config_string = 1, config_create = 6, from_descriptor = 0x4, to_descriptor = 0x40 };
enum { attribute_read_only = 0x1, attribute_no_setuid = 0x2, attribute_no_devices = 0x4, attribute_no_execution = 0x8,
       attribute_mapped = 0x100000 };
enum { landlock_rule_path = 1 };

struct attributes {
    uint64_t set;
    uint64_t clear;
    uint64_t propagation;
    uint64_t user_namespace;
};

struct path_rule {
    uint64_t rights;
    int32_t descriptor;
} __attribute__((packed));

static int result_of(long returned) { return returned < 0 ? -errno : (int)returned; }

/* What all mounts of one process have in common. */
struct placing {
    enum cl_role role;
    int user_namespace; /* or -1 */
    int ruleset;        /* or -1 */
    int tree;           /* of the session's own, or -1 */
    enum cl_step *failed;
};

/* Names the step that is taken next. */
static int begin(const struct placing *placing, enum cl_step step) {
    *placing->failed = step;
    return launch_fault(placing->role, step);
}

/* MARK: namespaces */

int cl_mount_enter_own(uint32_t flags, bool by_user, uint32_t uid, uint32_t gid) {
    int wanted = ((flags & CL_HAS_MOUNTS) != 0 ? CLONE_NEWNS : 0) | ((flags & CL_EMPTY_NETWORK) != 0 ? CLONE_NEWNET : 0);
    int result = cl_namespaces_enter(wanted, by_user, uid, gid);
    if (result < 0 || (wanted & CLONE_NEWNS) == 0) return result;
    /* What is mounted outside later must not come in, and nothing of ours may go out. */
    return result_of(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* MARK: one mount */

static int open_place(int tree, const char *path) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return result_of(syscall(SYS_openat2, tree < 0 ? AT_FDCWD : tree, tree < 0 ? path : path + 1, &how, sizeof how));
}

/* Opens what lies there and compares it with what was found when the plan was made. */
static int find_place(int tree, const char *path, const struct cl_mount *mount) {
    struct stat facts;
    int place = open_place(tree, path);
    if (place < 0) return place;
    int result = result_of(fstat(place, &facts));
    bool is_other = mount->inode != 0 && (facts.st_dev != mount->device || facts.st_ino != mount->inode);
    if (result == 0 && is_other) result = -ESTALE;
    if (result == 0) return place;
    close(place);
    return result;
}

static int set_string(int context, const char *key, const char *value) {
    return result_of(syscall(call_fsconfig, context, config_string, key, value, 0));
}

static int make_filesystem(const char *type, const char *const *options, uint64_t attributes) {
    int context = result_of(syscall(call_fsopen, type, 1));
    if (context < 0) return context;
    int result = 0;
    for (; result == 0 && options[0] != NULL; options += 2) result = set_string(context, options[0], options[1]);
    if (result == 0) result = result_of(syscall(call_fsconfig, context, config_create, NULL, NULL, 0));
    if (result == 0) result = result_of(syscall(call_fsmount, context, 1, attributes));
    close(context);
    return result;
}

/* A tenth of memory at most; whatever is written there counts as the session's. */
static const char *const temporary_options[] = {"mode", "1777", "size", "10%", NULL};
static const char *const tree_options[] = {"mode", "755", "size", "1m", NULL};
static const char *const proc_options[] = {"subset", "pid", "hidepid", "ptraceable", NULL};

/* With all that is mounted below: of a part of it others could be uncovered. */
static int clone_tree(int place) {
    return result_of(syscall(call_open_tree, place, "", AT_EMPTY_PATH | at_recursive | O_CLOEXEC | open_tree_clone));
}

static int make_mount(const struct cl_mount *mount, int source) {
    switch (mount->kind) {
    case CL_MOUNT_TEMPORARY: return make_filesystem("tmpfs", temporary_options, attribute_no_setuid | attribute_no_devices);
    case CL_MOUNT_PROC:
        return make_filesystem("proc", proc_options, attribute_no_setuid | attribute_no_devices | attribute_no_execution);
    case CL_MOUNT_SAME:
    case CL_MOUNT_READ_ONLY:
    case CL_MOUNT_MAPPED:
    case CL_MOUNT_SHOWN: return clone_tree(source);
    case CL_MOUNT_LINK: break;
    }
    return -EINVAL;
}

static int set_attributes(int made, uint64_t set, int user_namespace, int recursive) {
    struct attributes attributes = {.set = set, .propagation = MS_PRIVATE, .user_namespace = user_namespace < 0 ? 0 : (uint64_t)user_namespace};
    return result_of(syscall(call_mount_setattr, made, "", AT_EMPTY_PATH | recursive, &attributes, sizeof attributes));
}

static int add_rule(int ruleset, int made, uint64_t rights) {
    struct path_rule rule = {.rights = rights, .descriptor = made};
    return result_of(syscall(call_landlock_add_rule, ruleset, landlock_rule_path, &rule, 0));
}

static int map_owners(const struct placing *placing, int made) {
    int result = begin(placing, CL_STEP_MAP_OWNERS);
    if (result == 0 && placing->user_namespace < 0) result = -EBADF;
    const uint64_t set = attribute_mapped | attribute_no_setuid | attribute_no_devices;
    return result < 0 ? result : set_attributes(made, set, placing->user_namespace, at_recursive);
}

/* The made mount as the kind wants it, where it belongs. */
static int put(const struct placing *placing, const struct cl_mount *mount, int made, int place) {
    int result = mount->kind == CL_MOUNT_MAPPED ? map_owners(placing, made) : 0;
    if (result == 0) result = begin(placing, CL_STEP_PLACE_MOUNT);
    if (result == 0) result = set_attributes(made, mount->kind == CL_MOUNT_READ_ONLY ? attribute_read_only : 0, -1, at_recursive);
    if (result == 0) result = result_of(syscall(call_move_mount, made, "", place, "", from_descriptor | to_descriptor));
    if (result < 0 || mount->rights == 0) return result;
    result = begin(placing, CL_STEP_MOUNT_RULE);
    return result < 0 ? result : add_rule(placing->ruleset, made, mount->rights);
}

/* `source` is what lies at the path outside, `place` where the mount goes; without a tree they are the same. */
static int place_from(const struct placing *placing, const struct cl_mount *mount, int source, int place) {
    int result = begin(placing, CL_STEP_MAKE_MOUNT);
    int made = result < 0 ? result : make_mount(mount, source);
    if (made < 0) return made;
    result = put(placing, mount, made, place);
    close(made);
    return result;
}

static int place_over(const struct placing *placing, const struct cl_mount *mount, const char *path) {
    int result = begin(placing, CL_STEP_FIND_PLACE);
    int place = result < 0 ? result : find_place(-1, path, mount);
    if (place < 0) return place;
    result = place_from(placing, mount, place, place);
    close(place);
    return result;
}

int cl_mount_place(const struct cl_mount *mount, const char *path, int user_namespace, int ruleset, enum cl_step *failed) {
    const struct placing placing = {.user_namespace = user_namespace, .ruleset = ruleset, .tree = -1, .failed = failed};
    return place_over(&placing, mount, path);
}

/* MARK: a tree of the session's own */

/* It lies over the root, which stays the process's root until all is in it. */
static int make_tree(void) {
    int tree = make_filesystem("tmpfs", tree_options, attribute_no_setuid | attribute_no_devices);
    if (tree < 0) return tree;
    int result = set_attributes(tree, 0, -1, 0);
    if (result == 0) result = result_of(syscall(call_move_mount, tree, "", AT_FDCWD, "/", from_descriptor));
    if (result == 0) return tree;
    close(tree);
    return result;
}

/* mkdir(2) of every directory on the way, and of the last component too when `whole`. What is there is fine. */
static int make_directories(int tree, const char *path, bool whole) {
    char prefix[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof prefix) return -ENAMETOOLONG;
    memcpy(prefix, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (prefix[i] != '/' && (prefix[i] != 0 || !whole)) continue;
        char cut = prefix[i];
        prefix[i] = 0;
        if (prefix[1] != 0 && mkdirat(tree, prefix + 1, 0755) < 0 && errno != EEXIST) return -errno;
        prefix[i] = cut;
    }
    return 0;
}

/* Makes what a mount can go over: a directory for a directory, else an empty file. */
static int make_place(int tree, const char *path, int source) {
    struct stat facts = {.st_mode = S_IFDIR};
    if (source >= 0 && fstat(source, &facts) < 0) return -errno;
    bool is_directory = S_ISDIR(facts.st_mode);
    int result = make_directories(tree, path, is_directory);
    if (result < 0 || is_directory) return result;
    int file = openat(tree, path + 1, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return -errno;
    close(file);
    return 0;
}

static int make_link(int tree, const struct mount *link) {
    int result = make_directories(tree, link->path, false);
    if (result < 0) return result;
    return symlinkat(link->target, tree, link->path + 1) == 0 || errno == EEXIST ? 0 : -errno;
}

static bool is_made(enum cl_mount_kind kind) { return kind == CL_MOUNT_TEMPORARY || kind == CL_MOUNT_PROC; }

/* In the tree what is brought in lies elsewhere than where it goes. */
static int place_found(const struct placing *placing, const struct mount *mount, int source) {
    static const struct cl_mount anything;
    int result = begin(placing, CL_STEP_MAKE_TREE);
    if (result == 0 && (source >= 0 || is_made(mount->fixed.kind))) result = make_place(placing->tree, mount->path, source);
    if (result == 0) result = begin(placing, CL_STEP_FIND_PLACE);
    int place = result < 0 ? result : find_place(placing->tree, mount->path, source >= 0 ? &anything : &mount->fixed);
    if (place < 0) return place;
    result = place_from(placing, &mount->fixed, source >= 0 ? source : place, place);
    close(place);
    return result;
}

static int place_in_tree(const struct placing *placing, const struct mount *mount) {
    if (mount->fixed.kind == CL_MOUNT_LINK) {
        int result = begin(placing, CL_STEP_MAKE_TREE);
        return result < 0 ? result : make_link(placing->tree, mount);
    }
    if (mount->fixed.kind != CL_MOUNT_SHOWN) return place_found(placing, mount, -1);
    int result = begin(placing, CL_STEP_FIND_PLACE);
    int source = result < 0 ? result : find_place(-1, mount->path, &mount->fixed);
    if (source < 0) return source;
    result = place_found(placing, mount, source);
    close(source);
    return result;
}

/* MARK: the working directory */

/*
 * A working directory was opened before the mounts were made, and would lead around them: it is looked up once more by its name. In a tree
 * of the session's own it is an empty directory of that name.
 */
static int reenter_directory(int tree) {
    char path[PATH_MAX];
    struct stat before, after;
    int result = result_of(syscall(SYS_getcwd, path, sizeof path));
    if (result < 0) return result;
    if (path[0] != '/') return -ENOENT; /* (unreachable) */
    if (stat(".", &before) < 0) return -errno;
    if (tree >= 0) {
        result = make_directories(tree, path, true);
        if (result == 0) result = set_attributes(tree, attribute_read_only, -1, 0);
        if (result == 0) result = result_of(fchdir(tree));
        if (result == 0) result = result_of(chroot("."));
        if (result < 0) return result;
    }
    int directory = path[1] == 0 ? result_of(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : open_place(-1, path);
    if (directory < 0) return directory;
    result = result_of(fstat(directory, &after));
    bool is_other = before.st_dev != after.st_dev || before.st_ino != after.st_ino;
    if (result == 0 && tree < 0 && is_other) result = -ESTALE;
    if (result == 0) result = result_of(fchdir(directory));
    close(directory);
    return result;
}

/* MARK: all of them */

static bool needs_tree(const struct mounts *mounts) {
    for (uint32_t i = 0; i < mounts->count; i++) {
        if (mounts->list[i].fixed.kind == CL_MOUNT_SHOWN) return true;
    }
    return false;
}

static int place_all(struct placing *placing, const struct mounts *mounts) {
    int result = 0;
    if (needs_tree(mounts)) {
        result = begin(placing, CL_STEP_MAKE_TREE);
        placing->tree = result < 0 ? result : make_tree();
        if (placing->tree < 0) return placing->tree;
    }
    for (uint32_t i = 0; result == 0 && i < mounts->count; i++) {
        const struct mount *mount = &mounts->list[i];
        result = placing->tree < 0 ? place_over(placing, &mount->fixed, mount->path) : place_in_tree(placing, mount);
    }
    if (result == 0) result = begin(placing, CL_STEP_REENTER_DIRECTORY);
    return result < 0 ? result : reenter_directory(placing->tree);
}

int mounts_place(enum cl_role role, const struct mounts *mounts, int user_namespace, int ruleset, enum cl_step *failed) {
    struct placing placing = {.role = role, .user_namespace = user_namespace, .ruleset = ruleset, .tree = -1, .failed = failed};
    umask(022); /* directories of a tree are for the session's user; its own umask is set afterwards */
    int result = place_all(&placing, mounts);
    if (placing.tree >= 0) close(placing.tree);
    if (result == 0) *failed = CL_STEP_NONE;
    return result;
}
