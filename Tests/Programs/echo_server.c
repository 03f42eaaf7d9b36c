/* The fastest server that a benchmark can have: answers every tools/call with one short text.
 * echo_server [--cpu N]   pins itself to that CPU. */
#define _GNU_SOURCE
#include "child_process.h"
#include "mcp_stdio.h"

static void handle(const char *request)
{
    if (!mcp_answer_lifecycle(request, MCP_TOOL("echo")))
        mcp_answer_text(request, "echo");
}

int main(int count, char **arguments)
{
    if (count == 3 && strcmp(arguments[1], "--cpu") == 0)
        pin(atoi(arguments[2]));
    mcp_serve(handle);
    return 0;
}
