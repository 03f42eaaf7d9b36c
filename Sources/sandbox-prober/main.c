/* Tries what a policy should stop. An MCP stdio server with one tool, `act`, whose argument `words` is an act and its
 * own arguments, separated by spaces; the answer is `{"act":…,"errno":0,"said":…}` as text.
 * Also: `escape --mark FILE NONCE` writes NONCE to FILE, which shows that this program was executed once more. */
#include "attempt.h"
#include "mcp_stdio.h"

#include <fcntl.h>

static const struct act *find(const struct act *acts, const char *name)
{
    for (; acts->name; acts++)
        if (strcmp(acts->name, name) == 0)
            return acts;
    return NULL;
}

static const struct act *act_named(const char *name)
{
    const struct act *found = find(network_acts, name);
    if (!found)
        found = find(file_acts, name);
    return found ? found : find(process_acts, name);
}

static int split(char *text, char **words, int limit)
{
    int count = 0;
    for (char *word = strtok(text, " "); word && count < limit; word = strtok(NULL, " "))
        words[count++] = word;
    return count;
}

static void handle(const char *request)
{
    if (mcp_answer_lifecycle(request, MCP_TOOL("act")))
        return;
    char text[4096], said[8192] = "", answer[16384], *words[16] = {0};
    mcp_copy(mcp_member(mcp_member(mcp_member(request, "params"), "arguments"), "words"), text, sizeof text);
    int count = split(text, words, 15);
    const struct act *act = count > 0 ? act_named(words[0]) : NULL;
    int error = act ? act->perform(words + 1, count - 1, said, sizeof said) : -1;
    snprintf(answer, sizeof answer, "{\"act\":\"%s\",\"errno\":%d,\"said\":\"%s\"}", count > 0 ? words[0] : "", error, said);
    mcp_answer_text(request, answer);
}

static int mark(const char *path, const char *nonce)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    return file >= 0 && write(file, nonce, strlen(nonce)) > 0 ? 0 : 1;
}

int main(int count, char **arguments)
{
    if (count == 4 && strcmp(arguments[1], "--mark") == 0)
        return mark(arguments[2], arguments[3]);
    mcp_serve(handle);
    return 0;
}
