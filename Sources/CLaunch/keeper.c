/*
 * The keeper: one thread, one poll. It launches gate, self-test and server on the daemon's orders, then gives up every privilege and stays
 * until gate, server or `wrap` ends; whoever ends first, the session ends whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include "clx_descriptors.h"
#include "clx_processes.h"
#include "clx_sockets.h"
#include "launch.h"

enum stage {
    STAGE_NONE,     /* not launched */
    STAGE_STARTING, /* between clone and armed */
    STAGE_ARMED,    /* waits for the daemon's go */
    STAGE_GOING,    /* between go and execve */
    STAGE_RUNS,
};

/* One of the three that the keeper starts. */
struct member {
    enum cl_role role;
    enum stage stage;
    int cgroup;   /* directory; closed when sealed */
    int kill;     /* cgroup.kill */
    int pid;
    int pidfd;
    int report;   /* our end of the child's report socket, until execve */
    int listener; /* of the one notification, until it was continued */
    bool once;
    bool continued;
    bool executing;
};

struct keeper {
    int control;
    int listening;
    int lifeline;
    int record;
    uint32_t daemon_uid;
    struct cl_order session; /* as the daemon sent it; kind 0 before */
    bool sealed;
    bool is_first; /* process 1 of a PID namespace */
    struct member gate;
    struct member server;
    struct member tester;
    uint32_t trials_reported;
    /* Set once, by end(). */
    bool ending;
    enum cl_role first;
    enum cl_step step;
    int error;
};

static const struct member no_member = {.cgroup = -1, .kill = -1, .pid = -1, .pidfd = -1, .report = -1, .listener = -1};

static void close_one(int *descriptor) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

static void close_all(const int *descriptors, int count) {
    for (int i = 0; i < count; i++) close(descriptors[i]);
}

/* The first reason stays. */
static void end(struct keeper *keeper, enum cl_role first, enum cl_step step, int result) {
    if (keeper->ending) return;
    keeper->ending = true;
    keeper->first = first;
    keeper->step = step;
    keeper->error = result < 0 ? -result : result;
}

static struct cl_report new_report(const struct keeper *keeper, enum cl_report_kind kind, enum cl_role role) {
    struct cl_report report = {.version = CL_VERSION, .kind = kind, .role = role};
    if (keeper->gate.stage == STAGE_RUNS) report.state |= CL_STATE_GATE_RUNS;
    if (keeper->server.stage == STAGE_RUNS) report.state |= CL_STATE_SERVER_RUNS;
    if (keeper->sealed) report.state |= CL_STATE_SEALED;
    if (keeper->ending) report.state |= CL_STATE_ENDING;
    memcpy(report.name, keeper->session.name, sizeof report.name);
    return report;
}

/* A daemon that does not read is a daemon that is away. */
static void tell(struct keeper *keeper, const struct cl_report *report, const int *descriptors, int count) {
    if (keeper->control < 0) return;
    ssize_t sent = clx_send(keeper->control, report, sizeof *report, descriptors, count, 1);
    if (sent == (ssize_t)sizeof *report) return;
    close_one(&keeper->control);
    if (!keeper->sealed) end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, sent < 0 ? (int)sent : -EIO);
}

static void tell_failed(struct keeper *keeper, enum cl_role role, enum cl_step step, int result) {
    struct cl_report report = new_report(keeper, CL_REPORT_FAILED, role);
    report.step = step;
    report.error = -result;
    tell(keeper, &report, NULL, 0);
    end(keeper, role, step, result);
}

static void tell_member(struct keeper *keeper, enum cl_report_kind kind, const struct member *member) {
    struct cl_report report = new_report(keeper, kind, member->role);
    report.pid = member->pid;
    tell(keeper, &report, &member->pidfd, kind == CL_REPORT_ARMED ? 1 : 0);
}

/* MARK: orders */

static struct member *member_of(struct keeper *keeper, enum cl_role role) {
    if (role == CL_ROLE_GATE) return &keeper->gate;
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
    struct cl_report hello = new_report(keeper, CL_REPORT_HELLO, CL_ROLE_NONE);
    tell(keeper, &hello, NULL, 0);
    return 0;
}

/* Clones a child that goes through the steps and executes. */
static int start_member(struct member *member, const struct launch *launch, enum cl_step *failed) {
    int ends[2];
    *failed = CL_STEP_MAKE_CHANNEL;
    int result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) return result;
    *failed = CL_STEP_CLONE;
    member->pid = launch_clone(member->cgroup, &member->pidfd);
    if (member->pid == 0) launch_execute(launch, launch_become(launch, ends[1]));
    close(ends[1]);
    member->report = ends[0];
    member->once = (launch->fixed.flags & CL_EXEC_ONCE) != 0;
    member->stage = STAGE_STARTING;
    return member->pid < 0 ? member->pid : 0;
}

