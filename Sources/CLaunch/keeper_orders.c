/* What the daemon orders, and what comes of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "clx_sockets.h"
#include "keeper.h"

static struct member *member_of(struct keeper *keeper, enum cl_role role) {
    if (role == CL_ROLE_GATE) return &keeper->gate;
    if (role == CL_ROLE_PROXY) return &keeper->proxy;
    return role == CL_ROLE_SERVER ? &keeper->server : NULL;
}

static int order_session(struct keeper *keeper, const struct cl_order *order, const int *descriptors, int count) {
    const bool plain = order->without_cgroups != 0;
    const int left_out = plain ? CL_SESSION_CGROUP_DESCRIPTORS : 0;
    bool complete = count == CL_SESSION_DESCRIPTORS - left_out || count == CL_SESSION_DESCRIPTORS - left_out + 1;
    /* INVARIANT: there is one act that ends all: the cgroups', or our own end as process 1. */
    if (keeper->session.kind != 0 || !complete || (plain && getpid() != 1)) return -EPROTO;
    keeper->session = *order;
    if (!plain) {
        keeper->gate.cgroup = descriptors[CL_SESSION_GATE_CGROUP];
        keeper->gate.kill = descriptors[CL_SESSION_GATE_KILL];
        keeper->server.cgroup = descriptors[CL_SESSION_SERVER_CGROUP];
        keeper->server.kill = descriptors[CL_SESSION_SERVER_KILL];
    }
    keeper->lifeline = descriptors[CL_SESSION_LIFELINE - left_out];
    keeper->listening = descriptors[CL_SESSION_LISTENER - left_out];
    keeper->record = count > CL_SESSION_RECORD - left_out ? descriptors[CL_SESSION_RECORD - left_out] : -1;
    struct cl_report hello = keeper_report(keeper, CL_REPORT_HELLO, CL_ROLE_NONE);
    keeper_tell(keeper, &hello, NULL, 0);
    return 0;
}

/* Clones a child that goes through the steps and executes. */
static int start_member(struct member *member, const struct launch *launch, enum cl_step *failed) {
    int ends[2];
    *failed = CL_STEP_MAKE_CHANNEL;
    int result = launch_fault(member->role, *failed);
    if (result == 0) result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) return result;
    *failed = CL_STEP_CLONE;
    member->pid = launch_fault(member->role, *failed);
    if (member->pid == 0) member->pid = launch_clone(member->cgroup, &member->pidfd);
    if (member->pid == 0) launch_execute(launch, launch_become(launch, ends[1]));
    close(ends[1]);
    member->report = ends[0];
    member->observed = (launch->fixed.flags & CL_OBSERVED) != 0;
    member->once = member->observed || (launch->fixed.flags & CL_EXEC_ONCE) != 0;
    member->stage = STAGE_STARTING;
    return member->pid < 0 ? member->pid : 0;
}

/* Where the proxy is born, what kills it, and what tells it to finish. */
static int order_leaf(struct keeper *keeper, const struct cl_order *order, const int *descriptors, int count) {
    struct member *proxy = &keeper->proxy;
    const bool plain = keeper->session.without_cgroups != 0;
    bool fits = order->role == CL_ROLE_PROXY && count == (plain ? CL_LEAF_CGROUP : CL_LEAF_DESCRIPTORS);
    if (!fits || keeper->proxy_hold >= 0 || proxy->stage != STAGE_NONE) {
        keeper_close_all(descriptors, count);
        return -EPROTO;
    }
    keeper->proxy_hold = descriptors[CL_LEAF_HOLD];
    if (plain) return 0;
    proxy->cgroup = descriptors[CL_LEAF_CGROUP];
    proxy->kill = descriptors[CL_LEAF_KILL];
    return 0;
}

