#define _GNU_SOURCE
#include "tester.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clx_processes.h"
#include "clx_sockets.h"

enum { start_milliseconds = 5000, ending_milliseconds = 200 };

/* MARK: who performs */

/* Performs what it is told to until nobody tells any more. */
_Noreturn static void serve(const struct tester *tester, int report, int (*perform)(const struct tester *, const struct trial *, int *)) {
    struct word word = {.kind = WORD_READY};
    int result = word_send(report, &word, -1);
    while (result == 0 && read(report, &word, sizeof word) == (ssize_t)sizeof word && word.result.index < tester->trials->count) {
        int value = 0;
        int tried = perform(tester, &tester->trials->list[word.result.index], &value);
        word = (struct word){.kind = WORD_TRIED, .error = -tried, .value = value, .result = word.result};
        result = word_send(report, &word, -1);
    }
    _exit(0);
}

static int try(const struct tester *tester, const struct trial *trial, int *value) { return trial_perform(trial, tester->outsider, value); }

/* Of execve(2), whether it would go through: nothing foreign is started. */
static int try_unconfined(const struct tester *tester, const struct trial *trial, int *value) {
    if (trial->fixed.act != CL_ACT_EXECVE) return try(tester, trial, value);
    return trial->path != NULL && access(trial->path, X_OK) == 0 ? 0 : -EACCES;
}

static void be_subject(const struct tester *tester, int report) { serve(tester, launch_become(tester->launch, report), try); }

/*
 * Who stands outside of the server's cgroup ends with the tester, and holds open nothing of the keeper's afterwards. A change of identity takes
 * the signal back; a tester that ended before it was asked for sends none.
 */
static bool become_other(const struct tester *tester) {
    return launch_change_identity(tester->launch) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == tester->pid;
}

static void be_control(const struct tester *tester, int report) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* a filter of one's own needs it; it forbids none of the acts */
    if (!become_other(tester)) _exit(1);
    serve(tester, report, try_unconfined);
}

/* MARK: starting and ending it */

/* Waits for a word that ends the start: READY. The listener is closed at once, as the keeper closes the server's after its one execve. */
static int hear_ready(struct performer *performer, enum cl_step *failed) {
    for (;;) {
        struct word word;
        int descriptor;
        *failed = CL_STEP_TRIALS;
        int ready = word_await(performer->report, start_milliseconds);
        if (ready <= 0) return ready < 0 ? ready : -ETIMEDOUT;
        int result = word_receive(performer->report, &word, &descriptor);
        bool is_door = result == 1 && word.kind == WORD_DOOR && performer->door < 0;
        if (is_door) performer->door = descriptor;
        else if (descriptor >= 0) close(descriptor);
        if (result <= 0) return result < 0 ? result : -ECHILD;
        *failed = word.step;
        if (word.kind == WORD_FAILED) return -word.error;
        if (word.kind == WORD_READY) return 0;
        const struct word go = {.kind = WORD_GO};
        if (word.kind == WORD_ARMED) result = word_send(performer->report, &go, -1);
        /* Who is gone by now has said why. */
        if (result < 0 && result != -EPIPE) return result;
    }
}

void end_performer(struct performer *performer) {
    struct clx_exit ended;
    clx_pidfd_send_signal(performer->pidfd, SIGKILL);
    clx_wait_pidfd(performer->pidfd, 1, &ended);
    close(performer->pidfd);
    close(performer->report);
    if (performer->door >= 0) close(performer->door);
    performer->pid = 0;
}

static int start_performer(struct tester *tester, struct performer *performer, int cgroup, void (*become)(const struct tester *, int)) {
    int ends[2];
    int result = clx_unix_pair(CLX_SEQPACKET, 0, ends);
    if (result < 0) return result;
    *performer = (struct performer){.report = ends[0], .door = -1};
    performer->pid = launch_clone(cgroup, &performer->pidfd);
    if (performer->pid == 0) {
        close(ends[0]);
        become(tester, ends[1]);
    }
    close(ends[1]);
    if (performer->pid > 0) return 0;
    result = performer->pid;
    performer->pid = 0;
    close(ends[0]);
    return result;
}

void start_subject(struct tester *tester) {
    int result = start_performer(tester, &tester->subject, tester->cgroup, be_subject);
    if (result < 0) tester_fail(tester, CL_STEP_CLONE, result);
}

void need_subject(struct tester *tester) {
    enum cl_step failed;
    if (tester->subject.pid == 0) start_subject(tester);
    if (tester->subject.ready) return;
    int result = hear_ready(&tester->subject, &failed);
    if (result < 0) tester_fail(tester, failed, result);
    tester->subject.ready = true;
}

void start_control(struct tester *tester) { start_performer(tester, &tester->control, -1, be_control); }

bool has_control(struct tester *tester) {
    enum cl_step failed;
    if (tester->control.pid == 0) start_control(tester);
    if (tester->control.pid == 0) return false;
    if (!tester->control.ready) tester->control.ready = hear_ready(&tester->control, &failed) == 0;
    if (!tester->control.ready) end_performer(&tester->control);
    return tester->control.ready;
}

int signal_that_ended(const struct tester *tester) {
    struct pollfd waited = {.fd = tester->subject.pidfd, .events = POLLIN};
    siginfo_t info = {0};
    const idtype_t by_pidfd = (idtype_t)3; /* P_PIDFD */
    if (poll(&waited, 1, ending_milliseconds) != 1) return 0;
    if (waitid(by_pidfd, (id_t)tester->subject.pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return 0;
    return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

/* MARK: the outsider */

/* A process with the server's user, outside: for signals and ptrace. */
void start_outsider(struct tester *tester) {
    int ready[2];
    if (clx_unix_pair(CLX_SEQPACKET, 0, ready) < 0) return;
    tester->outsider = fork();
    if (tester->outsider == 0) {
        close(ready[0]);
        bool is_other = become_other(tester);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        if (!is_other || write(ready[1], "", 1) != 1) _exit(1);
        for (;;) pause();
    }
    close(ready[1]);
    tester->outsider_ready = ready[0];
}

void end_outsider(struct tester *tester) {
    if (tester->outsider <= 0) return;
    kill(tester->outsider, SIGKILL);
    waitpid(tester->outsider, NULL, 0);
    tester->outsider = -1;
}

void await_outsider(struct tester *tester) {
    char byte;
    if (tester->outsider_ready < 0) return;
    if (read(tester->outsider_ready, &byte, 1) != 1) end_outsider(tester);
    close(tester->outsider_ready);
}

void tell_act(const struct performer *performer, uint32_t index) {
    const struct word word = {.kind = WORD_TRY, .result = {.index = index}};
    word_send(performer->report, &word, -1);
}

bool hear_act(const struct performer *performer, uint32_t index, int milliseconds, struct word *answer) {
    int descriptor;
    if (word_await(performer->report, milliseconds) <= 0) return false;
    int result = word_receive(performer->report, answer, &descriptor);
    if (descriptor >= 0) close(descriptor);
    return result == 1 && answer->kind == WORD_TRIED && answer->result.index == index;
}
