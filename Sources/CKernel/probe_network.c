/*
 * Probes of the programs that judge a session's network: what is listed passes, what is not is stopped, and unconfined both pass.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ck_bpf.h"
#include "probe.h"

struct egress {
    struct probe_scratch scratch;
    const void *object;
    size_t count;
    enum ck_hook hook;
    int protocol;
    struct probe_target permitted;
    struct probe_target forbidden;
    int made_outside[2]; /* sockets for these, which are handed into the cgroup */
};

static int type_of(const struct egress *egress) { return egress->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM; }
static bool is_ipv6(enum ck_hook hook) { return hook == CK_HOOK_CONNECT6 || hook == CK_HOOK_SENDMSG6 || hook == CK_HOOK_BIND6; }

/* MARK: acts, performed inside of the scratch cgroup */

static int result_of(long result) { return result < 0 ? -errno : 0; }

/* Where others reach a received socket. */
static bool is_of_received_end(enum ck_hook hook) { return hook == CK_HOOK_RECEIVED_BIND || hook == CK_HOOK_RECEIVED_LISTEN; }
static bool is_of_received(enum ck_hook hook) {
    return hook == CK_HOOK_RECEIVED_CONNECT || hook == CK_HOOK_RECEIVED_SEND || is_of_received_end(hook);
}
/* Whether the cgroup's own processes are to have the targets. */
static bool takes_targets(const struct egress *egress) {
    return egress->hook == CK_HOOK_BIND4 || egress->hook == CK_HOOK_BIND6 || is_of_received_end(egress->hook) ||
           (egress->hook == CK_HOOK_INGRESS && egress->protocol == IPPROTO_TCP);
}

/* By a socket that was made outside. */
static int reach_as_received(const struct egress *egress, const struct probe_target *target) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int received = egress->made_outside[target == &egress->forbidden];
    return egress->hook == CK_HOOK_RECEIVED_CONNECT ? result_of(connect(received, (struct sockaddr *)&address, length))
                                                    : result_of(sendto(received, "x", 1, 0, (struct sockaddr *)&address, length));
}

/* Towards the target: connect and send, but for sendmsg hooks a datagram without connect. */
static int reach(const struct egress *egress, const struct probe_target *target) {
    struct sockaddr_storage address;
    if (is_of_received(egress->hook)) return reach_as_received(egress, target);
    if (egress->protocol == IPPROTO_TCP || egress->hook == CK_HOOK_SENDMSG4 || egress->hook == CK_HOOK_SENDMSG6) return probe_dial(target);
    socklen_t length = probe_address(target, &address);
    int caller = socket(target->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (caller < 0) return -errno;
    int result = result_of(connect(caller, (struct sockaddr *)&address, length));
    if (result == 0) result = result_of(send(caller, "x", 1, 0));
    close(caller);
    return result;
}

static int reach_permitted(void *argument) { return reach(argument, &((struct egress *)argument)->permitted); }
static int reach_forbidden(void *argument) { return reach(argument, &((struct egress *)argument)->forbidden); }

/* A socket of the cgroup, bound to the target's port, which its own receiver has given up. */
static int bound(const struct probe_target *target) {
    struct sockaddr_storage address;
    const int on = 1;
    socklen_t length = probe_address(target, &address);
    int receiver = socket(target->family, target->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (receiver < 0) return -errno;
    setsockopt(receiver, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(receiver, (struct sockaddr *)&address, length) == 0) return receiver;
    int result = -errno;
    close(receiver);
    return result;
}

static int bind_permitted(void *argument) {
    int result = bound(&((struct egress *)argument)->permitted);
    return result < 0 ? result : 0;
}

static int bind_forbidden(void *argument) {
    int result = bound(&((struct egress *)argument)->forbidden);
    return result < 0 ? result : 0;
}

/* A socket that was made outside is bound here, or was bound there and is listened on. */
static int be_received_at(const struct egress *egress, const struct probe_target *target) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int received = egress->made_outside[target == &egress->forbidden];
    return result_of(egress->hook == CK_HOOK_RECEIVED_BIND ? bind(received, (struct sockaddr *)&address, length) : listen(received, 1));
}

static int be_received_permitted(void *argument) { return be_received_at(argument, &((struct egress *)argument)->permitted); }
static int be_received_forbidden(void *argument) { return be_received_at(argument, &((struct egress *)argument)->forbidden); }

/* Sockets that others made keep the cgroup that they were made in: through the targets' own, which lie outside, a stranger speaks. */
static int hear(void *argument) {
    const struct egress *egress = argument;
    struct probe_target self = {.family = egress->permitted.family, .type = SOCK_DGRAM};
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char text = 0;
    int receiver = bound(&self);
    if (receiver < 0) return receiver;
    if (getsockname(receiver, (struct sockaddr *)&address, &length) < 0) return -errno;
    if (sendto(egress->forbidden.listener, "f", 1, 0, (struct sockaddr *)&address, length) < 0) return -errno;
    if (sendto(egress->permitted.listener, "p", 1, 0, (struct sockaddr *)&address, length) < 0) return -errno;
    if (recv(receiver, &text, 1, 0) < 0) return -errno;
    return text == 'p' ? 0 : -EPERM;
}

/* A stranger connects to a listener of the cgroup's: 1 when it got through, 0 when not, -errno. */
static int is_reached_at(const struct probe_target *target, int stranger) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int listener = bound(target);
    if (listener < 0) return listener;
    if (listen(listener, 1) < 0) return -errno;
    connect(stranger, (struct sockaddr *)&address, length);
    int connection = accept(listener, NULL, NULL);
    return connection >= 0 ? 1 : errno == EAGAIN ? 0 : -errno;
}

