/*
 * Performs a list of operations, as far as it is let. On standard input one line for each: `INDEX NAME WORD…`, words without spaces; on
 * standard output one line for each answer. `settle` answers `settled` when all before it are done, `look` tells what was heard meanwhile and answers
 * `looked`. Started as `acts say INDEX NONCE` it answers that line, as `acts outsider` it waits for signals that it has blocked.
 */
#define _GNU_SOURCE
#include "acts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { exit_bad_list = 64, seconds_to_live = 60, line_size = 1024 };

unsigned current_index;

int result_of(long returned) { return returned < 0 ? errno : 0; }

int close_with(int descriptor, int error)
{
    if (descriptor >= 0)
        close(descriptor);
    return error;
}

static void put(const char *line, size_t length)
{
    if (write(1, line, length) != (ssize_t)length)
        _exit(exit_bad_list);
}

void answer(unsigned index, int error, const char *said)
{
    char line[said_size + 64];
    int length = snprintf(line, sizeof line, "r %u %d %s\n", index, error, said);
    put(line, (size_t)length);
}

static const struct act *found(const struct act *acts, const char *name)
{
    for (; acts->name != NULL; acts++)
        if (strcmp(acts->name, name) == 0)
            return acts;
    return NULL;
}

static const struct act *act_named(const char *name)
{
    const struct act *act = found(network_acts, name);
    if (act == NULL)
        act = found(file_acts, name);
    return act != NULL ? act : found(process_acts, name);
}

/* A list that is not understood proves nothing. */
_Noreturn static void bad_list(const char *line)
{
    dprintf(2, "acts: `%s` is no line of a list\n", line);
    _exit(exit_bad_list);
}

static int split(char *line, char **words)
{
    int count = 0;
    for (char *rest = NULL, *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (count == words_max)
            return -1;
        words[count++] = word;
    }
    return count;
}

static void perform(char *line)
{
    char *words[words_max], *end, said[said_size] = "";
    int count = split(line, words);
    if (count < 2)
        bad_list(line);
    unsigned long index = strtoul(words[0], &end, 10);
    const struct act *act = act_named(words[1]);
    if (*end != 0 || act == NULL || count - 2 != act->words)
        bad_list(words[1]);
    current_index = (unsigned)index;
    int error = act->perform(words + 2, said);
    /* Below zero: whoever performed it has answered. */
    if (error >= 0)
        answer(current_index, error, said);
}

static void take(char *line)
{
    if (strcmp(line, "settle") == 0) {
        put("settled\n", 8);
    } else if (strcmp(line, "look") == 0) {
        tell_heard();
        put("looked\n", 7);
    } else {
        perform(line);
    }
}

static void take_lines(void)
{
    static char buffer[1 << 16];
    size_t filled = 0;
    for (;;) {
        char *end = memchr(buffer, '\n', filled);
        if (end != NULL) {
            size_t used = (size_t)(end - buffer) + 1;
            char line[line_size];
            if (used > sizeof line)
                bad_list("too long");
            memcpy(line, buffer, used);
            line[used - 1] = 0;
            memmove(buffer, buffer + used, filled - used);
            filled -= used;
            take(line);
            continue;
        }
        ssize_t count = filled == sizeof buffer ? -1 : read(0, buffer + filled, sizeof buffer - filled);
        if (count <= 0)
            return;
        filled += (size_t)count;
    }
}

/* Signals that come are blocked, so that they stay to be seen from outside. */
static void wait_for_signals(void)
{
    sigset_t all;
    char byte;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    put("ready\n", 6);
    while (read(0, &byte, 1) > 0)
        ;
}

int main(int count, char **words)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(seconds_to_live);
    if (count == 4 && strcmp(words[1], "say") == 0)
        answer((unsigned)strtoul(words[2], NULL, 10), 0, words[3]);
    else if (count == 2 && strcmp(words[1], "outsider") == 0)
        wait_for_signals();
    else if (count == 1)
        take_lines();
    else
        return exit_bad_list;
    return 0;
}
