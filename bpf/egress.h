/*
 * What the egress programs and user space say to each other. The one header that both sides read; sizes are asserted on both.
 */
#pragma once

#include <linux/types.h>

/* How a protocol is judged (members of struct egress_rules). */
#define EGRESS_NONE 0 /* nothing is permitted */
#define EGRESS_LIST 1 /* what the maps hold */
#define EGRESS_ANY 2  /* every endpoint */

/* Constants of a loaded object (section .rodata): frozen before the programs exist. Zero denies everything. */
struct egress_rules {
    __u8 tcp;                /* whom TCP may connect to: `endpoints`, `regions` */
    __u8 udp;                /* whom UDP may send to, and hear from: `endpoints`, `udp_regions` */
    __u8 listen;             /* where TCP may listen: `endpoints` with EGRESS_OWN, `listen_regions` */
    __u8 has_regions;        /* 1: the map `regions` is asked, too; so the two that follow */
    __u8 has_udp_regions;
    __u8 has_listen_regions;
    __u8 marks;              /* 1: the session can listen, so that connect4 and connect6 mark what it opens in the map `opened` */
    __u8 flows;              /* 1: packets of connections are judged as well, those made before these programs came among them */
};

/* Bits of egress_endpoint.wildcard; what a bit stands for is zero in the key. */
#define EGRESS_ANY_ADDRESS 1 /* "*:PORT" */
#define EGRESS_ANY_PORT 2    /* "ADDR:*" */
#define EGRESS_OWN 4         /* not a peer, but an address of our own to listen on */

/*
 * A key of the map `endpoints`. The address is IPv6; IPv4 is ::ffff:a.b.c.d. The unspecified addresses are never keys of peers: the kernel
 * takes them for loopback, and so do the programs (0.0.0.0 is 127.0.0.1, :: is ::1).
 */
struct egress_endpoint {
    __u8 address[16];
    __u16 port; /* host byte order */
    __u8 protocol; /* 6 or 17 */
    __u8 wildcard;
};

/*
 * A key of the maps `regions`, `udp_regions` and `listen_regions`, longest-prefix tries over addresses as above: the addresses that begin with these bits and with no longer key
 * of the map. The value is an index of `port_sets`. So every address lies in one region at most, and what is permitted there is said once.
 */
struct egress_region {
    __u32 prefix; /* bits, 0...128 */
    __u8 address[16];
};

/* Disjoint ranges of ports, ascending. */
#define EGRESS_RANGES_MAX 32
struct egress_port_range {
    __u16 first;
    __u16 last;
};
struct egress_port_set {
    __u32 count;
    struct egress_port_range ranges[EGRESS_RANGES_MAX];
};

/* Which hook denied. */
#define EGRESS_HOOK_CONNECT4 1
#define EGRESS_HOOK_CONNECT6 2
#define EGRESS_HOOK_SENDMSG4 3
#define EGRESS_HOOK_SENDMSG6 4
#define EGRESS_HOOK_BIND4 5
#define EGRESS_HOOK_BIND6 6
#define EGRESS_HOOK_PACKET_OUT 7
#define EGRESS_HOOK_UNIX_STREAM 8 /* these four at security hooks; address and port are zero */
#define EGRESS_HOOK_UNIX_DATAGRAM 9
#define EGRESS_HOOK_UNIX_BIND 10
#define EGRESS_HOOK_UNIX_LISTEN 11
#define EGRESS_HOOK_SOCK_CREATE 12 /* from here on second layers, address and port are zero */
#define EGRESS_HOOK_CONNECT_UNIX 13
#define EGRESS_HOOK_SENDMSG_UNIX 14
#define EGRESS_HOOK_RECEIVED_CONNECT 15 /* these two with address and port again */
#define EGRESS_HOOK_RECEIVED_SEND 16

#define EGRESS_HOOK_EXECUTE 17 /* struct execute_denial */
#define EGRESS_HOOK_RECEIVED_BIND 18 /* these two with address and port as well: our own, of which 0 is whichever the kernel chooses */
#define EGRESS_HOOK_RECEIVED_LISTEN 19

/* A record of the ring buffer `denials`: what was asked for and denied. */
struct egress_denial {
    __u64 time; /* CLOCK_MONOTONIC, nanoseconds */
    __u32 process; /* thread group id, initial pid namespace; zero for packets, which no process need be there for */
    __u32 thread;
    __u8 address[16]; /* as passed to the call, IPv4 as ::ffff:a.b.c.d */
    __u16 port; /* host byte order */
    __u8 hook;
    __u8 family; /* 1, 2 or 10 */
    __u8 protocol;
    __u8 type; /* SOCK_STREAM is 1 */
    __u8 reserved[2];
};

/* The record of EGRESS_HOOK_EXECUTE: which file. Family, protocol, type, address and port are zero. */
#define EGRESS_NAME_BYTES 128
struct execute_denial {
    struct egress_denial denial;
    __u64 device; /* as stat(2) shows it; some file systems show another there */
    __u64 inode;
    char name[EGRESS_NAME_BYTES]; /* as execve(2) was given it, or as a `#!` line has it; NUL-ended, and cut off where it is longer */
};

/* Constants of the object `execute` (section .rodata). */
struct execute_rules {
    __u8 once; /* 1: only the launch's execve passes, the first to come */
    __u8 reserved[7];
};

/* Bytes of the ring buffer: the smallest that the kernel takes. */
#define EGRESS_RING_BYTES 4096

/* The one entry of the array map `counters`. Verdicts depend on none of it. */
struct egress_counters {
    __u64 denied;
    __u64 lost;    /* denials that found the ring buffer full */
    __u64 unheard; /* packets not told of one by one: of others, that no socket got, since anybody can send them; of connections that were cut */
};

_Static_assert(sizeof(struct egress_rules) == 8, "egress_rules");
_Static_assert(sizeof(struct egress_endpoint) == 20, "egress_endpoint");
_Static_assert(sizeof(struct egress_region) == 20, "egress_region");
_Static_assert(sizeof(struct egress_port_set) == 132, "egress_port_set");
_Static_assert(sizeof(struct egress_denial) == 40, "egress_denial");
_Static_assert(sizeof(struct execute_denial) == 184, "execute_denial");
_Static_assert(sizeof(struct execute_rules) == 8, "execute_rules");
_Static_assert(sizeof(struct egress_counters) == 24, "egress_counters");
