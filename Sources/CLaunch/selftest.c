/*
 * The tester: a throw-away process that sends a subject through the server's steps and has it try what the list says, one act at a time.
 * Three processes, so that each is where it must be: the keeper stays in the host's network, the tester holds the listeners outside the
 * server's cgroup, the subject lives inside it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clx_processes.h"
#include "clx_sockets.h"
#include "outcome.h"

enum { all_trials_seconds = 30, one_trial_milliseconds = 5000, start_milliseconds = 5000, ending_milliseconds = 200 };

struct tester {
    const struct launch *launch;
    const struct trials *trials;
    int cgroup;
    int report; /* to the keeper */
    int outsider;
    int subject; /* pid; 0: none */
    int subject_pidfd;
    int subject_report;
    int without_network; /* -errno of why there is none to try in; 0: there is one */
};

_Noreturn static void fail(const struct tester *tester, enum cl_step step, int result) {
    const struct word word = {.kind = WORD_FAILED, .step = step, .error = -result};
    word_send(tester->report, &word, -1);
    _exit(1);
}

/* MARK: the subject */

_Noreturn static void be_subject(const struct tester *tester, int report) {
    report = launch_become(tester->launch, report);
    struct word word = {.kind = WORD_READY};
    int result = word_send(report, &word, -1);
    while (result == 0 && read(report, &word, sizeof word) == (ssize_t)sizeof word && word.result.index < tester->trials->count) {
        int value = 0;
        int tried = trial_perform(&tester->trials->list[word.result.index], tester->outsider, &value);
        word = (struct word){.kind = WORD_TRIED, .error = -tried, .value = value, .result = word.result};
        result = word_send(report, &word, -1);
    }
    _exit(0);
}

/* MARK: starting and ending it */

/* Waits for a word that ends the start: READY. The listener is closed at once, as the keeper closes the server's after its one execve. */
static int await_ready(const struct tester *tester, enum cl_step *failed) {
    for (;;) {
        struct word word;
        int descriptor;
        *failed = CL_STEP_TRIALS;
        int ready = word_await(tester->subject_report, start_milliseconds);
        if (ready <= 0) return ready < 0 ? ready : -ETIMEDOUT;
        int result = word_receive(tester->subject_report, &word, &descriptor);
        if (descriptor >= 0) close(descriptor);
        if (result <= 0) return result < 0 ? result : -ECHILD;
        *failed = word.step;
        if (word.kind == WORD_FAILED) return -word.error;
        if (word.kind == WORD_READY) return 0;
        const struct word go = {.kind = WORD_GO};
        if (word.kind == WORD_ARMED) result = word_send(tester->subject_report, &go, -1);
        /* Who is gone by now has said why. */
        if (result < 0 && result != -EPIPE) return result;
    }
}

static void start_subject(struct tester *tester) {
    int ends[2];
    int result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) fail(tester, CL_STEP_MAKE_CHANNEL, result);
    tester->subject = launch_clone(tester->cgroup, &tester->subject_pidfd);
    if (tester->subject == 0) be_subject(tester, ends[1]);
    close(ends[1]);
    if (tester->subject < 0) fail(tester, CL_STEP_CLONE, tester->subject);
    tester->subject_report = ends[0];
    enum cl_step failed;
    result = await_ready(tester, &failed);
    if (result < 0) fail(tester, failed, result);
}

static void end_subject(struct tester *tester) {
    struct clx_exit ended;
    clx_pidfd_send_signal(tester->subject_pidfd, SIGKILL);
    clx_wait_pidfd(tester->subject_pidfd, 1, &ended);
    close(tester->subject_pidfd);
    close(tester->subject_report);
    tester->subject = 0;
}

/*
 * The signal that ended the subject of its own accord, or 0. Its socket is closed some moments before it can be waited for; what took its
 * place by execve may stay on.
 */
