#define _GNU_SOURCE
#include "ck_bpf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clx_descriptors.h"

struct ck_object {
    struct bpf_object *object;
    char *log;
    size_t log_capacity;
    size_t log_length;
};

/* libbpf's print callback has no argument of its own; sandboxd has one thread. */
static struct ck_object *logging;

static int print_to_log(enum libbpf_print_level level, const char *format, va_list arguments) {
    struct ck_object *object = logging;
    if (level == LIBBPF_DEBUG || object == NULL || object->log == NULL) return 0;
    size_t room = object->log_capacity - object->log_length;
    if (room <= 1) return 0;
    int count = vsnprintf(object->log + object->log_length, room, format, arguments);
    if (count > 0) object->log_length += (size_t)count < room ? (size_t)count : room - 1;
    return 0;
}

/* Everything that may log runs between these two. */
static void begin_log(struct ck_object *object) {
    logging = object;
    libbpf_set_print(print_to_log);
}

static int end_log(int result) {
    logging = NULL;
    return result;
}

static void choose_none(struct bpf_object *object) {
    struct bpf_program *program;
    bpf_object__for_each_program(program, object) bpf_program__set_autoload(program, false);
}

struct ck_object *ck_bpf_open(const void *bytes, size_t count, const char *name, char *log, size_t log_capacity, int *failure) {
    *failure = -ENOMEM;
    struct ck_object *object = calloc(1, sizeof *object);
    if (object == NULL) return NULL;
    if (log != NULL && log_capacity > 0) {
        log[0] = 0;
        object->log = log;
        object->log_capacity = log_capacity;
    }
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name);
    begin_log(object);
    object->object = bpf_object__open_mem(bytes, count, &options);
    *failure = end_log(object->object == NULL ? -errno : 0);
    if (*failure == 0) {
        choose_none(object->object);
        return object;
    }
    free(object);
    return NULL;
}

void ck_bpf_close(struct ck_object *object) {
    bpf_object__close(object->object);
    free(object);
}

int ck_bpf_set_constants(struct ck_object *object, const void *bytes, size_t count) {
    struct bpf_map *map = bpf_object__find_map_by_name(object->object, ".rodata");
    if (map == NULL) return -ENOENT;
    return bpf_map__set_initial_value(map, bytes, count);
}

int ck_bpf_set_capacity(struct ck_object *object, const char *map, uint32_t entries) {
    struct bpf_map *found = bpf_object__find_map_by_name(object->object, map);
    return found == NULL ? -ENOENT : bpf_map__set_max_entries(found, entries);
}

int ck_bpf_reuse(struct ck_object *object, const char *map, int descriptor) {
    struct bpf_map *found = bpf_object__find_map_by_name(object->object, map);
    return found == NULL ? -ENOENT : bpf_map__reuse_fd(found, descriptor);
}

/* Attach types of Linux 6.7 (enum bpf_attach_type), which older headers do not name, and older versions of libbpf not by their sections. */
enum { cgroup_unix_connect = 49, cgroup_unix_sendmsg = 50 };

static int set_type(struct bpf_program *program) {
    if (bpf_program__type(program) != BPF_PROG_TYPE_UNSPEC) return 0;
    bool connects = strcmp(bpf_program__name(program), ck_egress_program(CK_HOOK_CONNECT_UNIX)) == 0;
    int result = bpf_program__set_type(program, BPF_PROG_TYPE_CGROUP_SOCK_ADDR);
    if (result < 0) return result;
    return bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)(connects ? cgroup_unix_connect : cgroup_unix_sendmsg));
}

int ck_bpf_want(struct ck_object *object, const char *program) {
    struct bpf_program *found = bpf_object__find_program_by_name(object->object, program);
    if (found == NULL) return -ENOENT;
    int result = set_type(found);
    return result < 0 ? result : bpf_program__set_autoload(found, true);
}

int ck_bpf_load(struct ck_object *object) {
    begin_log(object);
    return end_log(bpf_object__load(object->object));
}

/* The object's own descriptor of a map; -ENOENT where it has none of that name. */
static int map_descriptor(struct ck_object *object, const char *map) {
    const struct bpf_map *found = bpf_object__find_map_by_name(object->object, map);
    return found == NULL ? -ENOENT : bpf_map__fd(found);
}

int ck_bpf_fill(struct ck_object *object, const char *map, const void *keys, const void *values, uint32_t count) {
    int descriptor = map_descriptor(object, map);
    if (descriptor < 0) return descriptor;
    if (count == 0) return 0;
    uint32_t done = count;
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    int result = bpf_map_update_batch(descriptor, keys, values, &done, &options);
    if (result < 0) return result;
    return done == count ? 0 : -EIO;
}

int ck_bpf_grant(struct ck_object *object, const char *map, int file) {
    const uint8_t present = 1;
    int descriptor = map_descriptor(object, map);
    return descriptor < 0 ? descriptor : bpf_map_update_elem(descriptor, &file, &present, BPF_ANY);
}