static int order_launch(struct keeper *keeper, const struct cl_order *order, const int *descriptors, int count) {
    struct member *member = member_of(keeper, order->role);
    if (member == NULL || member->stage != STAGE_NONE || keeper->tester.pidfd >= 0) {
        close_all(descriptors, count);
        return -EPROTO;
    }
    struct launch launch;
    enum cl_step failed;
    int result = launch_read(&launch, descriptors, count, false, &failed);
    if (result == 0 && (launch.fixed.flags & CL_KEEP_PRIVILEGE) != 0) result = -EPERM;
    if (result == 0) result = start_member(member, &launch, &failed);
    launch_release(&launch);
    close_all(descriptors, count);
    if (result < 0) tell_failed(keeper, order->role, failed, result);
    return 0;
}

static int order_go(struct keeper *keeper, const struct cl_order *order) {
    struct member *member = member_of(keeper, order->role);
    if (member == NULL || member->stage != STAGE_ARMED) return -EPROTO;
    const struct word go = {.kind = WORD_GO};
    int result = word_send(member->report, &go, -1);
    member->stage = STAGE_GOING;
    if (result < 0) tell_failed(keeper, member->role, CL_STEP_AWAIT_GO, result);
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
    if (result == 0) result = launch_read(&launch, descriptors + 1, count - 1, true, failed);
    if (result < 0) return result;
    *failed = CL_STEP_MAKE_CHANNEL;
    if (launch.fixed.descriptor_count != 3) result = -EINVAL;
    if (result == 0) result = make_stdio(&launch, pipes);
    if (result == 0) result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result == 0) {
        *failed = CL_STEP_CLONE;
        struct member *tester = &keeper->tester;
        tester->pid = launch_clone(-1, &tester->pidfd);
        if (tester->pid == 0) self_test_run(&launch, &trials, keeper->server.cgroup, ends[1]);
        result = tester->pid < 0 ? tester->pid : 0;
        tester->report = ends[0];
        tester->stage = STAGE_STARTING;
        close(ends[1]);
    }
    for (int i = 0; i < 6; i++) close_one(&pipes[i]);
    launch_release(&launch);
    return result;
}

static int order_self_test(struct keeper *keeper, const int *descriptors, int count) {
    if (keeper->tester.stage != STAGE_NONE || keeper->server.stage != STAGE_NONE) {
        close_all(descriptors, count);
        return -EPROTO;
    }
    enum cl_step failed;
    int result = start_tester(keeper, descriptors, count, &failed);
    close_all(descriptors, count);
    if (result < 0) tell_failed(keeper, CL_ROLE_SELF_TEST, failed, result);
    return 0;
}

static int order_seal(struct keeper *keeper) {
    if (keeper->sealed || keeper->gate.stage != STAGE_RUNS || keeper->server.stage != STAGE_RUNS) return -EPROTO;
    close_one(&keeper->gate.cgroup);
    close_one(&keeper->server.cgroup);
    enum cl_step failed;
    bool change = keeper->session.uid != UINT32_MAX;
    int result = launch_give_up(keeper->session.uid, keeper->session.gid, change, &failed);
    if (result == 0) {
        failed = CL_STEP_SECCOMP;
        result = launch_confine_sealed();
    }
    if (result < 0) {
        tell_failed(keeper, CL_ROLE_NONE, failed, result);
        return 0;
    }
    keeper->sealed = true;
    struct cl_report sealed = new_report(keeper, CL_REPORT_SEALED, CL_ROLE_NONE);
    tell(keeper, &sealed, NULL, 0);
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
        case CL_ORDER_SELF_TEST: return order_self_test(keeper, descriptors, count);
        case CL_ORDER_GO: return count == 0 ? order_go(keeper, order) : -EPROTO;
        case CL_ORDER_SEAL: return count == 0 ? order_seal(keeper) : -EPROTO;
        case CL_ORDER_END: end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, 0); return 0;
        }
    }
    close_all(descriptors, count);
    return -EPROTO;
}