static int order_launch(struct keeper *keeper, const struct cl_order *order, const int *descriptors, int count) {
    struct member *member = member_of(keeper, order->role);
    /* The server's leaf is the subjects' until the self-test is over. */
    bool is_taken = order->role == CL_ROLE_SERVER && keeper->tester.pidfd >= 0;
    /* INVARIANT: there is one act that ends it, as everybody else: LEAF came first. */
    bool is_loose = member == &keeper->proxy && keeper->proxy_hold < 0;
    if (member == NULL || member->stage != STAGE_NONE || is_taken || is_loose) {
        keeper_close_all(descriptors, count);
        return -EPROTO;
    }
    struct launch launch;
    enum cl_step failed;
    int result = launch_read(&launch, order->role, descriptors, count, false, &failed);
    if (result == 0 && (launch.fixed.flags & CL_KEEP_PRIVILEGE) != 0) result = -EPERM;
    if (result == 0) result = start_member(member, &launch, &failed);
    launch_release(&launch);
    keeper_close_all(descriptors, count);
    if (result < 0) keeper_tell_failed(keeper, order->role, failed, result);
    return 0;
}

static int order_go(struct keeper *keeper, const struct cl_order *order) {
    struct member *member = member_of(keeper, order->role);
    if (member == NULL || member->stage != STAGE_ARMED) return -EPROTO;
    const struct word go = {.kind = WORD_GO};
    int result = word_send(member->report, &go, -1);
    member->stage = STAGE_GOING;
    /* Who is gone by now has said why, or its end will tell. */
    if (result < 0 && result != -EPIPE) keeper_tell_failed(keeper, member->role, CL_STEP_AWAIT_GO, result);
    return 0;
}

/* Three fresh pipes as the server will have them; the far ends stay open with the tester, so that nothing ends early. */
static int make_stdio(struct launch *launch, int all[6]) {
    for (int i = 0; i < 3; i++) {
        int result = clx_pipe(&all[2 * i], 0);
        if (result < 0) return result;
        launch->descriptors[i] = i == 0 ? all[0] : all[2 * i + 1];
    }
    return 0;
}

static int start_tester(struct keeper *keeper, const int *descriptors, int count, enum cl_step *failed) {
    static struct launch launch;
    static struct trials trials;
    int ends[2], pipes[6] = {-1, -1, -1, -1, -1, -1};
    *failed = CL_STEP_READ_SPECIFICATION;
    int result = count < 2 ? -EPROTO : trials_read(descriptors[0], &trials);
    if (result == 0) result = launch_read(&launch, CL_ROLE_SELF_TEST, descriptors + 1, count - 1, true, failed);
    if (result < 0) return result;
    *failed = CL_STEP_MAKE_CHANNEL;
    result = launch.fixed.descriptor_count != 3 ? -EINVAL : launch_fault(CL_ROLE_SELF_TEST, *failed);
    if (result == 0) result = make_stdio(&launch, pipes);
    if (result == 0) result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result == 0) {
        *failed = CL_STEP_CLONE;
        struct member *tester = &keeper->tester;
        tester->pid = launch_fault(tester->role, *failed);
        if (tester->pid == 0) tester->pid = launch_clone(-1, &tester->pidfd);
        if (tester->pid == 0) self_test_run(&launch, &trials, keeper->server.cgroup, ends[1]);
        result = tester->pid < 0 ? tester->pid : 0;
        tester->report = ends[0];
        tester->stage = STAGE_STARTING;
        close(ends[1]);
    }
    for (int i = 0; i < 6; i++) keeper_close(&pipes[i]);
    launch_release(&launch);
    return result;
}

static int order_self_test(struct keeper *keeper, const int *descriptors, int count) {
    if (keeper->tester.stage != STAGE_NONE || keeper->server.stage != STAGE_NONE) {
        keeper_close_all(descriptors, count);
        return -EPROTO;
    }
    enum cl_step failed;
    int result = start_tester(keeper, descriptors, count, &failed);
    keeper_close_all(descriptors, count);
    if (result < 0) keeper_tell_failed(keeper, CL_ROLE_SELF_TEST, failed, result);
    return 0;
}

