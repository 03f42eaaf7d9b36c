/*
 * What the attacks on sockets share: addresses, and a throw-away process with a network namespace of its own.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

/* `as_ipv6` keeps a v4-mapped address in an IPv6 structure. */
socklen_t stage_address(const uint8_t address[16], uint16_t port, int as_ipv6, struct sockaddr_storage *storage);

/* A socket of the namespace's own, bound to the address; a stream also listens. It does not wait. Descriptor, or -errno. */
int stage_receiver(const uint8_t address[16], uint16_t port, int type);

/* Runs `body` in a process born into the cgroup (-1: none); its result, as an exit status, or -errno. */
int stage_run_in(int cgroup, int (*body)(const void *argument), const void *argument);

/*
 * Runs `body` in a throw-away process whose network namespace has a loopback that is up, and gives back what it wrote to `answer`. What
 * body returned, or -errno where that could not be set up.
 */
int stage_perform(int (*body)(const void *argument, void *answer), const void *argument, void *answer, size_t length);