static void hear_daemon(struct keeper *keeper) {
    struct cl_order order;
    int descriptors[CLX_DESCRIPTORS_MAX];
    int count = 0;
    ssize_t received = clx_receive(keeper->control, &order, sizeof order, descriptors, CLX_DESCRIPTORS_MAX, &count, 1);
    if (received == -EAGAIN || received == -EINTR) return;
    int result = 0;
    if (received == (ssize_t)sizeof order) {
        result = obey(keeper, &order, descriptors, count);
    } else {
        close_all(descriptors, count);
        result = received > 0 ? -EPROTO : (int)received;
        if (received == 0 || received == -ECONNRESET) {
            close_one(&keeper->control);
            if (keeper->sealed) return; /* the next daemon comes through the listening socket */
            result = -EPIPE;
        }
    }
    if (result < 0) end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, result);
}

/*
 * A new daemon: only the user who started us. It takes the place of one that is still there, since a child of a dead daemon may hold that
 * one's socket open.
 */
static void welcome(struct keeper *keeper) {
    int socket = clx_accept(keeper->listening, 0);
    if (socket < 0) return;
    struct clx_peer peer;
    if (clx_peer_credentials(socket, &peer) < 0 || peer.uid != keeper->daemon_uid) {
        close(socket);
        return;
    }
    close_one(&keeper->control);
    keeper->control = socket;
    struct cl_report hello = new_report(keeper, CL_REPORT_HELLO, CL_ROLE_NONE);
    int pidfds[2] = {keeper->gate.pidfd, keeper->server.pidfd};
    tell(keeper, &hello, pidfds, 2);
}

/* MARK: children on their way to execve */

static void reached_execution(struct keeper *keeper, struct member *member) {
    close_one(&member->report);
    close_one(&member->listener);
    bool complete = member->executing && (!member->once || member->continued);
    if (!complete) {
        tell_failed(keeper, member->role, member->once && member->executing ? CL_STEP_NOTIFICATION : CL_STEP_EXECVE, -ECHILD);
        return;
    }
    member->stage = STAGE_RUNS;
    tell_member(keeper, CL_REPORT_RUNNING, member);
}

static void hear_member(struct keeper *keeper, struct member *member) {
    struct word word;
    int descriptor;
    int result = word_receive(member->report, &word, &descriptor);
    if (result == -EAGAIN || result == -EINTR) return;
    if (result == 0) {
        reached_execution(keeper, member);
        return;
    }
    if (result == 1 && word.kind == WORD_FAILED) {
        tell_failed(keeper, member->role, word.step, -word.error);
    } else if (result == 1 && word.kind == WORD_ARMED && member->stage == STAGE_STARTING) {
        member->stage = STAGE_ARMED;
        tell_member(keeper, CL_REPORT_ARMED, member);
    } else if (result == 1 && word.kind == WORD_LISTENER && member->once && member->listener < 0 && descriptor >= 0) {
        member->listener = descriptor;
        descriptor = -1;
    } else if (result == 1 && word.kind == WORD_EXECUTING) {
        member->executing = true;
    } else {
        tell_failed(keeper, member->role, CL_STEP_NOTIFICATION, result < 0 ? result : -EPROTO);
    }
    close_one(&descriptor);
}

static bool is_execution(const struct seccomp_notif *notification) {
    return notification->data.nr == SYS_execve || notification->data.nr == SYS_execveat;
}

/*
 * Lets this child's one execve pass and closes the listener, so that every later one is ENOSYS. No foreign code has run in the child, so
 * nobody can change what the arguments point to.
 */
