#define _GNU_SOURCE
#include "cpq_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool find(void *handle, const char *name, void *place) {
    void *symbol = dlsym(handle, name);
    memcpy(place, &symbol, sizeof symbol); /* ISO C has no cast between data and functions */
    return symbol != NULL;
}

static cpq_library functions;

const cpq_library *cpq_load(int *problem) {
    cpq_library *library = &functions;
    void *handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        *problem = -ENOENT;
        return NULL;
    }
    bool all =
        find(handle, "PQconninfoParse", &library->conninfo_parse) && find(handle, "PQconninfoFree", &library->conninfo_free) &&
        find(handle, "PQfreemem", &library->free_memory) && find(handle, "PQconnectStartParams", &library->connect_start) &&
        find(handle, "PQconnectPoll", &library->connect_poll) && find(handle, "PQstatus", &library->status) &&
        find(handle, "PQerrorMessage", &library->error_message) && find(handle, "PQparameterStatus", &library->parameter_status) &&
        find(handle, "PQserverVersion", &library->server_version) && find(handle, "PQsocket", &library->socket) &&
        find(handle, "PQfinish", &library->finish) && find(handle, "PQsetnonblocking", &library->set_nonblocking) &&
        find(handle, "PQsendQuery", &library->send_query) && find(handle, "PQsendQueryParams", &library->send_query_params) &&
        find(handle, "PQenterPipelineMode", &library->enter_pipeline) && find(handle, "PQpipelineSync", &library->pipeline_sync) &&
        find(handle, "PQflush", &library->flush) && find(handle, "PQconsumeInput", &library->consume_input) &&
        find(handle, "PQisBusy", &library->is_busy) && find(handle, "PQgetResult", &library->get_result) &&
        find(handle, "PQresultStatus", &library->result_status) && find(handle, "PQcmdStatus", &library->command_tag) &&
        find(handle, "PQresultErrorField", &library->result_error_field) &&
        find(handle, "PQntuples", &library->row_count) && find(handle, "PQnfields", &library->column_count) &&
        find(handle, "PQftype", &library->column_type) && find(handle, "PQgetisnull", &library->is_null) &&
        find(handle, "PQgetlength", &library->value_length) && find(handle, "PQgetvalue", &library->value) &&
        find(handle, "PQclear", &library->clear) && find(handle, "PQsetNoticeReceiver", &library->set_notice_receiver);
    *problem = all ? 0 : -ENOSYS;
    return all ? library : NULL;
}

static void ignore(void *context, const cpq_result *notice) {
    (void)context;
    (void)notice;
}

void cpq_silence(const cpq_library *library, cpq_connection *connection) { library->set_notice_receiver(connection, ignore, NULL); }
