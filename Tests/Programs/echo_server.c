/* The fastest server that a benchmark can have: answers every tools/call with one text.
 * echo_server [--cpu N] [--answer BYTES]   pins itself to that CPU; the text is so long, and short otherwise. */
#define _GNU_SOURCE
#include "child_process.h"
#include "mcp_stdio.h"

static char answer[1 << 16] = "echo";

static void handle(const char *request)
{
    if (!mcp_answer_lifecycle(request, MCP_TOOL("echo")))
        mcp_answer_text(request, answer);
}

int main(int count, char **arguments)
{
    for (int at = 1; at + 1 < count; at += 2) {
        size_t value = strtoul(arguments[at + 1], NULL, 10);
        if (strcmp(arguments[at], "--cpu") == 0)
            pin((int)value);
        else if (strcmp(arguments[at], "--answer") == 0 && value < sizeof answer)
            memset(answer, 'e', value);
        else
            return 2;
    }
    mcp_serve(handle);
    return 0;
}
