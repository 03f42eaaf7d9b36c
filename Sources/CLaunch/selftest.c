/*
 * The tester: a throw-away process that sends a subject through the server's steps and has it try what the list says, one act at a time.
 * Three processes, so that each is where it must be: the keeper stays in the host's network, the tester holds the listeners outside the
 * server's cgroup, the subject lives inside it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clx_processes.h"
#include "clx_sockets.h"
#include "outcome.h"
#include "tester.h"

enum { all_trials_seconds = 30, one_trial_milliseconds = 5000, control_milliseconds = 2000 };

void tester_fail(const struct tester *tester, enum cl_step step, int result) {
    const struct word word = {.kind = WORD_FAILED, .step = step, .error = -result};
    word_send(tester->report, &word, -1);
    _exit(1);
}

/* MARK: one trial */

static bool is_refusal(int error) { return error == EPERM || error == EACCES || error == ENOSYS || error == EROFS; }

static enum cl_outcome outcome_of(int error) {
    if (error == 0) return CL_OUTCOME_PERMITTED;
    return is_refusal(error) ? CL_OUTCOME_DENIED : CL_OUTCOME_UNTRIED;
}

/* The subject is no more: an act that replaced it went through, one that a signal answered was refused. */
static struct cl_trial_result judge_ended(struct tester *tester, const struct trial *trial, uint32_t index) {
    struct cl_trial_result result = {.index = index, .outcome = CL_OUTCOME_UNTRIED, .error = ECHILD};
    bool silent = word_await(tester->subject.report, 0) == 0;
    result.signal = silent ? 0 : signal_that_ended(tester);
    end_performer(&tester->subject);
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

/* What the subject is afterwards is no longer what the server will be, nor the control what any process is. */
static bool changes_performer(enum cl_act act) {
    return act == CL_ACT_THREAD || act == CL_ACT_UNSHARE_USER || act == CL_ACT_SECCOMP_LISTENER || listens(act);
}

/* The same acts by the same user, unconfined, of those that were refused: whether they go through. */
static void try_controls(struct tester *tester, struct cl_trial_result *results, const uint32_t *indices, uint32_t count) {
    uint32_t next = 0;
    while (next < count && has_control(tester)) {
        for (uint32_t i = next; i < count; i++) tell_act(&tester->control, indices[i]);
        for (bool answered = true; answered && next < count; next++) {
            struct word answer;
            answered = hear_act(&tester->control, indices[next], control_milliseconds, &answer);
            results[indices[next]].control = answered && answer.error == 0;
            if (!answered) end_performer(&tester->control);
        }
    }
}

static bool needs_network(enum cl_act act) { return act < CL_ACT_UNIX_SOCKET || act == CL_ACT_TCP_ACCEPT; }

static bool has_network(const struct tester *tester, enum cl_act act) { return tester->without_network == 0 || !needs_network(act); }

/* What needs nobody else, and leaves whoever tries it as it was. */
static bool is_plain(const struct tester *tester, enum cl_act act) {
    return !act_has_receiver(act) && !changes_performer(act) && act != CL_ACT_EXECVE && has_network(tester, act);
}

/* Several acts in a row: nobody waits for each. Returns how many came to a result; after the last of them the subject is no more. */
static uint32_t run_row(struct tester *tester, struct cl_trial_result *results, const uint32_t *indices, uint32_t count) {
    need_subject(tester);
    for (uint32_t i = 0; i < count; i++) tell_act(&tester->subject, indices[i]);
    for (uint32_t i = 0; i < count; i++) {
        struct word answer;
        uint32_t index = indices[i];
        const struct trial *trial = &tester->trials->list[index];
        bool answered = hear_act(&tester->subject, index, one_trial_milliseconds, &answer);
        results[index] = answered ? judge_answer(trial, &answer, -1) : judge_ended(tester, trial, index);
        if (!answered) return i + 1;
    }
    return count;
}

static void run_plain(struct tester *tester, struct cl_trial_result *results) {
    uint32_t indices[CL_TRIALS_MAX], refused[CL_TRIALS_MAX];
    uint32_t count = 0, refused_count = 0;
    for (uint32_t i = 0; i < tester->trials->count; i++) {
        if (is_plain(tester, tester->trials->list[i].fixed.act)) indices[count++] = i;
    }
    for (uint32_t done = 0; done < count;) done += run_row(tester, results, indices + done, count - done);
    for (uint32_t i = 0; i < count; i++) {
        if (results[indices[i]].outcome == CL_OUTCOME_DENIED) refused[refused_count++] = indices[i];
    }
    try_controls(tester, results, refused, refused_count);
}

/* What the proxy will listen at: the one listener that the subject's own network has. */
static bool leads_to_door(const struct tester *tester, const struct cl_trial *trial) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    const struct cl_specification *fixed = &tester->launch->fixed;
    if ((fixed->flags & CL_HAS_DOOR) == 0 || trial->act != CL_ACT_TCP_CONNECT || trial->port != fixed->door_port) return false;
    return cl_network_is_mapped(trial->address) && memcmp(trial->address + 12, loopback, sizeof loopback) == 0;
}

