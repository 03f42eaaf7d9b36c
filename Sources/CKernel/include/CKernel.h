/*
 * C shim for Landlock, seccomp, BPF, starting programs, and live probes of all that. It never chooses, retries or falls back: choosing is
 * KernelPlan's job. Every function returns a descriptor, a count or 0, or -errno.
 */
#pragma once

#include "ck_audit.h"
#include "ck_bpf.h"
#include "ck_denials.h"
#include "ck_flows.h"
#include "ck_landlock.h"
#include "ck_probe.h"
#include "ck_seccomp.h"
#include "ck_spawn.h"
