/*
 * What all probes share: a throw-away child with a deadline, and the answers that it can give.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "ck_probe.h"

/* Runs in the child; its return value is the finding. */
typedef struct ck_probed (*probe_body)(const struct ck_probe_context *context, void *argument);

/* Forks, runs, kills the child and all that it started when the deadline has passed. */
struct ck_probed probe_run(const struct ck_probe_context *context, probe_body body, void *argument);

/* A cgroup of the probe's own. */
struct probe_scratch {
    char name[64];
    int directory;
};
/* Runs a probe with a scratch cgroup, which is removed whatever becomes of the child. */
struct ck_probed probe_run_scratch(
    const struct ck_probe_context *context, probe_body body, struct probe_scratch *scratch, void *argument);

struct ck_probed probe_works(int error, int signal);
struct ck_probed probe_unavailable(int step, int result);
struct ck_probed probe_ineffective(int step, int result);
struct ck_probed probe_no_control(int step, int result);

/* A process that runs an act and ends with what it returned (0, or an errno); its wait status, or -errno. In a cgroup, or -1. */
int probe_act(int cgroup, int (*act)(void *argument), void *argument);
bool probe_exited(int status, int with);

/* A network namespace of the probe's own where that can be made; else the host's loopback is used. */
void probe_enter_network(const struct ck_probe_context *context);

struct probe_target {
    int family;
    int type;
    int listener;
    uint16_t port; /* host byte order */
};
/* A listener (or bound datagram socket) on loopback: 0, or -errno. */
int probe_listen(int family, int type, struct probe_target *target);
/* The loopback address of the target's family with its port. */
socklen_t probe_address(const struct probe_target *target, struct sockaddr_storage *storage);
/* connect(2), or for datagrams sendto(2): 0, or -errno. */
int probe_dial(const struct probe_target *target);
/* sendto(MSG_FASTOPEN): 0, or -errno. */
int probe_fastopen(const struct probe_target *target);
/* Whether something arrived (and takes it). */
bool probe_arrived(const struct probe_target *target);
