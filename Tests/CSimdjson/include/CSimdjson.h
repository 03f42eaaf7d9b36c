/* simdjson by a C interface: its own is C++. A second reader, against which the strict one is held; for tests only. */
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads one document of at most `depth` levels. Returns 0 and the value as simdjson writes it, to be given to `free`, or simdjson's
 * error code, which is positive. */
int csimdjson_read(const uint8_t *_Nullable bytes, size_t length, size_t depth, char *_Nullable *_Nonnull text, size_t *_Nonnull count);

#ifdef __cplusplus
}
#endif

#endif
