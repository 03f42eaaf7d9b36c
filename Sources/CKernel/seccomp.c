#define _GNU_SOURCE
#include "ck_seccomp.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <unistd.h>

#include "clx_descriptors.h"

struct ck_filter {
    scmp_filter_ctx context;
};

/* libseccomp's word for an action; 0 is none. */
static uint32_t library_action(enum ck_action action, uint32_t number) {
    switch (action) {
    case CK_ALLOW: return SCMP_ACT_ALLOW;
    case CK_ERRNO: return SCMP_ACT_ERRNO(number);
    case CK_KILL_PROCESS: return SCMP_ACT_KILL_PROCESS;
    case CK_NOTIFY: return SCMP_ACT_NOTIFY;
    }
    return 0;
}

static int set_attributes(scmp_filter_ctx context) {
    int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0) result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    /* The launch code sets it, as a step of its own. */
    if (result == 0) result = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);
    return result;
}

struct ck_filter *ck_seccomp_create(enum ck_action action, uint32_t number, int *failure) {
    *failure = -EINVAL;
    uint32_t default_action = library_action(action, number);
    if (default_action == 0 && action != CK_KILL_PROCESS) return NULL;
    *failure = -ENOMEM;
    struct ck_filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL) return NULL;
    filter->context = seccomp_init(default_action);
    if (filter->context != NULL) *failure = set_attributes(filter->context);
    if (filter->context != NULL && *failure == 0) return filter;
    ck_seccomp_free(filter);
    return NULL;
}

void ck_seccomp_free(struct ck_filter *filter) {
    if (filter->context != NULL) seccomp_release(filter->context);
    free(filter);
}

static int library_comparison(const struct ck_comparison *comparison, struct scmp_arg_cmp *out) {
    *out = (struct scmp_arg_cmp){.arg = comparison->argument, .datum_a = comparison->value};
    switch (comparison->operation) {
    case CK_MASKED_EQUAL:
        *out = (struct scmp_arg_cmp){
            .arg = comparison->argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = comparison->mask, .datum_b = comparison->value};
        return 0;
    case CK_NOT_EQUAL: out->op = SCMP_CMP_NE; return 0;
    case CK_GREATER: out->op = SCMP_CMP_GT; return 0;
    case CK_GREATER_OR_EQUAL: out->op = SCMP_CMP_GE; return 0;
    case CK_LESS: out->op = SCMP_CMP_LT; return 0;
    case CK_LESS_OR_EQUAL: out->op = SCMP_CMP_LE; return 0;
    }
    return -EINVAL;
}

int ck_seccomp_add_number(struct ck_filter *filter, int system_call, enum ck_action action, uint32_t number,
                          const struct ck_comparison *comparisons, uint32_t count) {
    struct scmp_arg_cmp converted[6];
    if (count > 6 || system_call < 0) return -EINVAL;
    uint32_t wanted = library_action(action, number);
    if (wanted == 0 && action != CK_KILL_PROCESS) return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        int result = library_comparison(&comparisons[i], &converted[i]);
        if (result < 0) return result;
    }
    return seccomp_rule_add_exact_array(filter->context, wanted, system_call, count, converted);
}

int ck_seccomp_number(const char *name) {
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return -ENOSYS;
    return number < 0 ? -ENOENT : number;
}

int ck_seccomp_add(struct ck_filter *filter, const char *name, enum ck_action action, uint32_t number,
                   const struct ck_comparison *comparisons, uint32_t count) {
    int system_call = ck_seccomp_number(name);
    if (system_call == -ENOENT) return CK_NOT_NATIVE;
    if (system_call < 0) return system_call;
    return ck_seccomp_add_number(filter, system_call, action, number, comparisons, count);
}

int ck_seccomp_export(const struct ck_filter *filter) {
    int memory = clx_memfd_create("seccomp");
    if (memory < 0) return memory;
    int result = seccomp_export_bpf(filter->context, memory);
    if (result == 0) result = clx_memfd_seal(memory);
    if (result < 0) close(memory);
    return result < 0 ? result : memory;
}
