/*
 * Why: libseccomp's rule functions are variadic and its comparisons are made by macros.
 *
 * Comparisons are masked: an int argument must be compared with mask 0xffffffff, since the kernel ignores its upper half and a plain 64-bit
 * comparison can be passed by setting a bit there (CVE-2019-7303).
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

enum ck_action : uint32_t {
    CK_ALLOW = 1,
    CK_ERRNO = 2,        /* with the number given */
    CK_KILL_PROCESS = 3,
    CK_NOTIFY = 4,       /* SECCOMP_RET_USER_NOTIF */
};

enum ck_operator : uint32_t {
    CK_MASKED_EQUAL = 1,      /* (argument & mask) == value */
    CK_NOT_EQUAL = 2,         /* 64 bits; mask is ignored */
    CK_GREATER = 3,           /* 64 bits */
    CK_GREATER_OR_EQUAL = 4,  /* 64 bits */
    CK_LESS = 5,              /* 64 bits */
    CK_LESS_OR_EQUAL = 6,     /* 64 bits */
};

struct ck_comparison {
    uint32_t argument; /* 0...5 */
    enum ck_operator operation;
    uint64_t mask;
    uint64_t value;
};

/* A filter being built: native system calls only, others kill the process; no_new_privs is left to the launch code. */
struct ck_filter;

/* A filter in which calls without a rule get `action`. NULL: `failure` says why (-errno). */
struct ck_filter *_Nullable ck_seccomp_create(enum ck_action action, uint32_t number, int *failure);

/* ck_seccomp_add when the name is known, but no system call of this architecture: nothing was added, nothing need be. */
#define CK_NOT_NATIVE 1

/*
 * One rule: this call, when all comparisons hold. -ENOSYS: a name that this libseccomp does not know (give its number). Rules that equal
 * the filter's own action are -EACCES (libseccomp), rules that contradict an earlier one -EEXIST.
 */
int ck_seccomp_add(struct ck_filter *filter, const char *name, enum ck_action action, uint32_t number,
                   const struct ck_comparison *_Nullable comparisons, uint32_t count);
/* The same by number, for calls newer than libseccomp (from 424 on, numbers are the same on every architecture). */
int ck_seccomp_add_number(struct ck_filter *filter, int system_call, enum ck_action action, uint32_t number,
                          const struct ck_comparison *_Nullable comparisons, uint32_t count);
/* The program, tree-optimised, in a sealed memfd (8 bytes an instruction). */
int ck_seccomp_export(const struct ck_filter *filter);
void ck_seccomp_free(struct ck_filter *filter);
/* The native number of a call; -ENOSYS for an unknown name, -ENOENT for one that this architecture does not have. */
int ck_seccomp_number(const char *name);

#pragma clang assume_nonnull end