static int continue_once(struct member *member) {
    struct seccomp_notif notification = {0};
    if (ioctl(member->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) < 0) return -errno;
    if ((int)notification.pid != member->pid || !is_execution(&notification)) return -EPROTO;
    struct seccomp_notif_resp response = {.id = notification.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    if (ioctl(member->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0) return -errno;
    member->continued = true;
    close_one(&member->listener);
    return 0;
}

static void hear_listener(struct keeper *keeper, struct member *member) {
    int result = continue_once(member);
    if (result == -EINTR || result == -EAGAIN) return;
    if (result < 0) tell_failed(keeper, member->role, CL_STEP_NOTIFICATION, result);
}

/* MARK: the self-test */

static void finish_tester(struct keeper *keeper) {
    struct clx_exit ended;
    clx_pidfd_send_signal(keeper->tester.pidfd, SIGKILL);
    clx_wait_pidfd(keeper->tester.pidfd, 1, &ended);
    close_one(&keeper->tester.pidfd);
    close_one(&keeper->tester.report);
}

/*
 * The tester has ended its subjects; what one of them left behind in the server's cgroup must not meet the server. It is not killed there
 * and then: Linux 6.18 kills whatever is cloned into a cgroup to which cgroup.kill was ever written, when the parent
 * lives in another (kernel_clone_args.kill_seq is the parent's).
 */
static int verify_empty(int cgroup) {
    if (cgroup < 0) return 0; /* without cgroups nobody outlives us */
    char text[128] = {0};
    int file = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    ssize_t count = read(file, text, sizeof text - 1);
    int result = count < 0 ? -errno : 0;
    close(file);
    if (result < 0) return result;
    return strstr(text, "populated 0") != NULL ? 0 : -EBUSY;
}

static void hear_tester(struct keeper *keeper) {
    struct word word;
    int descriptor;
    int result = word_receive(keeper->tester.report, &word, &descriptor);
    close_one(&descriptor);
    if (result == -EAGAIN || result == -EINTR) return;
    struct cl_report report = new_report(keeper, CL_REPORT_TRIAL, CL_ROLE_SELF_TEST);
    report.trial = word.result;
    if (result == 1 && word.kind == WORD_TRIAL) {
        tell(keeper, &report, NULL, 0);
        return;
    }
    finish_tester(keeper);
    bool is_done = result == 1 && word.kind == WORD_DONE;
    if (is_done) result = verify_empty(keeper->server.cgroup);
    if (is_done && result == 0) {
        report.kind = CL_REPORT_TRIALS_DONE;
        tell(keeper, &report, NULL, 0);
    } else if (result == 1 && word.kind == WORD_FAILED) {
        tell_failed(keeper, CL_ROLE_SELF_TEST, word.step, -word.error);
    } else {
        tell_failed(keeper, CL_ROLE_SELF_TEST, CL_STEP_TRIALS, result < 0 ? result : -ECHILD);
    }
}

/* MARK: the end */

static void kill_group(int kill_file, int pidfd) {
    /* Killing the leader as well costs nothing, and helps where there is no cgroup. */
    ssize_t written = kill_file >= 0 ? write(kill_file, "1", 1) : 0;
    if (written != 1 && pidfd >= 0) clx_pidfd_send_signal(pidfd, SIGKILL);
}

static struct cl_exit reap(struct member *member) {
    struct cl_exit exit = {.started = member->stage == STAGE_RUNS};
    struct clx_exit ended = {0};
    if (member->pidfd < 0) return exit;
    int result;
    do result = clx_wait_pidfd(member->pidfd, 1, &ended);
    while (result == -EINTR);
    if (result == 0) {
        exit.code = ended.code;
        exit.status = ended.status;
    }
    return exit;
}

/* The gate answers the calls that are pending and writes its last receipts; then it ends of its own accord. */
static void let_gate_flush(const struct keeper *keeper) {
    if (keeper->gate.stage != STAGE_RUNS || keeper->first == CL_ROLE_GATE) return;
    struct pollfd waited = {.fd = keeper->gate.pidfd, .events = POLLIN};
    int result;
    do result = poll(&waited, 1, (int)keeper->session.flush_milliseconds);
    while (result < 0 && errno == EINTR);
}

static void end_session(struct keeper *keeper) {
    if (keeper->tester.pidfd >= 0) finish_tester(keeper);
    kill_group(keeper->server.kill, keeper->server.pidfd);
    let_gate_flush(keeper);
    kill_group(keeper->gate.kill, keeper->gate.pidfd);
    if (keeper->session.without_cgroups != 0) kill(-1, SIGKILL);
    struct cl_report report = new_report(keeper, CL_REPORT_ENDED, keeper->first);
    report.ending = (struct cl_ending){
        .version = CL_VERSION, .first = keeper->first, .step = keeper->step, .error = keeper->error,
        .gate = reap(&keeper->gate), .server = reap(&keeper->server)};
    ssize_t recorded = keeper->record < 0 ? 0 : write(keeper->record, &report.ending, sizeof report.ending);
    (void)recorded; /* the daemon hears it too, or finds the record short */
    tell(keeper, &report, NULL, 0);
    if (keeper->lifeline >= 0) clx_send(keeper->lifeline, &report.ending, sizeof report.ending, NULL, 0, 1);
}

/*
 * As process 1 of a PID namespace the keeper inherits what others leave behind. What it started itself is reaped at the end; until then such
 * a child that has ended keeps its place.
 */
static void reap_orphans(const struct keeper *keeper) {
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
        bool is_own = info.si_pid == keeper->gate.pid || info.si_pid == keeper->server.pid || info.si_pid == keeper->tester.pid;
        if (is_own || waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG) < 0) return;
        info.si_pid = 0;
    }
}

