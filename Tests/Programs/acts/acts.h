/* What the acts of a list share: one process performs them one after another, and says of each what it saw. */
#ifndef ACTS_H
#define ACTS_H

#include <stddef.h>

enum { said_size = 160, words_max = 8 };

/* An act tries one thing with the words it was given. It returns 0 when, as far as it can tell, the thing took effect, and else an errno;
 * what it could only learn by having had its way stands in `said`. */
struct act {
    const char *name;
    int words;
    int (*perform)(char **words, char *said);
};

extern const struct act network_acts[], file_acts[], process_acts[];

/* The line that is being performed. */
extern unsigned current_index;

/* One line of the answer, written at once: `r INDEX ERRNO SAID`. */
void answer(unsigned index, int error, const char *said);

/* What came to the sockets that acts have left open: `h INDEX HEARD` for each. */
void tell_heard(void);

/* Executes the program with the words that make it answer for this line; returns an errno. */
int execute_by(char **words, const char *how);

/* 0, or errno. */
int result_of(long returned);
int close_with(int descriptor, int error);

#endif