static int order_seal(struct keeper *keeper, const int *descriptors, int count) {
    keeper->gate_talk = count == 1 ? descriptors[0] : -1;
    bool is_whole = keeper->proxy.stage == STAGE_NONE || keeper->proxy.stage == STAGE_RUNS;
    if (keeper->sealed || keeper->gate.stage != STAGE_RUNS || keeper->server.stage != STAGE_RUNS || !is_whole) return -EPROTO;
    keeper_close(&keeper->gate.cgroup);
    keeper_close(&keeper->server.cgroup);
    keeper_close(&keeper->proxy.cgroup);
    enum cl_step failed;
    bool change = keeper->session.uid != UINT32_MAX;
    static const uint32_t no_groups[1];
    const struct becoming becoming = {
        .uid = change ? keeper->session.uid : getuid(), .gid = change ? keeper->session.gid : getgid(), .groups = no_groups, .change = change};
    int result = launch_give_up(&becoming, &failed);
    if (result == 0) {
        failed = CL_STEP_SECCOMP;
        result = launch_fault(CL_ROLE_NONE, failed);
        if (result == 0) result = launch_confine_sealed();
    }
    if (result < 0) {
        keeper_tell_failed(keeper, CL_ROLE_NONE, failed, result);
        return 0;
    }
    keeper->sealed = true;
    struct cl_report sealed = keeper_report(keeper, CL_REPORT_SEALED, CL_ROLE_NONE);
    keeper_tell(keeper, &sealed, NULL, 0);
    return 0;
}

/* Takes the descriptors over. Anything out of order is a violation. */
static int obey(struct keeper *keeper, const struct cl_order *order, const int *descriptors, int count) {
    bool before_session = keeper->session.kind == 0;
    bool only_end = keeper->sealed && order->kind != CL_ORDER_END;
    if (order->version == CL_VERSION && !only_end && before_session == (order->kind == CL_ORDER_SESSION)) {
        switch (order->kind) {
        case CL_ORDER_SESSION: return order_session(keeper, order, descriptors, count);
        case CL_ORDER_LAUNCH: return order_launch(keeper, order, descriptors, count);
        case CL_ORDER_LEAF: return order_leaf(keeper, order, descriptors, count);
        case CL_ORDER_SELF_TEST: return order_self_test(keeper, descriptors, count);
        case CL_ORDER_GO: return count == 0 ? order_go(keeper, order) : -EPROTO;
        case CL_ORDER_SEAL:
            if (count > 1) break;
            return order_seal(keeper, descriptors, count);
        case CL_ORDER_END: keeper_end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, 0); return 0;
        }
    }
    keeper_close_all(descriptors, count);
    return -EPROTO;
}

void keeper_hear_daemon(struct keeper *keeper) {
    struct cl_order order;
    int descriptors[CLX_DESCRIPTORS_MAX];
    int count = 0;
    ssize_t received = clx_receive(keeper->control, &order, sizeof order, descriptors, CLX_DESCRIPTORS_MAX, &count, 1);
    if (received == -EAGAIN || received == -EINTR) return;
    int result = 0;
    if (received == (ssize_t)sizeof order) {
        result = obey(keeper, &order, descriptors, count);
    } else {
        keeper_close_all(descriptors, count);
        result = received > 0 ? -EPROTO : (int)received;
        if (received == 0 || received == -ECONNRESET) {
            keeper_close(&keeper->control);
            if (keeper->sealed) return; /* the next daemon comes through the listening socket */
            result = -EPIPE;
        }
    }
    if (result < 0) keeper_end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, result);
}

/*
 * A new daemon: only the user who started us. It takes the place of one that is still there, since a child of a dead daemon may hold that
 * one's socket open.
 */
void keeper_welcome(struct keeper *keeper) {
    int socket = clx_accept(keeper->listening, 0);
    if (socket < 0) return;
    struct clx_peer peer;
    if (clx_peer_credentials(socket, &peer) < 0 || peer.uid != keeper->daemon_uid) {
        close(socket);
        return;
    }
    keeper_close(&keeper->control);
    keeper->control = socket;
    struct cl_report hello = keeper_report(keeper, CL_REPORT_HELLO, CL_ROLE_NONE);
    int kept[3] = {keeper->gate.pidfd, keeper->server.pidfd, keeper->gate_talk};
    keeper_tell(keeper, &hello, kept, keeper->gate_talk < 0 ? 2 : 3);
}
