/*
 * One request to a systemd manager over D-Bus: a transient scope around a process.
 *
 * Why C: sd-bus is asked through variadic functions. Why dlopen: hosts without libsystemd run sandboxd, too, and only a private daemon asks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/*
 * StartTransientUnit of org.freedesktop.systemd1.Manager on the bus at `address` (`unix:…`): a scope `name` with Delegate=yes, and `pid` in it. Returns 0
 * when the manager took the request, which it then still has to carry out; or -errno, and in `problem` who refused with which words:
 * -ENOENT without libsystemd, -ETIMEDOUT when no answer came in time, -EPERM when the peer is neither root nor this user, -EXDEV when it counts processes
 * in another PID namespace. Never waits longer than `milliseconds`.
 */
int csm_start_scope(const char *address, const char *name, uint32_t pid, uint32_t milliseconds, char *problem, size_t capacity);

#pragma clang assume_nonnull end
