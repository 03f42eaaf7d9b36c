/*
 * What every program of a session has in common: the two maps in which it tells of denials, and how it does. No verdict depends on them.
 *
 * Several objects declare these maps; whoever loads them makes each once for a session.
 */
#pragma once

#include "egress.h"

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DENY 0
#define PERMIT 1

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, EGRESS_RING_BYTES);
} denials SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct egress_counters);
} counters SEC(".maps");

union address {
    __u8 bytes[16];
    __u32 words[4];
};

static __always_inline void count_denial(void) {
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->denied, 1);
}

/* Where the ring buffer had no room; returns the verdict. */
static __always_inline int lose_denial(void) {
    __u32 zero = 0;
    struct egress_counters *counter = bpf_map_lookup_elem(&counters, &zero);
    if (counter) __sync_fetch_and_add(&counter->lost, 1);
    return DENY;
}

static __always_inline void describe(
    struct egress_denial *denial, __u64 task, __u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    denial->time = bpf_ktime_get_ns();
    denial->process = task >> 32;
    denial->thread = (__u32)task;
    __builtin_memcpy(denial->address, address->bytes, sizeof denial->address);
    denial->port = port;
    denial->hook = hook;
    denial->family = family;
    denial->protocol = protocol;
    denial->type = type;
    denial->reserved[0] = 0;
    denial->reserved[1] = 0;
}

/* Tells of a denial, if there is room; returns the verdict. */
static __always_inline int deny_of(__u64 task, __u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    count_denial();
    struct egress_denial *denial = bpf_ringbuf_reserve(&denials, sizeof *denial, 0);
    if (!denial) return lose_denial();
    describe(denial, task, hook, family, type, protocol, address, port);
    bpf_ringbuf_submit(denial, 0);
    return DENY;
}

static __always_inline int deny(__u8 hook, __u8 family, __u8 type, __u8 protocol, const union address *address, __u16 port) {
    return deny_of(bpf_get_current_pid_tgid(), hook, family, type, protocol, address, port);
}
