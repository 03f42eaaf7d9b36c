/*
 * A network namespace of the calling process's own, for the self-test and for probes. Why: rtnetlink by hand, so that nothing but libc is
 * linked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* unshare(2); with `by_user` and without the privilege by way of a user namespace in which the caller is who it was. 0 or -errno. */
int cl_namespaces_enter(int flags, bool by_user, uint32_t uid, uint32_t gid);
/* A network namespace, by way of a user namespace where that is needed. */
int cl_network_enter_own(uint32_t uid, uint32_t gid);
/* RTM_NEWLINK of interface 1. */
int cl_network_bring_up_loopback(void);
/* RTM_NEWADDR on interface 1; 0 when it is there already. IPv4 as ::ffff:a.b.c.d. */
int cl_network_add_address(const uint8_t address[_Nonnull 16]);
/* A TCP socket that listens at 127.0.0.1 and does not block, or -errno. */
int cl_network_listen_on_loopback(uint16_t port);
/* Whether an address is ::ffff:a.b.c.d. */
bool cl_network_is_mapped(const uint8_t address[_Nonnull 16]);

#pragma clang assume_nonnull end
