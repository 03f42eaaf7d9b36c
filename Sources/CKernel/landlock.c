#define _GNU_SOURCE
#include "ck_landlock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#endif

/* As of ABI 6; zeroed members that an older kernel does not know are accepted by it, others refused. */
struct ruleset_attributes {
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
};

struct path_attributes {
    uint64_t rights;
    int32_t descriptor;
} __attribute__((packed));

struct port_attributes {
    uint64_t rights;
    uint64_t port;
};

enum { query_version = 1, query_errata = 2, rule_path = 1, rule_port = 2 };

static int query(unsigned int flag) {
    long answer = syscall(SYS_landlock_create_ruleset, NULL, 0, flag);
    return answer < 0 ? -errno : (int)answer;
}

int ck_landlock_abi(void) { return query(query_version); }
int ck_landlock_errata(void) { return query(query_errata); }

int ck_landlock_create_ruleset(uint64_t handled_fs, uint64_t handled_net, uint64_t scoped) {
    struct ruleset_attributes attributes = {.handled_fs = handled_fs, .handled_net = handled_net, .scoped = scoped};
    long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    return ruleset < 0 ? -errno : (int)ruleset;
}

int ck_landlock_add_path(int ruleset, int descriptor, uint64_t rights) {
    struct path_attributes attributes = {.rights = rights, .descriptor = descriptor};
    return syscall(SYS_landlock_add_rule, ruleset, rule_path, &attributes, 0) < 0 ? -errno : 0;
}

int ck_landlock_add_port(int ruleset, uint16_t port, uint64_t rights) {
    struct port_attributes attributes = {.rights = rights, .port = port};
    return syscall(SYS_landlock_add_rule, ruleset, rule_port, &attributes, 0) < 0 ? -errno : 0;
}
