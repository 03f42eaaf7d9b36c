/*
 * What the listener of a network act saw, and what that means.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "launch.h"

#define TRIAL_NONCE "subject"
#define CONTROL_NONCE "control"

/* The address of a trial; `as_ipv6` keeps a v4-mapped one in an IPv6 structure. */
socklen_t trial_address(const struct cl_trial *trial, bool as_ipv6, struct sockaddr_storage *storage);

/* Whether the truth about an act is what a listener saw. */
bool act_has_receiver(enum cl_act act);

/* A listener for the act, on the address that it reaches; or -errno. */
int receiver_open(const struct cl_trial *trial);
/*
 * Sends a control of our own after what the subject may have sent, and reads until the control came: 1 when the subject's came before it,
 * 0 when not, -errno when the control did not come.
 */
/* Whether somebody has come through a listening socket in another network, where no control of ours can go: 1, 0, or -errno. */
int door_saw(int door);
int receiver_saw(int receiver, const struct cl_trial *trial);
/* Whether a stranger can connect to this port of loopback: 0, or -errno. */
int stranger_connects(const struct cl_trial *trial, int port);
