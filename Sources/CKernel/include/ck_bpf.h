/*
 * Why: libbpf's options are made by macros, its log callback takes a va_list, and it owns what it opens. Here every descriptor that is
 * returned belongs to the caller, and outlives the object.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../../bpf/egress.h"

#pragma clang assume_nonnull begin

/* An object file opened from memory: its maps and programs, before and after loading. */
struct ck_object;

/*
 * Opens an object. `name` is for the kernel's listings. libbpf's messages (the verifier's above all) are written into `log`, cut to its
 * capacity, NUL-ended, until ck_bpf_close. NULL: `failure` says why (-errno).
 */
struct ck_object *_Nullable ck_bpf_open(const void *bytes, size_t count, const char *name, char *_Nullable log,
                                        size_t log_capacity, int *failure);
/* Sets the constants (section .rodata) of an object that is not loaded; -EINVAL when the size differs. */
int ck_bpf_set_constants(struct ck_object *object, const void *bytes, size_t count);
/* bpf_map__set_max_entries, before loading. */
int ck_bpf_set_capacity(struct ck_object *object, const char *map, uint32_t entries);
/* bpf_map__reuse_fd, before loading: this map instead of one of the object's own. -ENOENT where the object declares none of that name. */
int ck_bpf_reuse(struct ck_object *object, const char *map, int descriptor);
/* Chooses a program to be loaded; the others of the object are not. */
int ck_bpf_want(struct ck_object *object, const char *program);
/* bpf_object__load, of the chosen programs and all maps. */
int ck_bpf_load(struct ck_object *object);
/* bpf_map_update_batch: `count` keys and values, one after the other, no padding. */
int ck_bpf_fill(struct ck_object *object, const char *map, const void *keys, const void *values, uint32_t count);
/* Adds the open file's inode (O_PATH will do) to a map of inode storage. */
int ck_bpf_grant(struct ck_object *object, const char *map, int file);
/* BPF_MAP_FREEZE: user space can no longer change the map. */
int ck_bpf_freeze(struct ck_object *object, const char *map);
/* A descriptor of a map, or of a program, of a loaded object. */
int ck_bpf_map(struct ck_object *object, const char *map);
int ck_bpf_program(struct ck_object *object, const char *program);
/* BPF_LINK_CREATE of a program on a cgroup directory: returns the link. When its last descriptor and pin go, so does the attachment. */
int ck_bpf_attach(struct ck_object *object, const char *program, int cgroup);
void ck_bpf_close(struct ck_object *object);

/* BPF_LINK_UPDATE: this program (of the same type) instead, at once. */
int ck_bpf_link_replace(int link, int program);
/* BPF_LINK_DETACH: at once; when a link goes with its last pin, the kernel does it some time later. */
int ck_bpf_link_detach(int link);
/* BPF_OBJ_PIN: gives a link, map or program a name below a bpffs; -EEXIST. */
int ck_bpf_pin(int descriptor, const char *path);
/* BPF_OBJ_GET. */
int ck_bpf_open_pin(const char *path);

/* Ids, for comparison with what is effective; ids are positive and below 2^31. */
int64_t ck_bpf_program_id(int program);
int64_t ck_bpf_map_id(int map);
/* BPF_MAP_GET_FD_BY_ID; -ENOENT when it is gone. Ids are not given again before 2^31 others were. */
int ck_bpf_open_map(uint32_t id);
int64_t ck_bpf_link_program_id(int link);
int64_t ck_bpf_link_cgroup_id(int link);
/* 1 when the map is frozen, else 0. */
int ck_bpf_map_is_frozen(int map);
/* Looks up one entry; -ENOENT. */
int ck_bpf_lookup(int map, const void *key, void *value);

enum ck_hook : uint32_t {
    CK_HOOK_CONNECT4 = 1,
    CK_HOOK_CONNECT6 = 2,
    CK_HOOK_SENDMSG4 = 3,
    CK_HOOK_SENDMSG6 = 4,
    CK_HOOK_BIND4 = 5,
    CK_HOOK_BIND6 = 6,
    CK_HOOK_EGRESS = 7,  /* cgroup_skb */
    CK_HOOK_INGRESS = 8,
    CK_HOOK_UNIX_STREAM = 9, /* these four are security hooks */
    CK_HOOK_UNIX_DATAGRAM = 10,
    CK_HOOK_UNIX_BIND = 11,
    CK_HOOK_UNIX_LISTEN = 12,
    CK_HOOK_SOCK_CREATE = 13, /* second layers */
    CK_HOOK_CONNECT_UNIX = 14,
    CK_HOOK_SENDMSG_UNIX = 15,
    CK_HOOK_RECEIVED_CONNECT = 16, /* security hooks again, and second layers */
    CK_HOOK_RECEIVED_SEND = 17,
    CK_HOOK_EXECUTE = 18,
    CK_HOOK_RECEIVED_BIND = 19,
    CK_HOOK_RECEIVED_LISTEN = 20,
};
/*
 * BPF_PROG_QUERY with EFFECTIVE: the ids of all programs that run at this hook for this cgroup, ancestors' included, in the order in which
 * they run; of a security hook, those at all security hooks. Returns how many; -ENOSPC when they do not fit.
 */
int ck_bpf_effective(int cgroup, enum ck_hook hook, uint32_t *ids, uint32_t capacity);
#define CK_PROGRAM_NAME_MAX 16
/* The name that its loader gave a program, NUL-ended; empty where it gave none. 0, or -errno: -ENOENT when it is gone. */
int ck_bpf_program_name(uint32_t id, char name[_Nonnull CK_PROGRAM_NAME_MAX]);

/* The name of a map, NUL-ended. */
int ck_bpf_map_name(int map, char name[_Nonnull CK_PROGRAM_NAME_MAX]);
/* The ids of the maps that a program asks. Returns how many; -ENOSPC when they do not fit, -ENOENT when the program is gone. */
int ck_bpf_program_maps(uint32_t id, uint32_t *maps, uint32_t capacity);

/* The names of the objects' maps and programs, which stand nowhere else in user space. */
extern const char *const ck_egress_endpoints;
extern const char *const ck_egress_regions;
extern const char *const ck_egress_udp_regions;
extern const char *const ck_egress_listen_regions;
extern const char *const ck_egress_port_sets;
extern const char *const ck_egress_sockets;
extern const char *const ck_egress_executables;
extern const char *const ck_egress_opened;
extern const char *const ck_egress_denials;
extern const char *const ck_egress_counters;
/* Programs by hook, and the object that holds each; NULL for what is no hook. */
const char *_Nullable ck_egress_program(enum ck_hook hook);
const char *_Nullable ck_egress_object(enum ck_hook hook);

#pragma clang assume_nonnull end
