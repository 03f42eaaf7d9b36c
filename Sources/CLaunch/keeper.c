/*
 * The keeper: one thread, one poll. It launches gate, self-test and server on the daemon's orders, then gives up every privilege and stays
 * until gate, server or `wrap` ends; whoever ends first, the session ends whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clx_descriptors.h"
#include "clx_processes.h"
#include "clx_sockets.h"
#include "keeper.h"

static const struct member no_member = {.cgroup = -1, .kill = -1, .pid = -1, .pidfd = -1, .report = -1, .listener = -1, .door = -1};

void keeper_close(int *descriptor) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
}

void keeper_close_all(const int *descriptors, int count) {
    for (int i = 0; i < count; i++) close(descriptors[i]);
}

/* The first reason stays. */
void keeper_end(struct keeper *keeper, enum cl_role first, enum cl_step step, int result) {
    if (keeper->ending) return;
    keeper->ending = true;
    keeper->first = first;
    keeper->step = step;
    keeper->error = result < 0 ? -result : result;
}

struct cl_report keeper_report(const struct keeper *keeper, enum cl_report_kind kind, enum cl_role role) {
    struct cl_report report = {.version = CL_VERSION, .kind = kind, .role = role};
    if (keeper->gate.stage == STAGE_RUNS) report.state |= CL_STATE_GATE_RUNS;
    if (keeper->server.stage == STAGE_RUNS) report.state |= CL_STATE_SERVER_RUNS;
    if (keeper->proxy.stage == STAGE_RUNS) report.state |= CL_STATE_PROXY_RUNS;
    if (keeper->sealed) report.state |= CL_STATE_SEALED;
    if (keeper->ending) report.state |= CL_STATE_ENDING;
    memcpy(report.name, keeper->session.name, sizeof report.name);
    return report;
}

/* A daemon that does not read is a daemon that is away. */
void keeper_tell(struct keeper *keeper, const struct cl_report *report, const int *descriptors, int count) {
    if (keeper->control < 0) return;
    ssize_t sent = clx_send(keeper->control, report, sizeof *report, descriptors, count, 1);
    if (sent == (ssize_t)sizeof *report) return;
    keeper_close(&keeper->control);
    if (!keeper->sealed) keeper_end(keeper, CL_ROLE_DAEMON, CL_STEP_NONE, sent < 0 ? (int)sent : -EIO);
}

void keeper_tell_failed(struct keeper *keeper, enum cl_role role, enum cl_step step, int result) {
    struct cl_report report = keeper_report(keeper, CL_REPORT_FAILED, role);
    report.step = step;
    report.error = -result;
    keeper_tell(keeper, &report, NULL, 0);
    keeper_end(keeper, role, step, result);
}

void keeper_tell_member(struct keeper *keeper, enum cl_report_kind kind, const struct member *member) {
    struct cl_report report = keeper_report(keeper, kind, member->role);
    report.pid = member->pid;
    const int passed[] = {member->pidfd, member->door};
    keeper_tell(keeper, &report, passed, kind != CL_REPORT_ARMED ? 0 : member->door < 0 ? 1 : 2);
}

/* MARK: the end */

enum { finishing_milliseconds = 1000 };

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

/* Its clients are gone with the server: what became of their connections is written down, then it ends of its own accord. */
static void let_proxy_finish(struct keeper *keeper) {
    keeper_close(&keeper->proxy_hold);
    if (keeper->proxy.stage != STAGE_RUNS || keeper->first == CL_ROLE_PROXY) return;
    struct pollfd waited = {.fd = keeper->proxy.pidfd, .events = POLLIN};
    int result;
    do result = poll(&waited, 1, finishing_milliseconds);
    while (result < 0 && errno == EINTR);
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
    if (keeper->tester.pidfd >= 0) keeper_finish_tester(keeper);
    kill_group(keeper->server.kill, keeper->server.pidfd);
    let_gate_flush(keeper);
    kill_group(keeper->gate.kill, keeper->gate.pidfd);
    let_proxy_finish(keeper);
    kill_group(keeper->proxy.kill, keeper->proxy.pidfd);
    if (keeper->session.without_cgroups != 0) kill(-1, SIGKILL);
    struct cl_report report = keeper_report(keeper, CL_REPORT_ENDED, keeper->first);
    report.ending = (struct cl_ending){
        .version = CL_VERSION, .first = keeper->first, .step = keeper->step, .error = keeper->error,
        .gate = reap(&keeper->gate), .server = reap(&keeper->server), .proxy = reap(&keeper->proxy)};
    ssize_t recorded = keeper->record < 0 ? 0 : write(keeper->record, &report.ending, sizeof report.ending);
    (void)recorded; /* the daemon hears it too, or finds the record short */
    keeper_tell(keeper, &report, NULL, 0);
    if (keeper->lifeline >= 0) clx_send(keeper->lifeline, &report.ending, sizeof report.ending, NULL, 0, 1);
}

/*
 * As process 1 of a PID namespace the keeper inherits what others leave behind. What it started itself is reaped at the end; until then such
 * a child that has ended keeps its place.
 */
