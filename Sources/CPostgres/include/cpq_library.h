/*
 * libpq, as far as it is used: its functions, found at run time.
 *
 * Why C: the types of the functions. Why dlopen: only hosts that keep their state in PostgreSQL need the library, and it would cost every start of the
 * daemon 2.6 ms and 3.8 MB. The constants below are libpq's own, which are part of its ABI.
 */
#pragma once

#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct pg_conn cpq_connection;
typedef struct pg_result cpq_result;

/* PQconninfoOption of libpq-fe.h. A list of them ends with one that has no keyword. */
typedef struct {
    char *_Nullable keyword;
    char *_Nullable envvar;
    char *_Nullable compiled;
    char *_Nullable val;
    char *_Nullable label;
    char *_Nullable dispchar;
    int dispsize;
} cpq_option;

enum { CPQ_POLLING_FAILED = 0, CPQ_POLLING_READING = 1, CPQ_POLLING_WRITING = 2, CPQ_POLLING_OK = 3 };
enum {
    CPQ_EMPTY_QUERY = 0,
    CPQ_COMMAND_OK = 1,
    CPQ_TUPLES_OK = 2,
    CPQ_PIPELINE_SYNC = 10,
    CPQ_PIPELINE_ABORTED = 11,
};
enum { CPQ_CONNECTION_OK = 0, CPQ_CONNECTION_BAD = 1, CPQ_FIELD_SQLSTATE = 'C' };
/* Types of columns: pg_type.dat. */
enum { CPQ_TYPE_BYTEA = 17, CPQ_TYPE_INT8 = 20, CPQ_TYPE_INT4 = 23, CPQ_TYPE_TEXT = 25, CPQ_TYPE_VOID = 2278 };

typedef struct {
    cpq_option *_Nullable (*_Nonnull conninfo_parse)(const char *text, char *_Nullable *_Nullable problem);
    void (*_Nonnull conninfo_free)(cpq_option *options);
    void (*_Nonnull free_memory)(void *memory);
    cpq_connection *_Nullable (*_Nonnull connect_start)(const char *_Nullable const *_Nonnull keywords, const char *_Nullable const *_Nonnull values,
                                                        int expands);
    int (*_Nonnull connect_poll)(cpq_connection *connection);
    int (*_Nonnull status)(const cpq_connection *connection);
    char *_Nonnull (*_Nonnull error_message)(const cpq_connection *connection);
    const char *_Nullable (*_Nonnull parameter_status)(const cpq_connection *connection, const char *name);
    int (*_Nonnull server_version)(const cpq_connection *connection);
    int (*_Nonnull socket)(const cpq_connection *connection);
    void (*_Nonnull finish)(cpq_connection *connection);
    int (*_Nonnull set_nonblocking)(cpq_connection *connection, int yes);
    int (*_Nonnull send_query)(cpq_connection *connection, const char *text);
    int (*_Nonnull send_query_params)(cpq_connection *connection, const char *text, int count, const uint32_t *_Nullable types,
                                      const char *_Nullable const *_Nullable values, const int *_Nullable lengths, const int *_Nullable formats,
                                      int result_format);
    int (*_Nonnull enter_pipeline)(cpq_connection *connection);
    int (*_Nonnull pipeline_sync)(cpq_connection *connection);
    int (*_Nonnull flush)(cpq_connection *connection);
    int (*_Nonnull consume_input)(cpq_connection *connection);
    int (*_Nonnull is_busy)(cpq_connection *connection);
    cpq_result *_Nullable (*_Nonnull get_result)(cpq_connection *connection);
    int (*_Nonnull result_status)(const cpq_result *result);
    char *_Nonnull (*_Nonnull command_tag)(cpq_result *result);
    char *_Nullable (*_Nonnull result_error_field)(const cpq_result *result, int field);
    int (*_Nonnull row_count)(const cpq_result *result);
    int (*_Nonnull column_count)(const cpq_result *result);
    uint32_t (*_Nonnull column_type)(const cpq_result *result, int column);
    int (*_Nonnull is_null)(const cpq_result *result, int row, int column);
    int (*_Nonnull value_length)(const cpq_result *result, int row, int column);
    const char *_Nonnull (*_Nonnull value)(const cpq_result *result, int row, int column);
    void (*_Nonnull clear)(cpq_result *result);
    void *_Nullable (*_Nonnull set_notice_receiver)(cpq_connection *connection, void (*_Nonnull receiver)(void *_Nullable context, const cpq_result *notice),
                                                    void *_Nullable context);
} cpq_library;

/*
 * The functions, found once; the library stays loaded. NULL, and in `problem`: -ENOENT where there is no libpq.so.5, -ENOSYS where it is older than
 * version 14.
 */
const cpq_library *_Nullable cpq_load(int *problem);

/* What a server says besides is not written to stderr, as it would be by default. */
void cpq_silence(const cpq_library *library, cpq_connection *connection);

#pragma clang assume_nonnull end
