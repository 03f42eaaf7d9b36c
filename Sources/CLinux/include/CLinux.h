/*
 * What Swift's Glibc module lacks, as plain functions: calls that glibc hides behind _GNU_SOURCE, calls without a glibc wrapper,
 * variadic calls and packed structures. Nothing here decides, logs or retries.
 *
 * Every function returns a descriptor, a count or 0, or -errno.
 */
#pragma once

#include "clx_descriptors.h"
#include "clx_events.h"
#include "clx_files.h"
#include "clx_io.h"
#include "clx_memory.h"
#include "clx_namespaces.h"
#include "clx_observing.h"
#include "clx_processes.h"
#include "clx_sockets.h"