static int signal_that_ended(const struct tester *tester) {
    struct pollfd waited = {.fd = tester->subject_pidfd, .events = POLLIN};
    siginfo_t info = {0};
    const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD */
    if (poll(&waited, 1, ending_milliseconds) != 1) return 0;
    if (waitid(by_pidfd, (id_t)tester->subject_pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return 0;
    return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

/* MARK: controls */

/* Whether the act goes through; of execve(2), whether it would: nothing foreign is started. */
static bool goes_through(const struct tester *tester, const struct trial *trial) {
    int value;
    if (trial->fixed.act == CL_ACT_EXECVE) return trial->path != NULL && access(trial->path, X_OK) == 0;
    return trial_perform(trial, tester->outsider, &value) == 0;
}

/* The same act by the same user, unconfined, in a process of its own: whether it goes through. */
static bool control_goes_through(const struct tester *tester, const struct trial *trial) {
    if (act_has_receiver(trial->fixed.act)) return false;
    pid_t pid = fork();
    if (pid == 0) {
        alarm(2);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* a filter of one's own needs it; it forbids none of the acts */
        _exit(launch_change_identity(tester->launch) == 0 && goes_through(tester, trial) ? 0 : 1);
    }
    int status = 1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* A process with the server's user, outside: for signals and ptrace. */
static int make_outsider(const struct tester *tester) {
    int ready[2];
    if (clx_unix_pair(CLX_SEQPACKET, 0, ready) < 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        bool is_other = launch_change_identity(tester->launch) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        if (!is_other || write(ready[1], "", 1) != 1) _exit(1);
        for (;;) pause();
    }
    char byte;
    close(ready[1]);
    bool is_ready = pid > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return is_ready ? (int)pid : -1;
}

/* MARK: one trial */

static bool is_refusal(int error) { return error == EPERM || error == EACCES || error == ENOSYS || error == EROFS; }

static enum cl_outcome outcome_of(int error) {
    if (error == 0) return CL_OUTCOME_PERMITTED;
    return is_refusal(error) ? CL_OUTCOME_DENIED : CL_OUTCOME_UNTRIED;
}

/* Has the subject perform the act. Returns 1 with its answer, 0 when it ended or did not answer in time. */
static int ask_subject(struct tester *tester, uint32_t index, struct word *answer) {
    int descriptor;
    *answer = (struct word){.kind = WORD_TRY, .result = {.index = index}};
    if (word_send(tester->subject_report, answer, -1) < 0) return 0;
    if (word_await(tester->subject_report, one_trial_milliseconds) <= 0) return 0;
    int result = word_receive(tester->subject_report, answer, &descriptor);
    if (descriptor >= 0) close(descriptor);
    return result == 1 && answer->kind == WORD_TRIED;
}

/* The subject is no more: an act that replaced it went through, one that a signal answered was refused. */
static struct cl_trial_result judge_ended(struct tester *tester, const struct trial *trial, uint32_t index) {
    struct cl_trial_result result = {.index = index, .outcome = CL_OUTCOME_UNTRIED, .error = ECHILD};
    bool silent = word_await(tester->subject_report, 0) == 0;
    result.signal = silent ? 0 : signal_that_ended(tester);
    end_subject(tester);
    if (silent) result.error = ETIMEDOUT;
    else if (result.signal == SIGSYS) result = (struct cl_trial_result){.index = index, .outcome = CL_OUTCOME_DENIED, .signal = SIGSYS};
    else if (trial->fixed.act == CL_ACT_EXECVE) result = (struct cl_trial_result){.index = index, .outcome = CL_OUTCOME_PERMITTED};
    return result;
}

static enum cl_outcome judge_received(int receiver, const struct cl_trial *trial, int *error) {
    int saw = receiver < 0 ? receiver : receiver_saw(receiver, trial);
    if (saw < 0) *error = -saw;
    return saw < 0 ? CL_OUTCOME_UNTRIED : saw == 1 ? CL_OUTCOME_PERMITTED : CL_OUTCOME_DENIED;
}

static bool listens(enum cl_act act) { return act == CL_ACT_TCP_LISTEN || act == CL_ACT_TCP_ACCEPT; }

/* The listener is what judges; the subject's own errno is kept beside it. */
static struct cl_trial_result judge_answer(const struct trial *trial, const struct word *answer, int receiver) {
    struct cl_trial_result result = {.index = answer->result.index, .error = answer->error};
    if (act_has_receiver(trial->fixed.act)) {
        result.outcome = judge_received(receiver, &trial->fixed, &result.error);
        result.control = result.outcome != CL_OUTCOME_UNTRIED;
    } else if (listens(trial->fixed.act) && answer->error == 0) {
        result.error = -stranger_connects(&trial->fixed, answer->value);
        result.outcome = result.error == 0 ? CL_OUTCOME_PERMITTED : CL_OUTCOME_DENIED;
    } else {
        result.outcome = outcome_of(answer->error);
    }
    return result;
}

/* What the subject is afterwards is no longer what the server will be. */
static bool changes_subject(enum cl_act act) {
    return act == CL_ACT_THREAD || act == CL_ACT_UNSHARE_USER || act == CL_ACT_SECCOMP_LISTENER || listens(act);
}

static bool needs_network(enum cl_act act) { return act < CL_ACT_UNIX_SOCKET || act == CL_ACT_TCP_ACCEPT; }

static struct cl_trial_result run_trial(struct tester *tester, uint32_t index) {
    const struct trial *trial = &tester->trials->list[index];
    if (tester->without_network < 0 && needs_network(trial->fixed.act)) {
        return (struct cl_trial_result){.index = index, .outcome = CL_OUTCOME_UNTRIED, .error = -tester->without_network};
    }
    struct word answer;
    if (tester->subject == 0) start_subject(tester);
    int receiver = act_has_receiver(trial->fixed.act) ? receiver_open(&trial->fixed) : -1;
    if (trial->fixed.act == CL_ACT_TCP_ACCEPT) cl_network_add_address(trial->fixed.address);
    bool answered = ask_subject(tester, index, &answer);
    struct cl_trial_result result = answered ? judge_answer(trial, &answer, receiver) : judge_ended(tester, trial, index);
    if (receiver >= 0) close(receiver);
    /* A listener that nobody could reach stays open, too. */
    bool changed = result.outcome == CL_OUTCOME_PERMITTED || listens(trial->fixed.act);
    if (tester->subject > 0 && changed && changes_subject(trial->fixed.act)) end_subject(tester);
    if (result.outcome == CL_OUTCOME_DENIED && result.control == 0) result.control = control_goes_through(tester, trial);
    return result;
}

/* MARK: all of them */

static bool any_needs_network(const struct trials *trials) {
    for (uint32_t i = 0; i < trials->count; i++) {
        if (needs_network(trials->list[i].fixed.act)) return true;
    }
    return false;
}

static bool needs_outsider(const struct trials *trials) {
    for (uint32_t i = 0; i < trials->count; i++) {
        enum cl_act act = trials->list[i].fixed.act;
        if (act == CL_ACT_SIGNAL || act == CL_ACT_PTRACE || act == CL_ACT_READ_STRANGER) return true;
    }
    return false;
}

/*
 * Who has no privilege takes a user namespace for it, which hosts may forbid. What would be tried there is then told as untried: no address of
 * the host is used instead.
 */
static void enter_network(struct tester *tester) {
    int fault = launch_fault(CL_ROLE_SELF_TEST, CL_STEP_TEST_NETWORK);
    int result = fault < 0 ? fault : cl_network_enter_own(tester->launch->fixed.uid, tester->launch->fixed.gid);
    if (result == 0) result = cl_network_bring_up_loopback();
    if (result < 0 && (fault < 0 || geteuid() == 0)) fail(tester, CL_STEP_TEST_NETWORK, result);
    tester->without_network = result;
}

/* What lies outside at the paths of SEE_HOST, before anything is mounted over it. */
static void note_host(struct cl_trial *trial, const char *path) {
    struct stat facts = {0};
    if (path != NULL) stat(path, &facts);
    const uint64_t found[2] = {facts.st_dev, facts.st_ino};
    memcpy(trial->address, found, sizeof found);
}

/* An abstract socket of the tester's, under a name of its own. It stays until the tester ends. */
static void name_abstract(struct cl_trial *trial) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const socklen_t length = offsetof(struct sockaddr_un, sun_path) + sizeof trial->address;
    int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memset(trial->address, 0, sizeof trial->address);
    memcpy(trial->address + 1, "sandboxd-", 9);
    uint32_t own = (uint32_t)getpid();
    for (int i = 0; i < 6; i++, own /= 26) trial->address[10 + i] = (uint8_t)('a' + own % 26);
    memcpy(address.sun_path, trial->address, sizeof trial->address);
    if (listener >= 0 && bind(listener, (struct sockaddr *)&address, length) < 0) close(listener);
}

static void prepare(struct trials *trials) {
    for (uint32_t i = 0; i < trials->count; i++) {
        struct cl_trial *trial = &trials->list[i].fixed;
        if (trial->act == CL_ACT_SEE_HOST) note_host(trial, trials->list[i].path);
        if (trial->act == CL_ACT_UNIX_ABSTRACT) name_abstract(trial);
    }
}

_Noreturn void self_test_run(const struct launch *launch, struct trials *trials, int cgroup, int report) {
    struct tester tester = {.launch = launch, .trials = trials, .cgroup = cgroup, .report = report, .outsider = -1};
    alarm(all_trials_seconds);
    if (any_needs_network(trials)) enter_network(&tester);
    if (needs_outsider(trials)) tester.outsider = make_outsider(&tester);
    prepare(trials);
    for (uint32_t index = 0; index < trials->count; index++) {
        const struct word word = {.kind = WORD_TRIAL, .result = run_trial(&tester, index)};
        int result = word_send(report, &word, -1);
        if (result < 0) _exit(1);
    }
    if (tester.subject > 0) end_subject(&tester);
    if (tester.outsider > 0) kill(tester.outsider, SIGKILL);
    const struct word done = {.kind = WORD_DONE, .result = {.index = trials->count}};
    word_send(report, &done, -1);
    _exit(0);
}
