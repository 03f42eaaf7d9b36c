/*
 * Why: unshare(2) and its flags are _GNU_SOURCE, and the maps of a user namespace must be written between two of its calls.
 */
#pragma once

#pragma clang assume_nonnull begin

/*
 * This single-threaded process enters a user namespace of its own in which its uid and gid are what they were, and its next child becomes
 * the first process of a new PID namespace. 0, or -errno: -EPERM and -ENOSPC where the host forbids it.
 */
int clx_enter_private_namespaces(void);

#pragma clang assume_nonnull end
