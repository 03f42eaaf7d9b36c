/*
 * Lets one thread of a test look at files as another user. setfsuid(2) is per thread, which glibc's seteuid is not.
 */
#pragma once

#include <stdint.h>

/* setfsgid(2), then setfsuid(2); away from uid 0 the capabilities over files go too, and come back with uid 0. */
void tc_set_file_user(uint32_t uid, uint32_t gid);
