#include "ck_denials.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <string.h>

int64_t ck_bpf_map_capacity(int map) {
    struct bpf_map_info info;
    uint32_t size = sizeof info;
    memset(&info, 0, sizeof info);
    int result = bpf_obj_get_info_by_fd(map, &info, &size);
    return result < 0 ? result : (int64_t)info.max_entries;
}

int ck_bpf_update(int map, const void *key, const void *value) { return bpf_map_update_elem(map, key, value, BPF_ANY); }