static void reap_orphans(const struct keeper *keeper) {
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
        bool is_own = info.si_pid == keeper->gate.pid || info.si_pid == keeper->server.pid || info.si_pid == keeper->tester.pid ||
                      info.si_pid == keeper->proxy.pid;
        if (is_own || waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG) < 0) return;
        info.si_pid = 0;
    }
}

/* MARK: the loop */

enum source { FROM_CONTROL, FROM_LISTENING, FROM_LIFELINE, FROM_TESTER, FROM_GATE, FROM_SERVER, FROM_GATE_REPORT, FROM_SERVER_REPORT,
              FROM_GATE_LISTENER, FROM_SERVER_LISTENER, FROM_PROXY, FROM_PROXY_REPORT, FROM_PROXY_LISTENER, SOURCES };

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
        /* What an observed server asks after its one execve is for whoever gets the listener. */
        [FROM_SERVER_LISTENER] = keeper->server.continued ? -1 : keeper->server.listener,
        [FROM_PROXY] = keeper->proxy.report < 0 ? keeper->proxy.pidfd : -1,
        [FROM_PROXY_REPORT] = keeper->proxy.report,
        [FROM_PROXY_LISTENER] = keeper->proxy.listener,
    };
    for (int i = 0; i < SOURCES; i++) sources[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
}

static bool ended_badly(const struct member *member) {
    siginfo_t info = {0};
    const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD */
    if (waitid(by_pidfd, (id_t)member->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
    return info.si_code != CLD_EXITED || (info.si_status != 0 && info.si_status != CL_GATE_UNANSWERED);
}

/* A process that is dying closes its pipes before it has ended: a large one some time before. */
enum { dying_milliseconds = 200 };

static bool ends_soon(const struct member *member) {
    struct pollfd waited = {.fd = member->pidfd, .events = POLLIN};
    return member->stage == STAGE_RUNS && poll(&waited, 1, dying_milliseconds) > 0;
}

/* When both are found ended, a gate that ended badly took the server with it; else it ended because the server had. */
static void note_ended(struct keeper *keeper, bool gate, bool server) {
    if (gate && !server && !keeper->ending && !ended_badly(&keeper->gate)) server = ends_soon(&keeper->server);
    if (gate && (!server || ended_badly(&keeper->gate))) keeper_end(keeper, CL_ROLE_GATE, CL_STEP_NONE, 0);
    else if (server) keeper_end(keeper, CL_ROLE_SERVER, CL_STEP_NONE, 0);
}

/* INVARIANT: what concerns launches is read before the ends of processes, so that a failed step is never taken for an end. */
static void turn(struct keeper *keeper) {
    struct pollfd sources[SOURCES];
    watch(keeper, sources);
    if (poll(sources, SOURCES, -1) < 0) {
        if (errno != EINTR) keeper_end(keeper, CL_ROLE_NONE, CL_STEP_NONE, -errno);
        if (keeper->is_first) reap_orphans(keeper);
        return;
    }
    if (sources[FROM_GATE_LISTENER].revents & POLLIN) keeper_hear_listener(keeper, &keeper->gate);
    if (sources[FROM_SERVER_LISTENER].revents & POLLIN) keeper_hear_listener(keeper, &keeper->server);
    if (sources[FROM_PROXY_LISTENER].revents & POLLIN) keeper_hear_listener(keeper, &keeper->proxy);
    if (sources[FROM_GATE_REPORT].revents) keeper_hear_member(keeper, &keeper->gate);
    if (sources[FROM_SERVER_REPORT].revents) keeper_hear_member(keeper, &keeper->server);
    if (sources[FROM_PROXY_REPORT].revents) keeper_hear_member(keeper, &keeper->proxy);
    if (sources[FROM_TESTER].revents) keeper_hear_tester(keeper);
    note_ended(keeper, sources[FROM_GATE].revents != 0, sources[FROM_SERVER].revents != 0);
    if (sources[FROM_PROXY].revents) keeper_end(keeper, CL_ROLE_PROXY, CL_STEP_NONE, 0);
    if (sources[FROM_LIFELINE].revents) keeper_end(keeper, CL_ROLE_LIFELINE, CL_STEP_NONE, 0);
    if (!keeper->ending && sources[FROM_CONTROL].revents) keeper_hear_daemon(keeper);
    if (!keeper->ending && sources[FROM_LISTENING].revents) keeper_welcome(keeper);
}

/* Only for poll to return: orphans are reaped in the loop. */
static void on_child(int number) { (void)number; }

int cl_keep(int control) {
    static struct keeper keeper;
    keeper = (struct keeper){.control = control, .listening = -1, .lifeline = -1, .record = -1, .gate_talk = -1, .proxy_hold = -1, .daemon_uid = getuid(),
                             .gate = no_member, .server = no_member, .proxy = no_member, .tester = no_member};
    keeper.gate.role = CL_ROLE_GATE;
    keeper.server.role = CL_ROLE_SERVER;
    keeper.proxy.role = CL_ROLE_PROXY;
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
