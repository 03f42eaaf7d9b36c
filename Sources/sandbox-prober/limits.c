/* Bombs, each with its end: they take what they can up to a number, say how much it was, and give it back. */
#define _GNU_SOURCE
#include "attempt.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_CHILDREN = 256, MOST_THREADS = 256, MOST_MEBIBYTES = 2048 };

static int bounded(const char *word, int most)
{
    int asked = atoi(word);
    return asked < 0 ? 0 : asked < most ? asked : most;
}

/* Children that wait for the end of a pipe: they end when the bomb, or its process, does. */
ACT(fork_bomb)
{
    WANT(1);
    int ends[2], made = 0, wanted = bounded(words[0], MOST_CHILDREN), error = 0;
    if (pipe(ends) != 0)
        return errno;
    for (; made < wanted && !error; made += !error) {
        pid_t child = fork();
        if (child < 0)
            error = errno;
        if (child == 0) {
            char none;
            close(ends[1]);
            _exit(read(ends[0], &none, 1) < 0);
        }
    }
    close(ends[1]);
    close(ends[0]);
    for (int at = 0; at < made; at++)
        wait(NULL);
    snprintf(said, size, "%d", made);
    return error;
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *wait_at_gate(void *none)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return none;
}

ACT(thread_bomb)
{
    WANT(1);
    static pthread_t threads[MOST_THREADS];
    int made = 0, wanted = bounded(words[0], MOST_THREADS), error = 0;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    pthread_mutex_lock(&gate);
    for (; made < wanted && !error; made += !error)
        error = pthread_create(&threads[made], &small, wait_at_gate, NULL);
    pthread_mutex_unlock(&gate);
    for (int at = 0; at < made; at++)
        pthread_join(threads[at], NULL);
    pthread_attr_destroy(&small);
    snprintf(said, size, "%d", made);
    return error;
}

/* Memory that is written to, so that it is there. */
ACT(memory_bomb)
{
    WANT(1);
    size_t had = 0, wanted = (size_t)bounded(words[0], MOST_MEBIBYTES) << 20;
    char *bytes = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED)
        return errno;
    for (; had < wanted; had += 4096)
        bytes[had] = 1;
    munmap(bytes, wanted);
    snprintf(said, size, "%zu", had >> 20);
    return 0;
}

/* The same in a file without a name, whose pages are charged all the same. */
ACT(memory_file_bomb)
{
    WANT(1);
    static char block[1 << 20];
    int made = 0, wanted = bounded(words[0], MOST_MEBIBYTES), error = 0;
    int file = (int)syscall(SYS_memfd_create, "bomb", 0);
    if (file < 0)
        return errno;
    memset(block, 1, sizeof block);
    for (; made < wanted && !error; made += !error)
        if (write(file, block, sizeof block) != (ssize_t)sizeof block)
            error = errno;
    snprintf(said, size, "%d", made);
    return close_with(file, error);
}

/* Takes a processor for so many milliseconds, at most 5,000; says how many of them it had. */
ACT(busy)
{
    WANT(1);
    struct timespec begin, now, used;
    long wanted = bounded(words[0], 5000), elapsed;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    long before = used.tv_sec * 1000 + used.tv_nsec / 1000000;
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        elapsed = (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000;
    } while (elapsed < wanted);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    snprintf(said, size, "%ld", used.tv_sec * 1000 + used.tv_nsec / 1000000 - before);
    return 0;
}

/* So many KiB to a stream of its own, at most 4 MiB: 2 is what people read, 1 what the client does. */
ACT(flood)
{
    WANT(2);
    static char line[1024];
    int stream = bounded(words[0], 2), wanted = bounded(words[1], 4096);
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int made = 0; made < wanted; made++)
        if (write(stream, line, sizeof line) < 0)
            return errno;
    snprintf(said, size, "%d", wanted);
    return 0;
}

/* The same without an end of line. */
ACT(flood_line)
{
    WANT(2);
    static char part[1024];
    int stream = bounded(words[0], 2), wanted = bounded(words[1], 4096);
    memset(part, 'x', sizeof part);
    for (int made = 0; made < wanted; made++)
        if (write(stream, part, sizeof part) < 0)
            return errno;
    return write(stream, "\n", 1) < 0 ? errno : 0;
}

const struct act limit_acts[] = {
    {"fork-bomb", fork_bomb, "COUNT", "makes so many children at once, 256 at most; says how many"},
    {"thread-bomb", thread_bomb, "COUNT", "makes so many threads at once, 256 at most; says how many"},
    {"memory-bomb", memory_bomb, "MEBIBYTES", "takes so much memory, 2048 at most; says how much"},
    {"memory-file-bomb", memory_file_bomb, "MEBIBYTES", "the same in a file without a name"},
    {"busy", busy, "MILLISECONDS", "takes a processor so long, 5000 at most; says how much of it it had"},
    {"flood", flood, "STREAM KIBIBYTES", "writes so many lines of 1 KiB to a stream of its own, 4096 at most"},
    {"flood-line", flood_line, "STREAM KIBIBYTES", "the same as one line"},
    {0},
};
