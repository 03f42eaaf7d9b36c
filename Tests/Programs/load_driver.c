/* Measures round trips of small tools/call requests through whatever COMMAND puts between itself and a server.
 * load_driver [--calls N] [--warm-up N] [--window N] [--text BYTES] [--cpu N] [--hold] -- COMMAND [ARGUMENT...]
 *   --window  requests in flight (1: the latency of each is measured one after the other)
 *   --text    length of the longest argument
 *   --hold    after the handshake print `ready` and wait for a line on stdin
 * Prints one JSON object. Answers are matched by id; anything else than the expected number of them is an error. */
#define _GNU_SOURCE
#include "child_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static int to_server, from_server;
static char received[1 << 20];
static size_t filled, used;

static void fail(const char *what)
{
    fprintf(stderr, "load_driver: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void send_all(const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(to_server, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            fail("write");
        bytes += written;
        count -= (size_t)written;
    }
}

/* The next whole line, without its end. Valid until the next call. */
static char *next_line(void)
{
    for (;;) {
        char *end = memchr(received + used, '\n', filled - used);
        if (end) {
            char *line = received + used;
            *end = 0;
            used = (size_t)(end - received) + 1;
            return line;
        }
        memmove(received, received + used, filled - used);
        filled -= used;
        used = 0;
        ssize_t count = read(from_server, received + filled, sizeof received - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            fail("the server's end closed");
        filled += (size_t)count;
    }
}

/* The id of an answer; notifications have none (-1). */
static long id_of(const char *line)
{
    const char *at = strstr(line, "\"id\":");
    return at && strstr(line, "\"result\"") ? strtol(at + 5, NULL, 10) : -1;
}

/* What the longest argument is: about as long as those of real calls, or as long as was asked for. */
static char text[1 << 16] =
    "a line of about the size that real calls have: some words of text, the name of a place, and a few more words to fill it";

static size_t request(char *into, size_t size, long id)
{
    int length = snprintf(into, size,
                          "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":"
                          "{\"path\":\"notes/2026/monday.md\",\"limit\":20,\"nested\":{\"tags\":[\"work\",\"home\"]},\"text\":\"%s\"}}}\n",
                          id, text);
    return (size_t)length;
}

static void handshake(void)
{
    static const char hello[] =
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
        "\"clientInfo\":{\"name\":\"load-driver\",\"version\":\"1\"}}}\n";
    static const char ready[] = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    send_all(hello, sizeof hello - 1);
    char *line = next_line();
    if (id_of(line) != 0) {
        fprintf(stderr, "load_driver: the first answer is: %s\n", line);
        exit(1);
    }
    send_all(ready, sizeof ready - 1);
}

static int ascending(const void *left, const void *right)
{
    long long a = *(const long long *)left, b = *(const long long *)right;
    return a < b ? -1 : a > b;
}

static void run(long calls, long window, long first_id, long long *latencies)
{
    long long *sent_at = malloc((size_t)calls * sizeof *sent_at);
    static char line[sizeof text + 1024];
    long sent = 0;
    for (long answered = 0; answered < calls;) {
        while (sent < calls && sent - answered < window) {
            size_t length = request(line, sizeof line, first_id + sent);
            sent_at[sent++] = now();
            send_all(line, length);
        }
        long index = id_of(next_line()) - first_id;
        if (index < 0 || index >= sent || sent_at[index] == 0) {
            fprintf(stderr, "load_driver: an answer that was not asked for\n");
            exit(1);
        }
        latencies[answered++] = now() - sent_at[index];
        sent_at[index] = 0;
    }
    free(sent_at);
}

int main(int count, char **arguments)
{
    long calls = 10000, warm_up = 1000, window = 1;
    int cpu = -1, hold = 0, at = 1;
    for (; at < count && strcmp(arguments[at], "--") != 0; at++) {
        if (strcmp(arguments[at], "--hold") == 0) {
            hold = 1;
            continue;
        }
        long value = at + 1 < count ? atol(arguments[at + 1]) : 0;
        if (strcmp(arguments[at], "--calls") == 0) calls = value;
        else if (strcmp(arguments[at], "--warm-up") == 0) warm_up = value;
        else if (strcmp(arguments[at], "--window") == 0) window = value;
        else if (strcmp(arguments[at], "--text") == 0 && value > 0 && value < (long)sizeof text) memset(text, 'x', (size_t)value);
        else if (strcmp(arguments[at], "--cpu") == 0) cpu = (int)value;
        else at = count;
        at++;
    }
    if (at + 1 >= count || calls < 1 || window < 1) {
        fprintf(stderr, "usage: load_driver [--calls N] [--warm-up N] [--window N] [--text BYTES] [--cpu N] [--hold] -- COMMAND [ARGUMENT...]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    pid_t child = start(arguments + at + 1, &to_server, &from_server);
    if (cpu >= 0)
        pin(cpu);
    handshake();
    if (hold) {
        char line[8];
        puts("ready");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return 1;
    }
    long long *latencies = malloc((size_t)(calls > warm_up ? calls : warm_up) * sizeof *latencies);
    if (warm_up > 0)
        run(warm_up, window, 1, latencies);
    long long began = now();
    run(calls, window, 1 + warm_up, latencies);
    double seconds = (double)(now() - began) / 1e9;
    qsort(latencies, (size_t)calls, sizeof *latencies, ascending);
    printf("{\"calls\":%ld,\"window\":%ld,\"p50_us\":%.2f,\"p99_us\":%.2f,\"calls_per_second\":%.0f}\n", calls, window,
           (double)latencies[calls / 2] / 1e3, (double)latencies[calls * 99 / 100] / 1e3, (double)calls / seconds);
    close(to_server);
    return status_of(child) == 0 ? 0 : 1;
}
