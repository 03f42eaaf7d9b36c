/* What the acts of sandbox-prober share. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* An act tries one thing with the words it was given, and says in `said` what it saw. It returns 0 when, as far as it
 * can tell, the thing took effect, and else an errno. What counts is what the other side saw. It ends within seconds and
 * leaves nothing behind but what `tries` says. */
struct act {
    const char *name;
    int (*perform)(char **words, int count, char *said, size_t size);
    const char *words; /* what it takes, in capitals; as in `sandbox-prober --list` */
    const char *tries; /* one line */
};

/* One table per topic, each ended by a row without a name. */
extern const struct act stream_acts[], datagram_acts[], unix_acts[], listening_acts[], family_acts[], entry_acts[], ring_acts[];
extern const struct act file_acts[], changing_acts[], metadata_acts[], roundabout_acts[], descriptor_acts[];
extern const struct act program_acts[], process_acts[], other_process_acts[], limit_acts[];
extern const struct act namespace_acts[], mount_acts[], interface_acts[], device_acts[];

#define ACT(name) static int name(char **words, int count, char *said, size_t size)
#define WANT(number) do { (void)words; (void)said; (void)size; if (count < (number)) return EINVAL; } while (0)
#define RESULT(expression) return (expression) < 0 ? errno : 0

/* Set in an argument of which the kernel reads only 32 bits: a filter that compares all 64 does not recognise it. */
#define HIGH_BIT 0x100000000L

/* Closes a descriptor, if it is one; returns `error`. */
static inline int close_with(int descriptor, int error)
{
    if (descriptor >= 0)
        close(descriptor);
    return error;
}

/* A descriptor that was had, or why not. */
static inline int had(long descriptor)
{
    return descriptor < 0 ? errno : close_with((int)descriptor, 0);
}

/* Makes text that may stand in JSON of bytes, the zeros between them included. */
void keep_printable(char *text, size_t length);

/* Reads what a descriptor has into `said`, and closes it. */
int contents(int descriptor, char *said, size_t size);

/* Writes a text, and closes it. */
int store(int descriptor, const char *text);

/* Writes the nonce to a new file: it shows that a process was there. */
int mark_file(const char *path, const char *nonce);

/* Waits for a child that writes the nonce to words[0]. `child` is what fork(2) answered, in both processes. */
int child_marks(pid_t child, char **words);

#endif
