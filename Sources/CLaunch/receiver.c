#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "outcome.h"

enum { patience_milliseconds = 1000 };

static bool is_datagram(enum cl_act act) { return act == CL_ACT_UDP_SENDTO || act == CL_ACT_UDP_CONNECT; }

bool act_has_receiver(enum cl_act act) {
    return act == CL_ACT_TCP_CONNECT || act == CL_ACT_TCP_FASTOPEN || act == CL_ACT_MPTCP_CONNECT || is_datagram(act);
}

/* Where the kernel goes when an unbound socket is told to go to the unspecified address. */
static struct cl_trial reached(const struct cl_trial *trial) {
    static const uint8_t any6[16];
    struct cl_trial result = *trial;
    if (cl_network_is_mapped(trial->address) && memcmp(trial->address + 12, any6, 4) == 0) {
        result.address[12] = 127;
        result.address[15] = 1;
    }
    if (memcmp(trial->address, any6, sizeof any6) == 0) result.address[15] = 1;
    return result;
}

int receiver_open(const struct cl_trial *trial) {
    const struct cl_trial target = reached(trial);
    struct sockaddr_storage address;
    int result = cl_network_add_address(target.address);
    if (result < 0) return result;
    socklen_t length = trial_address(&target, false, &address);
    int receiver = socket(address.ss_family, (is_datagram(trial->act) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (receiver < 0) return -errno;
    const int on = 1;
    setsockopt(receiver, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    result = bind(receiver, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
    if (result == 0 && !is_datagram(trial->act) && listen(receiver, 8) < 0) result = -errno;
    if (result == 0) return receiver;
    close(receiver);
    return result;
}

/* A socket of the tester's own, connected to where the trial reaches. */
static int dial(const struct cl_trial *trial) {
    const struct cl_trial target = reached(trial);
    const struct timeval patience = {.tv_sec = patience_milliseconds / 1000};
    struct sockaddr_storage address;
    socklen_t length = trial_address(&target, false, &address);
    int socket_ = socket(address.ss_family, (is_datagram(trial->act) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return -errno;
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(socket_, (struct sockaddr *)&address, length) == 0) return socket_;
    int result = -errno;
    close(socket_);
    return result;
}

static int await(int descriptor) {
    struct pollfd waited = {.fd = descriptor, .events = POLLIN};
    int result = poll(&waited, 1, patience_milliseconds);
    return result < 0 ? -errno : result == 0 ? -ETIMEDOUT : 0;
}

static in_port_t port_of(const struct sockaddr_storage *address) { return ((const struct sockaddr_in *)address)->sin_port; }

/* Accepts one connection: 1 when it is the control, 0 when it is another's. */
static int accept_one(int receiver, const struct sockaddr_storage *control) {
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    int result = await(receiver);
    if (result < 0) return result;
    int connection = accept4(receiver, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    if (connection < 0) return -errno;
    close(connection);
    return port_of(&peer) == port_of(control);
}

static int receive_one(int receiver) {
    char text[16] = {0};
    int result = await(receiver);
    if (result < 0) return result;
    if (recv(receiver, text, sizeof text, 0) < 0) return -errno;
    return memcmp(text, CONTROL_NONCE, sizeof CONTROL_NONCE) == 0;
}

int receiver_saw(int receiver, const struct cl_trial *trial) {
    struct sockaddr_storage name = {0};
    socklen_t length = sizeof name;
    int control = dial(trial);
    if (control < 0) return control;
    int result = getsockname(control, (struct sockaddr *)&name, &length) < 0 ? -errno : 0;
    if (result == 0 && is_datagram(trial->act) && send(control, CONTROL_NONCE, sizeof CONTROL_NONCE, 0) < 0) result = -errno;
    bool saw = false;
    while (result == 0) {
        result = is_datagram(trial->act) ? receive_one(receiver) : accept_one(receiver, &name);
        saw = saw || result == 0;
    }
    close(control);
    return result < 0 ? result : saw;
}

int door_saw(int door) {
    int result = await(door);
    if (result == -ETIMEDOUT) return 0;
    int connection = result < 0 ? result : accept4(door, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) return result < 0 ? result : -errno;
    close(connection);
    return 1;
}

int stranger_connects(const struct cl_trial *trial, int port) {
    struct cl_trial target = *trial;
    target.act = CL_ACT_TCP_CONNECT;
    target.port = (uint32_t)port;
    int connection = dial(&target);
    if (connection < 0) return connection;
    close(connection);
    return 0;
}
