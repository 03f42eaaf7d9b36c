/* Just enough of an MCP stdio server for test programs in C: one request a line in, one answer a line out, both eras.
 * Not a JSON reader: it trusts its peer to send well-formed lines, as a gate does. */
#ifndef MCP_STDIO_H
#define MCP_STDIO_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The end of the value that begins at `at`. */
static inline const char *mcp_value_end(const char *at)
{
    int depth = 0;
    do {
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++)
                if (*at == '\\' && at[1])
                    at++;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        } else if (depth == 0) {
            while (*at && !strchr(",}] \n", *at))
                at++;
            return at;
        }
        if (*at)
            at++;
    } while (depth > 0 && *at);
    return at;
}

/* The value of a member of the object that begins at `object`, or NULL. */
static inline const char *mcp_member(const char *object, const char *name)
{
    size_t length = strlen(name);
    if (!object || *object != '{')
        return NULL;
    for (const char *at = object + 1; *at == '"';) {
        const char *value = mcp_value_end(at);
        while (*value == ' ' || *value == ':')
            value++;
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '"')
            return value;
        at = mcp_value_end(value);
        while (*at == ' ' || *at == ',')
            at++;
    }
    return NULL;
}

static inline bool mcp_is(const char *value, const char *text)
{
    size_t length = strlen(text);
    return value && *value == '"' && strncmp(value + 1, text, length) == 0 && value[1 + length] == '"';
}

/* Copies a string value, with the escapes \" \\ and \/ undone. */
static inline void mcp_copy(const char *value, char *into, size_t size)
{
    size_t used = 0;
    if (value && *value == '"')
        for (const char *at = value + 1; *at && *at != '"' && used + 1 < size; at++) {
            if (*at == '\\' && at[1])
                at++;
            into[used++] = *at;
        }
    into[used] = 0;
}

static inline bool mcp_is_modern(const char *request)
{
    return mcp_member(mcp_member(mcp_member(request, "params"), "_meta"), "io.modelcontextprotocol/protocolVersion") != NULL;
}

static inline void mcp_write(const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(1, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(3);
        bytes += written;
        count -= (size_t)written;
    }
}

/* Answers `request` with the members of a result, e.g. `"content":[]`. */
static inline void mcp_answer(const char *request, const char *members)
{
    static char line[1 << 18];
    const char *id = mcp_member(request, "id");
    if (!id)
        return;
    int length = snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{%s%s}}\n", (int)(mcp_value_end(id) - id), id,
                          mcp_is_modern(request) ? "\"resultType\":\"complete\"," : "", members);
    mcp_write(line, (size_t)length);
}

/* What a request of an unknown method gets. */
static inline void mcp_answer_unknown(const char *request)
{
    char line[512];
    const char *id = mcp_member(request, "id");
    if (!id || mcp_value_end(id) - id > 256)
        return;
    int length = snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,\"message\":\"unknown method\"}}\n",
                          (int)(mcp_value_end(id) - id), id);
    mcp_write(line, (size_t)length);
}

/* A tool result of one text. */
static inline void mcp_answer_text(const char *request, const char *text)
{
    static char members[1 << 17];
    size_t used = (size_t)snprintf(members, sizeof members, "\"content\":[{\"type\":\"text\",\"text\":\"");
    for (; *text && used + 64 < sizeof members; text++) {
        if (*text == '"' || *text == '\\')
            members[used++] = '\\';
        members[used++] = (unsigned char)*text < 0x20 ? ' ' : *text;
    }
    snprintf(members + used, sizeof members - used, "\"}],\"isError\":false");
    mcp_answer(request, members);
}

#define MCP_TOOL(name) "{\"name\":\"" name "\",\"description\":\"" name "\",\"inputSchema\":{\"type\":\"object\"}}"

/* What every server says of itself; true if the request was one of these. */
static inline bool mcp_answer_lifecycle(const char *request, const char *tools)
{
    static char members[4096];
    const char *method = mcp_member(request, "method");
    if (mcp_is(method, "initialize")) {
        char version[32];
        mcp_copy(mcp_member(mcp_member(request, "params"), "protocolVersion"), version, sizeof version);
        snprintf(members, sizeof members, "\"protocolVersion\":\"%s\",\"capabilities\":{\"tools\":{}},"
                 "\"serverInfo\":{\"name\":\"test-program\",\"version\":\"1\"}", version);
        mcp_answer(request, members);
    } else if (mcp_is(method, "server/discover")) {
        mcp_answer(request, "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},\"ttlMs\":0,\"cacheScope\":\"private\","
                            "\"serverInfo\":{\"name\":\"test-program\",\"version\":\"1\"}");
    } else if (mcp_is(method, "tools/list")) {
        snprintf(members, sizeof members, "%s\"tools\":[%s]", mcp_is_modern(request) ? "\"ttlMs\":0,\"cacheScope\":\"private\"," : "", tools);
        mcp_answer(request, members);
    } else if (mcp_is(method, "ping")) {
        mcp_answer(request, "");
    } else if (mcp_is(method, "tools/call") && mcp_member(request, "id")) {
        return false;
    } else if (method) {
        mcp_answer_unknown(request);
    }
    return true;
}

/* Reads lines from stdin until its end and hands each to `handle`. */
static inline void mcp_serve(void (*handle)(const char *request))
{
    size_t size = 4 << 20, filled = 0;
    char *buffer = malloc(size + 1);
    if (!buffer)
        _exit(3);
    for (;;) {
        ssize_t count = read(0, buffer + filled, size - filled);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        filled += (size_t)count;
        char *line = buffer, *end;
        while ((end = memchr(line, '\n', filled - (size_t)(line - buffer)))) {
            *end = 0;
            handle(line);
            line = end + 1;
        }
        filled -= (size_t)(line - buffer);
        memmove(buffer, line, filled);
    }
    free(buffer);
}

#endif
