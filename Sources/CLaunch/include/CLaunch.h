/*
 * The code between clone and exec, the acts of the self-test, and the words that daemon and keeper exchange. libc only.
 */
#pragma once

#include "cl_launch.h"
#include "cl_mount.h"
#include "cl_network.h"
#include "cl_session.h"
#include "cl_trials.h"
