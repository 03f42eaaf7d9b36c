/*
 * Who a child becomes, and what it may no longer do as root does: ids, groups, capabilities, securebits. Read back, since what was not given up is
 * held for good.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"

int child_clear_ambient(struct child *child) {
    if (has(child, CL_KEEP_PRIVILEGE)) return 0;
    return result_of(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

int child_drop_bounding(struct child *child) {
    if (!has(child, CL_DROP_BOUNDING)) return 0;
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return -errno;
    }
    return 0;
}

int child_lock_securebits(struct child *child) {
    if (!has(child, CL_DROP_BOUNDING)) return 0;
    const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
                               SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    return result_of(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0));
}

/* Raw calls: glibc's wrappers would speak to its other threads. */
int child_set_groups(struct child *child) {
    if (!has(child, CL_CHANGE_IDENTITY)) return 0;
    return result_of(syscall(SYS_setgroups, child->launch->group_count, child->launch->groups));
}

int child_set_gid(struct child *child) {
    if (!has(child, CL_CHANGE_IDENTITY)) return 0;
    uint32_t gid = child->launch->fixed.gid;
    return result_of(syscall(SYS_setresgid, gid, gid, gid));
}

int child_set_uid(struct child *child) {
    if (!has(child, CL_CHANGE_IDENTITY)) return 0;
    uint32_t uid = child->launch->fixed.uid;
    return result_of(syscall(SYS_setresuid, uid, uid, uid));
}

int child_drop_capabilities(struct child *child) {
    if (has(child, CL_KEEP_PRIVILEGE)) return 0;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {0};
    return result_of(syscall(SYS_capset, &header, none));
}

static int verify_no_capabilities(bool bounding_too) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {0};
    if (syscall(SYS_capget, &header, sets) < 0) return -errno;
    for (int i = 0; i < 2; i++) {
        if ((sets[i].effective | sets[i].permitted | sets[i].inheritable) != 0) return -EPERM;
    }
    for (int capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) > 0) return -EPERM;
        if (bounding_too && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) > 0) return -EPERM;
    }
    return 0;
}

static int verify_groups(const struct launch *launch) {
    gid_t found[CL_GROUPS_MAX];
    int count = getgroups(CL_GROUPS_MAX, found);
    if (count < 0) return -errno;
    if ((uint32_t)count != launch->group_count) return -EPERM;
    /* The kernel keeps them sorted. */
    for (int i = 0; i < count; i++) {
        bool wanted = false;
        for (uint32_t k = 0; k < launch->group_count; k++) wanted = wanted || launch->groups[k] == found[i];
        if (!wanted) return -EPERM;
    }
    return 0;
}

int child_verify_identity(struct child *child) {
    if (has(child, CL_KEEP_PRIVILEGE)) return 0;
    const struct launch *launch = child->launch;
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) < 0 || getresgid(&real_group, &effective_group, &saved_group) < 0) return -errno;
    if (real != launch->fixed.uid || effective != real || saved != real || real == 0) return -EPERM;
    if (real_group != launch->fixed.gid || effective_group != real_group || saved_group != real_group) return -EPERM;
    int result = has(child, CL_CHANGE_IDENTITY) ? verify_groups(launch) : 0;
    return result < 0 ? result : verify_no_capabilities(has(child, CL_DROP_BOUNDING));
}

/* Until exec nobody with the same uid may look into what is still our memory. */
int child_clear_dumpable(struct child *child) {
    if (has(child, CL_KEEP_PRIVILEGE)) return 0;
    return result_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

int child_set_no_new_privs(struct child *child) {
    if (has(child, CL_KEEP_PRIVILEGE)) return 0;
    return result_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int launch_change_identity(const struct launch *launch) {
    struct child self = {.launch = launch};
    int result = child_set_groups(&self);
    if (result == 0) result = child_set_gid(&self);
    if (result == 0) result = child_set_uid(&self);
    return result;
}