int ck_bpf_freeze(struct ck_object *object, const char *map) {
    int descriptor = map_descriptor(object, map);
    return descriptor < 0 ? descriptor : bpf_map_freeze(descriptor);
}

int ck_bpf_map(struct ck_object *object, const char *map) {
    int descriptor = map_descriptor(object, map);
    return descriptor < 0 ? descriptor : clx_duplicate(descriptor, 3);
}

static int program_descriptor(struct ck_object *object, const char *program) {
    struct bpf_program *found = bpf_object__find_program_by_name(object->object, program);
    if (found == NULL) return -ENOENT;
    int descriptor = bpf_program__fd(found);
    return descriptor < 0 ? -EINVAL : descriptor;
}

int ck_bpf_program(struct ck_object *object, const char *program) {
    int descriptor = program_descriptor(object, program);
    return descriptor < 0 ? descriptor : clx_duplicate(descriptor, 3);
}

int ck_bpf_attach(struct ck_object *object, const char *program, int cgroup) {
    struct bpf_program *found = bpf_object__find_program_by_name(object->object, program);
    if (found == NULL) return -ENOENT;
    int descriptor = bpf_program__fd(found);
    if (descriptor < 0) return -EINVAL;
    return bpf_link_create(descriptor, cgroup, bpf_program__expected_attach_type(found), NULL);
}

int ck_bpf_link_replace(int link, int program) { return bpf_link_update(link, program, NULL); }
int ck_bpf_link_detach(int link) { return bpf_link_detach(link); }
int ck_bpf_pin(int descriptor, const char *path) { return bpf_obj_pin(descriptor, path); }
int ck_bpf_open_pin(const char *path) { return bpf_obj_get(path); }

static int object_info(int descriptor, void *info, uint32_t size) {
    memset(info, 0, size);
    return bpf_obj_get_info_by_fd(descriptor, info, &size);
}

int64_t ck_bpf_program_id(int program) {
    struct bpf_prog_info info;
    int result = object_info(program, &info, sizeof info);
    return result < 0 ? result : (int64_t)info.id;
}

int64_t ck_bpf_map_id(int map) {
    struct bpf_map_info info;
    int result = object_info(map, &info, sizeof info);
    return result < 0 ? result : (int64_t)info.id;
}

int ck_bpf_open_map(uint32_t id) { return bpf_map_get_fd_by_id(id); }

int64_t ck_bpf_link_program_id(int link) {
    struct bpf_link_info info;
    int result = object_info(link, &info, sizeof info);
    return result < 0 ? result : (int64_t)info.prog_id;
}

int64_t ck_bpf_link_cgroup_id(int link) {
    struct bpf_link_info info;
    int result = object_info(link, &info, sizeof info);
    return result < 0 ? result : (int64_t)info.cgroup.cgroup_id;
}