/* `listener` of a target is here a socket that a stranger is going to connect. */
static int be_reached(void *argument) {
    const struct egress *egress = argument;
    int forbidden = is_reached_at(&egress->forbidden, egress->forbidden.listener);
    int permitted = forbidden < 0 ? forbidden : is_reached_at(&egress->permitted, egress->permitted.listener);
    if (permitted < 0) return permitted;
    return !permitted ? -ETIMEDOUT : forbidden ? -EPERM : 0;
}

static int make(int type) {
    int made = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (made < 0) return -errno;
    close(made);
    return 0;
}

static int make_permitted(void *argument) {
    (void)argument;
    return make(SOCK_STREAM);
}

static int make_forbidden(void *argument) {
    (void)argument;
    return make(SOCK_DGRAM);
}

/* MARK: the program alone */

static struct egress_endpoint endpoint_of(const struct egress *egress) {
    static const uint8_t loopback4[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, loopback6[16] = {[15] = 1};
    struct egress_endpoint endpoint = {
        .port = egress->permitted.port, .protocol = (uint8_t)egress->protocol, .wildcard = takes_targets(egress) ? EGRESS_OWN : 0};
    memcpy(endpoint.address, egress->permitted.family == AF_INET ? loopback4 : loopback6, sizeof endpoint.address);
    return endpoint;
}

/* Loads, fills, freezes and attaches. */
static int attach(const struct egress *egress, struct ck_object *object) {
    const struct egress_rules rules = {
        .tcp = EGRESS_LIST, .udp = egress->hook == CK_HOOK_SOCK_CREATE ? EGRESS_NONE : EGRESS_LIST, .listen = EGRESS_LIST};
    const struct egress_endpoint endpoint = endpoint_of(egress);
    const uint8_t present = 1;
    const char *program = ck_egress_program(egress->hook);
    if (program == NULL) return -EINVAL;
    int result = ck_bpf_set_constants(object, &rules, sizeof rules);
    if (result == 0) result = ck_bpf_want(object, program);
    if (result == 0) result = ck_bpf_load(object);
    if (result == 0) result = ck_bpf_fill(object, ck_egress_endpoints, &endpoint, &present, 1);
    if (result == 0) result = ck_bpf_freeze(object, ck_egress_endpoints);
    return result < 0 ? result : ck_bpf_attach(object, program, egress->scratch.directory);
}

/* MARK: judging */

static int exit_of(int status) { return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0; }

/* Both acts by the cgroup's processes; the receivers lie outside, and say what came. */
static struct ck_probed judge_outgoing(struct egress *egress) {
    int inside = egress->scratch.directory;
    int status = probe_act(inside, reach_permitted, egress);
    if (!probe_exited(status, 0) || !probe_arrived(&egress->permitted)) return probe_ineffective(5, exit_of(status));
    status = probe_act(inside, reach_forbidden, egress);
    if (!probe_exited(status, EPERM) || probe_arrived(&egress->forbidden)) return probe_ineffective(6, exit_of(status));
    return probe_works(EPERM, 0);
}

/* Acts that are answered at once. */
static struct ck_probed judge_answers(struct egress *egress, int (*permitted)(void *argument), int (*forbidden)(void *argument)) {
    int inside = egress->scratch.directory;
    int status = probe_act(inside, permitted, egress);
    if (!probe_exited(status, 0)) return probe_ineffective(5, exit_of(status));
    status = probe_act(inside, forbidden, egress);
    return probe_exited(status, EPERM) ? probe_works(EPERM, 0) : probe_ineffective(6, exit_of(status));
}

/* One act tries both: 0 when the permitted came through and the forbidden did not. */
static struct ck_probed judge_incoming(struct egress *egress, int (*act)(void *argument)) {
    int status = probe_act(egress->scratch.directory, act, egress);
    return probe_exited(status, 0) ? probe_works(0, 0) : probe_ineffective(5, exit_of(status));
}

static struct ck_probed judge(struct egress *egress) {
    switch (egress->hook) {
    case CK_HOOK_CONNECT4:
    case CK_HOOK_CONNECT6:
    case CK_HOOK_SENDMSG4:
    case CK_HOOK_SENDMSG6:
    case CK_HOOK_EGRESS:
    case CK_HOOK_RECEIVED_CONNECT:
    case CK_HOOK_RECEIVED_SEND: return judge_outgoing(egress);
    case CK_HOOK_BIND4:
    case CK_HOOK_BIND6: return judge_answers(egress, bind_permitted, bind_forbidden);
    case CK_HOOK_RECEIVED_BIND:
    case CK_HOOK_RECEIVED_LISTEN: return judge_answers(egress, be_received_permitted, be_received_forbidden);
    case CK_HOOK_SOCK_CREATE: return judge_answers(egress, make_permitted, make_forbidden);
    case CK_HOOK_INGRESS: return judge_incoming(egress, egress->protocol == IPPROTO_TCP ? be_reached : hear);
    case CK_HOOK_UNIX_STREAM:
    case CK_HOOK_UNIX_DATAGRAM:
    case CK_HOOK_UNIX_BIND:
    case CK_HOOK_UNIX_LISTEN:
    case CK_HOOK_CONNECT_UNIX:
    case CK_HOOK_SENDMSG_UNIX:
    case CK_HOOK_EXECUTE: break;
    }
    return probe_unavailable(5, -EINVAL);
}

/* The same without the program: what is going to be forbidden goes through. */
static bool goes_through_unconfined(struct egress *egress) {
    switch (egress->hook) {
    case CK_HOOK_CONNECT4:
    case CK_HOOK_CONNECT6:
    case CK_HOOK_SENDMSG4:
    case CK_HOOK_SENDMSG6:
    case CK_HOOK_EGRESS:
    case CK_HOOK_RECEIVED_CONNECT:
    case CK_HOOK_RECEIVED_SEND: return probe_exited(probe_act(-1, reach_forbidden, egress), 0) && probe_arrived(&egress->forbidden);
    case CK_HOOK_BIND4:
    case CK_HOOK_BIND6: return probe_exited(probe_act(-1, bind_forbidden, egress), 0);
    case CK_HOOK_RECEIVED_BIND:
    case CK_HOOK_RECEIVED_LISTEN: return probe_exited(probe_act(-1, be_received_forbidden, egress), 0);
    case CK_HOOK_SOCK_CREATE: return probe_exited(probe_act(-1, make_forbidden, egress), 0);
    case CK_HOOK_INGRESS: return probe_exited(probe_act(-1, egress->protocol == IPPROTO_TCP ? be_reached : hear, egress), EPERM);
    case CK_HOOK_UNIX_STREAM:
    case CK_HOOK_UNIX_DATAGRAM:
    case CK_HOOK_UNIX_BIND:
    case CK_HOOK_UNIX_LISTEN:
    case CK_HOOK_CONNECT_UNIX:
    case CK_HOOK_SENDMSG_UNIX:
    case CK_HOOK_EXECUTE: break;
    }
    return false;
}

/* Two endpoints of loopback. Where the cgroup itself is to have them, the receivers give them up again, and strangers take their place. */
static int make_target(const struct egress *egress, int family, struct probe_target *target) {
    int result = probe_listen(family, type_of(egress), target);
    if (result < 0 || !takes_targets(egress)) return result;
    close(target->listener);
    target->listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return target->listener < 0 ? -errno : 0;
}

static int make_outside(struct egress *egress, const struct probe_target *target) {
    struct sockaddr_storage address;
    socklen_t length = probe_address(target, &address);
    int made = socket(target->family, type_of(egress) | SOCK_CLOEXEC, 0);
    if (made < 0) return -errno;
    egress->made_outside[target == &egress->forbidden] = made;
    return egress->hook == CK_HOOK_RECEIVED_LISTEN ? result_of(bind(made, (struct sockaddr *)&address, length)) : 0;
}

static int make_targets(struct egress *egress, int family) {
    int result = make_target(egress, family, &egress->permitted);
    if (result == 0) result = make_target(egress, family, &egress->forbidden);
    if (result < 0 || !is_of_received(egress->hook)) return result;
    result = make_outside(egress, &egress->permitted);
    return result < 0 ? result : make_outside(egress, &egress->forbidden);
}

static struct ck_probed try_family(struct egress *egress, int family) {
    int failure = 0;
    int result = make_targets(egress, family);
    if (result < 0) return probe_no_control(1, result);
    if (!goes_through_unconfined(egress)) return probe_no_control(2, 0);
    /* What the control used up. */
    result = make_targets(egress, family);
    if (result < 0) return probe_no_control(1, result);
    struct ck_object *object = ck_bpf_open(egress->object, egress->count, "probe", NULL, 0, &failure);
    if (object == NULL) return probe_unavailable(3, failure);
    int link = attach(egress, object);
    struct ck_probed found = link < 0 ? probe_unavailable(4, link) : judge(egress);
    if (link >= 0) {
        ck_bpf_link_detach(link);
        close(link);
    }
    ck_bpf_close(object);
    return found;
}

static struct ck_probed egress_programs(const struct ck_probe_context *context, void *argument) {
    struct egress *egress = argument;
    bool is_of_packets = egress->hook == CK_HOOK_EGRESS || egress->hook == CK_HOOK_INGRESS;
    probe_enter_network(context);
    struct ck_probed found = try_family(egress, is_ipv6(egress->hook) ? AF_INET6 : AF_INET);
    bool is_of_both = is_of_packets || is_of_received(egress->hook);
    return found.finding == CK_WORKS && is_of_both ? try_family(egress, AF_INET6) : found;
}

struct ck_probed ck_probe_egress(const struct ck_probe_context *context, const void *object, size_t count, uint32_t hook, uint32_t protocol) {
    struct egress egress = {.object = object, .count = count, .hook = hook, .protocol = (int)protocol};
    bool is_of_udp = hook == CK_HOOK_SENDMSG4 || hook == CK_HOOK_SENDMSG6 || hook == CK_HOOK_EGRESS || hook == CK_HOOK_RECEIVED_SEND;
    bool is_of_tcp = hook == CK_HOOK_BIND4 || hook == CK_HOOK_BIND6 || hook == CK_HOOK_RECEIVED_CONNECT || is_of_received_end(hook);
    if ((protocol == IPPROTO_TCP && is_of_udp) || (protocol == IPPROTO_UDP && is_of_tcp)) return probe_unavailable(1, -EINVAL);
    return probe_run_scratch(context, egress_programs, &egress.scratch, &egress);
}