/* MARK: the loop */

enum source { FROM_CONTROL, FROM_LISTENING, FROM_LIFELINE, FROM_TESTER, FROM_GATE, FROM_SERVER, FROM_GATE_REPORT, FROM_SERVER_REPORT,
              FROM_GATE_LISTENER, FROM_SERVER_LISTENER, SOURCES };

/* poll(2) passes over negative descriptors. A process is waited for as such only once nothing is left to be read of its launch. */
static void watch(const struct keeper *keeper, struct pollfd *sources) {
    const int descriptors[SOURCES] = {
        [FROM_CONTROL] = keeper->control,
        [FROM_LISTENING] = keeper->sealed ? keeper->listening : -1,
        [FROM_LIFELINE] = keeper->lifeline,
        [FROM_TESTER] = keeper->tester.report,
        [FROM_GATE] = keeper->gate.report < 0 ? keeper->gate.pidfd : -1,
        [FROM_SERVER] = keeper->server.report < 0 ? keeper->server.pidfd : -1,
        [FROM_GATE_REPORT] = keeper->gate.report,
        [FROM_SERVER_REPORT] = keeper->server.report,
        [FROM_GATE_LISTENER] = keeper->gate.listener,
        [FROM_SERVER_LISTENER] = keeper->server.listener,
    };
    for (int i = 0; i < SOURCES; i++) sources[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
}

static bool ended_badly(const struct member *member) {
    siginfo_t info = {0};
    const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD */
    if (waitid(by_pidfd, (id_t)member->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
    return info.si_code != CLD_EXITED || info.si_status != 0;
}

/* When both are found ended, a gate that ended badly took the server with it; else it ended because the server had. */
static void note_ended(struct keeper *keeper, bool gate, bool server) {
    if (gate && (!server || ended_badly(&keeper->gate))) end(keeper, CL_ROLE_GATE, CL_STEP_NONE, 0);
    else if (server) end(keeper, CL_ROLE_SERVER, CL_STEP_NONE, 0);
}

/* INVARIANT: what concerns launches is read before the ends of processes, so that a failed step is never taken for an end. */
static void turn(struct keeper *keeper) {
    struct pollfd sources[SOURCES];
    watch(keeper, sources);
    if (poll(sources, SOURCES, -1) < 0) {
        if (errno != EINTR) end(keeper, CL_ROLE_NONE, CL_STEP_NONE, -errno);
        if (keeper->is_first) reap_orphans(keeper);
        return;
    }
    if (sources[FROM_GATE_LISTENER].revents & POLLIN) hear_listener(keeper, &keeper->gate);
    if (sources[FROM_SERVER_LISTENER].revents & POLLIN) hear_listener(keeper, &keeper->server);
    if (sources[FROM_GATE_REPORT].revents) hear_member(keeper, &keeper->gate);
    if (sources[FROM_SERVER_REPORT].revents) hear_member(keeper, &keeper->server);
    if (sources[FROM_TESTER].revents) hear_tester(keeper);
    note_ended(keeper, sources[FROM_GATE].revents != 0, sources[FROM_SERVER].revents != 0);
    if (sources[FROM_LIFELINE].revents) end(keeper, CL_ROLE_LIFELINE, CL_STEP_NONE, 0);
    if (!keeper->ending && sources[FROM_CONTROL].revents) hear_daemon(keeper);
    if (!keeper->ending && sources[FROM_LISTENING].revents) welcome(keeper);
}

/* Only for poll to return: orphans are reaped in the loop. */
static void on_child(int number) { (void)number; }

int cl_keep(int control) {
    static struct keeper keeper;
    keeper = (struct keeper){.control = control, .listening = -1, .lifeline = -1, .record = -1, .daemon_uid = getuid(),
                             .gate = no_member, .server = no_member, .tester = no_member};
    keeper.gate.role = CL_ROLE_GATE;
    keeper.server.role = CL_ROLE_SERVER;
    keeper.tester.role = CL_ROLE_SELF_TEST;
    /* Others in the terminal's group may be stopped or interrupted; the keeper ends when its session has ended. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    keeper.is_first = getpid() == 1;
    const struct sigaction interrupting = {.sa_handler = on_child, .sa_flags = SA_RESTART};
    if (keeper.is_first) sigaction(SIGCHLD, &interrupting, NULL);
    while (!keeper.ending) turn(&keeper);
    end_session(&keeper);
    return 0;
}
