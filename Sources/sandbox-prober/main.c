/* Tries what a policy should stop. An MCP stdio server with one tool, `act`, whose argument `words` is an act and its
 * own arguments, separated by spaces; the answer is `{"act":…,"errno":0,"said":…}` as text.
 * Also: `--list` prints a JSON line per act; `--mark FILE NONCE` writes NONCE to FILE, which shows that this program was
 * executed once more; `--as UID GID [GROUP]…` serves as another user, for root, whose attempts would prove nothing;
 * `--outsider SECRET SOCKET` is what acts on other processes may be aimed at. */
#define _GNU_SOURCE
#include "attempt.h"
#include "mcp_stdio.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static const struct act *const topics[] = {
    stream_acts, datagram_acts, unix_acts, listening_acts, family_acts, entry_acts, ring_acts,
    file_acts, changing_acts, metadata_acts, roundabout_acts, descriptor_acts,
    program_acts, process_acts, other_process_acts, limit_acts,
    namespace_acts, mount_acts, interface_acts, device_acts,
};
enum { TOPICS = sizeof topics / sizeof *topics };

static const struct act *act_named(const char *name)
{
    for (int topic = 0; topic < TOPICS; topic++)
        for (const struct act *act = topics[topic]; act->name; act++)
            if (strcmp(act->name, name) == 0)
                return act;
    return NULL;
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

/* The table of all acts; no text in it needs escaping. */
static int list(void)
{
    for (int topic = 0; topic < TOPICS; topic++)
        for (const struct act *act = topics[topic]; act->name; act++)
            printf("{\"act\":\"%s\",\"words\":\"%s\",\"tries\":\"%s\"}\n", act->name, act->words, act->tries);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* Gives up everything that root has, and can be looked at again by whoever has that uid. */
static int become(char **ids, int count)
{
    gid_t groups[256];
    uid_t uid = (uid_t)strtoul(ids[0], NULL, 10);
    gid_t gid = (gid_t)strtoul(ids[1], NULL, 10);
    int more = count - 2 < 256 ? count - 2 : 256;
    for (int at = 0; at < more; at++)
        groups[at] = (gid_t)strtoul(ids[at + 2], NULL, 10);
    if (uid == 0 || setgroups((size_t)more, groups) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return -1;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* Says where it keeps the secret; has a connected socket (3) and a pipe (4, 5); says again what it is told, as long as nobody has harmed it. */
static int stand_outside(const char *secret, const char *path)
{
    static char kept[64];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int own[2];
    snprintf(kept, sizeof kept, "%s", secret);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    int friend = socket(AF_UNIX, SOCK_STREAM, 0);
    if (friend < 0 || connect(friend, (struct sockaddr *)&name, sizeof name) != 0 || pipe(own) != 0)
        return 1;
    dprintf(1, "%p\n", (void *)kept);
    for (char told; read(0, &told, 1) == 1;)
        mcp_write(&told, 1);
    return 0;
}

int main(int count, char **arguments)
{
    if (count >= 4 && strcmp(arguments[1], "--as") == 0 && become(arguments + 2, count - 2) != 0)
        return 1;
    if (count == 4 && strcmp(arguments[1], "--mark") == 0)
        return mark_file(arguments[2], arguments[3]) == 0 ? 0 : 1;
    if (count == 4 && strcmp(arguments[1], "--outsider") == 0)
        return stand_outside(arguments[2], arguments[3]);
    if (count == 2 && strcmp(arguments[1], "--list") == 0)
        return list();
    mcp_serve(handle);
    return 0;
}
