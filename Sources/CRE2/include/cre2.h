/* RE2 by a C interface: its own is C++.  A pattern is compiled once; matching takes time linear in the text and is safe from
 * several threads at once. */
#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/* Compiles `length` bytes of UTF-8; nothing is captured, nothing is logged, and the program and its caches take at most about
 * `max_memory` bytes.  Returns null when RE2 refuses, and then writes why, cut to `capacity` bytes with the closing zero. */
cre2_pattern *_Nullable cre2_compile(const char *_Nullable text, size_t length, bool ignores_case, int64_t max_memory,
                                     char *_Nonnull error, size_t capacity);

/* Whether the pattern matches somewhere in the text. */
bool cre2_is_found(const cre2_pattern *_Nonnull pattern, const char *_Nullable text, size_t length);

/* Whether the pattern matches the whole text. */
bool cre2_matches_whole(const cre2_pattern *_Nonnull pattern, const char *_Nullable text, size_t length);

/* How many instructions the compiled pattern has: what it takes of time and memory grows with it. */
int cre2_size(const cre2_pattern *_Nonnull pattern);

void cre2_delete(cre2_pattern *_Nullable pattern);

#ifdef __cplusplus
}
#endif

#endif