static struct cl_trial_result judge_door(const struct tester *tester, const struct word *answer) {
    struct cl_trial_result result = {.index = answer->result.index, .error = answer->error, .control = 1};
    int saw = tester->subject.door < 0 ? -ENOTCONN : door_saw(tester->subject.door);
    result.outcome = saw == 1 ? CL_OUTCOME_PERMITTED : CL_OUTCOME_DENIED;
    if (saw < 0) result.error = -saw;
    return result;
}

static struct cl_trial_result run_trial(struct tester *tester, uint32_t index) {
    const struct trial *trial = &tester->trials->list[index];
    enum cl_act act = trial->fixed.act;
    if (!has_network(tester, act)) return (struct cl_trial_result){.index = index, .outcome = CL_OUTCOME_UNTRIED, .error = -tester->without_network};
    struct word answer = {0};
    need_subject(tester);
    const bool through_door = leads_to_door(tester, &trial->fixed);
    int receiver = act_has_receiver(act) && !through_door ? receiver_open(&trial->fixed) : -1;
    if (act == CL_ACT_TCP_ACCEPT) cl_network_add_address(trial->fixed.address);
    tell_act(&tester->subject, index);
    bool answered = hear_act(&tester->subject, index, one_trial_milliseconds, &answer);
    struct cl_trial_result result = !answered ? judge_ended(tester, trial, index)
        : through_door ? judge_door(tester, &answer) : judge_answer(trial, &answer, receiver);
    if (receiver >= 0) close(receiver);
    /* A listener that nobody could reach stays open, too; one that was refused is closed. */
    if (answered && answer.error == 0 && changes_performer(act)) end_performer(&tester->subject);
    return result;
}

/* What cannot be tried in a row, each with its control. */
static void run_others(struct tester *tester, struct cl_trial_result *results) {
    for (uint32_t i = 0; i < tester->trials->count; i++) {
        enum cl_act act = tester->trials->list[i].fixed.act;
        if (is_plain(tester, act)) continue;
        results[i] = run_trial(tester, i);
        if (results[i].outcome != CL_OUTCOME_DENIED || act_has_receiver(act)) continue;
        try_controls(tester, results, &i, 1);
        if (results[i].control != 0 && changes_performer(act)) end_performer(&tester->control);
    }
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
    if (result < 0 && (fault < 0 || geteuid() == 0)) tester_fail(tester, CL_STEP_TEST_NETWORK, result);
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

/* Together, so that nobody is woken for each. */
static void tell(int report, const struct cl_trial_result *results, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        const struct word word = {.kind = WORD_TRIAL, .result = results[index]};
        if (word_send(report, &word, -1) < 0) _exit(1);
    }
}

_Noreturn void self_test_run(const struct launch *launch, struct trials *trials, int cgroup, int report) {
    static struct cl_trial_result results[CL_TRIALS_MAX];
    struct tester tester = {.launch = launch, .trials = trials, .cgroup = cgroup, .pid = getpid(), .report = report, .outsider = -1, .outsider_ready = -1};
    alarm(all_trials_seconds);
    if (any_needs_network(trials)) enter_network(&tester);
    if (needs_outsider(trials)) start_outsider(&tester);
    prepare(trials);
    start_subject(&tester);
    start_control(&tester);
    await_outsider(&tester);
    run_plain(&tester, results);
    run_others(&tester, results);
    if (tester.subject.pid > 0) end_performer(&tester.subject);
    if (tester.control.pid > 0) end_performer(&tester.control);
    end_outsider(&tester);
    tell(report, results, trials->count);
    const struct word done = {.kind = WORD_DONE, .result = {.index = trials->count}};
    word_send(report, &done, -1);
    _exit(0);
}
