/* The fastest server that a benchmark can have: answers every tools/call with one short text.
 * echo_server [--cpu N]   pins itself to that CPU. */
#define _GNU_SOURCE
#include "mcp_stdio.h"

#include <sched.h>

static void handle(const char *request)
{
    if (!mcp_answer_lifecycle(request, MCP_TOOL("echo")))
        mcp_answer_text(request, "echo");
}

int main(int count, char **arguments)
{
    if (count == 3 && strcmp(arguments[1], "--cpu") == 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(atoi(arguments[2]), &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0) {
            perror("sched_setaffinity");
            return 1;
        }
    }
    mcp_serve(handle);
    return 0;
}
