/* What the acts of escape.c share. */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

/* An act tries one thing with the words it was given, and says in `said` what it saw. It returns 0 when, as far as it
 * can tell, the thing took effect, and else an errno. What counts is what the other side saw. */
struct act {
    const char *name;
    int (*perform)(char **words, int count, char *said, size_t size);
};

extern const struct act network_acts[], file_acts[], process_acts[];

#endif