/* bpf_map_info does not say it; /proc/self/fdinfo does. */
int ck_bpf_map_is_frozen(int map) {
    char path[48], line[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", map);
    FILE *file = fopen(path, "re");
    if (file == NULL) return -errno;
    int frozen = -ENOENT;
    while (frozen == -ENOENT && fgets(line, sizeof line, file) != NULL) sscanf(line, "frozen:%d", &frozen);
    fclose(file);
    return frozen;
}

int ck_bpf_lookup(int map, const void *key, void *value) { return bpf_map_lookup_elem(map, key, value); }

static int attach_type(enum ck_hook hook) {
    switch (hook) {
    case CK_HOOK_CONNECT4: return BPF_CGROUP_INET4_CONNECT;
    case CK_HOOK_CONNECT6: return BPF_CGROUP_INET6_CONNECT;
    case CK_HOOK_SENDMSG4: return BPF_CGROUP_UDP4_SENDMSG;
    case CK_HOOK_SENDMSG6: return BPF_CGROUP_UDP6_SENDMSG;
    case CK_HOOK_BIND4: return BPF_CGROUP_INET4_BIND;
    case CK_HOOK_BIND6: return BPF_CGROUP_INET6_BIND;
    case CK_HOOK_EGRESS: return BPF_CGROUP_INET_EGRESS;
    case CK_HOOK_INGRESS: return BPF_CGROUP_INET_INGRESS;
    case CK_HOOK_UNIX_STREAM:
    case CK_HOOK_UNIX_DATAGRAM:
    case CK_HOOK_UNIX_BIND:
    case CK_HOOK_UNIX_LISTEN:
    case CK_HOOK_RECEIVED_CONNECT:
    case CK_HOOK_RECEIVED_SEND:
    case CK_HOOK_RECEIVED_BIND:
    case CK_HOOK_RECEIVED_LISTEN:
    case CK_HOOK_EXECUTE: return BPF_LSM_CGROUP;
    case CK_HOOK_SOCK_CREATE: return BPF_CGROUP_INET_SOCK_CREATE;
    case CK_HOOK_CONNECT_UNIX: return cgroup_unix_connect;
    case CK_HOOK_SENDMSG_UNIX: return cgroup_unix_sendmsg;
    }
    return -EINVAL;
}

int ck_bpf_effective(int cgroup, enum ck_hook hook, uint32_t *ids, uint32_t capacity) {
    int type = attach_type(hook);
    if (type < 0) return type;
    uint32_t count = capacity;
    int result = bpf_prog_query(cgroup, (enum bpf_attach_type)type, BPF_F_QUERY_EFFECTIVE, NULL, ids, &count);
    return result < 0 ? result : (int)count;
}

int ck_bpf_program_name(uint32_t id, char name[CK_PROGRAM_NAME_MAX]) {
    struct bpf_prog_info info;
    int program = bpf_prog_get_fd_by_id(id);
    if (program < 0) return program;
    int result = object_info(program, &info, sizeof info);
    close(program);
    if (result == 0) memcpy(name, info.name, CK_PROGRAM_NAME_MAX);
    name[CK_PROGRAM_NAME_MAX - 1] = 0;
    return result;
}

int ck_bpf_map_name(int map, char name[CK_PROGRAM_NAME_MAX]) {
    struct bpf_map_info info;
    int result = object_info(map, &info, sizeof info);
    if (result == 0) memcpy(name, info.name, CK_PROGRAM_NAME_MAX);
    name[CK_PROGRAM_NAME_MAX - 1] = 0;
    return result;
}

int ck_bpf_program_maps(uint32_t id, uint32_t *maps, uint32_t capacity) {
    struct bpf_prog_info info = {.nr_map_ids = capacity, .map_ids = (uint64_t)(uintptr_t)maps};
    uint32_t size = sizeof info;
    int program = bpf_prog_get_fd_by_id(id);
    if (program < 0) return program;
    int result = bpf_obj_get_info_by_fd(program, &info, &size);
    close(program);
    if (result < 0) return result;
    return info.nr_map_ids > capacity ? -ENOSPC : (int)info.nr_map_ids;
}

const char *const ck_egress_endpoints = "endpoints";
const char *const ck_egress_regions = "regions";
const char *const ck_egress_udp_regions = "udp_regions";
const char *const ck_egress_listen_regions = "listen_regions";
const char *const ck_egress_port_sets = "port_sets";
const char *const ck_egress_sockets = "sockets";
const char *const ck_egress_executables = "executables";
const char *const ck_egress_opened = "opened";
const char *const ck_egress_denials = "denials";
const char *const ck_egress_counters = "counters";

const char *ck_egress_program(enum ck_hook hook) {
    switch (hook) {
    case CK_HOOK_CONNECT4: return "connect4";
    case CK_HOOK_CONNECT6: return "connect6";
    case CK_HOOK_SENDMSG4: return "sendmsg4";
    case CK_HOOK_SENDMSG6: return "sendmsg6";
    case CK_HOOK_BIND4: return "bind4";
    case CK_HOOK_BIND6: return "bind6";
    case CK_HOOK_EGRESS: return "packet_out";
    case CK_HOOK_INGRESS: return "packet_in";
    case CK_HOOK_UNIX_STREAM: return "unix_stream";
    case CK_HOOK_UNIX_DATAGRAM: return "unix_datagram";
    case CK_HOOK_UNIX_BIND: return "unix_bind";
    case CK_HOOK_UNIX_LISTEN: return "unix_listen";
    case CK_HOOK_SOCK_CREATE: return "sock_create";
    case CK_HOOK_CONNECT_UNIX: return "connect_unix";
    case CK_HOOK_SENDMSG_UNIX: return "sendmsg_unix";
    case CK_HOOK_RECEIVED_CONNECT: return "received_connect";
    case CK_HOOK_RECEIVED_SEND: return "received_send";
    case CK_HOOK_RECEIVED_BIND: return "received_bind";
    case CK_HOOK_RECEIVED_LISTEN: return "received_listen";
    case CK_HOOK_EXECUTE: return "execute";
    }
    return NULL;
}

const char *ck_egress_object(enum ck_hook hook) {
    switch (hook) {
    case CK_HOOK_CONNECT4:
    case CK_HOOK_CONNECT6:
    case CK_HOOK_SENDMSG4:
    case CK_HOOK_SENDMSG6:
    case CK_HOOK_BIND4:
    case CK_HOOK_BIND6:
    case CK_HOOK_SOCK_CREATE:
    case CK_HOOK_CONNECT_UNIX:
    case CK_HOOK_SENDMSG_UNIX: return "egress";
    case CK_HOOK_EGRESS:
    case CK_HOOK_INGRESS: return "packets";
    case CK_HOOK_UNIX_STREAM:
    case CK_HOOK_UNIX_DATAGRAM:
    case CK_HOOK_UNIX_BIND:
    case CK_HOOK_UNIX_LISTEN: return "lsm";
    case CK_HOOK_RECEIVED_CONNECT:
    case CK_HOOK_RECEIVED_SEND:
    case CK_HOOK_RECEIVED_BIND:
    case CK_HOOK_RECEIVED_LISTEN: return "received";
    case CK_HOOK_EXECUTE: return "execute";
    }
    return NULL;
}
